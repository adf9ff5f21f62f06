"""What members are told about budgets: that one is nearly, or wholly, used up."""

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


def _of_project(values: Values, zone: dt.tzinfo) -> Words:
    text = _("%(code)s has used %(percent)d%% of its budget of %(size)s")
    if values["planned"] is None:
        text = _("%(code)s has used %(percent)d%% of its budget in money")
    size = "" if values["planned"] is None else durations.format_minutes(values["planned"])
    line = text % {"code": values["code"], "percent": values["percent"], "size": size}
    return Words(line, (values["name"],), action=_("Open this project"))


def _of_agreement(values: Values, zone: dt.tzinfo) -> Words:
    line = _("“%(name)s” has used %(percent)d%% of its %(size)s included in %(month)s") % {
        "name": values["name"],
        "percent": values["percent"],
        "size": durations.format_minutes(values["planned"]),
        "month": dates.month(dt.date.fromisoformat(values["month"])),
    }
    more = _("What is more is billed.") if values["mark"] >= 100 else ""
    return Words(line, (more,) if more else (), action=_("Open this agreement"))


def _project(slug: str, values: Values) -> str:
    return address("project", slug, values["code"])


def _agreement(slug: str, values: Values) -> str:
    return address("agreement", slug, values["agreement_id"])


REACHED = Choice(
    "budget.reached",
    gettext_lazy("A budget is nearly used up"),
    gettext_lazy("Once at 80 % and once at 100 % of the budget of a project, or an agreement's included hours."),
    permission=Permission.LOG_TIME,
    feature=Organisation.Feature.TIMESHEETS,
)
KINDS = (
    Kind("project.budget_reached", REACHED, _of_project, _project),
    Kind("agreement.budget_reached", REACHED, _of_agreement, _agreement),
)
