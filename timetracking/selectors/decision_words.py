"""The decision on an entry in words: billed or not and why, minutes, rate, included hours, amount."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from timesheets_site.lib import dates
from timetracking.models import TimeEntry
from timetracking.models.billing import Rounding
from timetracking.rules import amounts, durations, rounding
from timetracking.rules.coverage import Share
from timetracking.rules.rounding import Increment, Level
from timetracking.selectors import picker

Source = TimeEntry.RateSource


@dataclass(frozen=True)
class Decision:
    """What the form says while somebody types. `missing` is what it needs to say more; `billable` is the box's value.

    `rate`, `covered` and `amount` are empty for who may not see rates, and for what is on no invoice.
    """

    why: str = ""
    missing: str = ""
    rounded: str = ""
    rate: str = ""
    covered: str = ""
    amount: str = ""
    billable: bool = False
    shown: bool = False
    is_general: bool = False


def decision_of(
    entry: TimeEntry, share: Share | None, *, shown: bool, sees_rates: bool, currency: str, missing: str = ""
) -> Decision:
    """Of an entry that was decided, stored or not; without minutes only what does not depend on them."""
    on_invoice = entry.billable or entry.no_charge
    with_money = sees_rates and entry.billable
    return Decision(
        why=why(entry),
        missing=missing,
        rounded=rounded(entry) if on_invoice and entry.minutes else "",
        rate=rate(entry, currency) if with_money else "",
        covered=covered(share) if with_money and share and entry.minutes else "",
        amount=amounts.money(entry.amount, currency)
        if with_money and entry.minutes and entry.hourly_rate is not None
        else "",
        billable=entry.billable,
        shown=shown,
        is_general=entry.kind == TimeEntry.Kind.GENERAL,
    )


def outcome(entry: TimeEntry) -> str:
    """`Billable`, `Not billable`, or on the invoice at 0."""
    if entry.billable:
        return _("Billable")
    return _("No charge: on the invoice at 0") if entry.no_charge else _("Not billable")


def short_outcome(entry: TimeEntry) -> str:
    """The outcome for a table."""
    return _("No charge") if entry.no_charge else outcome(entry)


def why(entry: TimeEntry) -> str:
    """The outcome and what decided it; where the box says the outcome, only that."""
    reason = picker.why(entry.billable_decided_by, entry.link_reference)
    if not entry.no_charge:
        return reason
    return _("On the invoice at 0, not charged. %(reason)s") % {"reason": reason}


def rounded(entry: TimeEntry) -> str:
    """`52m, billed as 1h (client: steps of 15 minutes, up)`; empty where nothing is rounded."""
    increment = rounding.parse(entry.rounded_by)
    if increment is None or (increment.step == 1 and not increment.minimum):
        return ""
    words = {
        "worked": durations.format_minutes(entry.minutes),
        "billed": durations.format_minutes(entry.billed_minutes),
        "increment": increment_words(increment),
    }
    return _("%(worked)s, billed as %(billed)s (%(increment)s)") % words


def increment_words(increment: Increment) -> str:
    """`client: steps of 15 minutes, up, at least 30m`"""
    words = {
        "whose": {
            Level.AGREEMENT.value: _("agreement"),
            Level.CLIENT.value: _("client"),
            Level.ORGANISATION.value: _("organisation"),
        }[increment.level],
        "count": increment.step,
        "least": durations.format_minutes(increment.minimum),
    }
    if increment.rounding == Rounding.NEAREST:
        pattern = ngettext(
            "%(whose)s: steps of %(count)s minute, to the nearest",
            "%(whose)s: steps of %(count)s minutes, to the nearest",
            increment.step,
        )
    else:
        pattern = ngettext(
            "%(whose)s: steps of %(count)s minute, up", "%(whose)s: steps of %(count)s minutes, up", increment.step
        )
    if increment.minimum:
        return _("%(steps)s, at least %(least)s") % {"steps": pattern % words, **words}
    return pattern % words


def rate(entry: TimeEntry, currency: str) -> str:
    """`£95.00 × 1.5 = £142.50 an hour (The work role's rate)`"""
    if entry.base_rate is None or entry.hourly_rate is None:
        return _("No rate is set, so it comes to nothing.")
    words = {
        "base": amounts.rate(entry.base_rate, currency),
        "multiplier": amounts.factor(entry.rate_multiplier),
        "hourly": amounts.rate(entry.hourly_rate, currency),
        "source": source(entry),
    }
    if entry.rate_multiplier == 1:
        return _("%(hourly)s an hour (%(source)s)") % words
    return _("%(base)s × %(multiplier)s = %(hourly)s an hour (%(source)s)") % words


def source(entry: TimeEntry) -> str:
    """Where the rate came from: `the work role's rate`."""
    return {
        Source.AGREEMENT.value: _("the agreement's rate"),
        Source.PROJECT.value: _("the project's rate"),
        Source.WORK_ROLE.value: _("the work role's rate"),
        Source.ORGANISATION.value: _("the organisation's rate"),
        Source.NONE.value: _("no rate is set"),
        Source.NOT_BILLED.value: _("not billed"),
        "": _("not rated yet"),
    }[entry.rate_decided_by]


def covered(share: Share) -> str:
    """`30m of it are covered by the included hours of June 2026 (9h 30m of 10h used before)`"""
    words = {
        "covered": durations.format_minutes(share.covered),
        "month": dates.month(share.month),
        "used": durations.format_minutes(share.used_before),
        "included": durations.format_minutes(share.included),
    }
    if not share.covered:
        return _("The included hours of %(month)s are used up (%(used)s of %(included)s used before).") % words
    return (
        _("%(covered)s are covered by the included hours of %(month)s (%(used)s of %(included)s used before).") % words
    )
