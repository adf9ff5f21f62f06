"""The fields of catalogue records as schemas and values, derived from the nouns that the service knows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Literal, Optional

from django.db import models
from ninja import Schema
from pydantic import Field, create_model

from accounts.models import Membership
from timesheets_site.lib.errors import OutOfReach, RuleViolation
from timesheets_site.lib.numbers import fits
from timetracking.api import values
from timetracking.api.native.schemas import Body, Day, Flag, Id, Money, Version, Whole, text_of
from timetracking.models.billing import Flag as OpenFlag
from timetracking.models.billing import flag_value
from timetracking.models.catalogue import CatalogueRecord
from timetracking.services.catalogue_nouns import NOUNS, Noun

LONGEST_TEXT = 10_000
LONGEST_NUMBER = 30


def column_of(model: type[CatalogueRecord], name: str) -> Any:
    return model._meta.get_field(name)


def key_of(model: type[CatalogueRecord], name: str) -> str:
    """What a field is called outside: records by their ids.

    >>> from timetracking.models import Project, Task
    >>> key_of(Project, "client"), key_of(Task, "assignees"), key_of(Project, "name")
    ('client_id', 'assignee_ids', 'name')
    """
    column = column_of(model, name)
    if column.many_to_many:
        return f"{name.removesuffix('s')}_ids"
    return f"{name}_id" if column.is_relation else name


def is_open_flag(column: Any) -> bool:
    return bool(column.choices) and [value for value, _label in column.flatchoices] == OpenFlag.values


# --- Out --------------------------------------------------------------------------------------------------------------


def out_schema(model: type[CatalogueRecord], title: str, *, hidden: frozenset[str]) -> type[Schema]:
    """What is answered of a record of this model. `hidden` fields may be null for who may not see them."""
    fields: dict[str, Any] = {"id": (int, ...)}
    for name in NOUNS[model].fields:
        kind = _kind_out(column_of(model, name))
        fields[key_of(model, name)] = (Optional[kind] if name in hidden else kind, ...)  # noqa: UP045  # built at run time
    if NOUNS[model].closed:
        fields["closed_at"] = (dt.datetime | None, ...)
    fields |= {
        "archived_at": (dt.datetime | None, ...),
        "created_at": (dt.datetime, ...),
        "updated_at": (dt.datetime, ...),
        "version": (int, ...),
    }
    return create_model(f"{title}Out", __base__=Schema, __doc__=f"{title}, as it is stored.", **fields)


def _kind_out(column: Any) -> Any:
    if column.many_to_many:
        return list[int]
    if is_open_flag(column):
        return bool | None
    kind: Any = _plain_kind(column, out=True)
    return kind | None if column.null else kind


def _plain_kind(column: Any, *, out: bool) -> Any:
    """The type of a value that is there."""
    if column.is_relation:
        return int if out else Id
    if column.choices:
        return Literal[tuple(value for value, _label in column.flatchoices)]
    if isinstance(column, models.BooleanField):
        return bool if out else Flag
    if isinstance(column, models.DecimalField):
        return str if out else Annotated[Money, Field(max_length=LONGEST_NUMBER)]
    if isinstance(column, models.DateField):
        return dt.date if out else Day
    if isinstance(column, models.IntegerField):
        return int if out else Annotated[Whole, Field(ge=0)]
    return str if out else Annotated[str, Field(max_length=column.max_length or LONGEST_TEXT)]


def record_out(record: CatalogueRecord, *, hidden: frozenset[str]) -> dict[str, Any]:
    """A record as it is answered; people were fetched before. Costs no query."""
    model, noun = type(record), NOUNS[type(record)]
    told: dict[str, Any] = {"id": record.pk}
    for name in noun.fields:
        told[key_of(model, name)] = None if name in hidden else _value_out(record, column_of(model, name))
    if noun.closed:
        told["closed_at"] = values.utc(getattr(record, "closed_at"))  # noqa: B009  # only of those that close
    return told | {
        "archived_at": values.utc(record.archived_at),
        "created_at": values.utc(record.created_at),
        "updated_at": values.utc(record.updated_at),
        "version": record.version,
    }


def _value_out(record: Any, column: Any) -> Any:
    if column.many_to_many:
        return sorted(each.pk for each in getattr(record, column.name).all())
    value = getattr(record, column.attname)
    if is_open_flag(column):
        return flag_value(value)
    if isinstance(value, Decimal):
        return text_of(value)
    return value.isoformat() if isinstance(value, dt.date) else value


# --- In ---------------------------------------------------------------------------------------------------------------


def create_schema(model: type[CatalogueRecord], title: str) -> type[Body]:
    fields: dict[str, Any] = {}
    for name in NOUNS[model].fields:
        column = column_of(model, name)
        kind = _kind_in(column)
        fields[key_of(model, name)] = (kind, ...) if _is_needed(column) else (kind, None)
    return create_model(f"{title}In", __base__=Body, __doc__="What is left out has its usual value.", **fields)


def change_schema(model: type[CatalogueRecord], title: str) -> type[Body]:
    noun = NOUNS[model]
    fields: dict[str, Any] = {
        key_of(model, name): (_kind_in(column_of(model, name)), None) for name in noun.fields if name not in noun.fixed
    }
    fields["version"] = (Version | None, None)
    return create_model(f"{title}ChangeIn", __base__=Body, __doc__="What is left out stays.", **fields)


def _is_needed(column: Any) -> bool:
    return not (column.many_to_many or column.null or column.blank or column.has_default() or column.name == "number")


def _kind_in(column: Any) -> Any:
    if column.many_to_many:
        return Annotated[list[Id], Field(max_length=1_000)]
    if is_open_flag(column):
        return Flag | None
    kind: Any = _plain_kind(column, out=False)
    return kind | None if column.null else kind


def fields_in(model: type[CatalogueRecord], sent: Mapping[str, Any]) -> dict[str, Any]:
    """What was sent as the service takes it: records for ids, decimals for texts. Raises OutOfReach, RuleViolation."""
    noun: Noun = NOUNS[model]
    names = {key_of(model, name): name for name in noun.fields}
    return {names[key]: _value_in(column_of(model, names[key]), key, value) for key, value in sent.items()}


@contextmanager
def names_outside(model: type[CatalogueRecord]) -> Iterator[None]:
    """A refusal of the service names the field as it was sent."""
    try:
        yield
    except RuleViolation as refusal:
        if refusal.field in NOUNS[model].fields:
            refusal.field = key_of(model, refusal.field)
        raise


def _value_in(column: Any, key: str, value: Any) -> Any:
    if column.many_to_many:
        return _people(value)
    if is_open_flag(column):
        return {True: OpenFlag.YES.value, False: OpenFlag.NO.value}.get(value, OpenFlag.UNSET.value)
    if value is None:
        return None
    if column.is_relation:
        return _related(column.related_model, value)
    if isinstance(column, models.DecimalField):
        try:
            return Decimal(value)
        except InvalidOperation as error:
            raise RuleViolation("field_value", "Enter a decimal number.", key) from error
    return value


def _related(model: Any, pk: int) -> Any:
    found = model.objects.filter(pk=pk).first() if fits(pk) else None
    if found is None:
        raise OutOfReach
    return found


def _people(ids: list[int] | None) -> list[Membership]:
    wanted = set(ids or ())
    found = list(Membership.objects.filter(pk__in=[pk for pk in wanted if fits(pk)]))
    if len(found) < len(wanted):
        raise OutOfReach
    return found
