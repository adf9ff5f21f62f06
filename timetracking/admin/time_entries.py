"""Time entries, under the locks that bind the pages too."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.admin_base.forms import ServiceForm
from accounts.admin_base.records import ServiceAdmin
from accounts.models import Membership, Organisation
from accounts.permissions import Permission
from timesheets_site.lib.errors import Conflict, RuleViolation
from timetracking.models import TimeEntry
from timetracking.services import time_entries

LINK = (*time_entries.LINK_FIELDS,)
CATALOGUE = ("work_type", "work_role")
TEXTS = ("subject", "description", "internal_notes")
CLOCK = ("date", "minutes", "started_at", "ended_at", "break_minutes")


class TimeEntryForm(ServiceForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "minutes" in self.fields:
            self.fields["minutes"].required = False
            self.fields["minutes"].help_text = _("Empty: from start to end, less the break.")


@admin.register(TimeEntry)
class TimeEntryAdmin(ServiceAdmin):
    """What a lock forbids can be read, with the lock's reason; a forged request meets the same rule in the service."""

    permission = Permission.EDIT_TIME
    feature = Organisation.Feature.TIMESHEETS
    form = TimeEntryForm
    form_names = {"duration": "minutes", "start": "started_at", "end": "ended_at", "record": "kind"}
    list_display = ("date", "member", "kind", "link", "subject", "minutes", "billable", "status", "lock")
    list_filter = ("status", "kind", "billable", "date")
    list_select_related = ("member", "ticket", "project", "charge_code", "activity", "timesheet")
    search_fields = ("subject",)
    ordering = ("-date", "-pk")
    readonly_fields = (
        "billable",
        "billable_decided_by",
        "billed_minutes",
        "covered_minutes",
        "hourly_rate",
        "rate_decided_by",
        "amount",
        "status",
        "timesheet",
        "recorded_by",
        "created_at",
        "updated_at",
        "lock",
    )
    autocomplete_fields = ("member", "ticket", "project", "task", "charge_code", "activity", "client")
    actions = ("delete_entries",)
    delete_confirmation_template = "admin/delete_entry.html"

    @admin.display(description=gettext_lazy("linked record"))
    def link(self, entry: TimeEntry) -> str:
        return str(entry.link or "")

    @admin.display(description=gettext_lazy("lock"))
    def lock(self, entry: TimeEntry) -> str:
        """Why it can't be changed; empty where it can."""
        return str(getattr(entry, "refusal", None) or "")

    def get_queryset(self, request: Any) -> QuerySet[TimeEntry]:
        return super().get_queryset(request).select_related(*self.list_select_related)

    def get_object(self, request: Any, object_id: str, from_field: str | None = None) -> TimeEntry | None:
        entry: TimeEntry | None = super().get_object(request, object_id, from_field)
        if entry is not None:
            self._refusal(request, entry)
        return entry

    def get_changelist_instance(self, request: Any) -> Any:
        page = super().get_changelist_instance(request)
        for entry in page.result_list:
            self._refusal(request, entry)
        return page

    def get_fields(self, request: Any, obj: TimeEntry | None = None) -> list[Any]:
        fields = ["member", *LINK, *CLOCK, *TEXTS, *CATALOGUE, "billable_option"]
        if obj is None:
            return [*fields, "key"]
        hidden = ["seen_version"] if self.has_change_permission(request, obj) else []
        return [*fields, *self.readonly_fields, *hidden]

    def get_readonly_fields(self, request: Any, obj: TimeEntry | None = None) -> list[str]:
        return [*self.readonly_fields, "member"] if obj else [*self.readonly_fields]

    def has_add_permission(self, request: Any) -> bool:
        return self.has_view_permission(request)

    def has_change_permission(self, request: Any, obj: TimeEntry | None = None) -> bool:
        """Of a locked entry the page only shows; what is sent anyway is for the service to refuse, with the reason."""
        if obj is not None and request.method != "POST" and self._refusal(request, obj):
            return False
        return self.has_view_permission(request, obj)

    def has_delete_permission(self, request: Any, obj: TimeEntry | None = None) -> bool:
        return self.has_change_permission(request, obj)

    def _refusal(self, request: Any, entry: Any) -> Any:
        if not hasattr(entry, "refusal"):
            entry.refusal = time_entries.refusal(request.membership, entry)
        return entry.refusal

    # Writing

    def create(self, actor: Membership, fields: dict[str, Any]) -> TimeEntry:
        """What is left empty of the catalogue is left to the defaults, as on the pages."""
        named = {name: value for name, value in fields.items() if value is not None or name not in CATALOGUE}
        return time_entries.log(actor, **named)

    def edit(
        self, actor: Membership, row: TimeEntry, version: int, fields: dict[str, Any], changed: list[str]
    ) -> TimeEntry:
        """What was changed, and the whole link where any of it was. What follows from that the service decides."""
        named = {*changed, *(LINK if set(LINK) & set(changed) else ())}
        fields = {name: value for name, value in fields.items() if name in named}
        return time_entries.edit(actor, row.pk, version=version, **fields)

    def delete_model(self, request: Any, obj: TimeEntry) -> None:
        time_entries.delete(request.membership, obj.pk)

    def delete_view(self, request: Any, object_id: str, extra_context: Any = None) -> HttpResponse:
        try:
            return super().delete_view(request, object_id, extra_context)
        except RuleViolation as refusal:
            raise Conflict(message=refusal.message) from refusal

    def get_deleted_objects(self, objs: Any, request: Any) -> tuple[list[str], dict[str, int], set[str], list[Any]]:
        """Nothing goes with an entry: its row stays, marked as deleted."""
        return [str(entry) for entry in objs], {str(self.opts.verbose_name_plural): len(objs)}, set(), []

    @admin.action(description=gettext_lazy("Delete the chosen entries"))
    def delete_entries(self, request: Any, queryset: QuerySet[TimeEntry]) -> None:
        if done := self.for_each(request, queryset, lambda actor, entry: time_entries.delete(actor, entry.pk)):
            words = ngettext("%(count)s entry deleted.", "%(count)s entries deleted.", done)
            self.message_user(request, words % {"count": done}, messages.SUCCESS)
