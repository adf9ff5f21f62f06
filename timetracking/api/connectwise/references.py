"""References of this format: what an answer says of a record, and which record a body means."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import Membership
from timesheets_site.lib.errors import OutOfReach
from timesheets_site.lib.numbers import fits
from timetracking.api.connectwise.filtering import Field, Kind
from timetracking.api.connectwise.patterns import like
from timetracking.api.connectwise.surface import InvalidObject, Problem

LONGEST_TEXT = 254


# --- Answers ----------------------------------------------------------------------------------------------------------


def identifier_of(email: str) -> str:
    """How a member is called in this format: by what stands before the @ of their address.

    >>> identifier_of("Ada@example.com")
    'ada'
    """
    return email.partition("@")[0].lower()


def member_reference(pk: int, email: str, name: str) -> dict[str, Any]:
    return {"id": pk, "identifier": identifier_of(email), "name": name, "_info": {}}


def company_reference(pk: int | None, identifier: str | None, name: str | None) -> dict[str, Any] | None:
    return None if pk is None else {"id": pk, "identifier": identifier, "name": name, "_info": {}}


def named_reference(pk: int | None, name: str | None, called: str = "name") -> dict[str, Any] | None:
    """`{"id": 1, "name": "Regular"}`; None for none."""
    return None if pk is None else {"id": pk, called: name}


# --- Conditions -------------------------------------------------------------------------------------------------------


def member_fields(name: str, path: str) -> dict[str, Field]:
    """What conditions may ask of a member: `member/id`, `member/identifier`, `member/name`."""
    return {
        name: Field(Kind.NUMBER, path),
        f"{name}/id": Field(Kind.NUMBER, path),
        f"{name}/identifier": identifier_field(path),
        f"{name}/name": Field(Kind.TEXT, f"{path}__display_name"),
    }


def identifier_field(path: str) -> Field:
    email = f"{path}__user__email"

    def found(operator: str, value: object) -> Q:
        if operator == "like":
            return like(email, f"{value}@*")
        if operator == "=":
            return Q(**{f"{email}__istartswith": f"{value}@"}) if value else Q(pk__in=())
        suffix = {"<": "lt", "<=": "lte", ">": "gt", ">=": "gte"}[operator]
        return Q(**{f"{email}__{suffix}": value})

    return Field(Kind.TEXT, email, own=found)


# --- Bodies -----------------------------------------------------------------------------------------------------------


def whole_number(value: object) -> int | None:
    """An id or another whole number, as a number or as digits; None for anything else.

    >>> whole_number(5), whole_number("5"), whole_number(True), whole_number(1.5), whole_number("x")
    (5, 5, None, None, None)
    """
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 20:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def by_id(rows: QuerySet[Any], pk: int) -> Any:
    """The record of this id. Raises OutOfReach for an unknown one, as for another organisation's."""
    record = rows.filter(pk=pk).first() if fits(pk) else None
    if record is None:
        raise OutOfReach
    return record


def record(
    rows: QuerySet[Any], value: object, field: str, *, unknown: str = "", identifier: Callable[[str], Q] | None = None
) -> Any:
    """The record that a reference (`{"id": 1}`, `{"identifier": "ada"}`, `{"name": "Remote"}`) means; None for null.

    Raises OutOfReach for an unknown one, or InvalidObject with the words `unknown` where there are some; InvalidObject
    for what is no reference, and for a text that several records have.
    """
    if value is None:
        return None
    if not isinstance(value, dict):
        raise InvalidObject(Problem(f'{field} has to be an object like {{"id": 1}}', field))
    try:
        return _found(rows, value, field, identifier)
    except OutOfReach:
        if unknown:
            raise InvalidObject(Problem(unknown, field)) from None
        raise


def _found(rows: QuerySet[Any], value: dict[str, Any], field: str, identifier: Callable[[str], Q] | None) -> Any:
    if value.get("id") is not None:
        pk = whole_number(value["id"])
        if pk is None:
            raise InvalidObject(Problem(f"{field}/id has to be a whole number", field))
        return by_id(rows, pk)
    by_name = {"identifier": identifier, "name": name_condition(rows)}
    for part, condition in by_name.items():
        text = value.get(part)
        if not text or condition is None:
            continue
        if not isinstance(text, str) or len(text) > LONGEST_TEXT:
            raise InvalidObject(Problem(f"{field}/{part} has to be a text", field))
        fitting = list(rows.filter(condition(text))[:2])
        if not fitting:
            raise OutOfReach
        if len(fitting) > 1:
            raise InvalidObject(Problem(f"{field}/{part} fits several records: name one by its id", field))
        return fitting[0]
    raise InvalidObject(Problem(f"{field} has to name its id", field))


def name_condition(rows: QuerySet[Any]) -> Callable[[str], Q]:
    column = "display_name" if rows.model is Membership else "name"
    return lambda text: Q(**{f"{column}__iexact": text})


def member_identifier(text: str) -> Q:
    """A member by the start of their address, by the whole of it, or by employee number."""
    return Q(user__email__istartswith=f"{text}@") | Q(user__email__iexact=text) | Q(employee_number__iexact=text)


def client_identifier(text: str) -> Q:
    return Q(identifier__iexact=text)
