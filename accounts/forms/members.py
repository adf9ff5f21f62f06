"""Forms about members and invitations, and the filter of the audit log."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts import holiday_calendars, weekdays
from accounts.audit_words import WORDS
from accounts.forms.days import day_field
from accounts.forms.sign_in import email_field
from accounts.forms.working_time import (
    COUNTRY,
    PART,
    CalendarForm,
    WeekdaysField,
    WeekHoursField,
    country_field,
    part_field,
)
from accounts.holiday_calendars import NO_CALENDAR
from accounts.models import Membership
from timesheets_site.lib.forms import VersionField


class MemberForm(CalendarForm, forms.ModelForm):
    version = VersionField()
    weekly_capacity_hours = WeekHoursField(
        label=_("Weekly capacity in hours"), help_text=_("The hours of a full week, like 37.5.")
    )
    working_weekdays = WeekdaysField(
        label=_("Working days"),
        help_text=_("Hours and days count from the beginning, until the first change below. Reports follow at once."),
    )
    holiday_country = country_field(_("Public holidays"))
    holiday_part = part_field()

    class Meta:
        model = Membership
        fields = (
            "role",
            "line_manager",
            "employee_number",
            "default_work_role",
            "sees_rates",
            "issues_invoices",
        )
        labels = {
            "default_work_role": _("Default work role"),
            "sees_rates": _("Sees rates and amounts"),
            "issues_invoices": _("Issues and voids invoices"),
        }
        help_texts = {
            "role": _("A new role counts from their next click on."),
            "default_work_role": _("What their time is logged as, unless an entry names another role."),
            "sees_rates": _("Agents: those of their own time. Admins see all of them anyway."),
            "issues_invoices": _("For managers, who then see rates and amounts as well. Admins do it anyway."),
        }

    field_order = (
        "role",
        "line_manager",
        "weekly_capacity_hours",
        "working_weekdays",
        "holiday_country",
        "holiday_part",
        "employee_number",
        "default_work_role",
        "sees_rates",
        "issues_invoices",
    )

    def __init__(self, *args: Any, country: str | None = None, **kwargs: Any) -> None:
        """`country` is the one that somebody is choosing, whose parts are offered."""
        super().__init__(*args, **kwargs)
        member = self.instance
        self.fields["version"].initial = member.version
        self.fields["weekly_capacity_hours"].initial = member.weekly_capacity_minutes
        self.fields["working_weekdays"].initial = member.working_weekdays
        self._offer_calendars(member, country)
        leads = Membership.objects.filter(is_active=True, is_integration=False).exclude(role=Membership.Role.AGENT)
        present = Membership.objects.filter(pk=member.line_manager_id or 0)
        choice: Any = self.fields["line_manager"]
        choice.queryset = (leads | present).exclude(pk=member.pk)
        choice.empty_label = _("Nobody")
        role: Any = self.fields["default_work_role"]
        role.queryset = role.queryset.filter(Q(archived_at__isnull=True) | Q(pk=member.default_work_role_id))
        role.empty_label = _("None")

    def _offer_calendars(self, member: Membership, country: str | None) -> None:
        organisation = member.organisation
        weekdays_field: Any = self.fields["working_weekdays"]
        weekdays_field.choices = weekdays.choices(organisation.first_weekday)
        usual = holiday_calendars.name_of(organisation.holiday_calendar) or _("none")
        first = [("", format_lazy(_("As the organisation ({calendar})"), calendar=usual)), (NO_CALENDAR, _("None"))]
        self.offer_calendars(member.holiday_calendar, first, country)

    def _post_clean(self) -> None:
        """The member stays as stored: the service fills it, and answers for the number being free in words."""

    def values(self) -> dict[str, Any]:
        """What the service takes, without the version. Capacity in whole minutes, half up."""
        left_out = ("version", "weekly_capacity_hours", COUNTRY, PART)
        values = {name: value for name, value in self.cleaned_data.items() if name not in left_out}
        values["weekly_capacity_minutes"] = self.cleaned_data["weekly_capacity_hours"]
        values["holiday_calendar"] = self.calendar()
        return values


class InvitationForm(forms.Form):
    email = email_field()
    role = forms.ChoiceField(label=_("Role"), choices=Membership.Role.choices, initial=Membership.Role.AGENT)
    key = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].widget.attrs["autocomplete"] = "off"


class AuditFilter(forms.Form):
    """Which events to show. Days are local days of the person who looks; both ends are included."""

    member = forms.ModelChoiceField(
        label=_("Who"), queryset=Membership.objects.all(), required=False, empty_label=_("Everybody")
    )
    action = forms.ChoiceField(label=_("What"), required=False)
    first = day_field(_("From"))
    last = day_field(_("To"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        action: Any = self.fields["action"]
        action.choices = [("", _("Everything")), *sorted(WORDS.items(), key=lambda word: str(word[1]))]

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if values.get("first") and values.get("last") and values["first"] > values["last"]:
            self.add_error("last", _("Choose a day on or after the first."))
        return values
