"""A person's own API keys: made, shown once, limited, revoked. Those of programs are in integrations.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import key_rows, once, sessions
from accounts.access import signed_in
from accounts.forms.keys import KeyForm, NewKeyForm
from accounts.models import ApiKey, Membership
from accounts.requests import Request
from accounts.services import api_keys, own_keys
from timesheets_site.lib.errors import Conflict
from timesheets_site.lib.forms import refusals_on

METHODS = ["GET", "HEAD", "POST"]


@dataclass(frozen=True)
class Around:
    """The pages among which a key's page stands: their frame, the entry of their menu, and the list to go back to."""

    frame: str
    page: str
    back: str

    def context(self) -> Mapping[str, str]:
        return {"around": self.frame, "page": self.page, "back": self.back}


def _own() -> Around:
    return Around("accounts/me/base_me.html", "me-tokens", reverse("me-tokens"))


@signed_in
@require_safe
def own(request: Request) -> HttpResponse:
    """The keys of the person who asks, in all of their organisations."""
    live, ended = key_rows.own_rows(api_keys.of_person(request.memberships))
    context = {"page": "me-tokens", "live": live, "ended": ended, "may_make": bool(request.memberships)}
    return render(request, "accounts/keys/own.html", context)


@signed_in
@require_http_methods(METHODS)
@sessions.fresh_sign_in
def new(request: Request) -> HttpResponse:
    if not request.memberships:
        return redirect("me-tokens")
    return make(request, request.memberships, None, _own())


@signed_in
@require_http_methods(METHODS)
@sessions.fresh_sign_in
def edit(request: Request, key_id: int) -> HttpResponse:
    actor, key = own_keys.find(request.memberships, key_id)
    return limit(request, actor, key, _own())


@signed_in
@require_http_methods(METHODS)
def revoke(request: Request, key_id: int) -> HttpResponse:
    actor, key = own_keys.find(request.memberships, key_id)
    return end(request, actor, key, _own())


# --- What the pages of people and of programs share -------------------------------------------------------------------


def make(request: Request, members: list[Membership], actor: Membership | None, around: Around) -> HttpResponse:
    """The form of a new key of one of `members`; stored, its secret is shown: once, in the answer to the form.

    Made by `actor`, or, without one, by the member who is chosen.
    """
    form = NewKeyForm(request.POST if request.method == "POST" else None, members=members)
    if form.is_valid():
        with refusals_on(form):
            key, secret = _make_once(form, form.member_chosen(), actor or form.member_chosen())
            if not secret:
                text = _("This key was made already. If you have not seen its secret, revoke it and make another.")
                messages.info(request, text)
                return redirect(around.back)
            directions = key_rows.directions(key, request.build_absolute_uri("/").rstrip("/"), secret)
            context = {"key": key, "directions": directions, **around.context()}
            return render(request, "accounts/keys/made.html", context)
    context = {"form": form, "whose": members[0] if actor else None, **around.context()}
    return render(request, "accounts/keys/new.html", context, status=422 if form.errors else 200)


def _make_once(form: NewKeyForm, member: Membership, actor: Membership) -> tuple[ApiKey, str]:
    """The key and its secret; an empty one where the same form made the key before."""
    values = {**form.values(), "kind": form.cleaned_data["kind"]}
    asked = once.fingerprint({**values, "member": member.pk})
    secrets: list[str] = []

    def act() -> ApiKey:
        key, secret = api_keys.create(actor, member=member, **values)
        secrets.append(secret)
        return key

    def acted() -> ApiKey:
        pk, _earlier = once.once(actor, form.cleaned_data["key"], "api_key.create", act, fingerprint=asked)
        found: ApiKey = ApiKey.objects.select_related("organisation", "member__user").get(pk=pk)
        return found

    return own_keys.within(actor, acted), "".join(secrets)


def limit(request: Request, actor: Membership, key: ApiKey, around: Around) -> HttpResponse:
    """The form that changes what a key may do: 422 with what is wrong, 409 with both texts after another's change."""
    if key.revoked_at is not None:
        messages.info(request, _("This key was revoked. Make a new one."))
        return redirect(around.back)
    form = KeyForm(request.POST if request.method == "POST" else None, key=key)
    status = 200
    if form.is_valid():
        try:
            with refusals_on(form):
                _store(actor, key, form)
                messages.success(request, _("%(name)s: changes saved.") % {"name": form.cleaned_data["name"]})
                return redirect(around.back)
        except Conflict as conflict:
            current = conflict.current
            own_keys.within(actor, lambda: form.show_conflict(current))
            status = 409
    context = {
        "form": form,
        "key": key,
        "directions": key_rows.directions(key, request.build_absolute_uri("/").rstrip("/")),
        **around.context(),
    }
    shown = 422 if form.errors and status == 200 else status
    return render(request, "accounts/keys/edit.html", context, status=shown)


def _store(actor: Membership, key: ApiKey, form: KeyForm) -> None:
    version, values = form.cleaned_data["version"], form.values()
    own_keys.within(actor, lambda: api_keys.change(actor, key.pk, version=version, **values))


def end(request: Request, actor: Membership, key: ApiKey, around: Around) -> HttpResponse:
    """Asks, then revokes the key for ever."""
    if request.method == "POST":
        own_keys.within(actor, lambda: api_keys.revoke(actor, key.pk))
        messages.success(request, _("%(name)s is revoked and opens nothing any more.") % {"name": key.name})
        return redirect(around.back)
    return render(request, "accounts/keys/revoke.html", {"key": key, **around.context()})
