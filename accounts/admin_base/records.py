"""What the admin of every model shares: it reads inside the organisation, and writes through services only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils.translation import gettext as _

from accounts import once
from accounts.admin_base import history
from accounts.admin_base.forms import ServiceForm
from accounts.admin_base.widgets import ManyField, PeoplePicker, Picker
from accounts.admin_paths import behind_the_gate
from accounts.models import Membership
from accounts.permissions import Permission, can
from timesheets_site.lib.errors import Conflict, DomainError, OutOfReach, RuleViolation

AT_ONCE = 1000  # rows that one action takes
TOLD = 50  # refusals that are told one by one
LOOKUPS = frozenset({"id", "pk", "exact", "isnull", "gte", "lt", "gt", "lte", "in"})


class OrganisationAdmin(admin.ModelAdmin):
    """Records to find and read. `permission` opens them; `feature` is what the organisation must have turned on.

    A `request` is accounts.requests.Request here; Django's own signatures do not let it be named.
    """

    permission: ClassVar[Permission]
    feature: ClassVar[str | None] = None
    show_full_result_count = False
    list_per_page = 50
    list_max_show_all = 200
    view_on_site = False

    def get_urls(self) -> list[URLPattern]:
        patterns = super().get_urls()
        behind_the_gate(patterns, feature=self.feature)
        return patterns

    # Who may what

    def has_module_permission(self, request: Any) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: Any, obj: Any = None) -> bool:
        on = self.feature is None or request.organisation.has_feature(self.feature)
        return on and can(request.membership, self.permission)

    def has_add_permission(self, request: Any) -> bool:
        return False

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    # Finding

    def lookup_allowed(self, lookup: str, value: str, request: Any) -> bool:
        """Only the filters that the page offers: any other column could be read out by asking what it starts with."""
        name, *rest = lookup.split("__")
        offered = {getattr(item, "parameter_name", item) for item in self.get_list_filter(request)}
        return name in offered and LOOKUPS.issuperset(rest)

    def _get_obj_does_not_exist_redirect(self, request: Any, opts: Any, object_id: str) -> HttpResponse:
        raise Http404

    # What was done: our trail, not Django's log

    def log_addition(self, request: Any, obj: Any, message: Any) -> Any:
        """Told by the audit trail."""

    def log_change(self, request: Any, obj: Any, message: Any) -> Any:
        """Told by the audit trail."""

    def log_deletions(self, request: Any, queryset: Any) -> Any:
        """Told by the audit trail."""

    def history_view(self, request: Any, object_id: str, extra_context: Any = None) -> HttpResponse:
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        if not self.has_view_permission(request, row) or not can(request.membership, Permission.VIEW_AUDIT):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": _("History: %(record)s") % {"record": row},
            "subtitle": None,
            "opts": self.opts,
            "object": row,
            "module_name": self.opts.verbose_name_plural,
            "lines": history.lines_of(row, request.membership.zone),
            "limit": history.LIMIT,
        }
        return TemplateResponse(request, "admin/object_history.html", context)


class ServiceAdmin(OrganisationAdmin):
    """Records that are written too. A subclass says which services do it, in `create` and `edit`.

    A refusal rolls everything back and shows the form again: with the message at its field (422), or, where somebody
    changed the record in the meantime, with what is stored now (409).
    """

    form = ServiceForm
    form_names: ClassVar[Mapping[str, str]] = {}
    """What services call a field, where the form calls it otherwise."""

    def create(self, actor: Membership, fields: dict[str, Any]) -> models.Model:
        raise PermissionDenied

    def edit(
        self, actor: Membership, row: Any, version: int, fields: dict[str, Any], changed: list[str]
    ) -> models.Model:
        raise PermissionDenied

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return self.has_view_permission(request, obj)

    # Django's hooks

    def get_fields(self, request: Any, obj: Any = None) -> list[Any]:
        fields = [*super().get_fields(request, obj)]
        if obj is None:
            return [*fields, "key"]
        return [*fields, "seen_version"] if self.has_change_permission(request, obj) else fields

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any) -> type[ServiceForm]:
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        form.actor = request.membership
        form.refusal = getattr(request, "refusal", None)
        form.form_names = self.form_names
        return form

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", Picker(db_field, self.admin_site))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        kwargs.setdefault("widget", PeoplePicker(db_field, self.admin_site))
        return super().formfield_for_manytomany(db_field, request, form_class=ManyField, **kwargs)

    def changeform_view(
        self, request: Any, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        try:
            response = super().changeform_view(request, object_id, form_url, extra_context)
        except (RuleViolation, Conflict) as refusal:  # by now its transaction is rolled back
            request.refusal = refusal
            response = super().changeform_view(request, object_id, form_url, extra_context)
        if request.method == "POST" and isinstance(response, TemplateResponse):
            response.status_code = 409 if isinstance(getattr(request, "refusal", None), Conflict) else 422
        return response

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        actor, fields = request.membership, form.values()
        if change:
            row = self.edit(actor, obj, form.cleaned_data["seen_version"], fields, form.changed_data)
        else:
            row = self._create_once(actor, form, fields)
        for column in self.opts.concrete_fields:
            setattr(obj, column.attname, getattr(row, column.attname))

    def _create_once(self, actor: Membership, form: Any, fields: dict[str, Any]) -> models.Model:
        pk, _earlier = once.once(
            actor,
            form.cleaned_data["key"],
            f"admin.{self.opts.model_name}",
            lambda: self.create(actor, fields),
            fingerprint=once.fingerprint(fields),
        )
        row: models.Model = self.model._default_manager.get(pk=pk)
        return row

    def save_related(self, request: Any, form: Any, formsets: Any, change: bool) -> None:
        """The service has stored these too."""

    def delete_model(self, request: Any, obj: Any) -> None:
        raise PermissionDenied

    def delete_queryset(self, request: Any, queryset: Any) -> None:
        raise PermissionDenied

    def get_actions(self, request: Any) -> dict[str, Any]:
        """Without Django's "delete selected": it asks no rule."""
        actions: dict[str, Any] = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def for_each(self, request: Any, rows: Iterable[Any], act: Callable[[Membership, Any], object]) -> int:
        """Do something to each row by itself, so that one refusal does not stop the rest; each refusal is told.

        Returns for how many it was done. More than AT_ONCE rows are refused as a whole.
        """
        chosen = self.chosen(request, rows)
        refusals: list[tuple[Any, DomainError]] = []
        for row in chosen:
            try:
                act(request.membership, row)
            except (RuleViolation, Conflict, OutOfReach) as refusal:
                refusals.append((row, refusal))
        self._tell(request, refusals)
        return len(chosen) - len(refusals)

    def chosen(self, request: Any, rows: Any) -> list[Any]:
        """The rows of a queryset; none where they are more than one action takes, which is told."""
        found = list(rows[: AT_ONCE + 1])
        if len(found) <= AT_ONCE:
            return found
        self.message_user(request, _("Choose at most 1,000 records at once. Nothing was changed."), messages.ERROR)
        return []

    def name_of(self, row: Any) -> str:
        """What a refusal calls the row."""
        return str(row)

    def _tell(self, request: Any, refusals: list[tuple[Any, DomainError]]) -> None:
        for row, refusal in refusals[:TOLD]:
            words = {"record": self.name_of(row), "reason": refusal}
            self.message_user(request, _("%(record)s: %(reason)s") % words, messages.ERROR)
        if len(refusals) > TOLD:
            words = {"count": len(refusals) - TOLD}
            self.message_user(request, _("%(count)s more were refused.") % words, messages.ERROR)


class ReadOnlyInline(admin.TabularInline):
    """Rows that belong to a record, to read beside it; whoever may see the record may see them."""

    extra = 0
    can_delete = False

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:
        return self.fields

    def has_view_permission(self, request: Any, obj: Any = None) -> bool:
        return True

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return False
