"""The search of every page: tickets, projects, clients, people and pages that a member may open, found by words.

A fixed number of queries. Tickets are looked for twice, among those in use and among those that are over, each by its
number from the newest on: no title is compared twice, nothing is sorted, and both stop at the first few that are found.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.db.models import Case, Q, QuerySet, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import site_pages
from accounts.models import Membership
from accounts.permissions import Permission, can
from timesheets_site.lib.addresses import address
from timesheets_site.lib.printable import Printable
from timetracking.models import Client, Project, Ticket
from timetracking.models.catalogue import CatalogueRecord
from timetracking.rules import closed_records, references
from timetracking.selectors.matching import matching, words_of
from timetracking.selectors.picker import token

AT_A_GLANCE, ON_A_PAGE = 5, 20
"""How many of each group are shown under the field, and on the page of the search."""
IN_USE = tuple(status for status in Ticket.Status.values if status != Ticket.CLOSED)


@dataclass(frozen=True)
class Link(Printable):
    label: str
    url: str


@dataclass(frozen=True)
class Hit(Printable):
    """One thing that was found. `mark` says that it is over; `log_url` and `record` are empty where time can't go."""

    title: str
    url: str
    icon: str
    detail: str = ""
    mark: str = ""
    log_url: str = ""
    record: str = ""
    """What a timer is started on, as the record picker writes it: `ticket:12`."""
    links: tuple[Link, ...] = ()


@dataclass(frozen=True)
class HitGroup(Printable):
    name: str
    label: str
    hits: list[Hit]
    more_url: str = ""
    """The list that has all of them, where there are more."""


@dataclass(frozen=True)
class Found(Printable):
    query: str
    groups: list[HitGroup] = field(default_factory=list)
    exact: Hit | None = None
    """What `query` names by its reference; the first hit."""

    @property
    def count(self) -> int:
        return sum(len(group.hits) for group in self.groups)

    @property
    def only(self) -> Hit | None:
        """Where there is nothing to choose: the record of an exact reference, or the only thing found."""
        if self.exact is not None:
            return self.exact
        return self.groups[0].hits[0] if self.count == 1 else None


def search(actor: Membership, text: str, limit: int = AT_A_GLANCE) -> Found:
    """What `text` finds, at most `limit` of each group; what is over comes last, an exact reference first."""
    words = words_of(text)
    query = " ".join(words)
    if not words:
        return Found(query)
    looking = _Looking(actor, words, query, limit)
    groups = [looking.tickets(), looking.projects(), looking.clients(), looking.people(), looking.pages()]
    groups = [group for group in groups if group.hits]
    exact = _exact(query)
    if exact is None:
        return Found(query, groups)
    hit = looking.hit(exact)
    return Found(query, _with_first(groups, "tickets" if isinstance(exact, Ticket) else "projects", hit, limit), hit)


def _exact(query: str) -> Ticket | Project | None:
    """The ticket or project that `query` names. A charge code has no page, and is none of ours."""
    number = references.ticket_number(query)
    rows = Ticket.objects.select_related("client").filter(number=number) if number is not None else ()
    for ticket in rows:
        return ticket
    return Project.objects.select_related("client").filter(code__iexact=query).first()


def _with_first(groups: Iterable[HitGroup], name: str, hit: Hit, limit: int) -> list[HitGroup]:
    """The groups with `hit` as the first of all, in its group, and in no place else."""
    named = {group.name: group for group in groups}
    old = named.pop(name, HitGroup(name, _LABELS[name](), []))
    others = [each for each in old.hits if each.url != hit.url]
    return [HitGroup(name, old.label, [hit, *others[: limit - 1]], old.more_url), *named.values()]


_LABELS = {"tickets": lambda: _("Tickets"), "projects": lambda: _("Projects")}


class _Looking:
    """One search: who asks, for which words, and how many are shown of each."""

    def __init__(self, actor: Membership, words: list[str], query: str, limit: int) -> None:
        self.actor, self.words, self.query, self.limit = actor, words, query, limit
        self.slug = actor.organisation.slug
        self.grace = closed_records.grace_of(actor, timezone.now())
        self.logs = can(actor, Permission.LOG_TIME)

    def tickets(self) -> HitGroup:
        matches = matching(Ticket, self.words, ("title", "client__name"), by_number=True)
        rows = Ticket.objects.filter(matches).select_related("client").order_by("-number")
        in_use = Q(status__in=IN_USE, archived_at=None)
        found = [*self.first(rows.filter(in_use)), *self.first(rows.exclude(in_use))]
        return self.group("tickets", _("Tickets"), found)

    def projects(self) -> HitGroup:
        matches = matching(Project, self.words, ("code", "name", "client__name"))
        rows = Project.objects.filter(matches).select_related("client")
        over = Case(When(~Q(archived_at=None) | Q(status=Project.CLOSED), then=Value(1)), default=Value(0))
        return self.group("projects", _("Projects"), self.first(rows.order_by(over, "code")))

    def clients(self) -> HitGroup:
        rows = Client.objects.filter(matching(Client, self.words, ("name", "identifier")))
        over = Case(When(archived_at=None, then=Value(0)), default=Value(1))
        return self.group("clients", _("Clients"), self.first(rows.order_by(over, "name")))

    def people(self) -> HitGroup:
        """Colleagues are for those who may see the list of members."""
        if not can(self.actor, Permission.VIEW_MEMBERS):
            return HitGroup("people", "", [])
        matches = matching(Membership, self.words, ("display_name", "user__email"))
        rows = Membership.objects.filter(matches).select_related("user").order_by("-is_active", "display_name", "pk")
        found = self.first(rows)
        more = f"{address('members', self.slug)}?{urlencode({'q': self.query})}" if len(found) > self.limit else ""
        return HitGroup("people", _("People"), [self.person(member) for member in found[: self.limit]], more)

    def pages(self) -> HitGroup:
        found = site_pages.pages_of(self.actor, self.words)[: self.limit]
        hits = [Hit(page.label, page.url, page.icon, page.section) for page in found]
        return HitGroup("pages", _("Pages"), hits)

    def first(self, rows: QuerySet[Any]) -> list[Any]:
        """One more than is shown, which tells that there are more."""
        return list(rows[: self.limit + 1])

    def group(self, name: str, label: str, found: list[Any]) -> HitGroup:
        asked = urlencode({"q": self.query, "state": "all"})
        more = f"{address(name, self.slug)}?{asked}" if len(found) > self.limit else ""
        return HitGroup(name, label, [self.hit(record) for record in found[: self.limit]], more)

    def hit(self, record: Any) -> Hit:
        if isinstance(record, Client):
            over = _("Archived") if record.is_archived else ""
            return Hit(record.name, address("client", self.slug, record.pk), "building", record.identifier, over)
        if isinstance(record, Ticket):
            title, url, icon = record.title, address("ticket", self.slug, record.number), "ticket"
        else:
            title, url, icon = record.name, address("project", self.slug, record.code), "layers"
        takes_time = self.logs and closed_records.standing_of(record, self.grace).takes_time
        value = token(record)
        return Hit(
            title,
            url,
            icon,
            f"{record.reference} · {record.client.name}",
            _mark(record),
            f"{address('entry-new', self.slug)}?{value.replace(':', '=')}" if takes_time else "",
            value if takes_time else "",
        )

    def person(self, member: Membership) -> Hit:
        week = f"{address('week', self.slug)}?agent={member.pk}"
        page = Link(_("Member"), address("member", self.slug, member.pk))
        mark = "" if member.is_active else _("Inactive")
        note = _("Integration") if member.is_integration else member.user.email
        return Hit(member.display_name, week, "users", note, mark, links=(page,))


def _mark(record: CatalogueRecord) -> str:
    """That the work is over, in a word."""
    if record.is_archived:
        return _("Archived")
    return str(record.get_status_display()) if record.is_closed else ""  # type: ignore[attr-defined]  # who is closed
