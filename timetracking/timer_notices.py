"""What members are told of their timers: one was forgotten, a manager stopped one, time waits to be placed."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Organisation
from accounts.notice_kinds import Choice, Kind, Values, Words
from accounts.permissions import Permission
from timesheets_site.lib import dates
from timesheets_site.lib.addresses import address
from timetracking.rules import durations


def _forgotten(values: Values, zone: dt.tzinfo) -> Words:
    started = dt.datetime.fromisoformat(values["started_at"])
    line = _("Your timer “%(subject)s” has been running since %(moment)s") % {
        "subject": values["subject"],
        "moment": dates.moment(started, zone),
    }
    return Words(line, (_("Did you forget it? Say when you stopped."),), action=_("Stop the timer"))


def _unplaced(values: Values, zone: dt.tzinfo) -> Words:
    line = _("%(duration)s of your timer “%(subject)s” could not be filed") % {
        "duration": durations.format_minutes(values["minutes"]),
        "subject": values["subject"],
    }
    return Words(line, (_("It is kept until you place it."),), action=_("Place this time"))


def _stopped(values: Values, zone: dt.tzinfo) -> Words:
    line = _("%(by)s stopped your timer “%(subject)s”") % values
    return Words(line, (_("Look whether its end is the real one."),), action=_("Open the week"))


def _week(slug: str, values: Values) -> str:
    return address("week", slug)


def _timer(slug: str, values: Values) -> str:
    return address("timer", slug)


def _to_place(slug: str, values: Values) -> str:
    return address("time-to-place", slug)


FORGOTTEN = Choice(
    "timer.forgotten",
    gettext_lazy("A timer of mine runs for too long"),
    gettext_lazy("Once for each timer, after the time that your organisation has set."),
    mail=True,
    permission=Permission.LOG_TIME,
    feature=Organisation.Feature.TIMESHEETS,
)
UNPLACED = Choice(
    "timer.unplaced",
    gettext_lazy("Time of a timer could not be filed"),
    gettext_lazy("It waits until you say where it belongs."),
    mail=True,
    permission=Permission.LOG_TIME,
    feature=Organisation.Feature.TIMESHEETS,
)
STOPPED = Choice(
    "timer.stopped",
    gettext_lazy("Somebody else stopped a timer of mine"),
    gettext_lazy("Managers can stop the timers of others."),
    mail=False,
    permission=Permission.LOG_TIME,
    feature=Organisation.Feature.TIMESHEETS,
)
KINDS = (
    Kind("timer.stopped", STOPPED, _stopped, _week),
    Kind("timer.forgotten", FORGOTTEN, _forgotten, _timer),
    Kind("timer.unplaced", UNPLACED, _unplaced, _to_place),
)
