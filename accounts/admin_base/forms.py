"""The form behind every record that the admin writes: it cleans, the service decides and stores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.forms.models import construct_instance
from django.utils import formats
from django.utils.translation import gettext as _

from accounts import once
from accounts.models import Membership
from timesheets_site.lib.errors import Conflict, DomainError
from timesheets_site.lib.forms import VersionField

NOTHING = "\u2013"


class ServiceForm(forms.ModelForm):
    """A new record carries a one-time key, one that is edited the version that the person saw."""

    actor: ClassVar[Membership]
    refusal: ClassVar[DomainError | None] = None
    form_names: ClassVar[Mapping[str, str]] = {}

    key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    seen_version = VersionField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            self.fields.pop("seen_version", None)
            if "key" in self.fields:
                self.fields["key"].initial = once.new_key
            return
        self.fields.pop("key", None)
        if not hasattr(self.instance, "version"):  # written down once, and only shown afterwards
            self.fields.pop("seen_version", None)
        if "seen_version" in self.fields:
            self.initial["seen_version"] = self.instance.version
        if self.is_bound and isinstance(self.refusal, Conflict):
            sent: Any = self.data.copy()  # type: ignore[attr-defined]  # a QueryDict
            sent["seen_version"] = str(self.refusal.current.version)  # the next press of Save knows what is stored now
            self.data = sent

    def _post_clean(self) -> None:
        """Each value by itself. What must be unique or fit together the service answers, in words."""
        try:
            self.instance = construct_instance(self, self.instance, self._meta.fields, self._meta.exclude)
            self.instance.clean_fields(exclude=self._get_validation_exclusions())  # type: ignore[attr-defined]
        except ValidationError as errors:
            self._update_errors(errors)  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """What the service takes: the record's own fields, as cleaned."""
        return {name: value for name, value in self.cleaned_data.items() if name not in ("key", "seen_version")}

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if isinstance(self.refusal, Conflict):
            self._tell_conflict(data, self.refusal)
        elif self.refusal is not None:
            field = self.form_names.get(self.refusal.field or "", self.refusal.field)
            self.add_error(field if field in self.fields else None, str(self.refusal.message))
        return data

    def _tell_conflict(self, data: dict[str, Any], conflict: Conflict) -> None:
        """What is stored now stands beside each field where it differs from what was typed."""
        self.add_error(None, _("Someone changed this while you did. Compare, then save again to keep what you typed."))
        for name in [name for name in data if name not in ("key", "seen_version")]:
            stored: Any = getattr(conflict.current, name, None)
            typed = data[name]
            if hasattr(stored, "all"):
                stored, typed = list(stored.all()), list(typed)
            if stored != typed:
                self.add_error(name, _("Stored now: %(value)s") % {"value": self._shown(name, stored)})

    def _shown(self, name: str, value: Any) -> str:
        if isinstance(value, list):
            return ", ".join(str(row) for row in value) or NOTHING
        if value in (None, ""):
            return NOTHING
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField) and not isinstance(field, forms.ModelChoiceField):
            choices: Any = field.choices
            return str(dict(choices).get(value, value))
        return str(formats.localize(value))
