"""Weeks and their history, to read; weeks are decided by the services that the product's own pages call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.db.models import QuerySet
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from accounts.admin_base.records import OrganisationAdmin, ReadOnlyInline, ServiceAdmin
from accounts.admin_base.widgets import is_id
from accounts.models import Membership, Organisation
from accounts.permissions import Permission
from timesheets_site.lib import dates
from timetracking.models import ApprovalEvent, ApprovalLine, Timesheet
from timetracking.rules import approval
from timetracking.services import approval_reversals, approvals

SEEN = "seen"


class LineInline(ReadOnlyInline):
    model = ApprovalLine
    fields = ("entry", "from_status", "to_status", "reason")
    verbose_name_plural = _("entries")

    def get_queryset(self, request: Any) -> QuerySet[ApprovalLine]:
        return super().get_queryset(request).select_related("entry")


@admin.register(ApprovalEvent)
class ApprovalEventAdmin(OrganisationAdmin):
    """The history of approvals. Triggers refuse to change it, whoever asks."""

    permission = Permission.VIEW_AUDIT
    feature = Organisation.Feature.TIMESHEETS
    list_display = ("at", "week", "action", "actor", "from_state", "to_state")
    list_filter = ("action", "at")
    list_select_related = ("timesheet__member", "actor")
    fields = ("timesheet", "action", "actor", "stood_in_for", "at", "from_state", "to_state", "reason", "version")
    inlines = (LineInline,)
    ordering = ("-pk",)

    @admin.display(description=_("week"))
    def week(self, event: ApprovalEvent) -> str:
        return f"{event.timesheet.member} {event.timesheet.week_start}"

    def get_readonly_fields(self, request: Any, obj: Any = None) -> tuple[str, ...]:
        return self.fields


class EventInline(ReadOnlyInline):
    model = ApprovalEvent
    fields = ("at", "action", "actor", "stood_in_for", "from_state", "to_state", "reason")
    show_change_link = True

    def get_queryset(self, request: Any) -> QuerySet[ApprovalEvent]:
        return super().get_queryset(request).select_related("actor", "stood_in_for")


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=approval.LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"}),
        help_text=_("The member sees it."),
        error_messages={"required": _("Say why.")},
    )


@dataclass(frozen=True)
class Step:
    """What is done to the chosen weeks; asked for once more, with the weeks in view."""

    title: Any
    do: Callable[..., Any]
    """Takes the actor, a week's id, its version as it was seen, and the reason where one is asked for."""
    has_reason: bool
    done: Any
    """How many weeks it was done to, in words."""


STEPS: Mapping[str, Step] = {
    "approve": Step(
        _("Approve the chosen weeks"),
        approvals.approve,
        False,
        ngettext_lazy("%(count)s week approved.", "%(count)s weeks approved.", "count"),
    ),
    "reject": Step(
        _("Reject the chosen weeks"),
        approvals.reject,
        True,
        ngettext_lazy("%(count)s week rejected.", "%(count)s weeks rejected.", "count"),
    ),
    "reopen": Step(
        _("Reopen the chosen weeks"),
        approval_reversals.reopen,
        True,
        ngettext_lazy("%(count)s week reopened.", "%(count)s weeks reopened.", "count"),
    ),
}


@admin.register(Timesheet)
class TimesheetAdmin(ServiceAdmin):
    """Weeks are opened by their first entry and sent by their member; here they are read, and decided as a whole."""

    permission = Permission.APPROVE_TIMESHEET
    feature = Organisation.Feature.TIMESHEETS
    list_display = ("week_start", "member", "state", "submitted_at", "decided_by", "version")
    list_filter = ("state", "week_start")
    list_select_related = ("member", "decided_by")
    search_fields = ("member__display_name",)
    fields = (
        "member",
        "week_start",
        "state",
        "submitted_at",
        "submitted_by",
        "submissions",
        "note",
        "checks",
        "changed_since_at",
        "decided_at",
        "decided_by",
        "posting_date",
        "reopening_asked_at",
        "reopened_at",
        "created_at",
        "version",
    )
    inlines = (EventInline,)
    actions = ("approve", "reject", "reopen")

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def name_of(self, row: Timesheet) -> str:
        return f"{row.member}, {dates.full(row.week_start)}"

    @admin.action(description=STEPS["approve"].title)
    def approve(self, request: Any, queryset: QuerySet[Timesheet]) -> HttpResponse | None:
        return self._step(request, queryset, "approve")

    @admin.action(description=STEPS["reject"].title)
    def reject(self, request: Any, queryset: QuerySet[Timesheet]) -> HttpResponse | None:
        return self._step(request, queryset, "reject")

    @admin.action(description=STEPS["reopen"].title)
    def reopen(self, request: Any, queryset: QuerySet[Timesheet]) -> HttpResponse | None:
        return self._step(request, queryset, "reopen")

    def _step(self, request: Any, queryset: QuerySet[Timesheet], name: str) -> HttpResponse | None:
        """First the page that shows the weeks, then each by itself, as it was shown there."""
        step = STEPS[name]
        rows = queryset.select_related("member")
        chosen = self.chosen(request, rows)
        if not chosen:
            return None
        form = ReasonForm(request.POST) if step.has_reason and SEEN in request.POST else ReasonForm()
        if SEEN not in request.POST or (step.has_reason and not form.is_valid()):
            return self._page(request, chosen, name, form)
        seen = _seen(request.POST.getlist(SEEN))
        reason = {"reason": form.cleaned_data["reason"]} if step.has_reason else {}
        done = self.for_each(request, rows, partial(_do, step, seen, reason))
        if done:
            self.message_user(request, step.done % {"count": done}, messages.SUCCESS)
        return None

    def _page(self, request: Any, sheets: list[Timesheet], name: str, form: ReasonForm) -> HttpResponse:
        step = STEPS[name]
        context = {
            **self.admin_site.each_context(request),
            "title": step.title,
            "subtitle": None,
            "opts": self.opts,
            "action": name,
            "sheets": sheets,
            "form": form if step.has_reason else None,
            "checkbox": helpers.ACTION_CHECKBOX_NAME,
            "seen": SEEN,
        }
        status = 422 if form.is_bound else 200
        return TemplateResponse(request, "admin/decide_weeks.html", context, status=status)


def _seen(sent: list[str]) -> dict[int, int]:
    """The versions that were shown, by week, of values like `12:3`; what was forged is left out."""
    pairs = (value.partition(":") for value in sent)
    return {int(pk): int(version) for pk, _colon, version in pairs if is_id(pk) and is_id(version)}


def _do(step: Step, seen: Mapping[int, int], reason: Mapping[str, str], actor: Membership, sheet: Timesheet) -> Any:
    return step.do(actor, sheet.pk, version=seen.get(sheet.pk, 0), **reason)
