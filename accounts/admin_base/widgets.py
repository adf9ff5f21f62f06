"""Pickers of the admin that survive what nobody can have picked: their value is sent back to them as it was typed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple
from django.core.exceptions import ValidationError

LONGEST_ID = 18  # digits that every database's integer can hold


def is_id(value: Any) -> bool:
    """
    >>> is_id("12"), is_id(7), is_id("abc"), is_id("9" * 40), is_id("²")
    (True, True, False, False, False)
    """
    text = str(value)
    return text.isascii() and text.isdecimal() and len(text) <= LONGEST_ID


class Picker(AutocompleteSelect):
    def optgroups(self, name: str, value: Any, attrs: Any = None) -> Any:
        return super().optgroups(name, [pk for pk in value if is_id(pk)], attrs)


class PeoplePicker(AutocompleteSelectMultiple):
    def optgroups(self, name: str, value: Any, attrs: Any = None) -> Any:
        return super().optgroups(name, [pk for pk in value if is_id(pk)], attrs)


class ManyField(forms.ModelMultipleChoiceField):
    def clean(self, value: Any) -> Any:
        for pk in value or ():
            if not is_id(pk):
                raise ValidationError(self.error_messages["invalid_choice"], "invalid_choice", params={"value": pk})
        return super().clean(value)
