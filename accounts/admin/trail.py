"""The audit trail, to read."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.admin_base.records import OrganisationAdmin
from accounts.audit_words import word_for
from accounts.models import AuditEvent
from accounts.permissions import Permission


@admin.register(AuditEvent)
class AuditEventAdmin(OrganisationAdmin):
    permission = Permission.VIEW_AUDIT
    list_display = ("at", "actor", "what", "object_type", "object_id", "channel")
    list_filter = ("object_type", "channel", "at")
    list_select_related = ("actor",)
    fields = (
        "at",
        "actor",
        "on_behalf_of",
        "what",
        "action",
        "object_type",
        "object_id",
        "changes",
        "address",
        "request_id",
        "channel",
    )
    ordering = ("-pk",)

    @admin.display(description=_("what"))
    def what(self, event: AuditEvent) -> str:
        return word_for(event.action)

    def get_readonly_fields(self, request: Any, obj: Any = None) -> tuple[str, ...]:
        return self.fields
