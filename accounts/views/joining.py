"""Accepting an invitation: with the account that one has, or with a new one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import sessions
from accounts.access import public
from accounts.forms.sign_in import JoinForm
from accounts.models import Invitation, User
from accounts.requests import Request
from accounts.services import invitations, second_factor
from timesheets_site.lib.errors import OutOfReach
from timesheets_site.lib.forms import refusals_on

PAGE = "accounts/joining/accept.html"


@public
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def accept(request: Request, token: str) -> HttpResponse:
    try:
        invitation = invitations.by_token(token)
        if request.user.is_authenticated and sessions.keep_alive(request):
            return _as_member(request, token, invitation)
        if User.objects.filter(email__iexact=invitation.email).exists():
            return _page(request, invitation, forms.Form(), "sign_in", sign_in_url=_sign_in_url(request, "login"))
        return _as_new(request, token, invitation)
    except OutOfReach:
        return render(request, "accounts/joining/closed.html", status=404)


def _as_member(request: Request, token: str, invitation: Invitation) -> HttpResponse:
    user: Any = request.user
    form = forms.Form(request.POST if request.method == "POST" else None)
    if user.email.lower() != invitation.email.lower():
        return _page(request, invitation, form, "other_address", next=request.path)
    if not user.is_verified() and second_factor.has_device(user):
        return redirect(_sign_in_url(request, "login-code"))
    if form.is_valid():
        with refusals_on(form):
            invitations.accept(token, user)
            return _welcome(request, invitation)
    return _page(request, invitation, form, "join")


def _as_new(request: Request, token: str, invitation: Invitation) -> HttpResponse:
    person = User(email=invitation.email)
    form = JoinForm(request.POST if request.method == "POST" else None, user=person)
    if form.is_valid():
        with refusals_on(form):
            user = invitations.accept_as_new(token, **form.cleaned_data)
            sessions.begin(request, user)
            return sessions.complete(request, _welcome(request, invitation))
    return _page(request, invitation, form, "new")


def _page(request: Request, invitation: Invitation, form: forms.Form, way: str, **context: Any) -> HttpResponse:
    context |= {"invitation": invitation, "form": form, "way": way}
    return render(request, PAGE, context, status=422 if form.errors else 200)


def _welcome(request: Request, invitation: Invitation) -> HttpResponse:
    messages.success(request, _("Welcome to %(organisation)s.") % {"organisation": invitation.organisation.name})
    return redirect("week", slug=invitation.organisation.slug)


def _sign_in_url(request: Request, step: str) -> str:
    return f"{reverse(step)}?next={request.path}"
