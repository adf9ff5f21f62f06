"""Who decides in whose place, and for whom a closed period is open again: written down, and ended, never rewritten."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.admin_base.records import ServiceAdmin
from accounts.models import Membership, Organisation
from accounts.permissions import Permission
from timetracking.models import ApprovalHandover, PeriodReopening
from timetracking.services import handovers, periods


class EndingAdmin(ServiceAdmin):
    """A record that is added and ended by a service; between the two nothing of it changes."""

    feature = Organisation.Feature.TIMESHEETS
    actions = ("end",)
    fields: ClassVar[Any] = ()
    decided_fields: ClassVar[tuple[str, ...]] = ()
    """What the service fills in."""

    def has_add_permission(self, request: Any) -> bool:
        return self.has_view_permission(request)

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def get_fields(self, request: Any, obj: Any = None) -> list[Any]:
        fields = [*self.fields]
        return [*fields, *self.decided_fields] if obj else [*fields, "key"]

    def end_one(self, actor: Membership, row: Any) -> object:
        raise NotImplementedError

    @admin.action(description=_("End the chosen records now"))
    def end(self, request: Any, queryset: QuerySet[Any]) -> None:
        if done := self.for_each(request, queryset, self.end_one):
            words = ngettext("%(count)s record ended.", "%(count)s records ended.", done)
            self.message_user(request, words % {"count": done}, messages.SUCCESS)


@admin.register(ApprovalHandover)
class ApprovalHandoverAdmin(EndingAdmin):
    permission = Permission.MANAGE_MEMBERS
    list_display = ("approver", "stand_in", "first_on", "last_on", "ended_at")
    list_filter = ("first_on",)
    list_select_related = ("approver", "stand_in")
    fields = ("approver", "stand_in", "first_on", "last_on")
    decided_fields = ("created_by", "created_at", "ended_at")
    autocomplete_fields = ("approver", "stand_in")

    def create(self, actor: Membership, fields: dict[str, Any]) -> ApprovalHandover:
        return handovers.hand_over(actor, **fields)

    def end_one(self, actor: Membership, row: ApprovalHandover) -> ApprovalHandover:
        return handovers.end(actor, row.pk)


@admin.register(PeriodReopening)
class PeriodReopeningAdmin(EndingAdmin):
    permission = Permission.MANAGE_ORGANISATION
    list_display = ("member", "first_on", "until_at", "opened_by", "ended_at")
    list_select_related = ("member", "opened_by")
    search_fields = ("member__display_name",)
    fields = ("member", "first_on", "until_at", "reason")
    form_names = {"until_on": "until_at"}
    decided_fields = ("opened_by", "created_at", "ended_at")
    autocomplete_fields = ("member",)

    def create(self, actor: Membership, fields: dict[str, Any]) -> PeriodReopening:
        return periods.reopen_for(actor, **fields)

    def end_one(self, actor: Membership, row: PeriodReopening) -> PeriodReopening:
        return periods.end_reopening(actor, row.pk)
