"""Signing in and out: password, code, recovery code, and "confirm it is you"."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib.auth import authenticate
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import browsers, sessions
from accounts.access import half_signed_in, public
from accounts.forms.sign_in import CodeForm, ConfirmForm, RecoveryForm, SignInForm
from accounts.requests import Request
from accounts.services import second_factor
from accounts.views.destinations import next_path

LOCK_OUT_SECONDS = "900"


def _page(request: Request, template: str, form: forms.Form, status: int) -> HttpResponse:
    """The form, empty or again. 429 where a counter is full."""
    if form.is_bound and form.has_error(NON_FIELD_ERRORS, "too_many_tries"):
        status = 429
    response = render(
        request, template, {"form": form, "next": next_path(request)}, status=status if form.is_bound else 200
    )
    if status == 429:
        response["Retry-After"] = LOCK_OUT_SECONDS
    return response


@public
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def login(request: Request) -> HttpResponse:
    if request.method != "POST":
        if request.user.is_authenticated and sessions.keep_alive(request):
            return redirect(next_path(request))
        return _page(request, "accounts/sign_in/login.html", SignInForm(), 200)
    form = SignInForm(request.POST)
    if form.is_valid():
        user = authenticate(request, username=form.cleaned_data["email"], password=form.cleaned_data["password"])
        if user is not None:
            return _after_password(request, user)
        if getattr(request, "locked_out", False):
            form.add_error(None, _locked_out())
        else:
            form.add_error(None, _("That e-mail address and password don’t match."))
    return _page(request, "accounts/sign_in/login.html", form, 422)


def _too_many(text: str) -> ValidationError:
    return ValidationError(text, code="too_many_tries")


def _locked_out() -> ValidationError:
    return _too_many(_("Too many tries. Wait 15 minutes or reset your password."))


def _after_password(request: Request, user: Any) -> HttpResponse:
    sessions.begin(request, user)
    if second_factor.has_device(user):
        return redirect(f"{reverse('login-code')}?{urlencode({'next': next_path(request)})}")
    return sessions.complete(request, redirect(next_path(request)))


@half_signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def login_code(request: Request) -> HttpResponse:
    return _second_step(request, CodeForm, second_factor.check_code, "accounts/sign_in/code.html")


@half_signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def login_recovery(request: Request) -> HttpResponse:
    return _second_step(request, RecoveryForm, second_factor.use_recovery_code, "accounts/sign_in/recovery.html")


def _second_step(
    request: Request, form_class: type[forms.Form], check: Callable[..., Any], template: str
) -> HttpResponse:
    """Ask for what proves the second factor, and finish the sign-in with it."""
    if request.user.is_verified() or not second_factor.has_device(request.user):
        return redirect(next_path(request))
    form = form_class(request.POST if request.method == "POST" else None)
    if form.is_valid():
        device = _device_of(request, form, check)
        if device is not None:
            sessions.give_second_factor(request, device)
            return sessions.complete(request, redirect(next_path(request)))
    return _page(request, template, form, 422)


def _device_of(request: Request, form: forms.Form, check: Callable[..., Any]) -> Any:
    """The device that the typed code proves; None, and why on the form, if it proves none."""
    try:
        browser_id = browsers.recognise(request, request.user.pk)
        device = check(request.user, form.cleaned_data["code"], browser_id=browser_id)
    except second_factor.TooManyTries as refusal:
        form.add_error(None, _too_many(str(refusal)))
        return None
    if device is None:
        form.add_error("code", _wrong(form))
    return device


def _wrong(form: forms.Form) -> str:
    if isinstance(form, RecoveryForm):
        return _("This code doesn’t match, or it was used before.")
    return _("That code doesn’t match. Type the one the app shows now.")


@public
@require_POST
def logout(request: Request) -> HttpResponse:
    sessions.sign_out(request)
    return redirect(
        f"{reverse('login')}?{urlencode({'next': next_path(request)})}" if "next" in request.POST else "login"
    )


@half_signed_in
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: Request) -> HttpResponse:
    """Password and code again, before a sensitive change; then on to where the change is made."""
    with_code = second_factor.has_device(request.user)
    if with_code and not request.user.is_verified():
        return redirect("login-code")
    form = ConfirmForm(request.POST if request.method == "POST" else None, with_code=with_code)
    if form.is_valid() and _is_the_owner(request, form):
        sessions.prove(request)
        return redirect(next_path(request, "me"))
    return _page(request, "accounts/sign_in/confirm.html", form, 422)


def _is_the_owner(request: Request, form: ConfirmForm) -> bool:
    user = authenticate(request, username=request.user.email, password=form.cleaned_data["password"])
    if user is None:
        if getattr(request, "locked_out", False):
            form.add_error(None, _locked_out())
        else:
            form.add_error("password", _("That is not your password."))
        return False
    if "code" not in form.fields:
        return True
    return _device_of(request, form, second_factor.check_code) is not None
