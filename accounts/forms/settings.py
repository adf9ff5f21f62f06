"""Forms of the settings pages, one's own and the organisation's. They clean; the services write."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import zones
from accounts.models import Organisation, User
from timesheets_site.lib.forms import VersionField


def zone_choices(empty: Any = None) -> list[tuple[str, Any]]:
    first = [("", empty)] if empty is not None else []
    return [*first, *((name, name.replace("_", " ")) for name in zones.names())]


class ZoneField(forms.ChoiceField):
    """A time zone from the list; the present one stays choosable when it is an alias."""

    def __init__(self, *, empty: Any = None, **kwargs: Any) -> None:
        super().__init__(choices=lambda: zone_choices(empty), required=empty is None, **kwargs)

    def valid_value(self, value: Any) -> bool:
        return super().valid_value(value) or value == getattr(self, "present", None)


class ProfileForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ("name",)
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "name"})}


class RegionForm(forms.ModelForm):
    time_zone = ZoneField(
        label=_("Time zone"),
        empty=_("As my organisation"),
        help_text=_("Decides which day is today, and the times that you see."),
    )

    class Meta:
        model = User
        fields = ("time_zone",)


class AppearanceForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ("theme", "single_key_shortcuts")
        widgets = {"theme": forms.RadioSelect}
        labels = {"theme": _("Theme"), "single_key_shortcuts": _("Single-key shortcuts")}
        help_texts = {"single_key_shortcuts": _("N logs time, ? lists the keys. Off, no single letter does anything.")}


class Row(NamedTuple):
    """One setting as the page shows it: its field, a second one that belongs to it, and what is said of it."""

    field: forms.BoundField
    unit: Any
    also: forms.BoundField | None
    also_unit: Any
    example: Any
    takes_effect: Any


class OrganisationForm(forms.ModelForm):
    """What the forms of an organisation's settings share: the version that the person saw, and rows to show."""

    intro: ClassVar[Any] = ""
    """What is true of all rows, unless one says otherwise."""
    pairs: ClassVar[Mapping[str, str]] = {}
    """Fields that stand in the row of another, by its name."""
    units: ClassVar[Mapping[str, Any]] = {}
    takes_effect: ClassVar[Mapping[str, Any]] = {}
    """From when on a new value counts."""
    rerates: ClassVar[bool] = False
    """Whether entries that are there can be decided anew by what changes here, on a page of its own."""

    version = VersionField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stored = copy.copy(self.instance)  # cleaning writes what was typed into the other
        self.fields["version"].initial = self.instance.version
        for field in self.fields.values():
            if isinstance(field, forms.BooleanField):
                field.widget.attrs |= {"class": "switch", "role": "switch"}

    def examples(self, now: Organisation) -> Mapping[str, Any]:
        """What a setting comes to with the value that is stored, by its name."""
        return {}

    def rows(self) -> list[Row]:
        examples = self.examples(self.stored)
        rows = []
        for field in self.visible_fields():
            if field.name in self.pairs.values():
                continue
            also = self.pairs.get(field.name, "")
            rows.append(
                Row(
                    field,
                    self.units.get(field.name, ""),
                    self[also] if also else None,
                    self.units.get(also, ""),
                    examples.get(field.name, ""),
                    self.takes_effect.get(field.name, ""),
                )
            )
        return rows

    def values(self) -> dict[str, Any]:
        """What the service takes, without the version."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class GeneralForm(OrganisationForm):
    time_zone = ZoneField(label=_("Time zone"), help_text=_("For members who have not chosen one of their own."))
    timesheets = forms.BooleanField(
        label=_("Timesheets"),
        required=False,
        help_text=_("Off, the pages for time disappear for everybody. Nothing that was logged is lost."),
    )

    class Meta:
        model = Organisation
        fields = (
            "name",
            "time_zone",
            "first_weekday",
        )

    def __init__(self, *args: Any, weekday_fixed: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zone: Any = self.fields["time_zone"]
        zone.present = self.instance.time_zone
        self.fields["timesheets"].initial = self.instance.has_feature(Organisation.Feature.TIMESHEETS)
        if weekday_fixed:
            weekday = self.fields["first_weekday"]
            weekday.disabled = True
            weekday.help_text = _("Fixed, since there are timesheets already.")

    def values(self) -> dict[str, Any]:
        values = super().values()
        on = values.pop("timesheets")
        others = [feature for feature in self.instance.features if feature != Organisation.Feature.TIMESHEETS]
        values["features"] = [Organisation.Feature.TIMESHEETS.value, *others] if on else others
        return values


class SecurityForm(OrganisationForm):
    class Meta:
        model = Organisation
        fields = ("require_second_factor",)
        labels = {"require_second_factor": _("Everybody needs two-step sign-in")}
        help_texts = {
            "require_second_factor": _(
                "From their next click on, members without it are led to set it up before they see anything else."
            )
        }

    def __init__(self, *args: Any, without_device: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.without_device = without_device
