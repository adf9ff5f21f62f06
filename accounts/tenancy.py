"""Organisations are walls: a query on a tenant's rows runs inside that tenant's scope, or it raises.

The active organisation is looked up when SQL is compiled, not when a queryset is made, so a form class imported
during one tenant's request never keeps that tenant's choices. `Model.unscoped` is the one way around, and a test
lists the few files that may say it.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from typing import Any, ClassVar

from django.core.exceptions import ImproperlyConfigured
from django.db import models

from timesheets_site.lib.errors import Conflict, OutOfReach

_ACTIVE: ContextVar[int | None] = ContextVar("active_organisation", default=None)


class ScopeRequired(ImproperlyConfigured):
    """A tenant's rows were asked for while no organisation was active."""


class ForeignRecord(ValueError):
    """A row was about to point into another organisation."""


def active_organisation_id() -> int:
    """Id of the organisation whose rows may be read now. Raises ScopeRequired outside a scope."""
    organisation_id = _ACTIVE.get()
    if organisation_id is None:
        raise ScopeRequired("No organisation is active here: open organisation_scope() first.")
    return organisation_id


def enter(organisation_id: int | None) -> Token[int | None]:
    return _ACTIVE.set(organisation_id)


def leave(token: Token[int | None]) -> None:
    _ACTIVE.reset(token)


@contextmanager
def organisation_scope(organisation: models.Model | int) -> Iterator[None]:
    """Make one organisation's rows readable and writable inside the block."""
    token = enter(organisation if isinstance(organisation, int) else organisation.pk)
    try:
        yield
    finally:
        leave(token)


def stream_in_scope(rows: Iterator[Any], organisation_id: int) -> Iterator[Any]:
    """Rows that are produced after the view has returned, each step inside the scope that the view had."""
    while True:
        with organisation_scope(organisation_id):
            try:
                row = next(rows)
            except StopIteration:
                return
        yield row


class ActiveOrganisation(models.Expression):
    """The active organisation's id, decided when the SQL is compiled."""

    def __init__(self) -> None:
        super().__init__(output_field=models.BigIntegerField())

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[int]]:
        return "%s", (active_organisation_id(),)


class ScopedQuerySet(models.QuerySet):
    """Rows of the active organisation; writes are checked against it as well."""

    def locked(self, pk: int, version: int | None) -> Any:
        """The row, locked, its version raised by one; the caller saves `version` with its fields.

        A row that is not there raises OutOfReach. An old version raises Conflict with the row as it is now. The
        version is compared and raised in one statement, since SQLite has no row locks.
        """
        row: Any = self.select_for_update(of=("self",)).filter(pk=pk).first()
        if row is None:
            raise OutOfReach
        current = row.version if version is None else version
        if not self.filter(pk=pk, version=current).update(version=models.F("version") + 1):
            raise Conflict(row)
        row.version = current + 1
        return row

    def update(self, **fields: Any) -> int:
        for name in fields:
            if self.model._meta.get_field(name).is_relation:
                raise ForeignRecord(f"update() may not set {name}: save() and repoint() check where it points.")
        return super().update(**fields)

    def repoint(self, **fields: Any) -> int:
        """`update()` for foreign keys: raises ForeignRecord where one points into another organisation."""
        for name, value in fields.items():
            if isinstance(value, OrganisationOwned) and value.organisation_id != active_organisation_id():
                raise ForeignRecord(f"{self.model._meta.label}.{name} would point into another organisation.")
        return super().update(**fields)

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        rows = list(objs)
        for row in rows:
            row.stamp_organisation()
        return super().bulk_create(rows, *args, **kwargs)

    def raw(self, *args: Any, **kwargs: Any) -> Any:
        raise ScopeRequired("raw() would pass the organisation's wall.")


class ScopedManager(models.Manager.from_queryset(ScopedQuerySet)):  # type: ignore[misc]  # from_queryset is dynamic
    """The default manager: only the active organisation's rows."""

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(organisation_id=ActiveOrganisation())


class OrganisationOwned(models.Model):
    """A row that belongs to exactly one organisation and points only to rows of the same."""

    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.PROTECT, related_name="+", editable=False, db_index=False
    )

    objects: ClassVar[Any] = ScopedManager()
    unscoped: ClassVar[Any] = models.Manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.stamp_organisation()
        super().save(*args, **kwargs)

    def stamp_organisation(self) -> None:
        """Set the organisation of a new row; refuse a row, or a reference, of another one."""
        active = active_organisation_id()
        if self.organisation_id is None:
            self.organisation_id = active
        elif self.organisation_id != active:
            raise ForeignRecord(f"{self._meta.label} {self.pk} belongs to another organisation.")
        for field in self._owned_references():
            pk = getattr(self, field.attname)
            if pk is None:
                continue
            if field.is_cached(self):
                owner = getattr(self, field.name).organisation_id
            else:
                owner = active if field.related_model.objects.filter(pk=pk).exists() else None
            if owner != active:
                raise ForeignRecord(f"{self._meta.label}.{field.name} points into another organisation.")

    @classmethod
    @functools.cache
    def _owned_references(cls) -> list[Any]:
        return [
            field
            for field in cls._meta.concrete_fields
            if field.many_to_one and field.related_model and issubclass(field.related_model, OrganisationOwned)
        ]
