"""Timers and the time that they could not file, to read: the product's own pages start, stop and place."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.admin_base.records import OrganisationAdmin, ReadOnlyInline
from accounts.models import Organisation
from accounts.permissions import Permission
from timetracking.models import Timer, UnplacedPiece


class PieceInline(ReadOnlyInline):
    model = UnplacedPiece
    fields = ("date", "started_at", "ended_at", "minutes", "reason", "settled_at", "entry")


@admin.register(Timer)
class TimerAdmin(OrganisationAdmin):
    permission = Permission.VIEW_AUDIT
    feature = Organisation.Feature.TIMESHEETS
    list_display = ("started_at", "member", "subject", "link", "state", "stopped_at", "unplaced", "flagged_at")
    list_filter = ("state", "started_at")
    list_select_related = ("member", "ticket", "project", "task", "charge_code", "activity")
    search_fields = ("subject",)
    fields = (
        "member", "started_by", "stopped_by", "state", "subject", "description", "billable_option", "ticket", "project",
        "task", "charge_code", "activity", "zone", "started_at", "counts_from", "stopped_at", "counted_until",
        "first_entry_number", "unplaced", "flagged_at", "version",
    )  # fmt: skip
    inlines = (PieceInline,)
    ordering = ("-started_at", "-pk")

    @admin.display(description=_("linked record"))
    def link(self, timer: Timer) -> str:
        return str(timer.record or "")


@admin.register(UnplacedPiece)
class UnplacedPieceAdmin(OrganisationAdmin):
    permission = Permission.VIEW_AUDIT
    feature = Organisation.Feature.TIMESHEETS
    list_display = ("date", "member", "minutes", "reason", "settled_at", "entry")
    list_filter = ("date", "settled_at")
    list_select_related = ("member", "entry")
    fields = ("timer", "member", "date", "started_at", "ended_at", "minutes", "code", "reason", "settled_at", "entry")
    ordering = ("-started_at", "-pk")

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).select_related("timer")
