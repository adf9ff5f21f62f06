"""Re-rating: what it would change, what it leaves alone, that it writes exactly what was shown, once."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import AuditEvent
from tests import factories
from tests.cast import MONDAY
from timesheets_site.lib.errors import Conflict, NotAllowed, RuleViolation
from timetracking.models import AgreementRate, TimeEntry, Timesheet, WorkType
from timetracking.rules import amounts
from timetracking.rules import rerating as rules
from timetracking.rules.rerating import DECIDED, Change, Scope
from timetracking.services import rerating, time_entries, timesheets

NOON = dt.datetime(2026, 6, 18, 12, tzinfo=dt.UTC)  # a Thursday
DAY = dt.timedelta(days=1)
JUNE = Scope(dt.date(2026, 6, 1), dt.date(2026, 6, 30))


@pytest.fixture(autouse=True)
def now(acme):
    acme.default_hourly_rate = Decimal(60)
    acme.save()
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def ticket(acme):
    return factories.TicketFactory()


def log(actor, ticket, **fields):
    fields = {"kind": "TICKET", "ticket": ticket, "date": MONDAY, "minutes": 60, "subject": "Desk", **fields}
    return time_entries.log(actor, **fields)


def raise_rates(acme, alice, rate=90):
    acme.default_hourly_rate = Decimal(rate)
    acme.save()
    alice.organisation = acme


def run(actor, scope=JUNE):
    return rerating.apply(actor, scope, fingerprint=rerating.plan(actor, scope).fingerprint)


def stored() -> dict[int, tuple[object, ...]]:
    return {row[0]: row[1:] for row in TimeEntry.objects.values_list("pk", "version", *DECIDED)}


# --- What it changes and what not -------------------------------------------------------------------------------------


def test_open_submitted_and_rejected_entries_are_decided_anew_and_the_rest_stays(acme, alice, carol, ticket):
    entries = {status: log(carol, ticket, date=MONDAY) for status in TimeEntry.Status.values}
    entries["closed"] = log(carol, ticket, date=dt.date(2026, 6, 2))
    for status, entry in entries.items():
        if status != "closed":
            TimeEntry.objects.filter(pk=entry.pk).update(status=status)
    acme.lock_date = dt.date(2026, 6, 7)
    raise_rates(acme, alice)
    planned = rerating.plan(alice, JUNE)
    assert (planned.looked_at, planned.approved, planned.billed, planned.closed) == (3, 1, 1, 1)
    assert (planned.before, planned.after) == (180, 270)
    assert stored() == {entry.pk: stored()[entry.pk] for entry in entries.values()}, "looking changes nothing"
    assert run(alice) == 3
    rates = {name: TimeEntry.objects.get(pk=entry.pk).hourly_rate for name, entry in entries.items()}
    assert rates == {"OPEN": 90, "SUBMITTED": 90, "REJECTED": 90, "APPROVED": 60, "BILLED": 60, "closed": 60}


def test_entries_that_were_never_rated_are_rated_also_when_approved(acme, alice, carol, ticket):
    entry = factories.TimeEntryFactory(member=carol, ticket=ticket, date=MONDAY, minutes=30, status="APPROVED")
    billed = factories.TimeEntryFactory(member=carol, ticket=ticket, date=MONDAY, minutes=30, status="BILLED")
    assert run(alice) == 1
    entry.refresh_from_db()
    billed.refresh_from_db()
    assert (entry.hourly_rate, entry.amount, entry.status, entry.version) == (60, 30, "APPROVED", 2)
    assert (billed.rate_decided_by, billed.version) == ("", 1)
    raise_rates(acme, alice)
    assert rerating.plan(alice, JUNE).changes == [], "from then on it is approved at its rate"


def test_each_change_is_in_the_trail_and_so_is_the_run(acme, alice, carol, ticket):
    entry = log(carol, ticket)
    raise_rates(acme, alice)
    run(alice, Scope(JUNE.first, JUNE.last, member=carol.pk))
    told = AuditEvent.objects.get(action="time_entry.rerated")
    assert (told.actor, told.object_id) == (alice, entry.pk)
    assert list(map(Decimal, told.changes["amount"])) == [60, 90] and set(told.changes) == {
        "base_rate",
        "hourly_rate",
        "amount",
    }
    whole = AuditEvent.objects.get(action="rates.rerated").changes
    assert (whole["entries"], whole["member"], whole["first"]) == ([None, 1], [None, carol.pk], [None, "2026-06-01"])
    entry.refresh_from_db()
    assert (entry.version, entry.amount) == (2, 90)


def test_whoever_decides_on_the_week_has_to_look_again(acme, alice, carol, ticket):
    log(carol, ticket)
    sheet = timesheets.submit(carol, carol, MONDAY)
    raise_rates(acme, alice)
    run(alice)
    assert Timesheet.objects.get().version == sheet.version + 1 and Timesheet.objects.get().state == "submitted"


@pytest.mark.parametrize("by", ["client", "project", "agreement", "member"])
def test_a_scope_takes_only_what_it_names(acme, alice, bob, carol, by):
    agreement = factories.AgreementFactory()
    project = factories.ProjectFactory(client=agreement.client, agreement=agreement)
    mine = time_entries.log(bob, kind="PROJECT", project=project, date=MONDAY, minutes=60, subject="Desk")
    log(carol, factories.TicketFactory())
    raise_rates(acme, alice)
    named = {"client": agreement.client_id, "project": project.pk, "agreement": agreement.pk, "member": bob.pk}[by]
    changes = rerating.plan(alice, Scope(JUNE.first, JUNE.last, **{by: named})).changes
    assert [change.before.pk for change in changes] == [mine.pk]


def test_only_who_manages_rates_may(bob, carol):
    for member in (bob, carol):
        with pytest.raises(NotAllowed):
            rerating.plan(member, JUNE)
        with pytest.raises(NotAllowed):
            rerating.apply(member, JUNE, fingerprint="")


def test_a_scope_that_no_run_can_take_is_refused(alice, carol, ticket, monkeypatch):
    log(carol, ticket)
    monkeypatch.setattr(rules, "LARGEST", 0)
    with pytest.raises(RuleViolation) as refusal:
        rerating.plan(alice, JUNE)
    assert (refusal.value.code, refusal.value.field) == ("scope_too_wide", "first")


# --- Exactly what was shown -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("meanwhile", ["rate", "edit", "log", "approve"])
def test_what_changed_since_the_preview_is_a_conflict_and_nothing_is_written(acme, alice, carol, ticket, meanwhile):
    entry = log(carol, ticket)
    raise_rates(acme, alice)
    shown = rerating.plan(alice, JUNE).fingerprint
    if meanwhile == "rate":
        raise_rates(acme, alice, 95)
    elif meanwhile == "edit":
        time_entries.edit(carol, entry.pk, version=1, subject="Other")
    elif meanwhile == "log":
        TimeEntry.objects.update(hourly_rate=60)  # as it was
        factories.TimeEntryFactory(member=carol, ticket=ticket, date=MONDAY)
    else:
        TimeEntry.objects.filter(pk=entry.pk).update(status="APPROVED")
    before = stored()
    with pytest.raises(Conflict):
        rerating.apply(alice, JUNE, fingerprint=shown)
    assert stored() == before and not AuditEvent.objects.filter(action="rates.rerated").exists()


def test_a_failure_leaves_whole_portions_only(acme, alice, carol, monkeypatch):
    for number in range(5):
        log(carol, factories.TicketFactory(), date=MONDAY + (number % 3) * DAY)
    raise_rates(acme, alice)
    monkeypatch.setattr(rerating, "AT_ONCE", 2)
    store, turns = rerating._store, []

    def fails_in_the_second(actor, changes):
        store(actor, changes)
        turns.append(len(changes))
        if len(turns) == 2:
            raise RuntimeError("The disk is full")

    monkeypatch.setattr(rerating, "_store", fails_in_the_second)
    with pytest.raises(RuntimeError):
        run(alice)
    assert turns == [2, 2]
    assert TimeEntry.objects.filter(hourly_rate=90, version=2).count() == 2
    assert AuditEvent.objects.filter(action="time_entry.rerated").count() == 2
    assert AuditEvent.objects.get(action="rates.rerated").changes["entries"] == [None, 2]
    monkeypatch.setattr(rerating, "_store", store)
    assert run(alice) == 3


# --- Included hours ---------------------------------------------------------------------------------------------------


@pytest.fixture
def agreement(acme):
    return factories.AgreementFactory(included_minutes_a_month=60)


def of(agreement):
    return factories.TicketFactory(client=agreement.client, agreement=agreement)


def test_included_hours_are_shared_out_again_also_beyond_the_scope(alice, bob, carol, agreement):
    ticket = of(agreement)
    first = log(carol, ticket, date=MONDAY)
    approved = log(bob, ticket, date=MONDAY + DAY)
    TimeEntry.objects.filter(pk=approved.pk).update(status="APPROVED")
    agreement.included_minutes_a_month = 90
    agreement.save()
    planned = rerating.plan(alice, Scope(JUNE.first, JUNE.last, member=carol.pk))
    assert [(c.before.pk, c.redecided, c.fields["covered_minutes"]) for c in planned.changes] == [
        (approved.pk, False, (0, 30))
    ]
    assert run(alice, Scope(JUNE.first, JUNE.last, member=carol.pk)) == 1
    approved.refresh_from_db()
    first.refresh_from_db()
    assert (first.covered_minutes, approved.covered_minutes, approved.amount) == (60, 30, 30)
    assert (first.version, approved.version, approved.status) == (1, 1, "APPROVED")
    assert AuditEvent.objects.filter(action="time_entry.coverage_changed").count() == 1


def test_an_entry_that_is_no_longer_billed_gives_its_hours_to_those_after_it(alice, carol, agreement):
    kind = WorkType.objects.create(name="Desk")
    ticket = of(agreement)
    first = log(carol, ticket, date=MONDAY, work_type=kind)
    second = log(carol, ticket, date=MONDAY + DAY)
    kind.billable_option = "DoNotBill"
    kind.save()
    assert run(alice) == 2
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.billable, first.covered_minutes, first.version) == (False, 0, 2)
    assert (second.covered_minutes, second.amount) == (60, 0)


def test_who_shares_hours_is_written_together(acme, alice, carol, agreement, monkeypatch):
    for number in range(3):
        log(carol, of(agreement), date=MONDAY + number * DAY)
        log(carol, factories.TicketFactory(), date=MONDAY + number * DAY)
    raise_rates(acme, alice)
    planned = rerating.plan(alice, JUNE)
    portions = rules.chunks(planned.changes, 2)
    pools = [{change.unit for change in portion if len(change.unit) > 1} for portion in portions]
    assert sum(map(len, portions)) == 6 and len([found for found in pools if found]) == 1


# --- Whatever the numbers are -----------------------------------------------------------------------------------------

MONTHS = st.lists(
    st.tuples(
        st.integers(0, 17), st.integers(1, 300), st.booleans(), st.sampled_from(["OPEN", "APPROVED", "REJECTED"])
    ),
    min_size=1,
    max_size=5,
)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    entries=MONTHS,
    included=st.integers(0, 900),
    rate=st.decimals(0, 500, places=4),
    step=st.sampled_from([1, 6, 15]),
)
def test_the_second_time_nothing_changes_and_parts_add_up(acme, alice, carol, entries, included, rate, step):
    TimeEntry.objects.all().delete()
    agreement = factories.AgreementFactory(included_minutes_a_month=100)
    of_agreement, other = of(agreement), factories.TicketFactory()
    for day, minutes, shares, status in entries:
        entry = log(carol, of_agreement if shares else other, date=JUNE.first + day * DAY, minutes=minutes)
        TimeEntry.objects.filter(pk=entry.pk).update(status=status)
    agreement.included_minutes_a_month, acme.billing_increment_minutes = included, step
    agreement.save()
    AgreementRate.objects.create(agreement=agreement, hourly_rate=rate)
    raise_rates(acme, alice, rate)
    planned = rerating.plan(alice, JUNE)
    total = amounts.total(TimeEntry.objects.values_list("amount", flat=True))
    rerating.apply(alice, JUNE, fingerprint=planned.fingerprint)
    again = rerating.plan(alice, JUNE)
    assert (again.changes, rerating.apply(alice, JUNE, fingerprint=again.fingerprint)) == ([], 0)
    after = amounts.total(TimeEntry.objects.values_list("amount", flat=True))
    assert after - total == planned.after - planned.before
    if any(shares and status != "APPROVED" for _day, _minutes, shares, status in entries):
        claims = TimeEntry.objects.filter(agreement=agreement)
        billed = sum(claims.values_list("billed_minutes", flat=True))
        assert sum(claims.values_list("covered_minutes", flat=True)) == min(included, billed)


def test_a_fingerprint_knows_versions_values_and_who_is_decided_anew():
    before = TimeEntry(pk=1, version=1, amount=Decimal(1), billable=True)
    same = TimeEntry(pk=1, version=1, amount=Decimal("1.00"), billable=True)
    after = TimeEntry(pk=1, version=1, amount=Decimal(2), billable=True)
    one = Change(before, after, (1,), True)
    prints = [
        rules.fingerprint([one]),
        rules.fingerprint([Change(TimeEntry(pk=1, version=2, amount=Decimal(1), billable=True), after, (1,), True)]),
        rules.fingerprint([Change(before, TimeEntry(pk=1, version=1, amount=Decimal(3), billable=True), (1,), True)]),
        rules.fingerprint([Change(before, after, (1,), False)]),
        rules.fingerprint([]),
    ]
    assert len(set(prints)) == 5
    assert rules.fingerprint([Change(same, after, (1,), True)]) == prints[0]
    assert rules.differences(before, same) == {}
