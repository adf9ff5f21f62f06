"""What the frame around every page needs: who is here, where they can go. Costs no query of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from accounts.admin_paths import index_of
from accounts.models import Membership, Organisation
from accounts.permissions import Permission, can
from accounts.requests import Request
from timesheets_site.lib.names import avatar, initials
from timesheets_site.lib.printable import Printable


@dataclass(frozen=True)
class Item(Printable):
    label: str
    url: str
    icon: str = ""
    current: bool = False
    count: int | None = None
    primary: bool = False
    key: str = ""
    """The letter after G that goes there by keyboard."""


@dataclass(frozen=True)
class Group(Printable):
    heading: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class OrganisationLink(Printable):
    name: str
    initials: str
    role_label: str
    url: str
    current: bool


@dataclass(frozen=True)
class Here(Printable):
    name: str
    slug: str
    initials: str


@dataclass(frozen=True)
class Person(Printable):
    name: str
    initials: str
    avatar: int
    role_label: str
    time_zone: str


@dataclass
class Frame(Printable):
    theme: str = "auto"
    language: str = "en-GB"
    shortcuts: bool = True
    organisation: Here | None = None
    member: Person | None = None
    nav: tuple[Group, ...] = ()
    tabs: tuple[Item, ...] = ()
    organisations: list[OrganisationLink] = field(default_factory=list)
    account_items: list[Item] = field(default_factory=list)
    sign_out_url: str = ""
    switch_url: str = ""
    log_url: str = ""


def frame(request: Request) -> dict[str, Any]:
    return {"frame": SimpleLazyObject(lambda: build(request))}


def last_used(request: Request) -> Membership | None:
    """The person's membership in the organisation last used, else in the first; None without any.

    The frame around a person's own pages leads back there.
    """
    members: list[Membership] = request.memberships
    last = request.user.last_organisation_id
    return next((member for member in members if member.organisation_id == last), members[0] if members else None)


def build(request: Request) -> Frame:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return Frame()
    result = Frame(
        theme=user.theme,
        shortcuts=user.single_key_shortcuts,
        sign_out_url=reverse("logout"),
        switch_url=reverse("switch"),
    )
    result.account_items = [Item(_("My settings"), reverse("me"), "sliders", request.path.startswith("/me/"))]
    member: Membership | None = request.membership or last_used(request)
    for other in request.memberships:
        result.organisations.append(
            OrganisationLink(
                other.organisation.name,
                initials(other.organisation.name),
                other.get_role_display(),
                reverse("week", args=[other.organisation.slug]),
                member is not None and other.pk == member.pk,
            )
        )
    if member is None:
        return result
    organisation = member.organisation
    zone = user.time_zone or organisation.time_zone
    result.organisation = Here(organisation.name, organisation.slug, initials(organisation.name))
    result.member = Person(member.display_name, member.initials, avatar(member.pk), member.get_role_display(), zone)
    result.nav = tuple(_nav(request.path, member, organisation))
    result.tabs = tuple(_tabs(request.path, member, organisation))
    if organisation.has_feature(Organisation.Feature.TIMESHEETS):
        result.log_url = reverse("entry-new", args=[organisation.slug])
    return result


@lru_cache(maxsize=4_096)
def _address(name: str, slug: str) -> str:
    return reverse(name, args=[slug])


def _nav(path: str, member: Membership, organisation: Organisation) -> list[Group]:
    def item(label: str, name: str, icon: str, permission: Permission, key: str = "") -> Item | None:
        url = _address(name, organisation.slug)
        return Item(label, url, icon, path.startswith(url), key=key) if can(member, permission) else None

    groups = []
    if organisation.has_feature(Organisation.Feature.TIMESHEETS):
        groups.append(
            (
                "",
                [
                    item(_("Timesheets"), "week", "clock", Permission.VIEW_TIME, "w"),
                    item(_("Tickets"), "tickets", "ticket", Permission.VIEW_CATALOGUE),
                    item(_("Projects"), "projects", "layers", Permission.VIEW_CATALOGUE, "p"),
                ],
            )
        )
        groups.append(
            (
                _("Manage"),
                [
                    item(_("Clients"), "clients", "receipt", Permission.MANAGE_CATALOGUE),
                    item(_("Agreements"), "agreements", "clipcheck", Permission.MANAGE_CATALOGUE),
                    item(_("Charge codes"), "charge-codes", "tag", Permission.MANAGE_CATALOGUE),
                    item(_("Activities"), "activities", "calendar", Permission.MANAGE_CATALOGUE),
                ],
            )
        )
    groups.append(
        (
            _("Organisation"),
            [
                item(_("Members"), "members", "users", Permission.VIEW_MEMBERS),
                item(_("Settings"), "settings-general", "sliders", Permission.MANAGE_ORGANISATION),
                Item(_("Admin site"), index_of(organisation.slug), "shield")
                if can(member, Permission.USE_ADMIN)
                else None,
            ],
        )
    )
    return [Group(heading, present) for heading, items in groups if (present := tuple(i for i in items if i))]


def _tabs(path: str, member: Membership, organisation: Organisation) -> list[Item]:
    if not organisation.has_feature(Organisation.Feature.TIMESHEETS):
        return []
    slug = organisation.slug

    def item(label: str, name: str, icon: str, primary: bool = False) -> Item:
        url = _address(name, slug)
        return Item(label, url, icon, path.startswith(url) and not primary, primary=primary)

    return [
        item(_("Week"), "week", "clock"),
        item(_("Tickets"), "tickets", "ticket"),
        item(_("Log time"), "entry-new", "plus", primary=True),
        item(_("Projects"), "projects", "layers"),
    ]
