"""API keys, to read and revoke; they are made on pages of their own, and no secret is stored."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.admin_base.records import ServiceAdmin
from accounts.key_areas import in_words
from accounts.models import ApiKey
from accounts.permissions import Permission
from accounts.services import api_keys

LIMITS = ("read_only", "requests_per_minute", "expires_at")
LIFE = ("created_by", "created_at", "last_used_at", "last_used_from", "revoked_at", "revoked_by")


@admin.register(ApiKey)
class ApiKeyAdmin(ServiceAdmin):
    permission = Permission.MANAGE_MEMBERS
    list_display = ("name", "member", "kind", "public_id", "read_only", "expires_at", "last_used_at", "revoked_at")
    list_filter = ("kind", "read_only")
    list_select_related = ("member",)
    search_fields = ("name", "public_id", "member__display_name")
    fields = ("name", "member", "kind", "public_id", "may_touch", *LIMITS, *LIFE)
    readonly_fields = fields
    actions = ("revoke",)

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("may touch"))
    def may_touch(self, key: ApiKey) -> str:
        return in_words(key.areas)

    @admin.action(description=_("Revoke the chosen keys for ever"))
    def revoke(self, request: Any, queryset: QuerySet[ApiKey]) -> None:
        if done := self.for_each(request, queryset, lambda actor, row: api_keys.revoke(actor, row.pk)):
            words = ngettext("%(count)s key revoked.", "%(count)s keys revoked.", done)
            self.message_user(request, words % {"count": done}, messages.SUCCESS)
