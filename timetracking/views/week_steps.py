"""The steps of a week: submit, recall, ready, back to draft, ask to reopen. GET asks, POST does.

Managers act for somebody with `?agent=`. With script the question is a dialog, or the step is done at once and can be
taken back; what a rule refuses is said before anything is sent.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import once
from accounts.access import requires
from accounts.permissions import Permission
from accounts.requests import Request
from timesheets_site.lib import dates
from timesheets_site.lib.errors import Conflict, RuleViolation
from timesheets_site.lib.forms import refusals_on
from timesheets_site.lib.htmx import render_page
from timetracking.forms.week_steps import WeekStepForm
from timetracking.models import Timesheet
from timetracking.rules import approval, locking, weeks
from timetracking.selectors.week_sheet import recipients, sheet_of
from timetracking.selectors.week_submission import Submission, submission_of
from timetracking.services import timesheets
from timetracking.views import week_address
from timetracking.views.week_answers import after_step, refused_step, shown_week, week_url

PAGE, FRAGMENT = "timetracking/week/step.html", "timetracking/week/_step.html"


@dataclass(frozen=True)
class Step:
    """One of the steps, as the page that asks about it shows it: titles name the week by its number."""

    name: str
    title: str
    text: str
    button: str
    done: str = ""
    note_label: str = ""


class _Week:
    """The member's week that an address names, and what the page that asks about a step shows of it."""

    def __init__(self, request: Request, day: dt.date) -> None:
        actor = request.membership
        self.request, self.actor = request, actor
        self.member = week_address.member_named(actor, request.GET.get("agent", ""), Permission.SUBMIT_TIMESHEET)
        self.first = weeks.week_containing(day, first_weekday=request.organisation.first_weekday)
        self.number = weeks.year_and_period(self.first)[1]

    @cached_property
    def sheet(self) -> Any:
        """With the counts of its entries; None while the week has none."""
        return sheet_of(self.member, self.first)

    @property
    def state(self) -> str:
        return str(self.sheet.state if self.sheet is not None else Timesheet.State.DRAFT.value)

    def existing(self, verdict: locking.Verdict) -> Timesheet:
        """The sheet; where there is none yet, the verdict says why nothing can be done."""
        if self.sheet is None:
            verdict.enforce()
        sheet: Timesheet = self.sheet
        return sheet

    @property
    def version(self) -> int:
        return self.sheet.version if self.sheet is not None else 0

    def url(self, name: str, version: int | None = None) -> str:
        """The address of a step of this week; with the version for one that is done at once."""
        parts = [] if self.member.pk == self.actor.pk else [f"agent={self.member.pk}"]
        if version is not None:
            parts.append(f"version={version}")
        url = reverse(name, args=[self.request.organisation.slug, self.first])
        return f"{url}?{'&'.join(parts)}" if parts else url

    def words(self, template: str) -> str:
        return template % {"number": self.number, "person": self.member.display_name}

    def page(
        self,
        step: Step,
        verdict: locking.Verdict,
        form: WeekStepForm | None = None,
        *,
        submission: Submission | None = None,
        stale: str = "",
        note: str = "",
        status: int = 200,
    ) -> HttpResponse:
        """The question; or, where the answer to "may I?" is no, the reason in its place. `note` was typed before."""
        version = submission.version if submission else self.version
        if form is None:
            initial = {"key": once.new_key(), "version": version, "note": note}
            form = WeekStepForm(initial=initial, note_label=step.note_label)
        context: dict[str, Any] = {
            "step": step,
            "verdict": verdict,
            "form": form,
            "submission": submission,
            "stale": stale,
            "person": "" if self.member.pk == self.actor.pk else self.member.display_name,
            "days": dates.day_range(self.first, self.first + dt.timedelta(days=6)),
            "action": self.url(step.name),
            "cancel_url": week_url(self.request, self.member, self.first),
            "week": shown_week(self.request, self.first) if status == 409 and self.request.htmx else None,
        }
        return render_page(self.request, PAGE, FRAGMENT, context, status=status)

    def form(self, step: Step) -> WeekStepForm:
        """What was sent; a step that is done at once has its version in the address."""
        data = self.request.POST.copy()
        if "version" not in data and "version" in self.request.GET:
            data["version"] = self.request.GET["version"]
        return WeekStepForm(data, note_label=step.note_label)

    def once(self, form: WeekStepForm, purpose: str, act: Callable[[], Timesheet]) -> Timesheet:
        """Do it, unless this very form did it before."""
        sent = {**form.cleaned_data, "member": self.member.pk, "week": self.first}
        key = sent.pop("key")
        pk, _repeated = once.once(self.actor, key, purpose, act, fingerprint=once.fingerprint(sent))
        sheet: Timesheet = Timesheet.objects.get(pk=pk)
        sheet.member = self.member
        return sheet


# --- Submit -----------------------------------------------------------------------------------------------------------


@requires(Permission.SUBMIT_TIMESHEET, feature="timesheets")
@require_http_methods(["GET", "HEAD", "POST"])
def submit(request: Request, slug: str, day: dt.date) -> HttpResponse:
    """Shows what would be sent and what is missing; sends it."""
    week = _Week(request, day)
    title = _("Submit week %(number)s?") if week.member.pk == week.actor.pk else _(
        "Submit week %(number)s of %(person)s?"
    )  # fmt: skip
    step = Step(
        name="week-submit",
        title=week.words(title),
        text="",
        button=_("Submit"),
        note_label=_("Note"),
    )
    if request.method != "POST":
        return _submission(week, step)
    form = week.form(step)
    if not form.is_valid():
        return _submission(week, step, form, status=422)
    note, version = form.cleaned_data["note"], form.cleaned_data["version"]
    try:
        with refusals_on(form):
            sheet = week.once(
                form,
                step.name,
                lambda: timesheets.submit(week.actor, week.member, week.first, version=version, note=note),
            )
    except Conflict as conflict:
        return _submission(week, step, stale=str(conflict), note=note, status=409)
    if "note" in form.errors:
        return _submission(week, step, form, status=422)
    if form.errors:
        return _submission(week, step, stale=" ".join(map(str, form.non_field_errors())), note=note, status=409)
    if sheet.state == Timesheet.State.APPROVED:  # all of it was decided before
        return after_step(request, week.member, week.first, week.words(_("Week %(number)s is approved")))
    text = _("Week %(number)s sent to %(names)s") % {"number": week.number, "names": recipients(sheet)}
    undo_url = week.url("week-recall", sheet.version)
    return after_step(request, week.member, week.first, text, undo_url=undo_url, undo_label=_("Recall"))


def _submission(week: _Week, step: Step, form: WeekStepForm | None = None, **shown: Any) -> HttpResponse:
    submission = submission_of(week.actor, week.member, week.first)
    return week.page(step, submission.verdict, form, submission=submission, **shown)


# --- Recall, ready, back to draft, ask --------------------------------------------------------------------------------


@requires(Permission.SUBMIT_TIMESHEET, feature="timesheets")
@require_http_methods(["GET", "HEAD", "POST"])
def recall(request: Request, slug: str, day: dt.date) -> HttpResponse:
    """Takes a submitted week back, until the first decision."""
    week = _Week(request, day)
    step = Step(
        name="week-recall",
        title=week.words(_("Recall week %(number)s?")),
        text=_("Its entries can be changed again. Submit it once more when it is ready."),
        button=_("Recall"),
        done=week.words(_("Week %(number)s recalled")),
    )
    sheet = week.sheet
    verdict = approval.may_recall(
        week.state,
        submitted_at=sheet.submitted_at if sheet is not None else None,
        decided_at=sheet.decided_at if sheet is not None else None,
    )

    def act(version: int) -> Timesheet:
        return timesheets.recall(week.actor, week.existing(verdict).pk, version=version)

    return _at_once(week, step, verdict, act)


@requires(Permission.SUBMIT_TIMESHEET, feature="timesheets")
@require_http_methods(["GET", "HEAD", "POST"])
def ready(request: Request, slug: str, day: dt.date) -> HttpResponse:
    """Marks a draft as complete, without sending it."""
    week = _Week(request, day)
    step = Step(
        name="week-ready",
        title=week.words(_("Mark week %(number)s as ready?")),
        text=_("It is not sent yet, and you can still change it."),
        button=_("Mark as ready"),
        done=week.words(_("Week %(number)s marked as ready")),
    )

    def act(version: int) -> Timesheet:
        return timesheets.mark_ready(week.actor, week.member, week.first, version=version)

    return _at_once(week, step, approval.may_mark_ready(week.state), act, undo="week-draft")


@requires(Permission.SUBMIT_TIMESHEET, feature="timesheets")
@require_http_methods(["GET", "HEAD", "POST"])
def draft(request: Request, slug: str, day: dt.date) -> HttpResponse:
    """Takes "ready" back."""
    week = _Week(request, day)
    step = Step(
        name="week-draft",
        title=week.words(_("Make week %(number)s a draft again?")),
        text=_("It is no longer marked as ready."),
        button=_("Back to draft"),
        done=week.words(_("Week %(number)s is a draft again")),
    )

    def act(version: int) -> Timesheet:
        return timesheets.back_to_draft(week.actor, week.member, week.first, version=version)

    return _at_once(week, step, approval.may_mark_ready(week.state), act, undo="week-ready")


@requires(Permission.SUBMIT_TIMESHEET, feature="timesheets")
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: Request, slug: str, day: dt.date) -> HttpResponse:
    """Asks those who decide to reopen an approved week."""
    week = _Week(request, day)
    step = Step(
        name="week-ask",
        title=week.words(_("Ask to reopen week %(number)s?")),
        text=_("Those who decide on your weeks are told. One of them reopens it, and you can change it again."),
        button=_("Ask to reopen"),
        done=week.words(_("Asked to reopen week %(number)s")),
        note_label=_("What has to change"),
    )
    verdict = approval.may_reopen(week.state)

    def act(_version: int, note: str) -> Timesheet:
        return timesheets.ask_to_reopen(week.actor, week.existing(verdict).pk, note=note)

    return _at_once(week, step, verdict, act)


def _at_once(
    week: _Week, step: Step, verdict: locking.Verdict, act: Callable[..., Timesheet], *, undo: str = ""
) -> HttpResponse:
    """GET: the question. POST: the step; a stale week or a refusal answers with the week as it is now."""
    request = week.request
    if request.method != "POST":
        return week.page(step, verdict)
    form = week.form(step)
    if not form.is_valid():
        return week.page(step, verdict, form, status=422)
    note = [form.cleaned_data["note"]] if step.note_label else []
    version = form.cleaned_data["version"]
    try:
        sheet = week.once(form, step.name, lambda: act(version, *note))
    except (Conflict, RuleViolation) as refusal:
        return refused_step(request, week.member, week.first, refusal)
    undo_url = week.url(undo, sheet.version) if undo else ""
    return after_step(request, week.member, week.first, step.done, undo_url=undo_url)
