"""Forms about API keys and about the programs that act by them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts import once
from accounts.forms.conflicts import show_stored
from accounts.forms.days import day_field
from accounts.key_areas import AREAS, in_words
from accounts.models import ApiKey, Membership
from accounts.permissions import Role, can
from timesheets_site.lib.forms import VersionField

USUAL = ["time", "timesheets", "records"]


class AreasField(forms.MultipleChoiceField):
    widget = forms.CheckboxSelectMultiple

    def in_words(self, codes: list[str]) -> str:
        return in_words(codes)


class LimitsForm(forms.Form):
    """What a key may do, and for how long. `acting` are members of whom one has it: more than theirs is no choice."""

    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("What uses it, so that you know it when you see it in a list.")
    )
    areas = AreasField(
        label=_("May touch"),
        error_messages={"required": _("Choose at least one area")},
        help_text=_("It never does more than its member may do, and loses with them what they lose."),
    )
    read_only = forms.BooleanField(label=_("Only reads"), required=False, help_text=_("It changes nothing."))
    expires_on = day_field(_("Last day"))
    requests_per_minute = forms.IntegerField(
        label=_("Requests a minute"),
        required=False,
        min_value=1,
        max_value=100_000,
        help_text=format_lazy(_("Empty for the usual {count}."), count=f"{settings.API_REQUESTS_PER_KEY:,}"),
    )
    field_order = ("member", "kind", "name", "areas", "read_only", "expires_on", "requests_per_minute")

    class Meta:
        fields = ("name", "areas", "read_only", "expires_on", "requests_per_minute")

    def __init__(self, data: Any, *, acting: Iterable[Membership], initial: dict[str, Any]) -> None:
        super().__init__(data, initial=initial)
        members, chosen = list(acting), initial["areas"]
        areas: Any = self.fields["areas"]
        areas.choices = [
            (code, area.label)
            for code, area in AREAS.items()
            if code in chosen or any(can(member, each) for member in members for each in area.permissions)
        ]
        self.fields["expires_on"].help_text = _("Empty for a key that never expires.")

    def expiry(self) -> dt.datetime | None:
        """The instant at which the last day is over, on the clock of who chose it."""
        day = self.cleaned_data["expires_on"]
        if day is None:
            return None
        return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), timezone.get_current_timezone())

    def values(self) -> dict[str, Any]:
        """What the services take."""
        plain = {name: self.cleaned_data[name] for name in ("name", "areas", "read_only", "requests_per_minute")}
        return {**plain, "expires_at": self.expiry()}


class KeyForm(LimitsForm):
    """Of a key that there is."""

    version = VersionField()

    def __init__(self, data: Any, *, key: ApiKey) -> None:
        self.key = key
        initial = {name: getattr(key, name) for name in (*self.Meta.fields, "version")}
        super().__init__(data, acting=[key.member], initial=initial)

    def expiry(self) -> dt.datetime | None:
        same = self.cleaned_data["expires_on"] == self.key.expires_on
        return self.key.expires_at if same else super().expiry()

    def show_conflict(self, current: ApiKey) -> None:
        show_stored(self, current)


class NewKeyForm(LimitsForm):
    """`members` are those of whom one can be given the key: a person's, one in each organisation, or an integration."""

    member = forms.TypedChoiceField(label=_("Organisation"), coerce=int)
    kind = forms.ChoiceField(label=_("What it opens"))
    key = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)

    def __init__(self, data: Any, *, members: list[Membership]) -> None:
        self.members = {member.pk: member for member in members}
        in_a_year = timezone.localdate() + dt.timedelta(days=365)
        initial = {"areas": USUAL, "expires_on": in_a_year, "kind": ApiKey.Kind.API, "key": once.new_key()}
        super().__init__(data, acting=members, initial=initial)
        fields: dict[str, Any] = self.fields
        fields["member"].choices = [(member.pk, member.organisation.name) for member in members]
        if len(members) == 1:
            del fields["member"]
        is_admin = any(member.role == Role.ADMIN for member in members)
        kinds = [kind for kind in ApiKey.Kind.choices if is_admin or kind[0] != ApiKey.Kind.GROW]
        fields["kind"].choices = kinds

    def member_chosen(self) -> Membership:
        """Whose key it is to be."""
        only = next(iter(self.members))
        return self.members[self.cleaned_data.get("member", only)]


class IntegrationForm(forms.Form):
    """A program that is a member: what it is called, and what its keys may do at most."""

    display_name = forms.CharField(label=_("Name"), max_length=150, help_text=_("Like “Payroll export”."))
    role = forms.ChoiceField(
        label=_("Role"),
        choices=Membership.Role.choices,
        initial=Membership.Role.AGENT,
        help_text=_("What its keys may do at most. An agent sees and logs its own time only."),
    )

    class Meta:
        fields = ("display_name", "role")


class NewIntegrationForm(IntegrationForm):
    key = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)


class ChangedIntegrationForm(IntegrationForm):
    version = VersionField()

    def __init__(self, data: Any, *, member: Membership) -> None:
        names = (*self.Meta.fields, "version")
        super().__init__(data, initial={name: getattr(member, name) for name in names})
