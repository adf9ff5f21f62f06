"""Included hours and re-rating while others write. Each test has a twin that shows what happens unprotected."""

from __future__ import annotations

import datetime as dt
import threading
from decimal import Decimal

import pytest

from accounts import audit
from accounts.services import notices
from accounts.tenancy import ScopedQuerySet, organisation_scope
from tests import factories
from tests.cast import _member
from tests.together import Meeting, together
from timesheets_site.lib.errors import Conflict, RuleViolation
from timetracking.models import TimeEntry, Timesheet
from timetracking.rules import coverage as spreading
from timetracking.rules import weeks
from timetracking.rules.rerating import Scope
from timetracking.services import approvals, coverage, entry_checks, entry_links, rerating, time_entries, timesheets

pytestmark = pytest.mark.django_db(transaction=True)
DAY = dt.date(2026, 6, 15)
NEXT = DAY + dt.timedelta(days=1)
JUNE = Scope(dt.date(2026, 6, 1), dt.date(2026, 6, 30))


@pytest.fixture
def acme(transactional_db):
    organisation = factories.OrganisationFactory(name="Acme", slug="acme", default_hourly_rate=Decimal(60))
    with organisation_scope(organisation):
        yield organisation


@pytest.fixture
def people(acme):
    names = {"alice": ("Alice Adams", "ADMIN"), "bob": ("Bob Brown", "MANAGER"), "carol": ("Carol Clark", "AGENT")}
    return {key: _member(acme, name, role) for key, (name, role) in names.items()}


@pytest.fixture
def ticket(acme):
    """Of an agreement with one included hour a month."""
    agreement = factories.AgreementFactory(included_minutes_a_month=60)
    return factories.TicketFactory(client=agreement.client, agreement=agreement)


@pytest.fixture
def unprotected(monkeypatch):
    """Takes away the transactions and all locks; versions and rules are still looked at."""

    def locked(self, pk, version):
        row = self.get(pk=pk)
        if version is not None and row.version != version:
            raise Conflict(row)
        row.version += 1
        return row

    def lock_week(member, day):
        start = weeks.week_containing(day, first_weekday=member.organisation.first_weekday)
        return Timesheet.objects.get_or_create(member=member, week_start=start)[0]

    def held(actor, ids):
        sheets = {sheet.pk: sheet for sheet in Timesheet.objects.select_related("member__user").filter(pk__in=ids)}
        for sheet in sheets.values():
            sheet.member.organisation = actor.organisation
        return sheets

    monkeypatch.setattr(coverage, "hold", lambda *args, **kwargs: None)
    monkeypatch.setattr(entry_links, "check_still", lambda entry: None)  # it holds the ticket
    monkeypatch.setattr(rerating, "_lock", lambda pks: None)
    monkeypatch.setattr(timesheets, "lock_week", lock_week)
    monkeypatch.setattr(timesheets, "lock_sheet", lambda pk: Timesheet.objects.get(pk=pk))
    monkeypatch.setattr(approvals, "_locked", held)
    monkeypatch.setattr(ScopedQuerySet, "locked", locked)
    for name in ("record", "record_all"):
        monkeypatch.setattr(audit, name, lambda *args, **kwargs: None)
    monkeypatch.setattr(notices, "demand_transaction", lambda: None)
    for module, names in (
        (time_entries, ["log", "edit"]), (rerating, ["_write", "_record_run"]), (approvals, ["_decided"]),
    ):  # fmt: skip
        for name in names:
            monkeypatch.setattr(module, name, getattr(module, name).__wrapped__)


def log(actor, ticket, **fields):
    fields = {"kind": "TICKET", "ticket": ticket, "date": DAY, "minutes": 60, "subject": "Desk", **fields}
    return time_entries.log(actor, **fields)


def wins(results):
    """How many were done, and how many were told."""
    told = [result for result in results if isinstance(result, Conflict | RuleViolation)]
    others = [result for result in results if isinstance(result, Exception) and result not in told]
    assert not others, others
    return len(results) - len(told), len(told)


# --- Two members use up the same hour ---------------------------------------------------------------------------------


def two_log(acme, people, ticket, monkeypatch):
    """Carol's later entry is shared out; before she stores it Bob logs an earlier one. How much was covered in all."""
    spread, carol_looked, bob_done = spreading.spread, threading.Event(), threading.Event()

    def spread_then_wait(included, claims):
        shares = spread(included, claims)
        if {claim.date for claim in claims} == {NEXT}:
            carol_looked.set()
            bob_done.wait(0.7)  # where a lock keeps him away, she goes on alone
        return shares

    def bob_logs():
        carol_looked.wait(5)
        try:
            return log(people["bob"], ticket, date=DAY)
        finally:
            bob_done.set()

    monkeypatch.setattr(spreading, "spread", spread_then_wait)
    results = together(acme, lambda: log(people["carol"], ticket, date=NEXT), bob_logs)
    assert wins(results) == (2, 0)
    return dict(TimeEntry.objects.values_list("date", "covered_minutes"))


def test_two_who_log_at_once_use_up_an_included_hour_once(acme, people, ticket, monkeypatch):
    assert two_log(acme, people, ticket, monkeypatch) == {DAY: 60, NEXT: 0}


def test_twin_without_the_hold_they_use_it_up_twice(acme, people, ticket, monkeypatch, unprotected):
    assert two_log(acme, people, ticket, monkeypatch) == {DAY: 60, NEXT: 60}


def test_logging_while_many_weeks_are_approved_never_waits_in_a_ring(acme, people, ticket):
    """Sharing out writes into the weeks of others, whose approval locks them too."""
    shown = []
    for number in range(6):
        member = _member(acme, f"Dora{number} Diaz", "AGENT")
        log(member, ticket, date=NEXT, minutes=30)
        sheet = timesheets.submit(member, member, NEXT)
        shown.append((sheet.pk, sheet.version))
    for _round in range(3):
        results = together(
            acme,
            lambda: log(people["carol"], ticket, minutes=10),
            lambda: approvals.approve_many(people["bob"], shown[::-1]),
            lambda: log(people["alice"], ticket, minutes=10),
        )
        assert wins(results) == (3, 0)
    assert sum(TimeEntry.objects.values_list("covered_minutes", flat=True)) == 60
    assert set(Timesheet.objects.filter(pk__in=[pk for pk, _ in shown]).values_list("state", flat=True)) == {"approved"}


# --- Re-rating against an edit, and against an approval ---------------------------------------------------------------


@pytest.fixture
def entry(acme, people):
    """Carol's, at the rate of before."""
    made = log(people["carol"], factories.TicketFactory())
    acme.default_hourly_rate = Decimal(90)
    acme.save()
    people["alice"].organisation = acme
    return made


def meet(monkeypatch, *places):
    """A meeting before each of these functions: (module, name)."""
    meeting = Meeting()

    def first_meet(function):
        def call(*args, **kwargs):
            meeting()
            return function(*args, **kwargs)

        return call

    for module, name in places:
        monkeypatch.setattr(module, name, first_meet(getattr(module, name)))


def rerate(actor):
    fingerprint = rerating.plan(actor, JUNE).fingerprint
    return lambda: rerating.apply(actor, JUNE, fingerprint=fingerprint)


def rerate_and_edit(acme, people, entry, monkeypatch):
    meet(monkeypatch, (rerating, "_store"), (entry_checks, "check_day"))
    return together(
        acme,
        rerate(people["alice"]),
        lambda: time_entries.edit(people["carol"], entry.pk, version=1, minutes=30),
    )


def test_of_a_rerating_and_an_edit_at_once_one_is_told(acme, people, entry, monkeypatch):
    assert wins(rerate_and_edit(acme, people, entry, monkeypatch)) == (1, 1)
    stored = TimeEntry.objects.get()
    assert stored.version == 2
    assert (stored.minutes, stored.hourly_rate, stored.amount) in ((30, 60, 30), (30, 90, 45), (60, 90, 90))


def test_twin_without_the_locks_one_is_lost_silently(acme, people, entry, monkeypatch, unprotected):
    assert wins(rerate_and_edit(acme, people, entry, monkeypatch)) == (2, 0)


def rerate_and_approve(acme, people, entry, monkeypatch):
    sheet = timesheets.submit(people["carol"], people["carol"], DAY)
    meet(monkeypatch, (rerating, "_store"), (approvals, "planned"))
    return together(
        acme,
        rerate(people["alice"]),
        lambda: approvals.approve(people["bob"], sheet.pk, version=sheet.version),
    )


def test_what_was_approved_is_not_rewritten(acme, people, entry, monkeypatch):
    assert wins(rerate_and_approve(acme, people, entry, monkeypatch)) == (1, 1)
    stored = TimeEntry.objects.get()
    assert (stored.status, stored.hourly_rate) in (("APPROVED", 60), ("SUBMITTED", 90))


def test_twin_without_the_locks_an_approved_rate_changes(acme, people, entry, monkeypatch, unprotected):
    assert wins(rerate_and_approve(acme, people, entry, monkeypatch)) == (2, 0)
    stored = TimeEntry.objects.get()
    assert (stored.status, stored.hourly_rate) == ("APPROVED", 90)
