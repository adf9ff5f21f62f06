"""Invoices and their lines, to read; a draft can be issued here too, by the service. The rest has pages of its own."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.admin_base.records import ReadOnlyInline, ServiceAdmin
from accounts.models import Membership, Organisation
from accounts.permissions import Permission
from timetracking.models import Invoice, InvoiceLine
from timetracking.services import invoices


class LineInline(ReadOnlyInline):
    model = InvoiceLine
    fields = ("group", "date", "text", "agent", "minutes", "covered_minutes", "no_charge", "hourly_rate", "amount")
    ordering = ("group", "date", "pk")


@admin.register(Invoice)
class InvoiceAdmin(ServiceAdmin):
    permission = Permission.MANAGE_INVOICES
    feature = Organisation.Feature.TIMESHEETS
    list_display = ("__str__", "client", "first_on", "last_on", "status", "issued_on", "due_on", "total", "currency")
    list_filter = ("status", "issued_on")
    list_select_related = ("client",)
    search_fields = ("reference", "client__name")
    ordering = ("-created_at", "-pk")
    fields = (
        "reference", "client", "status", "first_on", "last_on", "grouping", "note", "issued_on", "due_on", "issued_by",
        "minutes", "net", "tax_name", "tax_percent", "tax", "total", "currency", "void_reason", "version",
    )  # fmt: skip
    inlines = (LineInline,)
    actions = ("issue",)

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def get_fields(self, request: Any, obj: Any = None) -> list[Any]:
        return [*self.fields]

    @admin.action(description=_("Issue the chosen drafts"))
    def issue(self, request: Any, queryset: QuerySet[Invoice]) -> None:
        def issue_one(actor: Membership, row: Invoice) -> Invoice:
            return invoices.issue(actor, row.pk, version=row.version)

        if done := self.for_each(request, queryset, issue_one):
            words = ngettext("%(count)s invoice issued.", "%(count)s invoices issued.", done)
            self.message_user(request, words % {"count": done}, messages.SUCCESS)
