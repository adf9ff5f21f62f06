"""Pages that every noun of the catalogue has in the same way: list, create, edit, archive and restore.

A noun declares what is its own in `catalogue_nouns`; what is more than that (a ticket's page, a project's) stands in a
module of its own.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import once
from accounts.access import requires
from accounts.models import Membership, Organisation
from accounts.permissions import Permission, can
from accounts.requests import Request
from timesheets_site.lib import dates
from timesheets_site.lib.addresses import address
from timesheets_site.lib.errors import Conflict, RuleViolation
from timesheets_site.lib.forms import refusals_on
from timesheets_site.lib.htmx import render_page
from timetracking.forms.catalogue import CatalogueForm, stored_value
from timetracking.models import Client, Project, Ticket
from timetracking.models.catalogue import CatalogueRecord
from timetracking.rules import closed_records
from timetracking.selectors import records
from timetracking.selectors.picker import token
from timetracking.services import catalogue
from timetracking.views.catalogue_parts import Column, Words

FEATURE = Organisation.Feature.TIMESHEETS.value
READ = ["GET", "HEAD"]
FORM = [*READ, "POST"]


@dataclass(frozen=True, kw_only=True)
class CatalogueViews:
    """The five common pages of one noun, from a declaration."""

    name: str  # of addresses about one record: "client" makes client-new, client-edit, …
    plural: str  # name of the list's address
    path: str
    one: str  # what names a record in the address
    lookup: Mapping[str, str]  # field of the record -> part of the address
    args: Callable[[Any], list[Any]]  # the parts of the address, from a record
    form: type[CatalogueForm]
    listing: records.Listing
    columns: tuple[Column, ...]
    words: Words
    icon: str
    has_page: bool = False
    view: Permission = Permission.MANAGE_CATALOGUE
    change: Permission = Permission.MANAGE_CATALOGUE
    parent: str = ""  # the field of what the address names above it
    parent_lookup: Mapping[str, str] = field(default_factory=dict)
    above: Callable[[str, Any], str] = lambda slug, parent: reverse("project", args=[slug, parent.code])  # its page
    lands_above: bool = False  # after a change, since what is above shows its records
    in_settings: bool = False  # framed by the organisation's settings, whose menu has the list
    settings_page: str = ""  # where in that menu, if not at the list itself

    # Addresses

    def urls(self) -> list[URLPattern]:
        """Every address of the noun, each with the sign of who may open it."""
        base = f"o/<slug:slug>/{self.path}"
        one = base + self.one
        return [
            path(base, door(self.view, READ, self.list_page), name=self.plural),
            path(f"{base}new/", door(self.change, FORM, self.create), name=f"{self.name}-new"),
            path(f"{one}/edit/", door(self.change, FORM, self.edit), name=f"{self.name}-edit"),
            path(f"{one}/archive/", door(self.change, ["POST"], self.archive), name=f"{self.name}-archive"),
            path(f"{one}/restore/", door(self.change, ["POST"], self.restore), name=f"{self.name}-restore"),
        ]

    def url(self, suffix: str, slug: str, record: CatalogueRecord) -> str:
        """Address about one record: `suffix` "" is its page, "-edit", "-archive" and "-restore" what is done to it."""
        return reverse(self.name + suffix, args=[slug, *self.args(record)])

    def home(self, slug: str, record: CatalogueRecord) -> str:
        """Where a person lands after a change: the record's page, else the one that it stands in."""
        if self.lands_above:
            return self.above(slug, stored_parent(self, record))
        return self.url("", slug, record) if self.has_page else self.list_url(slug, stored_parent(self, record))

    def list_url(self, slug: str, parent: CatalogueRecord | None) -> str:
        return reverse(self.plural, args=[slug, *self._parent_args(parent)])

    def new_url(self, slug: str, parent: CatalogueRecord | None) -> str:
        return reverse(f"{self.name}-new", args=[slug, *self._parent_args(parent)])

    @property
    def frame(self) -> str:
        """The template around its pages."""
        return f"timetracking/catalogue/in_{'settings' if self.in_settings else 'page'}.html"

    def _parent_args(self, parent: CatalogueRecord | None) -> list[Any]:
        return [getattr(parent, name) for name in self.parent_lookup] if parent else []

    # Records

    def find(self, kwargs: Mapping[str, Any]) -> Any:
        """The record that the address names, of the active organisation, or 404."""
        rows: QuerySet = self.listing.model.objects.select_related(*self.listing.related)
        return get_object_or_404(rows, **{name: kwargs[part] for name, part in self.lookup.items()})

    def find_parent(self, kwargs: Mapping[str, Any]) -> Any:
        if not self.parent:
            return None
        column: Any = self.listing.model._meta.get_field(self.parent)
        return get_object_or_404(
            column.related_model, **{name: kwargs[part] for name, part in self.parent_lookup.items()}
        )

    # Pages

    def list_page(self, request: Request, slug: str, **kwargs: Any) -> HttpResponse:
        actor: Membership = request.membership
        parent = self.find_parent(kwargs)
        query = records.read_query(request.GET, self.listing)
        found = records.find(actor, self.listing, query, {self.parent: parent} if self.parent else None)
        manages = can(actor, self.change)
        grace = closed_records.grace_of(actor, timezone.now())
        context = {
            "views": self,
            "parent": parent,
            "parent_url": self.above(slug, parent) if parent else "",
            "page": self.settings_page or self.plural,
            "found": found,
            "query": query,
            "headings": [self._heading(column, query) for column in self.columns],
            "rows": [self._row(record, found, slug, manages, grace) for record in found.page.object_list],
            "list_url": self.list_url(slug, parent),
            "new_url": self.new_url(slug, parent) if manages else "",
            "clients": list(Client.objects.active()) if self.listing.by_client else [],
            "states": self._states(),
        }
        return render_page(request, "timetracking/catalogue/list.html", "timetracking/catalogue/_list.html", context)

    def create(self, request: Request, slug: str, **kwargs: Any) -> HttpResponse:
        actor: Membership = request.membership
        parent = self.find_parent(kwargs)
        if request.method != "POST":
            form = self.form(actor=actor, initial=self._initial(request, self.form))
            return self._form_page(request, form, parent=parent)
        form = self.form(request.POST, actor=actor)
        if form.is_valid():
            values = form.values | ({self.parent: parent} if self.parent else {})
            with refusals_on(form):
                pk, _again = once.once(
                    actor,
                    form.cleaned_data["key"],
                    f"{self.name}-new",
                    lambda: catalogue.create(actor, self.listing.model, **values),
                    fingerprint=once.fingerprint({name: _plain(value) for name, value in values.items()}),
                )
        if form.errors:
            return self._form_page(request, form, parent=parent, status=422)
        record = self.listing.model.objects.get(pk=pk)
        messages.success(request, _("Created %(name)s.") % {"name": record})
        return redirect(self.home(slug, record))

    def edit(self, request: Request, slug: str, **kwargs: Any) -> HttpResponse:
        actor: Membership = request.membership
        record = self.find(kwargs)
        parent = stored_parent(self, record)
        if request.method != "POST":
            return self._form_page(request, self.form(actor=actor, instance=record), parent=parent, record=record)
        form = self.form(request.POST, actor=actor, instance=record)
        if form.is_valid():
            try:
                with refusals_on(form):
                    record = catalogue.edit(actor, record, version=form.cleaned_data["version"], **form.values)
            except Conflict as conflict:
                return self._conflict_page(request, form, conflict.current, parent)
        if form.errors:
            return self._form_page(request, form, parent=parent, record=record, status=422)
        messages.success(request, self.words.saved % {"name": record})
        return redirect(self.home(slug, record))

    def archive(self, request: Request, slug: str, **kwargs: Any) -> HttpResponse:
        record = catalogue.archive(request.membership, self.find(kwargs), version=_version(request))
        undo = self.url("-restore", slug, record)
        messages.success(request, self.words.was_put_away % {"name": record}, extra_tags=undo)
        return redirect(
            self.home(slug, record) if self.lands_above else self.list_url(slug, stored_parent(self, record))
        )

    def restore(self, request: Request, slug: str, **kwargs: Any) -> HttpResponse:
        record = self.find(kwargs)
        try:
            record = catalogue.restore(request.membership, record, version=_version(request))
        except RuleViolation as refusal:
            messages.error(request, refusal.message)
        else:
            messages.success(request, _("Restored %(name)s.") % {"name": record})
        return redirect(self.home(slug, record))

    # Parts of pages

    def _initial(self, request: Request, form: type[CatalogueForm]) -> dict[str, str]:
        """A new record's client may come from the page that its link stands on."""
        client = request.GET.get("client", "")
        return {"client": client} if client.isdigit() and "client" in form.base_fields else {}

    def _form_page(
        self,
        request: Request,
        form: CatalogueForm,
        *,
        parent: Any = None,
        record: Any = None,
        status: int = 200,
        **more: Any,
    ) -> HttpResponse:
        slug: str = request.organisation.slug
        context = {
            "views": self,
            "form": form,
            "parent": parent,
            "parent_url": self.above(slug, parent) if parent else "",
            "page": self.settings_page or self.plural,
            "record": record,
            "can_rerate": can(request.membership, Permission.MANAGE_RATES),
            "title": self.words.edit if record else self.words.new,
            "list_url": self.list_url(slug, parent),
            "cancel_url": self.home(slug, record) if record else self.list_url(slug, parent),
            "archive_url": self.url("-archive", slug, record) if record and not record.is_archived else "",
            "restore_url": self.url("-restore", slug, record) if record and record.is_archived else "",
            **more,
        }
        return render(request, "timetracking/catalogue/form.html", context, status=status)

    def _conflict_page(
        self, request: Request, form: CatalogueForm, current: CatalogueRecord, parent: Any
    ) -> HttpResponse:
        """What was typed stays in the form, beside it what is stored; sent again, it is kept over the other."""
        differences = []
        for name, value in form.values.items():
            typed, stored = form.shown(name, value), form.shown(name, stored_value(current, name))
            if typed != stored:
                differences.append({"label": form[name].label, "stored": stored, "typed": typed})
        typed_again = request.POST.copy()
        typed_again["version"] = str(current.version)
        form.data = typed_again
        changed = dates.moment(current.updated_at, request.membership.zone)
        return self._form_page(
            request, form, parent=parent, record=current, status=409, differences=differences, changed=changed
        )

    def _heading(self, column: Column, query: records.Query) -> dict[str, Any]:
        now = query.sort or self.listing.default_sort
        ascending = now == column.sort
        return {
            "label": column.label,
            "number": column.number,
            "order": ("ascending" if ascending else "descending") if column.sort == now.removeprefix("-") else "",
            "query": query.address(sort=f"-{column.sort}" if ascending else column.sort) if column.sort else "",
        }

    def _row(
        self, record: Any, found: records.RecordPage, slug: str, manages: bool, grace: closed_records.Grace
    ) -> dict[str, Any]:
        worked = found.worked.get(record.pk, records.Worked())
        takes_time = bool(self.listing.time_field) and closed_records.standing_of(record, grace).takes_time
        return {
            "name": str(record),
            "cells": [(column, column.cell(record, worked, slug)) for column in self.columns],
            "log_url": log_url(slug, record) if takes_time else "",
            "start_url": f"{address('timer-start', slug)}?record={token(record)}" if takes_time else "",
            "edit_url": self.url("-edit", slug, record) if manages and not record.is_archived else "",
            "restore_url": self.url("-restore", slug, record) if manages and record.is_archived else "",
        }

    def _states(self) -> list[tuple[str, str]]:
        if not self.listing.closed:
            return [("open", _("Active")), ("archived", _("Archived")), ("all", _("All"))]
        return [("open", _("Open")), ("closed", _("Closed")), ("archived", _("Archived")), ("all", _("All"))]


def door(permission: Permission, methods: list[str], view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page of a declaration as a plain view, with its sign and its methods."""

    @require_http_methods(methods)
    @functools.wraps(view)
    def opened(request: Request, slug: str, **kwargs: Any) -> HttpResponse:
        return view(request, slug, **kwargs)

    return requires(permission, feature=FEATURE)(opened)


def log_url(slug: str, record: Ticket | Project) -> str:
    """The log-time form, filled in with this record."""
    kind, name = ("TICKET", "ticket") if isinstance(record, Ticket) else ("PROJECT", "project")
    return f"{reverse('entry-new', args=[slug])}?kind={kind}&{name}={record.pk}"


def span(first: dt.date | None, last: dt.date | None) -> str:
    """Two days, of which either may be open, in words."""
    if first and last:
        return dates.day_range(first, last)
    if first:
        return _("from %(day)s") % {"day": dates.full(first)}
    return _("until %(day)s") % {"day": dates.full(last)} if last else ""


def stored_parent(views: CatalogueViews, record: Any) -> Any:
    return getattr(record, views.parent) if views.parent else None


def _version(request: Request) -> int | None:
    """The version that the button names, if it names one; what is no number was not sent by our pages."""
    typed = request.POST.get("version", "")
    if not typed:
        return None
    if typed.isascii() and typed.isdigit() and len(typed) <= 9:
        return int(typed)
    raise Http404


def _plain(value: Any) -> Any:
    """A value as the fingerprint of a form holds it: rows by their ids."""
    if isinstance(value, QuerySet):
        return sorted(value.values_list("pk", flat=True))
    return getattr(value, "pk", value)
