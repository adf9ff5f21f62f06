"""Two-step sign-in: add an authenticator, remove one, make recovery codes."""

from __future__ import annotations

from base64 import b32encode
from binascii import unhexlify

import segno
from django import forms
from django.contrib import messages
from django.core import signing
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import sessions
from accounts.access import half_signed_in, signed_in
from accounts.forms.sign_in import DeviceForm, SavedForm
from accounts.requests import Request
from accounts.services import second_factor
from accounts.views.destinations import next_path
from timesheets_site.lib.forms import refusals_on

SALT = "accounts.new-device"
KEY_SECONDS = 3600


@half_signed_in
@require_http_methods(["GET", "HEAD", "POST"])
@sessions.fresh_sign_in
def setup(request: Request) -> HttpResponse:
    """Add an authenticator. Also for those who must, before they may do anything else."""
    user = request.user
    first = not second_factor.has_device(user)
    if not first and not user.is_verified():
        return redirect("login-code")  # who owes a code may not add a device to give it with
    form = DeviceForm(request.POST if request.method == "POST" else None)
    key = _sent_key(request) or second_factor.new_key()
    if form.is_valid():
        with refusals_on(form):
            device = second_factor.add_device(
                user, key=key, name=form.cleaned_data["name"], code=form.cleaned_data["code"]
            )
            sessions.give_second_factor(request, device)
            if first:
                page = _show_codes(request, second_factor.make_recovery_codes(user))
            else:
                messages.success(request, _("Authenticator added."))
                page = redirect("me-security")
            return sessions.complete(request, page)
    context = {"form": form, "next": next_path(request), "demanded_by": second_factor.demanded_by(user), "first": first}
    return render(request, "accounts/two_step/setup.html", context | _drawn(user, key), status=_status(form))


def _sent_key(request: Request) -> str | None:
    """The key that this form was shown with; None for a new form, one of somebody else, or one from long ago."""
    try:
        owner, key = signing.loads(request.POST.get("key", ""), salt=SALT, max_age=KEY_SECONDS)
    except signing.BadSignature:
        return None
    return key if owner == request.user.pk else None


def _drawn(user, key: str) -> dict[str, str]:
    """The key as a QR code and as text to type, and signed for the form."""
    typed = b32encode(unhexlify(key)).decode()
    return {
        "qr": segno.make(second_factor.address_for_app(user, key), error="m").svg_data_uri(
            scale=5, border=2, dark="#000", light="#fff"
        ),
        "typed_key": " ".join(typed[at : at + 4] for at in range(0, len(typed), 4)),
        "signed_key": signing.dumps([user.pk, key], salt=SALT),
    }


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
@sessions.fresh_sign_in
def recovery_codes(request: Request) -> HttpResponse:
    """Make new recovery codes (a page that asks first), show them once, and take the word that they were saved."""
    user = request.user
    if not second_factor.has_device(user):
        return redirect("mfa-setup")
    if request.method != "POST":
        return render(request, "accounts/two_step/new_codes.html", {"left": second_factor.codes_left(user)})
    if "codes" not in request.POST:
        return _show_codes(request, second_factor.make_recovery_codes(user))
    form = SavedForm(request.POST)
    if form.is_valid():
        messages.success(request, _("Two-step sign-in is on. Keep your recovery codes safe."))
        return redirect(next_path(request))
    codes = request.POST["codes"].split()
    if not second_factor.are_codes_of(user, codes):
        return redirect("me-security")
    return _show_codes(request, codes, form)


def _show_codes(request: Request, codes: list[str], form: SavedForm | None = None) -> HttpResponse:
    form = form or SavedForm(initial={"codes": " ".join(codes)})
    context = {"form": form, "codes": codes, "next": next_path(request), "text": "\r\n".join(codes)}
    return render(request, "accounts/two_step/codes.html", context, status=_status(form))


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
@sessions.fresh_sign_in
def remove_device(request: Request, device_id: int) -> HttpResponse:
    """Ask, then remove an authenticator of one's own."""
    devices = request.user.totpdevice_set.filter(confirmed=True)
    device = devices.filter(pk=device_id).first()
    if device is None:
        return redirect("me-security")
    form = forms.Form(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with refusals_on(form):
            second_factor.remove_device(request.user, device_id)
            if other := devices.first():
                old_key = request.session.session_key
                sessions.give_second_factor(request, other)  # the code of the removed one opened this session
                sessions.moved(request, old_key)
            messages.success(request, _("Authenticator removed."))
            return redirect("me-security")
    context = {"form": form, "device": device, "is_last": devices.count() == 1}
    return render(request, "accounts/two_step/remove.html", context, status=_status(form))


def _status(form) -> int:
    return 422 if form.errors else 200
