"""One's own timer: the bar, its page, start, stop, change, discard, and taking the last step back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import requires
from accounts.permissions import Permission, require
from accounts.requests import Request
from timesheets_site.lib import dates
from timesheets_site.lib.errors import Conflict, OutOfReach, RuleViolation
from timesheets_site.lib.forms import refusals_on
from timesheets_site.lib.htmx import render_page, wants_fragment
from timetracking.forms.timers import StopForm, TimerForm, initial_of
from timetracking.models import TimeEntry, Timer
from timetracking.selectors import picker, timer_ends
from timetracking.services import timers
from timetracking.templatetags.timer_bar import bar_for
from timetracking.views import timer_answers
from timetracking.views.timer_answers import Told

FOLDER, FEATURE = "timetracking/timers", "timesheets"


@dataclass(frozen=True)
class TimerFormPage:
    """What is around the fields of a timer's form."""

    title: str
    action: str
    cancel_url: str
    submit_label: str
    chosen: picker.Option | None
    groups: list[picker.OptionGroup]
    pick_url: str
    discard_url: str = ""


@requires(Permission.LOG_TIME, feature=FEATURE)
@require_safe
def show(request: Request, slug: str) -> HttpResponse:
    """The timer's page. Asked with `seen`, the state that a page shows: the bar if it is another by now, else 204."""
    if wants_fragment(request):
        bar = bar_for(request)
        if bar is not None and request.GET.get("seen") == bar.state:
            return HttpResponse(status=204)
        return timer_answers.as_it_is(request)
    form = TimerForm(zone=request.membership.zone)
    context = {"form": form, "page": _start_page(request, form)}
    return render(request, f"{FOLDER}/page.html", context)


@requires(Permission.LOG_TIME, feature=FEATURE)
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: Request, slug: str) -> HttpResponse:
    """Starts a clock on `record` (`ticket:12`), on a `subject`, on both or neither; what runs is stopped.

    GET is the form with all its fields, prefilled from the address.
    """
    actor = request.membership
    if request.method != "POST":
        initial = {name: request.GET.get(name, "") for name in ("record", "subject")}
        return _form(request, form := TimerForm(zone=actor.zone, initial=initial), _start_page(request, form))
    given = request.GET.dict() | request.POST.dict()  # a link of a list names its record in the address
    form = TimerForm(given, zone=actor.zone)
    if form.is_valid():
        with refusals_on(form):
            return timer_answers.answer(request, _started(request, timers.start(actor, **form.service_fields())))
    if wants_fragment(request) and request.htmx.target != "dialog-host":
        words = " ".join(str(error) for errors in form.errors.values() for error in errors)
        return timer_answers.answer(request, Told(words, tone="danger", keeps_bar=True), status=409)
    return _form(request, form, _start_page(request, form), status=422)


@requires(Permission.LOG_TIME, feature=FEATURE)
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: Request, slug: str) -> HttpResponse:
    """Stops the timer that `timer` names, else the member's own: now, or at the end that the form gives.

    GET asks when it was stopped, and so does a POST without an end to a forgotten timer of one's own. Managers stop
    everybody's. A timer that was stopped elsewhere is no error: what became of it is told.
    """
    actor = request.membership
    timer = _timer(request)
    if timer is None or not timer.is_running:
        return _not_running(request, timer)
    limit, now = request.organisation.timer_limit_minutes, timezone.now()
    if request.method != "POST":
        return _stop_form(request, timer)
    if "end" not in request.POST:
        if timer.member_id == actor.pk and timer.is_forgotten(now, limit):
            return _ask_for_the_end(request, timer)
        try:
            return timer_answers.answer(request, timer_answers.stopped(request, timers.stop(actor, timer.pk)))
        except RuleViolation as refusal:  # discarded in the meantime
            return _refused(request, refusal)
    form = _bound(request, timer)
    if form.is_valid():
        with refusals_on(form):
            result = timers.stop(actor, timer.pk, ended_at=form.ended_at)
            return timer_answers.answer(request, timer_answers.stopped(request, result))
    return _stop_form(request, timer, form, status=422)


@requires(Permission.LOG_TIME, feature=FEATURE)
@require_http_methods(["GET", "HEAD", "POST"])
def discard(request: Request, slug: str) -> HttpResponse:
    """Throws the timer away at once, with Undo; GET asks first."""
    timer = _timer(request, own=True)
    if timer is None or not timer.is_running:
        return _not_running(request, timer)
    if request.method != "POST":
        return render(request, f"{FOLDER}/discard.html", {"timer": timer, "back": timer_answers.back(request)})
    try:
        timer = timers.discard(request.membership, timer.pk)
    except RuleViolation as refusal:  # stopped in the meantime
        return _refused(request, refusal)
    undo = f"{reverse('timer-resume', args=[slug])}?timer={timer.pk}"
    return timer_answers.answer(request, Told(_("Discarded “%(subject)s”") % {"subject": timer.title}, undo))


@requires(Permission.LOG_TIME, feature=FEATURE)
@require_POST
def resume(request: Request, slug: str) -> HttpResponse:
    """Undo of stopping, switching or discarding: the timer runs on as if nothing had happened."""
    timer = _timer(request, own=True)
    if timer is None:
        return _not_running(request, None)
    days = frozenset(TimeEntry.objects.filter(timer=timer).values_list("date", flat=True))
    try:
        timer = timers.resume(request.membership, timer.pk)
    except RuleViolation as refusal:
        return _refused(request, refusal)
    text = _("“%(subject)s” runs on") % {"subject": timer.title}
    return timer_answers.answer(request, Told(text, days=days, toast=False))


@requires(Permission.LOG_TIME, feature=FEATURE)
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: Request, slug: str) -> HttpResponse:
    """What the running timer is for, and when it began."""
    actor = request.membership
    timer = _timer(request, own=True)
    if timer is None or not timer.is_running:
        return _not_running(request, timer)
    initial = initial_of(timer, actor.zone)
    if request.method != "POST":
        form = TimerForm(zone=actor.zone, timer=timer, initial=initial)
        return _form(request, form, _change_page(request, form, timer))
    form = TimerForm(request.POST, zone=actor.zone, timer=timer, initial=initial)
    if form.is_valid():
        version = form.cleaned_data["version"] or 0
        try:
            with refusals_on(form):
                changed = timers.change(actor, timer.pk, version=version, **form.service_fields())
                text = _("The timer is for “%(subject)s” now") % {"subject": changed.title}
                return timer_answers.answer(request, Told(text, toast=False))
        except Conflict as conflict:
            form.add_error(None, _("This timer was changed elsewhere in the meantime. Send it again to keep yours."))
            form.data = {**request.POST.dict(), "version": str(conflict.current.version)}
            return _form(request, form, _change_page(request, form, timer), status=409)
    return _form(request, form, _change_page(request, form, timer), status=422)


# --- Shared -----------------------------------------------------------------------------------------------------------


def _timer(request: Request, *, own: bool = False) -> Timer | None:
    """The timer that the form or the address names, in whatever state; without one the member's own that runs.

    Raises OutOfReach for what this member may not touch.
    """
    actor, wanted = request.membership, request.POST.get("timer") or request.GET.get("timer") or ""
    if not wanted:
        return timers.running_of(actor)
    if not (wanted.isascii() and wanted.isdigit() and len(wanted) < 19):
        raise OutOfReach
    rows = Timer.objects.visible_to(actor).select_related("member__user", *Timer.RELATED)
    timer: Timer | None = rows.filter(pk=int(wanted)).first()
    if timer is None or (own and timer.member_id != actor.pk):
        raise OutOfReach
    require(actor, Permission.LOG_TIME, owner=timer.member_id)
    timer.member.organisation = actor.organisation
    return timer


def _started(request: Request, result: timers.Started) -> Told:
    if result.stopped is not None:
        return timer_answers.stopped(request, result.stopped, result.timer)
    words = _("Started “%(subject)s”") if result.is_news else _("“%(subject)s” is running already")
    return Told(words % {"subject": result.timer.title}, toast=not result.is_news)


def _not_running(request: Request, timer: Timer | None) -> HttpResponse:
    """What became of a timer that does not run any more: no error, whoever stopped it."""
    if timer is None:
        return timer_answers.answer(request, Told(_("No timer is running")))
    if timer.state == Timer.State.DISCARDED:
        words = _("“%(subject)s” was discarded already")
        return timer_answers.answer(request, Told(words % {"subject": timer.title}))
    result = timers.stop(request.membership, timer.pk)
    return timer_answers.answer(request, timer_answers.stopped(request, result))


def _refused(request: Request, refusal: RuleViolation) -> HttpResponse:
    return timer_answers.answer(request, Told(str(refusal), tone="danger"), status=409)


def _ask_for_the_end(request: Request, timer: Timer) -> HttpResponse:
    url = f"{reverse('timer-stop', args=[request.organisation.slug])}?timer={timer.pk}"
    told = Told(_("This timer has been running for long. Say when you stopped"), open_url=url, toast=False)
    return timer_answers.answer(request, told)


def _bound(request: Request, timer: Timer) -> StopForm:
    return StopForm(
        request.POST,
        timer=timer,
        found=timer_ends.proposals_for(timer),
        zone=timer.member.zone,
        member=timer.member,
    )


def _stop_form(request: Request, timer: Timer, form: StopForm | None = None, status: int = 200) -> HttpResponse:
    zone = timer.member.zone
    form = form or StopForm(
        timer=timer,
        found=timer_ends.proposals_for(timer),
        zone=zone,
        member=timer.member,
        initial={"date": timer.started_at.astimezone(zone).date()},
    )
    own = timer.member_id == request.membership.pk
    context: dict[str, Any] = {
        "form": form,
        "timer": timer,
        "since": dates.moment(timer.started_at, zone),
        "person": "" if own else timer.member.display_name,
        "zone": zone.key,
        "action": f"{reverse('timer-stop', args=[request.organisation.slug])}?timer={timer.pk}",
        "back": timer_answers.back(request),
    }
    return render_page(request, f"{FOLDER}/stop.html", f"{FOLDER}/_stop.html", context, status=status)


def _start_page(request: Request, form: TimerForm) -> TimerFormPage:
    return _page(
        request, form, _("Start a timer"), reverse("timer-start", args=[request.organisation.slug]), _("Start")
    )


def _change_page(request: Request, form: TimerForm, timer: Timer) -> TimerFormPage:
    slug, query = request.organisation.slug, f"?timer={timer.pk}"
    action = reverse("timer-change", args=[slug]) + query
    discard_url = reverse("timer-discard", args=[slug]) + query
    return _page(request, form, _("Change the timer"), action, _("Save changes"), discard_url)


def _page(
    request: Request, form: TimerForm, title: str, action: str, submit_label: str, discard_url: str = ""
) -> TimerFormPage:
    actor, slug = request.membership, request.organisation.slug
    record = picker.find(form["record"].value() or "") or form.chosen
    return TimerFormPage(
        title=title,
        action=action,
        cancel_url=timer_answers.back(request),
        submit_label=submit_label,
        chosen=picker.option(record, actor) if record else None,
        groups=picker.suggestions(actor),
        pick_url=reverse("pick", args=[slug]),
        discard_url=discard_url,
    )


def _form(request: Request, form: TimerForm, page: TimerFormPage, status: int = 200) -> HttpResponse:
    return render_page(
        request, f"{FOLDER}/form.html", f"{FOLDER}/_form.html", {"form": form, "page": page}, status=status
    )
