"""Admins with a second factor, and the forms of the admin as a browser would send them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import sessions
from accounts.models import Membership
from tests.cast import browser_of


def verified(member: Membership) -> Client:
    """A test client signed in with password and code, just now."""
    client = browser_of(member)
    device, _ = TOTPDevice.objects.get_or_create(user=member.user, name="app", defaults={"confirmed": True})
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = device.persistent_id
    session[sessions.PROVED] = sessions._now()
    session.save()
    return client


@pytest.fixture
def admin(alice) -> Client:
    return verified(alice)


@pytest.fixture
def outsider(mallory) -> Client:
    return verified(mallory)


def form_of(response: Any) -> dict[str, Any]:
    """What a browser would send back of an admin form that was left as it is."""
    form = response.context["adminform"].form
    sent: dict[str, Any] = {}
    with timezone.override("Europe/London"):  # the cast's; clock times are shown in it
        for bound in form:
            for name, part in _inputs(bound.field.widget, bound.html_name, bound.value()):
                if part is not None and part is not False and part != "":
                    sent[name] = part
    return sent


def _inputs(widget: Any, name: str, value: Any) -> list[tuple[str, Any]]:
    widget = getattr(widget, "widget", widget)  # related records: inside the links to add and change them
    context = widget.get_context(name, value, {})["widget"]
    if "subwidgets" in context:
        return [(sub["name"], sub["value"]) for sub in context["subwidgets"]]
    if context.get("type") == "checkbox":
        return [(name, "on" if value else None)]
    if isinstance(value, list | tuple):
        return [(name, [getattr(item, "pk", item) for item in value])]
    return [(name, value)]


@pytest.fixture
def send(admin) -> Callable[..., Any]:
    """``send(url, subject="x")`` opens a form of the admin, changes some fields and sends it."""

    def send(url: str, **changes: Any) -> Any:
        page = admin.get(url)
        assert page.status_code == 200, page.status_code
        return admin.post(url, {**form_of(page), **changes})

    return send
