"""What every list of this format has in common: conditions, order, chosen fields, pages and the headers about them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote, urlencode

from django.db.models import F, OrderBy, QuerySet
from django.http import HttpRequest, JsonResponse

from timesheets_site.lib.numbers import LARGEST_ID
from timetracking.api.connectwise import filtering
from timetracking.api.connectwise.conditions import LONGEST
from timetracking.api.connectwise.filtering import Fields
from timetracking.api.refusals import BadRequest

PAGE_SIZE, LARGEST_PAGE = 25, 1_000
FURTHEST = 10**9
"""Rows before a page; beyond is nothing."""
MOST_SORTED = 10
FORWARD_ONLY = "forward-only"
ABOUT_PAGES = frozenset({"page", "pagesize", "pageid"})
Chosen = dict[str, Any]
"""Names of fields in lower case; None for a whole one, the same again for parts of an object."""


@dataclass(frozen=True)
class Asked:
    """What a list was asked for; the names of parameters count without regard to case."""

    conditions: str = ""
    order: Sequence[tuple[str, bool]] = ()
    """Fields in lower case, and whether descending."""
    chosen: Chosen = field(default_factory=dict)
    """Empty for all fields."""
    page: int = 1
    page_size: int = PAGE_SIZE
    page_id: int = 0
    forward_only: bool = False


def read(request: HttpRequest) -> Asked:
    """The parameters of a list. Raises BadRequest for what can't be read."""
    given = {name.lower(): str(value).strip() for name, value in request.GET.items()}
    for name in ("childconditions", "customfieldconditions"):
        if len(given.get(name, "")) > LONGEST:
            raise BadRequest(f"{name}: at most {LONGEST} characters.", "InvalidArgument")
    forward_only = request.headers.get("pagination-type", "").strip().lower() == FORWARD_ONLY
    return Asked(
        conditions=given.get("conditions", ""),
        order=() if forward_only else _order(given.get("orderby", "")),
        chosen=chosen_fields(given.get("fields", "")),
        page=1 if forward_only else _number(given, "page", 1),
        page_size=min(_number(given, "pagesize", PAGE_SIZE), LARGEST_PAGE),
        page_id=_number(given, "pageid", 0, least=0),
        forward_only=forward_only,
    )


def matching(asked: Asked, rows: QuerySet[Any], fields: Fields) -> QuerySet[Any]:
    """The rows that the conditions leave. Raises BadRequest."""
    return rows.filter(filtering.condition(asked.conditions, fields)) if asked.conditions else rows


def count(request: HttpRequest, rows: QuerySet[Any], fields: Fields) -> JsonResponse:
    """`{"count": n}` of the rows that the conditions leave. Raises BadRequest."""
    return JsonResponse({"count": matching(read(request), rows, fields).order_by().count()})


def answer(
    request: HttpRequest, rows: QuerySet[Any], fields: Fields, written: Callable[[QuerySet[Any]], list[dict[str, Any]]]
) -> JsonResponse:
    """One page of rows as a JSON array with its headers. `written` makes the objects of a sliced queryset, in order.

    Raises BadRequest.
    """
    asked = read(request)
    rows, order = matching(asked, rows, fields), _sorted_by(asked, fields)
    total = rows.order_by().count()
    if asked.forward_only:
        later = rows.filter(pk__gt=min(asked.page_id, LARGEST_ID)).order_by("pk")[: asked.page_size + 1]
        objects = written(later)
        link = ""
        if len(objects) > asked.page_size:
            objects = objects[: asked.page_size]
            link = f'<{_url(request, asked, "pageId", objects[-1]["id"])}>; rel="next"'
    else:
        first = (asked.page - 1) * asked.page_size
        beyond = first >= min(total, FURTHEST)
        objects = [] if beyond else written(rows.order_by(*order)[first : first + asked.page_size])
        link = ", ".join(_links(request, asked, total))
    response = JsonResponse([only(each, asked.chosen) for each in objects], safe=False)
    response["Link"] = link
    response["X-Total-Count"] = str(total)
    return response


def answer_whole(request: HttpRequest, objects: list[dict[str, Any]]) -> JsonResponse:
    """One page of objects that are all at hand, in their order, with the same headers. Raises BadRequest."""
    asked = read(request)
    if asked.forward_only:
        asked = replace(asked, page_size=LARGEST_PAGE)
    first = min((asked.page - 1) * asked.page_size, FURTHEST)
    page = objects[first : first + asked.page_size]
    response = JsonResponse([only(each, asked.chosen) for each in page], safe=False)
    response["Link"] = "" if asked.forward_only else ", ".join(_links(request, asked, len(objects)))
    response["X-Total-Count"] = str(len(objects))
    return response


# --- Parameters -------------------------------------------------------------------------------------------------------


def _number(given: Mapping[str, str], name: str, default: int, least: int = 1) -> int:
    written = given.get(name, "")
    if not written:
        return default
    if not (written.isascii() and written.isdigit()) or len(written) > 40 or int(written) < least:
        raise BadRequest(f"{name} has to be a whole number of at least {least}.", "InvalidArgument")
    return min(int(written), LARGEST_ID)


def _order(written: str) -> list[tuple[str, bool]]:
    """`timeStart desc, id` as fields and directions."""
    found = []
    for part in written.split(",") if written else ():
        name, _space, direction = part.strip().lower().partition(" ")
        if not name or direction.strip() not in ("", "asc", "desc"):
            raise BadRequest("orderBy can't be read: name fields, each with asc or desc.", "InvalidArgument")
        found.append((name, direction.strip() == "desc"))
    if len(found) > MOST_SORTED:
        raise BadRequest(f"orderBy takes at most {MOST_SORTED} fields.", "InvalidArgument")
    return found


def _sorted_by(asked: Asked, fields: Fields) -> list[OrderBy | str]:
    found: list[OrderBy | str] = []
    for name, descending in asked.order:
        column = fields.get(name)
        if column is None:
            raise BadRequest(f"{name[:60]} is no field to sort by.", "InvalidArgument")
        for each in column.sorted_by:
            found.append(OrderBy(F(each) if isinstance(each, str) else each, descending=descending))
    return [*found, "pk"]


def chosen_fields(written: str) -> Chosen:
    """Which fields an answer keeps.

    >>> chosen_fields("id, Member/Id,member/name")
    {'id': None, 'member': {'id': None, 'name': None}}
    >>> chosen_fields("member/id,member"), chosen_fields("")
    ({'member': None}, {})
    """
    chosen: Chosen = {}
    for path in written.lower().split(","):
        parts = [part.strip() for part in path.split("/", 2)]
        if not parts[0]:
            continue
        if len(parts) == 1:
            chosen[parts[0]] = None
        elif (inner := chosen.setdefault(parts[0], {})) is not None:
            inner[parts[1]] = None
    return chosen


def chosen(request: HttpRequest) -> Chosen:
    """The same from the `fields` of a request for one object, whatever else its query says."""
    written = next((str(value) for name, value in request.GET.items() if name.lower() == "fields"), "")
    return chosen_fields(written)


def only(whole: dict[str, Any], wanted: Chosen) -> dict[str, Any]:
    """The object with the chosen fields only; all of it where none were chosen. Unknown names choose nothing.

    >>> only({"id": 1, "member": {"id": 2, "name": "Ada"}, "notes": ""}, {"member": {"id": None}, "id": None})
    {'id': 1, 'member': {'id': 2}}
    """
    if not wanted:
        return whole
    kept = {}
    for name, value in whole.items():
        if name.lower() in wanted:
            parts = wanted[name.lower()]
            kept[name] = only(value, parts) if parts and isinstance(value, dict) else value
    return kept


# --- Links ------------------------------------------------------------------------------------------------------------


def _links(request: HttpRequest, asked: Asked, total: int) -> Iterable[str]:
    """Clients cut the header at its commas and look for `page=N>`: so there is none inside, and the page comes last."""
    last = max(-(-total // asked.page_size), 1)
    pages = {"first": 1, "last": last}
    if asked.page > 1:
        pages["prev"] = min(asked.page - 1, last)
    if asked.page < last:
        pages["next"] = asked.page + 1
    for relation in ("next", "last", "prev", "first"):
        if relation in pages:
            yield f'<{_url(request, asked, "page", pages[relation])}>; rel="{relation}"'


def _url(request: HttpRequest, asked: Asked, name: str, number: int) -> str:
    """The address of another page, everything in its query percent-encoded."""
    same = [(each, value) for each, value in request.GET.items() if each.lower() not in ABOUT_PAGES]
    query = urlencode([*same, ("pageSize", asked.page_size), (name, number)], quote_via=quote, safe="")
    return f"{request.scheme}://{request.get_host()}{quote(request.path)}?{query}"
