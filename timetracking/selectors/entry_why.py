"""Why an entry is billed as it is: each question with its answer, from what is stored on the entry."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Membership
from accounts.permissions import Permission, can
from timesheets_site.lib import dates
from timetracking.models import AgreementRate, TimeEntry, WorkRoleRate
from timetracking.models.billing import BillableOption
from timetracking.rules import amounts, durations, rounding, weeks
from timetracking.rules.coverage import Share
from timetracking.rules.rerating import REDECIDED
from timetracking.selectors import decision_words

DecidedBy = TimeEntry.DecidedBy
Source = TimeEntry.RateSource
BILLABLE_ORDER = tuple(DecidedBy)
RATE_ORDER = (Source.AGREEMENT, Source.PROJECT, Source.WORK_ROLE, Source.ORGANISATION)


@dataclass(frozen=True)
class Line:
    """One question. `decides` marks the one that decided; those after it were not asked."""

    question: str
    answer: str
    decides: bool = False
    asked: bool = True


@dataclass(frozen=True)
class Why:
    """`rate`, `included` and `formula` are empty for who may not see rates; `today` says what would differ now."""

    title: str
    subject: str
    day: str
    week_url: str
    history_url: str
    outcome: str
    billable: list[Line]
    minutes: str
    rounded: str
    rate: list[Line] = field(default_factory=list)
    hourly: str = ""
    included: str = ""
    formula: str = ""
    today: list[tuple[str, str, str]] = field(default_factory=list)
    never_rated: bool = False
    rerate_url: str = ""


def why(actor: Membership, entry: TimeEntry, today: TimeEntry, share: Share | None) -> Why:
    """`today` is the entry as today's catalogue would decide it, `share` what it has of its included hours."""
    organisation = actor.organisation
    sees = can(actor, Permission.SEE_RATES, owner=entry.member_id)
    with_money = sees and entry.billable
    differs = _differences(entry, today, organisation.currency, sees=sees)
    may_rerate = differs and can(actor, Permission.MANAGE_RATES) and _can_be_redecided(actor, entry)
    week = weeks.week_containing(entry.date, first_weekday=organisation.first_weekday)
    of_agent = f"?agent={entry.member_id}" if entry.member_id != actor.pk else ""
    return Why(
        title=title(sees),
        subject=entry.subject,
        day=dates.weekday_day_month(entry.date),
        week_url=f"{reverse('week-of', args=[organisation.slug, week])}{of_agent}#entry-{entry.pk}",
        history_url=reverse("entry-history", args=[organisation.slug, entry.pk]),
        outcome=decision_words.outcome(entry),
        billable=_billable_lines(entry),
        minutes=_minutes(entry),
        rounded=_rounded(entry),
        rate=_rate_lines(entry, organisation.currency) if with_money else [],
        hourly=_hourly(entry, organisation.currency) if with_money else "",
        included=_included(entry, share) if with_money else "",
        formula=_formula(entry, organisation.currency) if with_money else "",
        today=differs,
        never_rated=entry.rate_decided_by == "",
        rerate_url=_rerate_url(organisation.slug, entry) if may_rerate else "",
    )


def title(sees_rates: bool) -> str:
    """What the page is called, for who may see rates and for who may not."""
    return _("Why this rate?") if sees_rates else _("How it is billed")


# --- Is it billed? ----------------------------------------------------------------------------------------------------


def _billable_lines(entry: TimeEntry) -> list[Line]:
    """What decided is stored; whatever is asked before it had no answer then."""
    questions = {
        DecidedBy.GENERAL: _("Is it general time?"),
        DecidedBy.ENTRY: _("What was asked on the entry?"),
        DecidedBy.TICKET: _("What does the ticket say?"),
        DecidedBy.PROJECT: _("What does the project say?"),
        DecidedBy.AGREEMENT: _("What does the agreement say?"),
        DecidedBy.WORK_TYPE: _("What does the work type say?"),
        DecidedBy.ORGANISATION: _("What is the organisation's default?"),
    }
    skipped = {DecidedBy.TICKET} if entry.ticket_id is None else {DecidedBy.PROJECT}
    if entry.project_id is None:
        skipped.add(DecidedBy.PROJECT)
    decided = DecidedBy(entry.billable_decided_by)
    at = BILLABLE_ORDER.index(decided)
    lines = []
    for place, key in enumerate(BILLABLE_ORDER):
        if key in skipped and key != decided:
            continue
        if place > at:
            lines.append(Line(questions[key], "", asked=False))
        else:
            answer = _billable_answer(entry, key) if key == decided else _open_answer(key)
            lines.append(Line(questions[key], answer, decides=key == decided))
    return lines


def _billable_answer(entry: TimeEntry, decided: DecidedBy) -> str:
    if decided == DecidedBy.GENERAL:
        return _("Yes: general time is never billed")
    if decided == DecidedBy.ENTRY:
        return str(BillableOption(entry.billable_option).label)
    names = {
        DecidedBy.TICKET: entry.link_reference,
        DecidedBy.PROJECT: entry.link_reference,
        DecidedBy.AGREEMENT: str(entry.agreement or ""),
        DecidedBy.WORK_TYPE: str(entry.work_type or ""),
    }
    name, words = names.get(decided, ""), decision_words.outcome(entry)
    return _("%(outcome)s (%(name)s)") % {"outcome": words, "name": name} if name else words


def _open_answer(key: DecidedBy) -> str:
    return {
        DecidedBy.GENERAL: _("No"),
        DecidedBy.ENTRY: _("Decide for me"),
    }.get(key, _("Nothing"))


# --- How many minutes? ------------------------------------------------------------------------------------------------


def _minutes(entry: TimeEntry) -> str:
    worked = durations.format_minutes(entry.minutes)
    if not entry.rounded_by:
        return _("%(worked)s worked") % {"worked": worked}
    billed = durations.format_minutes(entry.billed_minutes)
    return _("%(worked)s worked, %(billed)s billed") % {"worked": worked, "billed": billed}


def _rounded(entry: TimeEntry) -> str:
    """By which increment and whose."""
    increment = rounding.parse(entry.rounded_by)
    if increment is None:
        return _("What is on no invoice is not rounded.") if entry.rate_decided_by else ""
    if increment.step == 1 and not increment.minimum:
        return _("To the minute: nothing is rounded.")
    return _("Rounded by the increment of the %(increment)s.") % {
        "increment": decision_words.increment_words(increment)
    }


# --- Which rate? ------------------------------------------------------------------------------------------------------


def _rate_lines(entry: TimeEntry, currency: str) -> list[Line]:
    """In the order in which they are asked; those before the one that decided had no rate then."""
    if entry.rate_decided_by == "":
        return []
    questions = {
        Source.AGREEMENT: _("The agreement's rate"),
        Source.PROJECT: _("The project's rate"),
        Source.WORK_ROLE: _("The work role's rate"),
        Source.ORGANISATION: _("The organisation's rate"),
    }
    found = entry.rate_decided_by
    at = next((place for place, key in enumerate(RATE_ORDER) if key == found), len(RATE_ORDER))
    lines = []
    for place, key in enumerate(RATE_ORDER):
        if place == at:
            lines.append(Line(questions[key], _rate_answer(entry, key, currency), decides=True))
        else:
            lines.append(Line(questions[key], _without(entry, key) if place < at else "", asked=place < at))
    return lines


def _without(entry: TimeEntry, key: Source) -> str:
    """Why a source had no rate."""
    if key == Source.AGREEMENT and entry.agreement_id is None:
        return _("No agreement")
    if key == Source.PROJECT and entry.project_id is None:
        return _("No project")
    if key == Source.WORK_ROLE and entry.work_role_id is None:
        return _("No work role")
    return _("No rate")


def _rate_answer(entry: TimeEntry, key: Source, currency: str) -> str:
    """The rate, and which one of its source it was, where it can still be told."""
    if entry.base_rate is None:
        return _("No rate")
    base = amounts.rate(entry.base_rate, currency)
    detail = {
        Source.AGREEMENT: lambda: _agreement_detail(entry),
        Source.PROJECT: lambda: str(entry.project or ""),
        Source.WORK_ROLE: lambda: _role_detail(entry),
    }.get(key, lambda: "")()
    return _("%(rate)s (%(detail)s)") % {"rate": base, "detail": detail} if detail else base


def _agreement_detail(entry: TimeEntry) -> str:
    """Which of the agreement's rates has this amount and fits the entry, the most particular first."""
    rates = AgreementRate.objects.filter(agreement=entry.agreement_id, hourly_rate=entry.base_rate)
    fitting = [
        rate
        for rate in rates.select_related("work_role", "work_type")
        if rate.work_role_id in (None, entry.work_role_id) and rate.work_type_id in (None, entry.work_type_id)
    ]
    if not fitting:
        return str(entry.agreement or "")
    best = max(fitting, key=lambda rate: (rate.work_role_id is not None, rate.work_type_id is not None))
    words = {"agreement": entry.agreement, "role": best.work_role, "type": best.work_type}
    if best.work_role and best.work_type:
        return _("%(agreement)s: for %(role)s, %(type)s") % words
    if best.work_role:
        return _("%(agreement)s: for %(role)s") % words
    if best.work_type:
        return _("%(agreement)s: for %(type)s") % words
    return _("%(agreement)s: for all work") % words


def _role_detail(entry: TimeEntry) -> str:
    rates = WorkRoleRate.objects.filter(
        work_role=entry.work_role_id, hourly_rate=entry.base_rate, starts_on__lte=entry.date
    )
    newest = rates.order_by("-starts_on").first()
    if newest is None:
        return str(entry.work_role or "")
    words = {"role": entry.work_role, "day": dates.full(newest.starts_on)}
    return _("%(role)s, in force from %(day)s") % words


def _hourly(entry: TimeEntry, currency: str) -> str:
    """The multiplier, and what comes out of it."""
    if entry.rate_decided_by == "":
        return _("From before rates were decided.")
    if entry.base_rate is None or entry.hourly_rate is None:
        return _("No rate is set, so it comes to nothing.")
    words: dict[str, Any] = {
        "base": amounts.rate(entry.base_rate, currency),
        "multiplier": amounts.factor(entry.rate_multiplier),
        "hourly": amounts.rate(entry.hourly_rate, currency),
        "type": entry.work_type,
    }
    if entry.rate_multiplier == 1:
        return str(words["hourly"])
    if entry.work_type is None:
        return _("%(base)s × %(multiplier)s = %(hourly)s") % words
    return _("%(base)s × %(multiplier)s (%(type)s) = %(hourly)s") % words


# --- Included hours, amount -------------------------------------------------------------------------------------------


def _included(entry: TimeEntry, share: Share | None) -> str:
    if share is not None:
        return decision_words.covered(share)
    if entry.covered_minutes:
        return _("%(covered)s are covered by included hours.") % {
            "covered": durations.format_minutes(entry.covered_minutes)
        }
    return _("No hours are included.")


def _formula(entry: TimeEntry, currency: str) -> str:
    """`(60 \u2212 30) minutes ÷ 60 × £95.00 = £47.50`"""
    if entry.hourly_rate is None:
        return amounts.money(entry.amount, currency)
    words = {
        "billed": entry.billed_minutes,
        "covered": entry.covered_minutes,
        "hourly": amounts.rate(entry.hourly_rate, currency),
        "amount": amounts.money(entry.amount, currency),
    }
    if entry.covered_minutes:
        return _("(%(billed)s \u2212 %(covered)s) minutes ÷ 60 × %(hourly)s = %(amount)s") % words
    return _("%(billed)s minutes ÷ 60 × %(hourly)s = %(amount)s") % words


# --- What today's catalogue would say ---------------------------------------------------------------------------------


def _differences(entry: TimeEntry, today: TimeEntry, currency: str, *, sees: bool) -> list[tuple[str, str, str]]:
    """(what, stored, today) for each answer that would be another one now."""
    pairs = [
        (_("Billable"), decision_words.outcome(entry), decision_words.outcome(today)),
        (
            _("Billed minutes"),
            durations.format_minutes(entry.billed_minutes),
            durations.format_minutes(today.billed_minutes),
        ),
    ]
    if sees:
        pairs += [
            (_("Hourly rate"), _hourly_or_none(entry, currency), _hourly_or_none(today, currency)),
            (_("Amount"), amounts.money(entry.amount, currency), amounts.money(today.amount, currency)),
        ]
    return [pair for pair in pairs if pair[1] != pair[2]]


def _hourly_or_none(entry: TimeEntry, currency: str) -> str:
    return "–" if entry.hourly_rate is None else amounts.rate(entry.hourly_rate, currency)


def _can_be_redecided(actor: Membership, entry: TimeEntry) -> bool:
    """Does re-rating look at it?"""
    closed_until = actor.organisation.lock_date
    is_open = entry.deleted_at is None and (closed_until is None or entry.date > closed_until)
    never_rated = entry.status == TimeEntry.Status.APPROVED and entry.rate_decided_by == ""
    return is_open and (entry.status in REDECIDED or never_rated)


def _rerate_url(slug: str, entry: TimeEntry) -> str:
    return f"{reverse('rerate', args=[slug])}?first={entry.date}&last={entry.date}&member={entry.member_id}"
