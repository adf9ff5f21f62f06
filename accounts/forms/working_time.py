"""Fields and forms about working time: weekdays, the calendar of public holidays, dated changes, days off."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts import holiday_calendars, weekdays
from accounts.forms.days import check_range, day_input
from accounts.holiday_calendars import NO_CALENDAR
from accounts.models import CapacityChange, DayOff, Membership, Organisation
from accounts.services.working_time import LONGEST_NAME
from accounts.working_time_rows import hours_of
from timesheets_site.lib.forms import VersionField

COUNTRY, PART = "holiday_country", "holiday_part"


class WeekHoursField(forms.DecimalField):
    """The hours of a week, none included; its value is whole minutes, half up."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0, max_value=7 * 24, max_digits=5, decimal_places=2, **kwargs)

    def clean(self, value: Any) -> Any:
        hours: Decimal | None = super().clean(value)
        return None if hours is None else int((hours * 60).quantize(Decimal(1), ROUND_HALF_UP))

    def prepare_value(self, value: Any) -> Any:
        """What was typed stays as it was typed; minutes become hours."""
        return hours_of(value) if isinstance(value, int) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)

    def in_words(self, minutes: int) -> str:
        return hours_of(minutes)


class WeekdaysField(forms.TypedMultipleChoiceField):
    """Ticked weekdays; its value is a bit for each, the lowest is Monday."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, *, first_weekday: int = 0, **kwargs: Any) -> None:
        super().__init__(coerce=int, error_messages={"required": _("Choose the weekdays that are worked.")}, **kwargs)
        self.choices = lambda: weekdays.choices(first_weekday)

    def clean(self, value: Any) -> Any:
        return weekdays.bits_of(super().clean(value))

    def prepare_value(self, value: Any) -> Any:
        return weekdays.listed(value) if isinstance(value, int) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)

    def in_words(self, bits: int) -> str:
        return weekdays.in_words(bits)


class PartField(forms.ChoiceField):
    """A part of the country that is chosen beside it: whether it is one, only the form can say."""

    def validate(self, value: Any) -> None:
        """Left to the form."""


class CalendarForm(forms.BaseForm):
    """A mixin for forms that choose a calendar of public holidays: country and part, `calendar()` puts them together.

    The parts that are offered are those of the country that was typed, that `country` names (the address, while
    somebody chooses), or that is stored.
    """

    def offer_calendars(self, stored: str, first: Iterable[tuple[str, Any]], country: str | None = None) -> None:
        """Fill both fields. `first` are the choices before the countries."""
        self.stored_calendar = stored
        own_country, part = holiday_calendars.split(stored) if stored != NO_CALENDAR else (NO_CALENDAR, "")
        fields: dict[str, Any] = self.fields
        fields[COUNTRY].choices = lambda: [*first, *holiday_calendars.countries()]
        fields[COUNTRY].widget.attrs |= {
            "hx-get": "?", "hx-trigger": "change", "hx-target": f"#id_{PART}", "hx-select": f"#id_{PART}",
            "hx-swap": "outerHTML",
        }  # fmt: skip
        chosen = str(self.data.get(COUNTRY, "")) if self.is_bound else own_country if country is None else country
        fields[PART].choices = [("", _("The whole country")), *holiday_calendars.parts_of(chosen)]
        fields[COUNTRY].initial, fields[PART].initial = chosen, part if chosen == own_country else ""

    def clean_holiday_part(self) -> str:
        """A part of a country that is no longer chosen is dropped; one that the chosen one does not have is refused."""
        country, part = self.cleaned_data.get(COUNTRY, ""), str(self.cleaned_data[PART])
        if not part or part in dict(holiday_calendars.parts_of(country)):
            return part
        if country != holiday_calendars.split(self.stored_calendar)[0]:
            return ""
        raise ValidationError(_("Choose one of the list."), code="invalid_choice")

    def calendar(self) -> str:
        return holiday_calendars.joined(self.cleaned_data[COUNTRY], self.cleaned_data[PART])


def country_field(label: Any, help_text: Any = "") -> forms.ChoiceField:
    return forms.ChoiceField(label=label, help_text=help_text, required=False)


def part_field() -> PartField:
    help_text = _("Parts have days of their own. Of another country they are offered once it is saved.")
    return PartField(label=_("Part of the country"), required=False, help_text=help_text)


class _VersionedForm(forms.Form):
    version = VersionField()

    def values(self) -> dict[str, Any]:
        """What the service takes, without the version."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}

    def show_conflict(self, version: int, words: Any) -> None:
        """Somebody else was quicker: sent again, the form decides against what is stored now."""
        sent: Any = self.data.copy()  # type: ignore[attr-defined]  # a QueryDict
        sent["version"] = str(version)
        self.data = sent
        self.add_error(None, words)


class ChangeForm(_VersionedForm):
    """From when on a member works how many hours on which weekdays."""

    starts_on = forms.DateField(label=_("From"), widget=day_input(), validators=[check_range])
    weekly_capacity_minutes = WeekHoursField(label=_("Hours a week"), help_text=_("The hours of a full week, like 30."))
    working_weekdays = WeekdaysField(label=_("Working days"))

    def __init__(self, data: Any = None, *, member: Membership, change: CapacityChange | None = None) -> None:
        latest = change or CapacityChange.objects.filter(member=member).order_by("-starts_on").first() or member
        initial = {
            "version": member.version,
            "starts_on": change.starts_on if change else None,
            "weekly_capacity_minutes": latest.weekly_capacity_minutes,
            "working_weekdays": latest.working_weekdays,
        }
        super().__init__(data, initial=initial)
        field: Any = self.fields["working_weekdays"]
        field.choices = weekdays.choices(member.organisation.first_weekday)


class DayOffForm(_VersionedForm):
    """Days off of a member, or of everybody."""

    name = forms.CharField(label=_("Name"), max_length=LONGEST_NAME)
    first_on = forms.DateField(label=_("First day"), widget=day_input(), validators=[check_range])
    last_on = forms.DateField(
        label=_("Last day"), widget=day_input(), validators=[check_range], help_text=_("Both days are included.")
    )
    part = forms.ChoiceField(
        label=_("How much"), choices=DayOff.Part.choices, initial=DayOff.Part.WHOLE, widget=forms.RadioSelect
    )

    def __init__(
        self, data: Any = None, *, version: int, row: DayOff | None = None, suggested: Mapping[str, Any] | None = None
    ) -> None:
        initial: dict[str, Any] = {"version": version, **(suggested or {})}
        if row is not None:
            initial |= {"name": row.name, "first_on": row.first_on, "last_on": row.last_on, "part": row.part}
        super().__init__(data, initial=initial)

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if values.get("first_on") and values.get("last_on") and values["last_on"] < values["first_on"]:
            self.add_error("last_on", _("Choose a day on or after the first."))
        return values


class RemovedChange(forms.Form):
    """A change of hours that was removed, as the address of its Undo holds it."""

    starts_on = forms.DateField(validators=[check_range])
    weekly_capacity_minutes = forms.IntegerField(min_value=0, max_value=7 * 1440)
    working_weekdays = forms.IntegerField(min_value=0, max_value=127)


class RemovedDayOff(forms.Form):
    """Days off that were removed, as the address of their Undo holds them."""

    name = forms.CharField(max_length=LONGEST_NAME)
    first_on = forms.DateField(validators=[check_range])
    last_on = forms.DateField(validators=[check_range])
    part = forms.ChoiceField(choices=DayOff.Part.choices)


class SuggestedDay(forms.Form):
    """What the address of a new day off may say beforehand; what can't be read is left out."""

    name = forms.CharField(required=False, max_length=LONGEST_NAME)
    first_on = forms.DateField(required=False, validators=[check_range])
    part = forms.ChoiceField(required=False, choices=DayOff.Part.choices)

    def values(self) -> dict[str, Any]:
        self.full_clean()
        found = {name: value for name, value in self.cleaned_data.items() if value}
        day: dt.date | None = found.get("first_on")
        return found | ({"last_on": day} if day else {})


class HolidaysForm(CalendarForm, forms.ModelForm):
    """The organisation's calendar of public holidays."""

    version = VersionField()
    holiday_country = country_field(
        _("Public holidays"), _("On them nothing is expected of anybody, unless a member has a calendar of their own.")
    )
    holiday_part = part_field()

    class Meta:
        model = Organisation
        fields: tuple[str, ...] = ()

    def __init__(self, data: Any = None, *, instance: Organisation, country: str | None = None) -> None:
        super().__init__(data, instance=instance)
        self.fields["version"].initial = instance.version
        self.offer_calendars(instance.holiday_calendar, [("", _("None"))], country)

    def values(self) -> dict[str, Any]:
        return {"holiday_calendar": self.calendar()}
