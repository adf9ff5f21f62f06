"""What each write decides: billed or not, minutes, rate, amount, and the shares of an agreement's included hours."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
import time_machine

from accounts.models import AuditEvent
from tests import factories
from tests.cast import MONDAY
from timesheets_site.lib.errors import Conflict, RuleViolation
from timetracking.models import AgreementRate, PeriodReopening, TimeEntry, WorkRole, WorkRoleRate, WorkType
from timetracking.rules.rerating import DECIDED
from timetracking.services import catalogue, coverage, entry_preview, entry_undo, time_entries

NOON = dt.datetime(2026, 6, 18, 12, tzinfo=dt.UTC)  # a Thursday
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def now(acme):
    acme.default_hourly_rate, acme.billing_increment_minutes, acme.currency = Decimal(60), 15, "GBP"
    acme.save()
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def agreement(acme):
    """Ten hours a month, at 120 an hour."""
    made = factories.AgreementFactory(included_minutes_a_month=600)
    AgreementRate.objects.create(agreement=made, hourly_rate=120)
    return made


@pytest.fixture
def ticket(agreement):
    return factories.TicketFactory(client=agreement.client, agreement=agreement)


def log(actor, **fields):
    kind = "TICKET" if "ticket" in fields else "PROJECT" if "project" in fields else "GENERAL"
    return time_entries.log(actor, **{"kind": kind, "date": MONDAY, "minutes": 52, "subject": "Desk", **fields})


def shares() -> list[int]:
    """Covered minutes, in the order of dates."""
    return list(TimeEntry.objects.order_by("date", "pk").values_list("covered_minutes", flat=True))


def decided(entry) -> tuple[object, ...]:
    entry.refresh_from_db()
    return entry.billed_minutes, entry.hourly_rate, entry.rate_decided_by, entry.covered_minutes, entry.amount


# --- Logging ----------------------------------------------------------------------------------------------------------


def test_an_entry_without_anything_else_follows_the_organisation(carol):
    entry = log(carol, ticket=factories.TicketFactory())
    assert decided(entry) == (60, Decimal(60), "organisation", 0, Decimal("60.00"))
    assert (entry.minutes, entry.rounded_by, entry.billable_decided_by) == (52, "organisation:15:up:0", "organisation")


def test_what_is_not_billed_has_neither_minutes_nor_rate(carol):
    entry = log(carol, ticket=factories.TicketFactory(), billable_option="DoNotBill")
    assert decided(entry) == (0, None, "not_billed", 0, 0)
    general = log(carol, billable_option="Billable")
    assert decided(general) == (0, None, "not_billed", 0, 0) and general.billable_decided_by == "general"


def test_no_charge_is_rounded_and_rated_and_comes_to_nothing(carol, ticket):
    entry = log(carol, ticket=ticket, billable_option="NoCharge")
    assert decided(entry) == (60, Decimal(120), "agreement", 0, 0)
    assert not entry.billable and entry.no_charge


def test_the_members_role_and_the_organisations_work_type_are_taken_where_none_is_named(carol, acme):
    role, kind = WorkRole.objects.create(name="Engineer"), WorkType.objects.create(name="Overtime", multiplier="1.5")
    WorkType.objects.filter(is_default=True).update(is_default=False)
    WorkType.objects.filter(pk=kind.pk).update(is_default=True)
    WorkRoleRate.objects.create(work_role=role, starts_on=dt.date(2020, 1, 1), hourly_rate=90)
    carol.default_work_role = role
    carol.save()
    entry = log(carol, ticket=factories.TicketFactory())
    assert (entry.work_role, entry.work_type) == (role, kind)
    assert (entry.base_rate, entry.rate_multiplier, *decided(entry)[1:3]) == (90, Decimal("1.5"), 135, "work_role")
    none = log(carol, ticket=factories.TicketFactory(), work_role=None, work_type=None)
    assert (none.work_role, none.work_type, none.rate_decided_by) == (None, None, "organisation")
    general = log(carol)
    assert (general.work_role, general.work_type) == (role, None), "general time has no default type"


def test_a_role_has_the_rate_that_is_in_force_on_the_day(carol):
    role = WorkRole.objects.create(name="Engineer")
    for start, rate in ((MONDAY - DAY, 80), (MONDAY + DAY, 90)):
        WorkRoleRate.objects.create(work_role=role, starts_on=start, hourly_rate=rate)
    ticket = factories.TicketFactory()
    rates = [log(carol, ticket=ticket, work_role=role, date=MONDAY + n * DAY).hourly_rate for n in (-2, -1, 0, 1, 2)]
    assert rates == [60, 80, 80, 90, 90]  # before the first, the organisation's


@pytest.mark.parametrize("noun", [WorkType, WorkRole])
def test_an_archived_type_or_role_is_refused_and_stays_where_it_was(carol, alice, noun):
    name = "work_type" if noun is WorkType else "work_role"
    record = noun.objects.create(name="Onsite")
    entry = log(carol, ticket=factories.TicketFactory(), **{name: record})
    catalogue.archive(alice, record)
    record.refresh_from_db()
    with pytest.raises(RuleViolation) as refusal:
        log(carol, ticket=factories.TicketFactory(), **{name: record})
    assert (refusal.value.code, refusal.value.field) == ("record_archived", name)
    entry = time_entries.edit(carol, entry.pk, minutes=20, **{name: record})
    assert (getattr(entry, name), entry.billed_minutes) == (record, 30)


def test_an_agreement_counts_only_within_its_dates(carol, agreement, ticket):
    """Its option, its rates, its increment and its hours."""
    agreement.starts_on, agreement.ends_on = MONDAY, MONDAY + DAY
    agreement.billable_option, agreement.billing_increment_minutes = "Billable", 60
    agreement.save()
    entries = [log(carol, ticket=ticket, date=MONDAY + n * DAY) for n in (-1, 0, 1, 2)]
    assert [entry.billable_decided_by for entry in entries] == [
        "organisation",
        "agreement",
        "agreement",
        "organisation",
    ]
    assert [entry.hourly_rate for entry in entries] == [60, 120, 120, 60]
    assert [entry.rounded_by.split(":")[0] for entry in entries] == [
        "organisation",
        "agreement",
        "agreement",
        "organisation",
    ]
    assert shares() == [0, 60, 60, 0]


def test_later_days_of_the_month_outside_the_agreement_are_never_covered(carol, agreement, ticket):
    """Also when an earlier entry is written after them, which shares the month out again."""
    agreement.ends_on = MONDAY
    agreement.save()
    late = log(carol, ticket=ticket, date=MONDAY + DAY)
    log(carol, ticket=ticket, date=MONDAY - DAY)
    assert decided(late)[3:] == (0, Decimal("60.00"))
    assert shares() == [60, 0]


# --- Included hours ---------------------------------------------------------------------------------------------------


def test_included_hours_are_used_up_by_date_whoever_logs_first(carol, bob, ticket):
    log(carol, ticket=ticket, minutes=400, date=MONDAY + DAY)
    log(bob, ticket=ticket, minutes=400, date=MONDAY)
    assert shares() == [405, 195]
    amounts = list(TimeEntry.objects.order_by("date").values_list("amount", flat=True))
    assert amounts == [0, Decimal(405 - 195) * 2]
    moved = AuditEvent.objects.get(action="time_entry.coverage_changed")
    assert moved.actor == bob and moved.changes == {"covered_minutes": [405, 195], "amount": ["0", "420.00"]}
    late = TimeEntry.objects.get(date=MONDAY + DAY)
    assert (moved.object_id, late.version) == (late.pk, 1), "another share is no new version"


def test_deleting_gives_the_hours_to_those_after_it_and_restoring_takes_them_back(carol, ticket):
    first = log(carol, ticket=ticket, minutes=600)
    log(carol, ticket=ticket, minutes=60, date=MONDAY + DAY)
    assert shares() == [600, 0]
    time_entries.delete(carol, first.pk, version=first.version)
    assert shares() == [60]
    time_entries.restore(carol, first.pk)
    assert shares() == [600, 0]


def test_an_edit_that_moves_to_another_month_shares_out_both(carol, bob, ticket):
    first = log(carol, ticket=ticket, minutes=600, date=dt.date(2026, 5, 11))
    log(carol, ticket=ticket, minutes=120, date=dt.date(2026, 5, 12))
    june = log(carol, ticket=ticket, minutes=120, date=dt.date(2026, 6, 10))
    assert shares() == [600, 0, 120]
    time_entries.edit(bob, first.pk, version=first.version, date=dt.date(2026, 6, 9))
    assert shares() == [120, 600, 0]
    assert decided(june)[4] == 240


def test_an_edit_that_moves_to_another_agreement_shares_out_both(carol, ticket):
    other = factories.AgreementFactory(included_minutes_a_month=60)
    elsewhere = factories.TicketFactory(client=other.client, agreement=other)
    first = log(carol, ticket=ticket, minutes=600)
    log(carol, ticket=ticket, minutes=60, date=MONDAY + DAY)
    log(carol, ticket=elsewhere, minutes=60, date=MONDAY + DAY)
    assert shares() == [600, 0, 60]
    entry = time_entries.edit(carol, first.pk, version=first.version, kind="TICKET", ticket=elsewhere)
    assert shares() == [60, 60, 0] and entry.covered_minutes == 60


def test_what_is_not_billed_uses_up_nothing(carol, ticket):
    first = log(carol, ticket=ticket, minutes=600)
    log(carol, ticket=ticket, minutes=60, date=MONDAY + DAY)
    time_entries.edit(carol, first.pk, version=first.version, billable_option="DoNotBill")
    assert shares() == [0, 60]


def test_billed_and_closed_entries_keep_their_share(carol, bob, ticket, acme):
    billed = log(carol, ticket=ticket, minutes=300, date=MONDAY + DAY)
    closed = log(carol, ticket=ticket, minutes=120, date=dt.date(2026, 6, 2))
    TimeEntry.objects.filter(pk=billed.pk).update(status="BILLED")
    acme.lock_date = dt.date(2026, 6, 7)
    acme.save()
    log(bob, ticket=ticket, minutes=600, date=dt.date(2026, 6, 8))
    assert shares() == [120, 180, 300]
    assert decided(closed)[3] == 120


def test_time_written_into_a_reopened_period_gets_what_is_left(carol, alice, ticket, acme):
    log(carol, ticket=ticket, minutes=300, date=dt.date(2026, 6, 2))
    acme.lock_date = dt.date(2026, 6, 7)
    acme.save()
    PeriodReopening.objects.create(
        member=carol, first_on=dt.date(2026, 6, 1), until_at=NOON + DAY, opened_by=alice, created_at=NOON, reason="Late"
    )
    entry = log(carol, ticket=ticket, minutes=600, date=dt.date(2026, 6, 1))
    assert shares() == [300, 300] and entry.covered_minutes == 300


def test_the_minutes_of_a_month_are_covered_up_to_the_last_one_and_no_further(carol, ticket, agreement):
    agreement.billing_increment_minutes = 7
    agreement.save()
    for number in range(4):
        log(carol, ticket=ticket, minutes=200, date=MONDAY + (3 - number) * DAY)
    assert sum(shares()) == 600
    for entry in TimeEntry.objects.all():
        paid = Decimal(entry.billed_minutes - entry.covered_minutes) * 2
        assert entry.amount == paid


# --- Following --------------------------------------------------------------------------------------------------------


def test_entries_follow_their_ticket_to_other_terms(carol, alice, ticket, agreement):
    entry = log(carol, ticket=ticket, minutes=60)
    kept = log(carol, ticket=ticket, minutes=60, date=MONDAY + DAY)
    TimeEntry.objects.filter(pk=kept.pk).update(status="BILLED")
    other = factories.AgreementFactory(client=agreement.client, billable_option="NoCharge")
    catalogue.edit(alice, ticket, version=ticket.version, agreement=other)
    entry.refresh_from_db()
    assert (entry.agreement, entry.billable, entry.no_charge, entry.billable_decided_by) == (
        other,
        False,
        True,
        "agreement",
    )
    assert (entry.covered_minutes, entry.amount, entry.version) == (0, 0, 2)
    assert decided(kept)[2:4] == ("agreement", 60) and kept.agreement == agreement


def test_following_shares_out_an_agreement_that_begins_and_ends_within_the_month(carol, alice, acme):
    ticket = factories.TicketFactory()
    entry = log(carol, ticket=ticket, minutes=60, date=MONDAY)
    short = factories.AgreementFactory(
        client=ticket.client, included_minutes_a_month=600, starts_on=MONDAY - DAY, ends_on=MONDAY + DAY
    )
    catalogue.edit(alice, ticket, version=ticket.version, agreement=short)
    assert decided(entry)[3] == 60


# --- Undo, stale reads ------------------------------------------------------------------------------------------------


def test_undo_of_an_edit_gives_type_and_role_back(carol):
    kinds = [WorkType.objects.create(name=name) for name in ("Desk", "Travel")]
    roles = [WorkRole.objects.create(name=name) for name in ("Junior", "Senior")]
    entry = log(carol, ticket=factories.TicketFactory(), work_type=kinds[0], work_role=roles[0])
    entry = time_entries.edit(carol, entry.pk, version=entry.version, work_type=kinds[1], work_role=roles[1])
    entry = entry_undo.undo_edit(carol, entry.pk, version=entry.version)
    assert (entry.work_type, entry.work_role) == (kinds[0], roles[0])
    entry = time_entries.edit(carol, entry.pk, version=entry.version, work_type=None)
    entry = entry_undo.undo_edit(carol, entry.pk, version=entry.version)
    assert entry.work_type == kinds[0]


def test_the_decision_is_in_the_trail(carol, ticket):
    entry = log(carol, ticket=ticket)
    logged = AuditEvent.objects.get(action="time_entry.logged").changes
    assert [logged[name][1] for name in ("billed_minutes", "covered_minutes", "hourly_rate", "rate_decided_by")] == [
        60, 60, "120.0000", "agreement",
    ]  # fmt: skip
    time_entries.edit(carol, entry.pk, version=1, minutes=70)
    changed = AuditEvent.objects.get(action="time_entry.updated").changes
    assert changed == {"minutes": [52, 70], "billed_minutes": [60, 75], "covered_minutes": [60, 75]}


def test_an_entry_that_moved_to_another_day_meanwhile_is_a_conflict(carol, ticket, monkeypatch):
    """A format without versions edits it between the look and the lock: the wrong part of the month would be shared."""
    entry = log(carol, ticket=ticket, date=MONDAY + DAY)
    lock = time_entries.timesheets.lock_sheet

    def moved_first(sheet_id):
        TimeEntry.objects.filter(pk=entry.pk).update(date=MONDAY)
        return lock(sheet_id)

    monkeypatch.setattr(time_entries.timesheets, "lock_sheet", moved_first)
    with pytest.raises(Conflict):
        time_entries.edit(carol, entry.pk, minutes=10)


# --- Preview ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "new",
    [
        {"minutes": 200},
        {"date": MONDAY + 3 * DAY},
        {"date": MONDAY - 3 * DAY, "minutes": 700},
        {"date": dt.date(2026, 5, 4)},
        {"billable_option": "NoCharge"},
        {"billable_option": "DoNotBill"},
        {"agreement": None},
    ],
    ids=str,
)
def test_what_is_previewed_is_what_is_stored(bob, carol, ticket, new):
    """Of a new entry and of an edit, in a month where others draw from the same hours."""
    for number, minutes in enumerate((100, 250, 90)):
        log(carol, ticket=ticket, minutes=minutes, date=MONDAY + (number - 1) * DAY)
    entry = log(carol, ticket=ticket, minutes=120)
    new = dict(new)
    place = (
        {"ticket": factories.TicketFactory()} if "agreement" in new and not new.pop("agreement") else {"ticket": ticket}
    )
    fields = {"kind": "TICKET", "date": MONDAY, "minutes": 120, "billable_option": "NoDefault", **place, **new}
    for stored_before, write in (
        (entry, lambda: time_entries.edit(bob, entry.pk, version=entry.version, **fields)),
        (None, lambda: time_entries.log(bob, member=carol, subject="Desk", **fields)),
    ):
        planned, share = entry_preview.preview(carol, stored_before, **fields)
        stored = write()
        stored.refresh_from_db()
        assert [getattr(planned, name) for name in DECIDED] == [getattr(stored, name) for name in DECIDED]
        assert (share.covered if share else 0) == stored.covered_minutes
        assert share is None or share == coverage.share_of(stored)
