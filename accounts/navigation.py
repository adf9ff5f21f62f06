"""Where a member can go: the groups of the sidebar and the tabs of a phone. What they can't open is absent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.admin_paths import index_of
from accounts.models import Membership, Organisation
from accounts.permissions import Permission, can
from timesheets_site.lib.addresses import address
from timesheets_site.lib.printable import Printable

counts: dict[str, Callable[[Membership], str]] = {}
"""What is counted for a member beside an item, by the name of its page: filled by the apps above, in one query each."""


@dataclass(frozen=True)
class Item(Printable):
    label: str
    url: str
    icon: str = ""
    current: bool = False
    name: str = ""
    """The name of its page, for what is counted beside it."""
    count: str | None = None
    """Empty where there is nothing to count now, None where nothing ever is."""
    primary: bool = False
    key: str = ""
    """The letter after G that goes there by keyboard."""

    def at(self, path: str) -> Item:
        """The item as it looks on the page at `path`."""
        return replace(self, current=True) if path.startswith(self.url) and not self.primary else self


@dataclass(frozen=True)
class Group(Printable):
    heading: str
    items: tuple[Item, ...]

    def at(self, path: str) -> Group:
        return replace(self, items=tuple(item.at(path) for item in self.items))


def groups_and_tabs(member: Membership, path: str) -> tuple[tuple[Group, ...], tuple[Item, ...]]:
    """The navigation of a member, with the present page marked."""
    organisation = member.organisation
    granted = frozenset(permission for permission in Permission if can(member, permission))
    has_timesheets = organisation.has_feature(Organisation.Feature.TIMESHEETS)
    groups, tabs = _kept(organisation.slug, granted, has_timesheets, get_language())
    return tuple(group.at(path) for group in groups), tuple(item.at(path) for item in tabs)


def counted(member: Membership, groups: tuple[Group, ...]) -> tuple[Group, ...]:
    """The groups with the numbers beside their items, as they are now; inside the member's organisation."""

    def with_count(item: Item) -> Item:
        count = counts.get(item.name)
        return replace(item, count=count(member)) if count else item

    return tuple(replace(group, items=tuple(map(with_count, group.items))) for group in groups)


@lru_cache(maxsize=1_024)
def _kept(
    slug: str, granted: frozenset[Permission], has_timesheets: bool, language: str | None
) -> tuple[tuple[Group, ...], tuple[Item, ...]]:
    """Follows from these values alone; it is asked for on every page."""

    def item(label: str, name: str, icon: str, permission: Permission, key: str = "") -> tuple[Permission, Item]:
        return permission, Item(label, address(name, slug), icon, name=name, key=key)

    work = [
        item(_("Timesheets"), "week", "clock", Permission.VIEW_TIME, "w"),
        item(_("Tickets"), "tickets", "ticket", Permission.VIEW_CATALOGUE),
        item(_("Projects"), "projects", "layers", Permission.VIEW_CATALOGUE, "p"),
    ]
    manage = [
        item(_("Approvals"), "approvals", "clipcheck", Permission.APPROVE_TIMESHEET, "a"),
        item(_("Timers"), "timers", "play", Permission.APPROVE_TIMESHEET),
        item(_("Reports"), "reports", "chart", Permission.VIEW_REPORTS, "r"),
        item(_("Exports"), "exports", "download", Permission.ASK_EXPORT),
        item(_("Invoices"), "invoices", "receipt", Permission.MANAGE_INVOICES),
        item(_("Clients"), "clients", "building", Permission.MANAGE_CATALOGUE),
        item(_("Agreements"), "agreements", "copy", Permission.MANAGE_CATALOGUE),
        item(_("Charge codes"), "charge-codes", "tag", Permission.MANAGE_CATALOGUE),
        item(_("Activities"), "activities", "calendar", Permission.MANAGE_CATALOGUE),
    ]
    organisation = [
        item(_("Members"), "members", "users", Permission.VIEW_MEMBERS),
        item(_("Settings"), "settings-general", "sliders", Permission.MANAGE_ORGANISATION),
        (Permission.USE_ADMIN, Item(_("Admin site"), index_of(slug), "shield")),
    ]
    product = [("", work), (_("Manage"), manage)] if has_timesheets else []
    groups = tuple(
        Group(heading, items)
        for heading, listed in [*product, (_("Organisation"), organisation)]
        if (items := tuple(entry for permission, entry in listed if permission in granted))
    )
    return groups, _tabs(slug, Permission.APPROVE_TIMESHEET in granted) if has_timesheets else ()


def _tabs(slug: str, approves: bool) -> tuple[Item, ...]:
    last = Item(_("Projects"), address("projects", slug), "layers")
    if approves:
        last = Item(_("Approvals"), address("approvals", slug), "clipcheck")
    return (
        Item(_("Week"), address("week", slug), "clock"),
        Item(_("Tickets"), address("tickets", slug), "ticket"),
        Item(_("Log time"), address("entry-new", slug), "plus", primary=True),
        last,
    )
