"""What members are told about weeks and entries: the words, the pages they lead to, and who chooses to hear it."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Organisation
from accounts.notice_kinds import Choice, Kind, Text, Values, Words
from accounts.permissions import Permission
from timesheets_site.lib import dates
from timesheets_site.lib.addresses import address
from timetracking import budget_notices, export_notices, timer_notices
from timetracking.models import Timesheet
from timetracking.rules import durations

State = Timesheet.State
FEATURE = Organisation.Feature.TIMESHEETS


def _day(values: Values, name: str) -> dt.date:
    return dt.date.fromisoformat(values[name])


def _week(values: Values) -> str:
    first = _day(values, "week_start")
    return dates.day_range(first, first + dt.timedelta(days=6))


def _named(values: Values) -> dict[str, str]:
    """Who did it, and which week it is about."""
    return {"name": values.get("by") or values.get("member", ""), "week": _week(values)}


# --- To those who decide ----------------------------------------------------------------------------------------------


def _submitted(values: Values, zone: dt.tzinfo) -> Words:
    text = _("%(name)s submitted the week %(week)s: %(duration)s")
    if values["again"]:
        text = _("%(name)s submitted the week %(week)s again: %(duration)s")
    line = text % {**_named(values), "duration": durations.format_minutes(values["minutes"])}
    return Words(line, (_("It waits for your decision."),), quote=values["note"], action=_("Review this week"))


def _reopening_asked(values: Values, zone: dt.tzinfo) -> Words:
    line = _("%(name)s asks you to reopen the week %(week)s") % _named(values)
    return Words(line, quote=values["note"], action=_("Look at this week"))


def _handed_over(values: Values, zone: dt.tzinfo) -> Words:
    days = dates.day_range(_day(values, "first_on"), _day(values, "last_on"))
    line = _("You stand in for %(name)s and approve in their place: %(days)s") % {
        "name": values["approver"],
        "days": days,
    }
    return Words(line, action=_("Open approvals"))


# --- To whose week it is ----------------------------------------------------------------------------------------------


def _decided(values: Values, zone: dt.tzinfo) -> Words:
    approved, rejected, state = values["approved"], values["rejected"], values["state"]
    numbers = {**_named(values), "approved": approved, "rejected": rejected}
    if state == State.APPROVED:
        line = _("%(name)s approved your week %(week)s") % numbers
    elif state == State.DECLINED:
        line = _("%(name)s rejected your week %(week)s") % numbers
    elif approved and rejected:
        line = ngettext(
            "%(name)s rejected %(rejected)d entry of your week %(week)s and approved %(approved)d",
            "%(name)s rejected %(rejected)d entries of your week %(week)s and approved %(approved)d",
            rejected,
        )
        line %= numbers
    elif rejected:
        line = ngettext(
            "%(name)s rejected %(rejected)d entry of your week %(week)s",
            "%(name)s rejected %(rejected)d entries of your week %(week)s",
            rejected,
        )
        line %= numbers
    else:
        line = ngettext(
            "%(name)s approved %(approved)d entry of your week %(week)s",
            "%(name)s approved %(approved)d entries of your week %(week)s",
            approved,
        )
        line %= numbers
    more = (_("Correct what was rejected and submit the week again."),) if rejected or state == State.DECLINED else ()
    return Words(line, more, quote=values["reason"], action=_("Open this week"))


def _undone(values: Values, zone: dt.tzinfo) -> Words:
    line = _("%(name)s took the decision on your week %(week)s back") % _named(values)
    return Words(line, (_("The week waits for a decision again."),), action=_("Open this week"))


def _reopened(values: Values, zone: dt.tzinfo) -> Words:
    line = _("%(name)s reopened your week %(week)s") % _named(values)
    more = (_("You can change its entries. Submit it again when it is right."),)
    return Words(line, more, quote=values["reason"], action=_("Open this week"))


def _changed(values: Values, zone: dt.tzinfo) -> Words:
    texts = {
        "changed": _("%(name)s changed an approved entry of yours, “%(subject)s” on %(day)s"),
        "deleted": _("%(name)s deleted an approved entry of yours, “%(subject)s” on %(day)s"),
        "added": _("%(name)s added an entry to your approved week, “%(subject)s” on %(day)s"),
        "restored": _("%(name)s restored a deleted entry in your approved week, “%(subject)s” on %(day)s"),
    }
    day = dates.weekday_day_month(_day(values, "date"))
    line = texts[values["what"]] % {"name": values["by"], "subject": values["subject"], "day": day}
    return Words(line, action=_("Open this week"))


def _missing(values: Values, zone: dt.tzinfo) -> Words:
    """`due` is an instant, shown as the reader's clock has it; a week without a deadline has none."""
    line = _("Your week %(week)s is not submitted yet") % {"week": _week(values)}
    if values["due"]:
        text = _("Your week %(week)s is due on %(due)s")
        if values["overdue"]:
            text = _("Your week %(week)s was due on %(due)s and is not submitted yet")
        due = dates.moment(dt.datetime.fromisoformat(values["due"]), zone)
        line = text % {"week": _week(values), "due": due}
    logged = _("Logged so far: %(duration)s") % {"duration": durations.format_minutes(values["minutes"])}
    asked = (_("%(name)s reminds you of it.") % {"name": values["by"]},) if values["by"] else ()
    return Words(line, (*asked, logged), action=_("Open this week"))


# --- Where it leads ---------------------------------------------------------------------------------------------------


def _own_week(slug: str, values: Values) -> str:
    return address("week-of", slug, _day(values, "week_start"))


def _own_entry(slug: str, values: Values) -> str:
    return f"{_own_week(slug, values)}#entry-{values['entry_id']}"


def _review(slug: str, values: Values) -> str:
    return address("approval", slug, values["sheet_id"])


def _inbox(slug: str, values: Values) -> str:
    return address("approvals", slug)


# --- The register -----------------------------------------------------------------------------------------------------


def _choice(code: str, label: Text, help_text: Text, *, approvers: bool = False) -> Choice:
    permission = Permission.APPROVE_TIMESHEET if approvers else Permission.LOG_TIME
    return Choice(code, label, help_text, permission=permission, feature=FEATURE)


SUBMITTED = _choice(
    "timesheet.submitted",
    gettext_lazy("A week waits for me"),
    gettext_lazy("Somebody has submitted a week that you can decide on."),
    approvers=True,
)
REOPENING_ASKED = _choice(
    "timesheet.reopening_asked",
    gettext_lazy("Somebody asks to reopen a week"),
    gettext_lazy("An approved week needs a correction."),
    approvers=True,
)
HANDED_OVER = _choice(
    "approvals.handed_over",
    gettext_lazy("I stand in for an approver"),
    gettext_lazy("A colleague hands their approvals over to you for some days."),
    approvers=True,
)
DECIDED = _choice(
    "timesheet.decided",
    gettext_lazy("My week is approved or rejected"),
    gettext_lazy("In full or in part; also when the decision is taken back."),
)
REOPENED = _choice(
    "timesheet.reopened",
    gettext_lazy("My week is reopened"),
    gettext_lazy("You can change it again and have to submit it again."),
)
CHANGED = _choice(
    "time_entry.changed_after_approval",
    gettext_lazy("Approved time of mine is changed"),
    gettext_lazy("A manager changes, adds, deletes or restores an entry of an approved week."),
)
MISSING = _choice(
    "timesheet.missing",
    gettext_lazy("My week is overdue"),
    gettext_lazy("Once for each week that you have not submitted in time, and when a manager reminds you."),
)

KINDS = (
    Kind("timesheet.submitted", SUBMITTED, _submitted, _review),
    Kind("timesheet.reopening_asked", REOPENING_ASKED, _reopening_asked, _review),
    Kind("approvals.handed_over", HANDED_OVER, _handed_over, _inbox),
    Kind("timesheet.decided", DECIDED, _decided, _own_week),
    Kind("timesheet.undone", DECIDED, _undone, _own_week),
    Kind("timesheet.reopened", REOPENED, _reopened, _own_week),
    Kind("time_entry.changed_after_approval", CHANGED, _changed, _own_entry),
    Kind("timesheet.missing", MISSING, _missing, _own_week),
    *budget_notices.KINDS,
    *export_notices.KINDS,
    *timer_notices.KINDS,
)
