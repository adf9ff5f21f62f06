"""Clients, agreements, projects, tickets, codes, work types, roles and rates: created, edited, archived, restored."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.admin_base.forms import ServiceForm
from accounts.admin_base.records import ServiceAdmin
from accounts.models import Membership, Organisation
from accounts.permissions import Permission, can
from timetracking.models import (
    Activity,
    Agreement,
    AgreementRate,
    ChargeCode,
    Client,
    Project,
    Task,
    Ticket,
    WorkRole,
    WorkRoleRate,
    WorkType,
)
from timetracking.models.catalogue import CatalogueRecord
from timetracking.services import catalogue


class ArchivedFilter(admin.SimpleListFilter):
    title = _("archived")
    parameter_name = "archived"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return [("no", _("No")), ("yes", _("Yes"))]

    def queryset(self, request: Any, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() in ("no", "yes"):
            return queryset.filter(archived_at__isnull=self.value() == "no")
        return queryset


class CatalogueAdmin(ServiceAdmin):
    """One way for every noun; entries point to these for ever, so none is deleted."""

    permission = Permission.MANAGE_CATALOGUE
    feature = Organisation.Feature.TIMESHEETS
    actions = ("archive", "restore")

    def has_add_permission(self, request: Any) -> bool:
        return self.has_view_permission(request)

    def get_fields(self, request: Any, obj: Any = None) -> list[Any]:
        noun = catalogue.NOUNS[self.model]
        hidden = noun.money if not can(request.membership, Permission.SEE_RATES) else ()
        self_set = ["archived_at"] if obj else []
        fields = [*(name for name in noun.fields if name not in hidden), *self_set]
        return [*fields, "seen_version" if obj else "key"]

    def get_readonly_fields(self, request: Any, obj: Any = None) -> list[str]:
        return [*catalogue.NOUNS[self.model].fixed, "archived_at"] if obj else ["archived_at"]

    def create(self, actor: Membership, fields: dict[str, Any]) -> CatalogueRecord:
        model: type[CatalogueRecord] = self.model
        return catalogue.create(actor, model, **fields)

    def edit(
        self, actor: Membership, row: CatalogueRecord, version: int, fields: dict[str, Any], changed: list[str]
    ) -> CatalogueRecord:
        return catalogue.edit(actor, row, version=version, **fields)

    @admin.action(description=_("Archive the chosen records"))
    def archive(self, request: Any, queryset: QuerySet[Any]) -> None:
        if done := self.for_each(request, queryset, catalogue.archive):
            words = ngettext("%(count)s record archived.", "%(count)s records archived.", done)
            self.message_user(request, words % {"count": done}, messages.SUCCESS)

    @admin.action(description=_("Restore the chosen records"))
    def restore(self, request: Any, queryset: QuerySet[Any]) -> None:
        if done := self.for_each(request, queryset, catalogue.restore):
            words = ngettext("%(count)s record restored.", "%(count)s records restored.", done)
            self.message_user(request, words % {"count": done}, messages.SUCCESS)


@admin.register(Client)
class ClientAdmin(CatalogueAdmin):
    list_display = ("name", "identifier", "archived_at")
    list_filter = (ArchivedFilter,)
    search_fields = ("name", "identifier")


@admin.register(Agreement)
class AgreementAdmin(CatalogueAdmin):
    list_display = ("name", "client", "starts_on", "ends_on", "billable_option", "archived_at")
    list_filter = (ArchivedFilter, "billable_option")
    list_select_related = ("client",)
    search_fields = ("name", "client__name")
    autocomplete_fields = ("client",)


@admin.register(Project)
class ProjectAdmin(CatalogueAdmin):
    list_display = ("code", "name", "client", "status", "billable", "manager", "archived_at")
    list_filter = (ArchivedFilter, "status", "billable")
    list_select_related = ("client", "manager")
    search_fields = ("code", "name", "client__name")
    autocomplete_fields = ("client", "agreement", "manager")


@admin.register(Task)
class TaskAdmin(CatalogueAdmin):
    list_display = ("name", "project", "status", "budget_minutes", "archived_at")
    list_filter = (ArchivedFilter, "status")
    list_select_related = ("project",)
    search_fields = ("name", "project__code", "project__name")
    autocomplete_fields = ("project", "assignees")


class TicketForm(ServiceForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "number" in self.fields and self.instance.pk is None:
            self.fields["number"].required = False
            self.fields["number"].help_text = _("Empty: the next free number.")


@admin.register(Ticket)
class TicketAdmin(CatalogueAdmin):
    form = TicketForm
    list_display = ("number", "title", "client", "status", "billable", "assignee", "archived_at")
    list_filter = (ArchivedFilter, "status", "billable")
    list_select_related = ("client", "assignee")
    search_fields = ("number", "title", "client__name")
    autocomplete_fields = ("client", "agreement", "assignee")


@admin.register(ChargeCode)
class ChargeCodeAdmin(CatalogueAdmin):
    list_display = ("code", "name", "project", "archived_at")
    list_filter = (ArchivedFilter,)
    list_select_related = ("project",)
    search_fields = ("code", "name")
    autocomplete_fields = ("project",)


@admin.register(Activity)
class ActivityAdmin(CatalogueAdmin):
    list_display = ("name", "client", "starts_on", "archived_at")
    list_filter = (ArchivedFilter,)
    list_select_related = ("client",)
    search_fields = ("name", "client__name")
    autocomplete_fields = ("client",)


@admin.register(WorkType)
class WorkTypeAdmin(CatalogueAdmin):
    permission = Permission.MANAGE_RATES
    list_display = ("name", "multiplier", "billable_option", "is_default", "archived_at")
    list_filter = (ArchivedFilter, "billable_option")
    search_fields = ("name",)


@admin.register(WorkRole)
class WorkRoleAdmin(CatalogueAdmin):
    permission = Permission.MANAGE_RATES
    list_display = ("name", "archived_at")
    list_filter = (ArchivedFilter,)
    search_fields = ("name",)


@admin.register(WorkRoleRate)
class WorkRoleRateAdmin(CatalogueAdmin):
    permission = Permission.MANAGE_RATES
    list_display = ("work_role", "starts_on", "hourly_rate", "archived_at")
    list_filter = (ArchivedFilter,)
    list_select_related = ("work_role",)
    search_fields = ("work_role__name",)
    autocomplete_fields = ("work_role",)


@admin.register(AgreementRate)
class AgreementRateAdmin(CatalogueAdmin):
    permission = Permission.MANAGE_RATES
    list_display = ("agreement", "work_role", "work_type", "hourly_rate", "archived_at")
    list_filter = (ArchivedFilter,)
    list_select_related = ("agreement", "work_role", "work_type")
    search_fields = ("agreement__name", "agreement__client__name")
    autocomplete_fields = ("agreement", "work_role", "work_type")
