"""The sign on each door: who may open a view. The gate (accounts.middleware) reads it and denies what has none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from accounts.permissions import Permission

View = Callable[..., Any]


class Door(Enum):
    PUBLIC = "anybody"
    HALF_SIGNED_IN = "somebody who may still owe the second factor"
    SIGNED_IN = "somebody signed in, whatever the organisation"
    API = "a program with a key or token, which its surface asks for (timetracking.api)"
    MEMBER = "a member of the organisation in the path, with a permission"


@dataclass(frozen=True)
class Access:
    door: Door
    permission: Permission | None = None
    feature: str | None = None
    second_factor: bool = False
    """Asked of everybody who enters, whatever the organisation demands."""


def _mark(view: View, access: Access) -> View:
    view.access = access  # type: ignore[attr-defined]  # functions take attributes
    return view


def public(view: View) -> View:
    """Anybody: sign-in, reset, invitations, health."""
    return _mark(view, Access(Door.PUBLIC))


def half_signed_in(view: View) -> View:
    """Somebody who gave the password and may still owe the second factor."""
    return _mark(view, Access(Door.HALF_SIGNED_IN))


def signed_in(view: View) -> View:
    """Somebody fully signed in; pages of their own, outside any organisation."""
    return _mark(view, Access(Door.SIGNED_IN))


def api(view: View) -> View:
    """A program: no session and no CSRF token count here, only what the surface of the view asks for."""
    return _mark(view, Access(Door.API))


def requires(permission: Permission, *, feature: str | None = None) -> Callable[[View], View]:
    """A member of the organisation in the path who holds `permission`; 404 where `feature` is off."""
    return lambda view: _mark(view, Access(Door.MEMBER, permission, feature))
