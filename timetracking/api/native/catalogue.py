"""The catalogue: nine nouns that are read and written in the same way, each from its declaration here.

Functions of a noun are made by `router_of`: their bodies are those that the noun's schemas describe.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from django.http import JsonResponse
from ninja import Query, Router, Schema
from pydantic import Field, create_model

from accounts.models import Membership
from accounts.permissions import Permission, Reach, can, reach, require
from accounts.requests import Request
from timetracking.api.native import versions
from timetracking.api.native.catalogue_fields import (
    change_schema,
    create_schema,
    fields_in,
    names_outside,
    out_schema,
    record_out,
)
from timetracking.api.native.named import one
from timetracking.api.native.paging import Paged, PageOut, answer, check_query, take
from timetracking.api.native.schemas import Body, Instant, Version
from timetracking.models import Activity, Agreement, ChargeCode, Client, Project, Task, Ticket, WorkRole, WorkType
from timetracking.models.catalogue import CatalogueRecord
from timetracking.selectors.matching import LONGEST_QUERY, matching, words_of
from timetracking.services import catalogue
from timetracking.services.catalogue_nouns import NOUNS


class Found(Paged):
    """What every list of the catalogue takes."""

    q: str | None = Field(None, max_length=LONGEST_QUERY, description="Words that all have to be found.")
    updated_since: Instant | None = Field(None, description="Changed at this instant or later.")
    archived: Literal["false", "true", "all"] = "false"


class VersionIn(Body):
    version: Version | None = None


@dataclass(frozen=True, kw_only=True)
class Listed:
    """One noun: where it is, what it is found by, and what of it only some may see."""

    model: type[CatalogueRecord]
    path: str
    title: str
    search: tuple[str, ...]
    filters: tuple[str, ...] = ()
    """References that a list can be narrowed by."""
    view: Permission = Permission.VIEW_CATALOGUE
    managed: frozenset[str] = frozenset()
    """Fields that only those see who manage the catalogue."""
    priced: frozenset[str] = frozenset()
    """Fields that only those see who see everybody's rates."""
    by_number: bool = False

    @property
    def name(self) -> str:
        return NOUNS[self.model].name

    @property
    def plural(self) -> str:
        return self.path.strip("/").replace("-", "_")

    def hidden_from(self, member: Membership) -> frozenset[str]:
        hidden = frozenset() if can(member, Permission.MANAGE_CATALOGUE) else self.managed
        return hidden if reach(member, Permission.SEE_RATES) is Reach.ALL else hidden | self.priced

    def rows(self) -> Any:
        return self.model.objects.prefetch_related(*NOUNS[self.model].people)


LISTED = (
    Listed(model=Client, path="/clients", title="Client", search=("name", "identifier"),
           managed=frozenset({"billing_increment_minutes", "billing_rounding", "billing_minimum_minutes",
                              "billing_address", "billing_email", "tax_number", "notes"})),
    Listed(model=Project, path="/projects", title="Project", search=("code", "name", "client__name"),
           filters=("client",), priced=frozenset({"budget_amount", "hourly_rate"})),
    Listed(model=Task, path="/tasks", title="Task", search=("name",), filters=("project",)),
    Listed(model=Ticket, path="/tickets", title="Ticket", search=("title", "client__name"), filters=("client",),
           by_number=True),
    Listed(model=ChargeCode, path="/charge-codes", title="ChargeCode", search=("code", "name")),
    Listed(model=Activity, path="/activities", title="Activity", search=("name",), filters=("client",)),
    Listed(model=WorkType, path="/work-types", title="WorkType", search=("name",), priced=frozenset({"multiplier"})),
    Listed(model=WorkRole, path="/work-roles", title="WorkRole", search=("name",)),
    Listed(model=Agreement, path="/agreements", title="Agreement", search=("name", "client__name"),
           filters=("client",), view=Permission.MANAGE_CATALOGUE),
)  # fmt: skip


def router_of(noun: Listed) -> Router:
    """List, get, create, change, archive and restore of one noun. No key manages rates: what makes them is read."""
    router = Router(tags=["Catalogue"])
    _reads(router, noun)
    if NOUNS[noun.model].permission is not Permission.MANAGE_RATES:
        _writes(router, noun)
    return router


def _reads(router: Router, noun: Listed) -> None:
    record_schema = _out(noun)
    filters: Any = create_model(
        f"{noun.title}Filters",
        __base__=Found,
        **{f"{name}_id": (int | None, Field(None, ge=1)) for name in noun.filters},  # type: ignore[call-overload]
    )
    title = f"{noun.plural.title().replace('_', '')}Out"
    page_schema = create_model(title, __base__=PageOut, items=(list[record_schema], ...))  # type: ignore[valid-type]

    def list_records(request: Request, filters: Query[filters]) -> JsonResponse:
        check_query(request, type(filters))
        require(request.membership, noun.view)
        hidden = noun.hidden_from(request.membership)
        page = take(_narrowed(noun, filters), filters, of=noun.name.replace("_", ""))
        return answer([record_out(record, hidden=hidden) for record in page.rows], page.next)

    def get_record(request: Request, record_id: int) -> JsonResponse:
        require(request.membership, noun.view)
        return _told(request, noun, record_id)

    list_records.__annotations__["filters"] = Query[filters]  # type: ignore[misc]  # ninja's reads it at run time
    many, single = noun.plural.replace("_", " "), noun.name.replace("_", " ")
    _add(router, "GET", noun.path, f"list_{noun.plural}", list_records, page_schema, f"The {many}")
    _add(router, "GET", noun.path + ONE, f"get_{noun.name}", get_record, record_schema, f"One {single}")


def _writes(router: Router, noun: Listed) -> None:
    record_schema, words = _out(noun), noun.name.replace("_", " ")
    new, changed = create_schema(noun.model, noun.title), change_schema(noun.model, noun.title)

    def create_record(request: Request, body: Any) -> JsonResponse:
        require(request.membership, NOUNS[noun.model].permission)
        fields = fields_in(noun.model, body.dict(exclude_unset=True))
        with names_outside(noun.model):
            record = catalogue.create(request.membership, noun.model, **fields)
        return _told(request, noun, record.pk, status=201, location=f"/api/v1{noun.path}/{record.pk}")

    def change_record(request: Request, record_id: int, body: Any) -> JsonResponse:
        require(request.membership, NOUNS[noun.model].permission)
        sent = body.dict(exclude_unset=True)
        version = versions.expected(request, sent.pop("version", None))
        record = one(noun.model.objects, record_id)
        fields = fields_in(noun.model, sent)
        shown = record.version if version is None else version
        with names_outside(noun.model):
            catalogue.edit(request.membership, record, version=shown, **fields)
        return _told(request, noun, record_id)

    def archive_record(request: Request, record_id: int, body: VersionIn | None = None) -> JsonResponse:
        return _put_away(request, noun, record_id, body, catalogue.archive)

    def restore_record(request: Request, record_id: int, body: VersionIn | None = None) -> JsonResponse:
        return _put_away(request, noun, record_id, body, catalogue.restore)

    create_record.__annotations__["body"] = new
    change_record.__annotations__["body"] = changed
    name, path = noun.name, noun.path
    _add(router, "POST", path, f"create_{name}", create_record, {201: record_schema}, f"New {words}")
    _add(router, "PATCH", path + ONE, f"change_{name}", change_record, record_schema, f"Change a {words}")
    _add(router, "POST", f"{path}{ONE}/archive", f"archive_{name}", archive_record, record_schema, f"Archive a {words}")
    _add(router, "POST", f"{path}{ONE}/restore", f"restore_{name}", restore_record, record_schema, f"Restore a {words}")


ONE = "/{int:record_id}"
_OUT: dict[str, type[Schema]] = {}


def _out(noun: Listed) -> type[Schema]:
    """The one schema of a noun's records."""
    if noun.name not in _OUT:
        _OUT[noun.name] = out_schema(noun.model, noun.title, hidden=noun.managed | noun.priced)
    return _OUT[noun.name]


def _add(router: Router, method: str, path: str, name: str, view: Callable[..., Any], out: Any, summary: str) -> None:
    view.__name__ = name
    extra = versions.IF_MATCH if ONE in path and method != "GET" else None
    router.add_api_operation(
        path, [method], view, response=out, summary=summary, url_name=name, operation_id=name, openapi_extra=extra
    )


def _narrowed(noun: Listed, asked: Any) -> Any:
    rows = noun.rows()
    if asked.archived != "all":
        rows = rows.archived() if asked.archived == "true" else rows.active()
    if asked.q:
        rows = rows.filter(matching(noun.model, words_of(asked.q), noun.search, by_number=noun.by_number))
    if asked.updated_since is not None:
        rows = rows.filter(updated_at__gte=asked.updated_since)
    for name in noun.filters:
        if (pk := getattr(asked, f"{name}_id")) is not None:
            related: Any = noun.model._meta.get_field(name).related_model
            rows = rows.filter(**{name: one(related.objects, pk)})
    return rows


def _put_away(
    request: Request, noun: Listed, record_id: int, body: VersionIn | None, act: Callable[..., Any]
) -> JsonResponse:
    require(request.membership, NOUNS[noun.model].permission)
    record = one(noun.model.objects, record_id)
    act(request.membership, record, version=versions.expected(request, (body or VersionIn()).version))
    return _told(request, noun, record_id)


def _told(request: Request, noun: Listed, record_id: int, *, status: int = 200, location: str = "") -> JsonResponse:
    told: Mapping[str, Any] = record_out(one(noun.rows(), record_id), hidden=noun.hidden_from(request.membership))
    return versions.answer(dict(told), status=status, location=location)
