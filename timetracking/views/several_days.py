"""One piece of work logged on several days at once, from the log-time form: one batch, one Undo, days off left out."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import once
from accounts.requests import Request
from timesheets_site.lib import dates
from timesheets_site.lib.errors import RuleViolation
from timesheets_site.lib.forms import refusals_on
from timetracking.forms.time_entries import TimeEntryForm
from timetracking.models import TimeEntry
from timetracking.rules import durations, local_time, repeat_days
from timetracking.selectors.targets import own_targets
from timetracking.services import duplicates
from timetracking.views.batch_answers import after_batch


def log(request: Request, form: TimeEntryForm) -> HttpResponse | None:
    """The answer to what was logged; None where every day was refused, or the form can't be read: it says why."""
    days, off = days_of(form)
    with refusals_on(form):
        each = [_fields_on(form, day) for day in days]
        sent = once.fingerprint({"each": each, "member": form.owner.pk})
        result = duplicates.log_on_days(
            request.membership, form.owner, each, key=form.cleaned_data["key"], fingerprint=sent
        )
        if result.done:
            return after_batch(request, result, _said(result.done, off))
        for outcome in result.refused[:1]:
            if isinstance(outcome.refusal, RuleViolation):
                raise outcome.refusal
        form.add_error(None, _("Nothing was logged."))
    return None


def days_of(form: TimeEntryForm) -> tuple[list[dt.date], list[dt.date]]:
    """The days that a valid form asks for, and those that it leaves out as they are days off of its member."""
    day, until = form.cleaned_data["date"], form.cleaned_data["until"]
    targets = own_targets(form.owner, day, until or day)
    return repeat_days.days(
        day,
        {int(weekday) for weekday in form.cleaned_data["weekdays"]},
        until,
        first_weekday=form.actor.organisation.first_weekday,
        is_off=lambda each: targets.on(each).is_off,
    )


def _fields_on(form: TimeEntryForm, day: dt.date) -> dict[str, Any]:
    """What the form says of one day: its clock times too. Raises RuleViolation where the day has no such time."""
    fields = form.service_fields()
    times = {name: fields[name] for name in ("started_at", "ended_at")}
    return {**fields, **local_time.shifted(times, day - fields["date"], form.owner.zone), "date": day}


def _said(done: list[TimeEntry], off: list[dt.date]) -> str:
    """`Logged 30m on 5 days. Left out as days off: Sat 20 June, Sun 21 June`."""
    words = ngettext("Logged %(duration)s on %(count)s day", "Logged %(duration)s on %(count)s days", len(done))
    text = words % {"duration": durations.format_minutes(done[0].minutes), "count": len(done)}
    if not off:
        return text
    named = ", ".join(dates.weekday_day_month(day) for day in off[:5]) + (" …" if len(off) > 5 else "")
    return f"{text}. {_('Left out as days off: %(days)s') % {'days': named}}"
