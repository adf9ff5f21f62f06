"""Forms about what a person is told: what they choose to hear, and up to where they have read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.notice_kinds import WAYS, Choice, wants
from timesheets_site.lib.numbers import LARGEST_ID


class ReadUpToForm(forms.Form):
    up_to = forms.IntegerField(min_value=0, max_value=LARGEST_ID, widget=forms.HiddenInput)


@dataclass(frozen=True)
class Row:
    """One event of the table, with its boxes in the order of its columns."""

    choice: Choice
    boxes: list[tuple[Any, forms.BoundField]]


class ChoicesForm(forms.Form):
    """A box for each thing and each way of hearing of it. A box that was not sent is off, as browsers do."""

    def __init__(self, data: Any = None, *, user: User, offered: Iterable[Choice]) -> None:
        super().__init__(data)
        self.offered = list(offered)
        for choice in self.offered:
            for way in WAYS:
                self.fields[f"{choice.code}.{way}"] = forms.BooleanField(
                    label=str(choice.label),
                    required=False,
                    initial=wants(user, choice, way),
                    widget=forms.CheckboxInput(attrs={"class": "cb"}),
                )

    def rows(self) -> list[Row]:
        names = (_("In the product"), _("By e-mail"))
        return [
            Row(choice, [(name, self[f"{choice.code}.{way}"]) for name, way in zip(names, WAYS, strict=True)])
            for choice in self.offered
        ]

    def chosen(self) -> dict[str, dict[str, bool]]:
        """What the service takes."""
        return {
            choice.code: {way: self.cleaned_data[f"{choice.code}.{way}"] for way in WAYS} for choice in self.offered
        }
