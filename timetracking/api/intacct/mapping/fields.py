"""What the names of this format stand for: where a value is stored, and how it is written. Objects and queries read it.

Names are dotted ("employee.id"); `nested` makes the objects of them that the format sends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.db.models import Case, CharField, F, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce

from accounts.models import Membership
from timetracking.api.values import hours_of, utc
from timetracking.models import PartnerValues

KEPT_AS = "intacct"
"""The name under which `services.partner_values` keeps what this format sends and we have no use for."""


class Kind(StrEnum):
    """What a value is: stored, in filters and on the wire."""

    KEY = "key"
    """The id of a record; on the wire a text."""
    TEXT = "text"
    DATE = "date"
    INSTANT = "instant"
    HOURS = "hours"
    """Stored as whole minutes; on the wire decimal hours."""
    NUMBER = "number"
    FLAG = "flag"
    HREF = "href"
    """An address made of the id that is stored; never in filters or orders."""


Of = str | Callable[[Membership], Any]


@dataclass(frozen=True)
class Field:
    """One name. `of` is an ORM path, or makes an expression for who asks."""

    kind: Kind
    of: Of
    write: Callable[[Any], Any] | None = None
    """From the stored value to the wire, where the kind alone does not say; None stays None."""
    filters: bool = True
    """May it stand in filters and orders? (An HREF never does.)"""
    values: tuple[str, ...] = ()
    """All that it can be, where these are few."""

    def expression(self, asker: Membership) -> Any:
        """For `annotate`, `filter` by an alias, or `values_list`."""
        return F(self.of) if isinstance(self.of, str) else self.of(asker)

    def wire(self, stored: Any) -> Any:
        """As it is sent."""
        if stored is None:
            return None
        return self.write(stored) if self.write is not None else WRITTEN[self.kind](stored)


def number(value: float) -> int | float:
    """A whole number without its point.

    >>> number(6.0), number(6.5)
    (6, 6.5)
    """
    return int(value) if value == int(value) else value


def hours(minutes: int) -> int | float:
    """Decimal hours with two places; what `values.minutes_of_hours` reads back to the same minutes.

    >>> hours(390), hours(360), hours(20)
    (6.5, 6, 0.33)
    """
    return number(hours_of(minutes))


WRITTEN: dict[Kind, Callable[[Any], Any]] = {
    Kind.KEY: str,
    Kind.TEXT: str,
    Kind.DATE: lambda day: day.isoformat(),
    Kind.INSTANT: utc,
    Kind.HOURS: hours,
    Kind.NUMBER: number,
    Kind.FLAG: bool,
    Kind.HREF: str,
}


@dataclass(frozen=True)
class Object:
    """One object of the format. `rows` are those that somebody may read."""

    name: str
    """ "time/timesheet" """
    rows: Callable[[Membership], QuerySet[Any]]
    fields: Mapping[str, Field] = field(default_factory=dict)
    order: str = "pk"

    @property
    def path(self) -> str:
        """Without the prefix of the API, as the format's href is."""
        return f"/objects/{self.name}"

    def reference(self, key: int) -> dict[str, str]:
        """What answers name a record by."""
        return {"key": str(key), "id": str(key), "href": f"{self.path}/{key}"}


def read(
    wanted: Object, asker: Membership, rows: QuerySet[Any], names: Iterable[str] | None = None
) -> list[dict[str, Any]]:
    """The named fields of these rows (all, if left out) as the wire has them, by their dotted names. One query."""
    named = list(wanted.fields) if names is None else list(names)
    fields = [wanted.fields[name] for name in named]
    found = rows.values_list(*(each.expression(asker) for each in fields))
    return [
        {name: each.wire(value) for name, each, value in zip(named, fields, values, strict=True)} for values in found
    ]


def nested(flat: Mapping[str, Any]) -> dict[str, Any]:
    """Dotted names as objects within objects.

    >>> nested({"key": "1", "employee.key": "973", "employee.id": "E-001"})
    {'key': '1', 'employee': {'key': '973', 'id': 'E-001'}}
    """
    result: dict[str, Any] = {}
    for name, value in flat.items():
        *above, last = name.split(".")
        place = result
        for part in above:
            place = place.setdefault(part, {})
        place[last] = value
    return result


# --- Parts that objects share -----------------------------------------------------------------------------------------


def href(base: str, of: Of) -> Field:
    """The address of the record whose id is stored there."""
    return Field(Kind.HREF, of, write=lambda key: f"{base}/{key}", filters=False)


def nothing(kind: Kind = Kind.TEXT) -> Field:
    """A name of the format that nothing here stands behind: always null."""
    return Field(kind, lambda asker: Value(None, output_field=CharField()), filters=False)


def constant(value: Any, kind: Kind = Kind.TEXT) -> Field:
    return Field(kind, lambda asker: Value(value), write=lambda stored: value, filters=False)


def or_key(text: str, key: str) -> Callable[[Membership], Any]:
    """The text that is stored there, or the record's key where it is empty."""

    def of(asker: Membership) -> Any:
        return Case(When(**{text: ""}, then=Cast(key, CharField())), default=F(text), output_field=CharField())

    return of


def key_as_text(key: str) -> Callable[[Membership], Any]:
    return lambda asker: Cast(key, CharField())


def kept(path: str, link: str, *, instead: Any = None, output: Any = None) -> Callable[[Membership], Any]:
    """A value that was kept as sent; `link` is "entry" or "timesheet", `instead` what stands where nothing was sent."""

    def of(asker: Membership) -> Any:
        rows = PartnerValues.objects.filter(surface=KEPT_AS, **{link: OuterRef("pk")})
        text: Any = KT(f"values__{path}")
        value = Subquery(rows.values_list(Cast(text, output) if output else text)[:1])
        return value if instead is None else Coalesce(value, instead, output_field=output or CharField())

    return of


def reference(
    name: str, base: str, key: str, named: Of | None = None, identified: Of | None = None
) -> dict[str, Field]:
    """Key, id, name (if any) and href of a record that is pointed at. `key` is the ORM path of its id."""
    fields = {
        f"{name}.key": Field(Kind.KEY, key),
        f"{name}.id": Field(Kind.TEXT, identified or key_as_text(key)),
    }
    if named is not None:
        fields[f"{name}.name"] = Field(Kind.TEXT, named)
    return {**fields, f"{name}.href": href(base, key)}


def own_reference(base: str, identified: Of | None = None) -> dict[str, Field]:
    """The key, id and href of the object itself."""
    return {
        "key": Field(Kind.KEY, "pk"),
        "id": Field(Kind.TEXT, identified) if identified is not None else Field(Kind.KEY, "pk"),
        "href": href(base, "pk"),
    }


def first_name(name: str) -> str:
    """All but the last word; the only word of one.

    >>> first_name("Alice van Dyke"), first_name("Carol")
    ('Alice van', 'Carol')
    """
    return name.rpartition(" ")[0] or name


def last_name(name: str) -> str:
    """
    >>> last_name("Alice van Dyke"), last_name("Carol")
    ('Dyke', 'Carol')
    """
    return name.rpartition(" ")[2]


def contact(name: str, key: str, display_name: str) -> dict[str, Field]:
    """A person as this format's contact."""
    return {
        f"{name}.key": Field(Kind.KEY, key),
        f"{name}.id": Field(Kind.TEXT, display_name),
        f"{name}.firstName": Field(Kind.TEXT, display_name, write=first_name, filters=False),
        f"{name}.lastName": Field(Kind.TEXT, display_name, write=last_name, filters=False),
        f"{name}.href": href("/objects/company-config/contact", key),
    }
