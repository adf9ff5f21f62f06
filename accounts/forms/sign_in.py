"""Forms of signing in: what was typed, cleaned; whether it is right is asked elsewhere."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from accounts.models import User

LONGEST_PASSWORD = 1024  # hashing takes time in proportion


def password_field(label: Any, autocomplete: str, **options: Any) -> forms.CharField:
    """A password as typed: blanks at its ends count, pasting and managers work."""
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(label=label, strip=False, max_length=LONGEST_PASSWORD, widget=widget, **options)


def email_field(**options: Any) -> forms.EmailField:
    widget = forms.EmailInput(attrs={"autocomplete": "username", "inputmode": "email", "autocapitalize": "none"})
    return forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=widget,
        error_messages={"invalid": _("Enter an e-mail address like name@example.com.")},
        **options,
    )


def code_field(**options: Any) -> forms.CharField:
    attrs = {"autocomplete": "one-time-code", "inputmode": "numeric", "class": "input code", "spellcheck": "false"}
    options.setdefault("label", _("6-digit code"))
    return forms.CharField(max_length=20, widget=forms.TextInput(attrs=attrs), **options)


class SignInForm(forms.Form):
    email = email_field()
    password = password_field(_("Password"), "current-password")


class CodeForm(forms.Form):
    code = code_field(help_text=_("The code changes every 30 seconds. Spaces are fine."))


class RecoveryForm(forms.Form):
    code = forms.CharField(
        label=_("Recovery code"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}),
        help_text=_("One of the codes that you saved. Each works once."),
    )


class ConfirmForm(forms.Form):
    """Password, and the code of whoever has two-step sign-in."""

    password = password_field(_("Password"), "current-password")
    code = code_field()

    def __init__(self, *args: Any, with_code: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not with_code:
            del self.fields["code"]


class ResetRequestForm(forms.Form):
    email = email_field()


class NewPasswordForm(forms.Form):
    """A password that will do for this user."""

    password = password_field(
        _("New password"), "new-password", help_text=_("At least 12 characters. Long is better than odd.")
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password, self.user)
        return password


class JoinForm(NewPasswordForm):
    """Name and password of somebody new."""

    name = forms.CharField(label=_("Your name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    password = password_field(
        _("Password"), "new-password", help_text=_("At least 12 characters. Long is better than odd.")
    )
    field_order = ("name", "password")


class DeviceForm(forms.Form):
    """A new authenticator, proved by a code. `key` travels signed, so that showing the form stores nothing."""

    name = forms.CharField(
        label=_("Name of this authenticator"), max_length=64, required=False, help_text=_("Like “Phone”.")
    )
    code = code_field(label=_("Type the 6-digit code it shows."))
    key = forms.CharField(widget=forms.HiddenInput, max_length=400)


class SavedForm(forms.Form):
    """The promise that recovery codes were saved; the codes come along, so that a missing tick shows them again."""

    codes = forms.CharField(widget=forms.HiddenInput, max_length=400)
    saved = forms.BooleanField(
        label=_("I have saved these"), error_messages={"required": _("Save the codes first, then tick this.")}
    )
