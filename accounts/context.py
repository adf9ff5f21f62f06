"""What the frame around every page needs: who is here, where they can go, what is new. Costs one query."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import SimpleLazyObject, cached_property
from django.utils.translation import gettext as _

from accounts.models import Membership, Organisation
from accounts.navigation import Group, Item, counted, groups_and_tabs
from accounts.requests import Request
from accounts.selectors import UNREAD_SHOWN, unread_count
from accounts.tenancy import organisation_scope
from timesheets_site.lib.addresses import address
from timesheets_site.lib.names import avatar, initials
from timesheets_site.lib.printable import Printable


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
    search_url: str = ""
    notifications_url: str = ""
    reader: Membership | None = None
    """Whose unread notifications the bell counts."""

    @cached_property
    def counted_nav(self) -> tuple[Group, ...]:
        """`nav` with the numbers beside its items; asked for by whole pages alone."""
        if self.reader is None:
            return self.nav
        with organisation_scope(self.reader.organisation_id):
            return counted(self.reader, self.nav)

    @cached_property
    def unread(self) -> int:
        """Asked for by the bell alone, so that fragments and error pages pay nothing for it."""
        if self.reader is None:
            return 0
        with organisation_scope(self.reader.organisation_id):
            return unread_count(self.reader)

    @property
    def grid_url(self) -> str:
        """The grid of the reader's present week, where they have timesheets."""
        if self.reader is None or not self.log_url:
            return ""
        return address("week-grid", self.reader.organisation.slug, self.reader.today())

    @property
    def unread_text(self) -> str:
        """`7`, or `99+`; nothing for none."""
        if self.unread > UNREAD_SHOWN:
            return f"{UNREAD_SHOWN}+"
        return str(self.unread or "")


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
        sign_out_url=address("logout"),
        switch_url=address("switch"),
    )
    result.account_items = [Item(_("My settings"), address("me"), "sliders", request.path.startswith("/me/"))]
    member: Membership | None = request.membership or last_used(request)
    for other in request.memberships:
        result.organisations.append(
            OrganisationLink(
                other.organisation.name,
                initials(other.organisation.name),
                other.get_role_display(),
                address("week", other.organisation.slug),
                member is not None and other.pk == member.pk,
            )
        )
    if member is None:
        return result
    organisation = member.organisation
    zone = user.time_zone or organisation.time_zone
    result.organisation = Here(organisation.name, organisation.slug, initials(organisation.name))
    result.member = Person(member.display_name, member.initials, avatar(member.pk), member.get_role_display(), zone)
    result.nav, result.tabs = groups_and_tabs(member, request.path)
    result.notifications_url, result.reader = address("notifications", organisation.slug), member
    if organisation.has_feature(Organisation.Feature.TIMESHEETS):
        result.log_url = address("entry-new", organisation.slug)
        result.search_url = address("search", organisation.slug)
    return result
