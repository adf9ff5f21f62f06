"""Lists of reference records: search, filters and order from the address, and what time each has. Constant queries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Max, Sum

from accounts.models import Membership
from timesheets_site.lib.errors import OutOfReach
from timetracking.models import Client, TimeEntry
from timetracking.models.catalogue import CatalogueRecord
from timetracking.selectors.matching import LONGEST_QUERY, matching, words_of

PAGE_SIZE = 50
LONGEST_ID = 18
State = Literal["open", "closed", "archived", "all"]


@dataclass(frozen=True)
class Listing:
    """How the records of one noun are found and put in order. Sort and filter words are looked up here, never used."""

    model: type[CatalogueRecord]
    search: tuple[str, ...]
    sorts: Mapping[str, tuple[str, ...]]
    default_sort: str
    related: tuple[str, ...] = ()
    prefetch: tuple[str, ...] = ()
    closed: str = ""  # the status that counts as closed; empty for nouns without one
    mine: str = ""  # the field that names whose a record is
    by_client: bool = False
    by_number: bool = False
    time_field: Literal["", "ticket", "project"] = ""


@dataclass(frozen=True)
class Query:
    """What a person asked of a list, cleaned."""

    q: str = ""
    state: State = "open"
    mine: bool = False
    client_id: int | None = None
    sort: str = ""
    page: str = "1"

    @property
    def is_narrowed(self) -> bool:
        return bool(self.q or self.mine or self.client_id or self.state != "open")

    def address(self, **other: Any) -> str:
        """The query of this list's address with some parts changed, without the page."""
        parts = {
            "q": self.q,
            "state": "" if self.state == "open" else self.state,
            "mine": "1" if self.mine else "",
            "client": self.client_id or "",
            "sort": self.sort,
        } | other
        return urlencode({name: value for name, value in parts.items() if value})


@dataclass(frozen=True)
class Worked:
    """The time on one record: minutes, and the last local day that it was worked on."""

    minutes: int = 0
    last: dt.date | None = None


@dataclass(frozen=True)
class RecordPage:
    query: Query
    page: Page
    worked: Mapping[int, Worked] = field(default_factory=dict)


def read_query(params: Mapping[str, str], listing: Listing) -> Query:
    """The question in an address; unknown words fall back to the usual. An unknown client raises OutOfReach."""
    states = ("open", "closed", "archived", "all") if listing.closed else ("open", "archived", "all")
    state: Any = params.get("state", "open")
    client_id = None
    if listing.by_client and (typed := params.get("client", "").strip()):
        client_id = _client_id(typed)
    sort = params.get("sort", "")
    return Query(
        q=params.get("q", "").replace("\x00", "").strip()[:LONGEST_QUERY],
        state=state if state in states else "open",
        mine=bool(listing.mine) and params.get("mine") == "1",
        client_id=client_id,
        sort=sort if sort.removeprefix("-") in listing.sorts else "",
        page=params.get("page", "1"),
    )


def _client_id(typed: str) -> int:
    if (
        typed.isascii()
        and typed.isdigit()
        and len(typed) <= LONGEST_ID
        and Client.objects.filter(pk=int(typed)).exists()
    ):
        return int(typed)
    raise OutOfReach


def find(actor: Membership, listing: Listing, query: Query, within: Mapping[str, Any] | None = None) -> RecordPage:
    """One page of the records that `query` asks for; with the time on each where the noun carries any."""
    rows = listing.model.objects.filter(**(within or {}))
    if query.state == "archived":
        rows = rows.archived()
    elif query.state != "all":
        rows = rows.active()
        if listing.closed:
            rows = (
                rows.filter(status=listing.closed) if query.state == "closed" else rows.exclude(status=listing.closed)
            )
    if query.mine:
        rows = rows.filter(**{listing.mine: actor})
    if query.client_id:
        rows = rows.filter(client_id=query.client_id)
    rows = rows.filter(matching(listing.model, words_of(query.q), listing.search, by_number=listing.by_number))
    rows = rows.select_related(*listing.related).prefetch_related(*listing.prefetch)
    rows = rows.order_by(*_order(listing, query.sort or listing.default_sort))
    page = Paginator(rows, PAGE_SIZE).get_page(query.page)
    return RecordPage(query, page, worked_on(listing.time_field, [row.pk for row in page.object_list]))


def _order(listing: Listing, sort: str) -> list[str]:
    """Columns to order by; `-` turns the first around. The key makes the order, and so the pages, definite."""
    first, *rest = listing.sorts[sort.removeprefix("-")]
    return [f"-{first}" if sort.startswith("-") else first, *rest, "pk"]


def worked_on(time_field: str, pks: Iterable[int]) -> dict[int, Worked]:
    """Minutes and last day of everybody's time on tickets or projects, in one query that the index answers."""
    pks = list(pks)
    if not time_field or not pks:
        return {}
    sums = (
        TimeEntry.objects.filter(**{f"{time_field}__in": pks})
        .order_by()
        .values(time_field)
        .annotate(total=Sum("minutes"), last=Max("date"))
    )
    return {row[time_field]: Worked(row["total"], row["last"]) for row in sums}
