"""Passwords: changed by who knows the old one, set anew by a link in a mail."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.views import INTERNAL_RESET_SESSION_TOKEN, PasswordResetConfirmView
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import browsers, sessions, throttle
from accounts.access import public, signed_in
from accounts.account_mails import left_open_words
from accounts.forms.sign_in import NewPasswordForm, ResetRequestForm
from accounts.models import User
from accounts.requests import Request
from accounts.services import passwords
from timesheets_site.lib.logs import REMOTE_ADDRESS

RESET_REQUESTS_PER_ADDRESS = 30  # in 15 minutes


@public
@require_http_methods(["GET", "HEAD", "POST"])
def reset(request: Request) -> HttpResponse:
    """Ask for a link. Says the same whether the address is known or not."""
    form = ResetRequestForm(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_valid():
        counter = throttle.key("reset from", throttle.address_key(REMOTE_ADDRESS.get()))
        if throttle.take(counter, RESET_REQUESTS_PER_ADDRESS):
            passwords.send_reset_link(form.cleaned_data["email"], request.build_absolute_uri)
            return redirect("password-reset-sent")
        form.add_error(None, _("Too many tries. Wait 15 minutes, then try again."))
        status = 429
    elif form.is_bound:
        status = 422
    return render(request, "accounts/passwords/reset.html", {"form": form}, status=status)


@public
def reset_sent(request: Request) -> HttpResponse:
    return render(request, "accounts/passwords/sent.html")


class ResetConfirm(PasswordResetConfirmView):
    """Set a new password by the mail's link. Django moves the secret from the address into the session first."""

    template_name = "accounts/passwords/set_anew.html"
    form_class = NewPasswordForm  # type: ignore[assignment]  # it is only asked for `user` and its fields
    user: User

    def form_valid(self, form: Any) -> HttpResponse:
        passwords.set_anew(self.user, form.cleaned_data["password"])
        self.request.session.pop(INTERNAL_RESET_SESSION_TOKEN, None)
        messages.success(self.request, _("Your new password is set. Sign in with it."))
        if left := left_open_words(**passwords.left_open(self.user)):  # the page after the sign-in ends them
            messages.warning(self.request, left)
            return redirect(f"{reverse('login')}?{urlencode({'next': reverse('me-security')})}")
        return redirect("login")

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


reset_confirm = public(ResetConfirm.as_view())


@signed_in
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@sessions.fresh_sign_in
def change(request: Request) -> HttpResponse:
    """Change one's own password; every other session ends."""
    form = NewPasswordForm(request.POST if request.method == "POST" else None, user=request.user)
    if form.is_valid():
        old_key = request.session.session_key
        passwords.change(request.user, form.cleaned_data["password"], keep_session=old_key)
        request.user.refresh_from_db(fields=["password"])
        update_session_auth_hash(request, request.user)
        sessions.moved(request, old_key)
        messages.success(request, _("Password changed. Your other sessions were signed out."))
        response = redirect("me-security")
        browsers.trust(request, response, request.user)
        return response
    status = 422 if form.errors else 200
    return render(request, "accounts/me/password.html", {"form": form, "page": "me-security"}, status=status)
