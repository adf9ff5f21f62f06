"""What policies refuse on entries: each by its code and field, what passes, and what may be put right all the same."""

import datetime as dt

import pytest
import time_machine

from tests import factories
from tests.cast import MONDAY
from timesheets_site.lib.errors import RuleViolation
from timetracking.models import TimeEntry
from timetracking.selectors.entry_warnings import warnings_of
from timetracking.services import entry_undo, time_entries

NOON = dt.datetime(2026, 6, 18, 12, tzinfo=dt.UTC)  # a Thursday
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
TUESDAY = MONDAY + DAY


@pytest.fixture(autouse=True)
def now(acme):
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def policy(acme):
    def policy(**values):
        for name, value in values.items():
            setattr(acme, name, value)
        acme.save()

    return policy


def log(actor, **fields):
    fields = {"kind": "GENERAL", "date": MONDAY, "minutes": 30, "subject": "Stand-up", **fields}
    return time_entries.log(actor, **fields)


def at(hour, minute=0, day=MONDAY):
    """Clock times of London, in summer."""
    return dt.datetime.combine(day, dt.time(hour, minute), dt.UTC) - HOUR


def span(start, end, day=MONDAY):
    """From one hour to another; past midnight where the end is the earlier."""
    return {"started_at": at(start, day=day), "ended_at": at(end, day=day + DAY if end <= start else day)}


def refusal_of(call, *args, **kwargs):
    with pytest.raises(RuleViolation) as refusal:
        call(*args, **kwargs)
    return refusal.value.code, refusal.value.field, str(refusal.value)


# --- Required fields --------------------------------------------------------------------------------------------------

DESCRIPTION = "Add a description. Acme needs one on {}."
MISSING = [
    ({"description_required": "always"}, {}, "description_required", "description", DESCRIPTION.format("every entry")),
    (
        {"description_required": "billable"}, {"kind": "TICKET"}, "description_required", "description",
        DESCRIPTION.format("billable time"),
    ),
    (
        {"description_required": "always"}, {"description": " \n "}, "description_required", "description",
        DESCRIPTION.format("every entry"),
    ),
    (
        {"task_required": True}, {"kind": "PROJECT"}, "task_required", "record",
        "Choose a task. Acme needs one on project time.",
    ),
    (
        {"charge_code_required": True}, {}, "charge_code_required", "record",
        "Choose a charge code or an activity. Acme needs one on general time.",
    ),
    (
        {"clock_required": True}, {"started_at": at(9)}, "clock_required", "start",
        "Enter start and end. Acme needs them on every entry.",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("policies", "fields", "code", "field", "words"), MISSING)
def test_what_is_missing_is_refused(carol, bob, policy, policies, fields, code, field, words):
    policy(**policies)
    ticket, project = factories.TicketFactory(), factories.ProjectFactory()
    link = {"TICKET": {"ticket": ticket}, "PROJECT": {"project": project}}.get(fields.get("kind"), {})
    for actor in (carol, bob):
        assert refusal_of(log, actor, **fields, **link) == (code, field, words)
    assert not TimeEntry.objects.exists()


@pytest.mark.parametrize(
    ("policies", "fields"),
    [
        ({"description_required": "always"}, {"description": "What happened"}),
        ({"description_required": "billable"}, {}),
        ({"description_required": "billable"}, {"kind": "TICKET", "billable_option": "DoNotBill"}),
        ({"description_required": "billable"}, {"kind": "TICKET", "billable_option": "NoCharge"}),
        ({"task_required": True}, {"kind": "TICKET"}),
        ({"task_required": True}, {"kind": "PROJECT", "with": "task"}),
        ({"task_required": True}, {"kind": "PROJECT", "with": "bound code"}),
        ({"charge_code_required": True}, {"with": "code"}),
        ({"charge_code_required": True}, {"with": "activity"}),
        ({"charge_code_required": True}, {"kind": "PROJECT", "with": "task"}),
        ({"clock_required": True}, {**span(9, 10), "minutes": None}),
    ],
)
def test_what_is_complete_passes(carol, policy, policies, fields):
    policy(**policies)
    fields = dict(fields)
    given = fields.pop("with", "ticket" if fields.get("kind") == "TICKET" else "")
    records = {
        "ticket": lambda: {"ticket": factories.TicketFactory()},
        "task": lambda: {"task": factories.TaskFactory()},
        "code": lambda: {"charge_code": factories.ChargeCodeFactory()},
        "bound code": lambda: {"charge_code": factories.ChargeCodeFactory(project=factories.ProjectFactory())},
        "activity": lambda: {"activity": factories.ActivityFactory()},
        "": dict,
    }
    assert log(carol, **fields, **records[given]()).pk


def test_what_is_saved_again_or_brought_back_has_to_be_complete(carol, policy):
    entry, gone = log(carol, description="x"), log(carol)
    time_entries.delete(carol, gone.pk)
    entry = time_entries.edit(carol, entry.pk, description="")
    policy(description_required="always")
    assert refusal_of(time_entries.edit, carol, entry.pk, minutes=31)[0] == "description_required"
    assert refusal_of(time_entries.restore, carol, gone.pk)[0] == "description_required"
    time_entries.edit(carol, entry.pk, minutes=31, description="Talked")
    policy(description_required="never")
    cleared = time_entries.edit(carol, entry.pk, description="")
    assert time_entries.edit(carol, entry.pk, description="Talked again").version == cleared.version + 1
    policy(description_required="always")
    assert refusal_of(entry_undo.undo_edit, carol, entry.pk, version=cleared.version + 1)[0] == "description_required"


# --- Overlap ----------------------------------------------------------------------------------------------------------


def test_overlaps_are_refused_with_what_is_there(carol, policy):
    policy(overlap="refuse")
    ticket = factories.TicketFactory(number=4811)
    log(carol, kind="TICKET", ticket=ticket, **span(14, 15))
    told = refusal_of(log, carol, **(span(14, 16)))
    assert told == ("overlaps", "start", "Overlaps 14:00–15:00 on TKT-4811.")
    assert TimeEntry.objects.count() == 1


@pytest.mark.parametrize(
    ("first", "second", "meet"),
    [
        ((9, 10), (10, 11), False),
        ((9, 11), (10, 12), True),
        ((9, 12), (10, 11), True),
        ((10, 11), (9, 12), True),
        ((9, 10), (9, 10), True),
        ((22, 2), (1, 3, TUESDAY), True),
        ((22, 2), (2, 3, TUESDAY), False),
        ((1, 3, TUESDAY), (22, 2), True),
        ((9, 10), (9, 10, TUESDAY), False),
    ],
)
def test_times_meet_across_midnight_too(carol, policy, first, second, meet):
    policy(overlap="refuse")
    spans = [span(hours[0], hours[1], *hours[2:]) for hours in (first, second)]
    days = [hours[2] if len(hours) > 2 else MONDAY for hours in (first, second)]
    log(carol, date=days[0], **spans[0])
    if meet:
        assert refusal_of(log, carol, date=days[1], **spans[1])[0] == "overlaps"
    else:
        log(carol, date=days[1], **spans[1])


def test_only_the_members_own_stored_clock_times_count(carol, bob, policy):
    policy(overlap="refuse")
    log(bob, **span(9, 10))
    gone = log(carol, **span(9, 10))
    time_entries.delete(carol, gone.pk)
    log(carol, minutes=60)
    log(carol, started_at=at(9))
    log(carol, **span(9, 10))
    assert refusal_of(time_entries.restore, carol, gone.pk)[0] == "overlaps"


def test_an_overlap_that_is_there_can_be_put_right_but_not_made(carol, policy):
    log(carol, **span(9, 11))
    entry = log(carol, **span(10, 12))
    policy(overlap="refuse")
    assert time_entries.edit(carol, entry.pk, subject="Retrospective").subject == "Retrospective"
    assert refusal_of(time_entries.edit, carol, entry.pk, **span(10, 13))[0] == "overlaps"
    moved = time_entries.edit(carol, entry.pk, **span(11, 12))
    back = refusal_of(entry_undo.undo_edit, carol, entry.pk, version=moved.version)
    assert back[0] == "overlaps"
    time_entries.edit(carol, entry.pk, date=TUESDAY, **span(10, 12, TUESDAY))
    assert refusal_of(time_entries.edit, carol, entry.pk, date=MONDAY, **span(10, 12))[0] == "overlaps"


@pytest.mark.parametrize(("effect", "told"), [("allow", False), ("warn", True)])
def test_overlaps_are_stored_with_a_word_or_without(carol, policy, effect, told):
    policy(overlap=effect)
    log(carol, subject="Stand-up", **span(9, 10))
    entry = log(carol, subject="Retro", **span(9, 11))
    assert ("Overlaps 09:00–10:00 on Stand-up." in warnings_of(entry)) == told


# --- Long days --------------------------------------------------------------------------------------------------------


def test_a_day_beyond_the_limit_is_refused(carol, bob, policy):
    policy(largest_day="refuse", largest_day_minutes=600)
    log(carol, minutes=570)
    words = "That makes 10h 05m on Mon 15 June. Acme allows 10h a day."
    assert refusal_of(log, carol, minutes=35) == ("day_over_limit", "duration", words)
    assert refusal_of(log, bob, member=carol, minutes=35)[0] == "day_over_limit"
    entry = log(carol, minutes=30)
    log(carol, date=TUESDAY, minutes=600)
    assert refusal_of(time_entries.edit, carol, entry.pk, minutes=31)[0] == "day_over_limit"
    assert refusal_of(time_entries.edit, carol, entry.pk, date=TUESDAY)[0] == "day_over_limit"
    assert refusal_of(log, carol, minutes=1441)[0] == "day_too_long"


def test_a_day_that_is_too_long_can_be_put_right_but_not_grow(carol, policy):
    entry = log(carol, minutes=700)
    gone = log(carol, minutes=10)
    time_entries.delete(carol, gone.pk)
    policy(largest_day="refuse", largest_day_minutes=600)
    shorter = time_entries.edit(carol, entry.pk, minutes=690, subject="Marathon")
    assert shorter.minutes == 690
    assert refusal_of(time_entries.edit, carol, entry.pk, minutes=691)[0] == "day_over_limit"
    assert refusal_of(time_entries.restore, carol, gone.pk)[0] == "day_over_limit"
    assert refusal_of(entry_undo.undo_edit, carol, entry.pk, version=shorter.version)[0] == "day_over_limit"


@pytest.mark.parametrize(
    ("effect", "limit", "told"),
    [("allow", 60, []), ("warn", 60, ["That makes 1h 30m on Mon 15 June, more than 1h."]), ("warn", 90, [])],
)
def test_long_days_are_stored_with_a_word_or_without(carol, policy, effect, limit, told):
    policy(largest_day=effect, largest_day_minutes=limit)
    assert warnings_of(log(carol, minutes=90)) == told


# --- Closed and archived records --------------------------------------------------------------------------------------


def test_a_closed_ticket_takes_time_for_the_days_of_grace(carol, policy, now):
    closed = factories.TicketFactory(number=4790, status="closed", closed_at=NOON)
    fields = {"kind": "TICKET", "ticket": closed}
    words = ("record_closed", "record", "TKT-4790 is closed. Reopen it to log time.")
    assert refusal_of(log, carol, **fields) == words
    policy(closed_ticket_grace_days=7)
    assert log(carol, **fields).ticket == closed
    now.move_to(dt.datetime(2026, 6, 25, 22, 59, 59, tzinfo=dt.UTC))  # a second before midnight in London
    assert log(carol, **fields).ticket == closed
    now.shift(dt.timedelta(seconds=1))
    assert refusal_of(log, carol, **fields) == words


def test_the_last_day_of_grace_is_the_members_own(carol, bob, policy, now):
    policy(closed_ticket_grace_days=1)
    closed = factories.TicketFactory(status="closed", closed_at=NOON)
    now.move_to(dt.datetime(2026, 6, 20, 1, tzinfo=dt.UTC))
    assert refusal_of(log, bob, kind="TICKET", ticket=closed)[0] == "record_closed"
    carol.user.time_zone = "America/New_York"
    assert log(carol, kind="TICKET", ticket=closed).pk


@pytest.mark.parametrize(
    ("days", "project", "task", "passes"),
    [
        (0, {"status": "closed", "closed_at": NOON}, {}, False),
        (5, {"status": "closed", "closed_at": NOON - 5 * DAY}, {}, True),
        (5, {"status": "closed", "closed_at": NOON - 6 * DAY}, {}, False),
        (5, {"status": "closed", "closed_at": None}, {}, False),
        (5, {"archived_at": NOON - 5 * DAY}, {}, True),
        (5, {"archived_at": NOON - 6 * DAY}, {}, False),
        (5, {"status": "closed", "closed_at": NOON - 9 * DAY, "archived_at": NOON}, {}, False),
        (5, {}, {"status": "done", "closed_at": NOON - 5 * DAY}, True),
        (5, {}, {"status": "done", "closed_at": NOON - 6 * DAY}, False),
        (5, {"status": "closed", "closed_at": NOON}, {"archived_at": NOON - 6 * DAY}, False),
    ],
)
def test_projects_and_their_tasks_have_days_of_grace_too(carol, policy, days, project, task, passes):
    policy(closed_project_grace_days=days)
    record = factories.TaskFactory(project=factories.ProjectFactory(**project), **task)
    if passes:
        assert log(carol, kind="PROJECT", task=record).task == record
    else:
        assert refusal_of(log, carol, kind="PROJECT", task=record)[:2] == ("record_closed", "record")


def test_charge_codes_and_activities_have_no_grace_but_their_project_has(carol, policy):
    policy(closed_project_grace_days=30, closed_ticket_grace_days=30)
    archived = factories.ChargeCodeFactory(archived_at=NOON), factories.ActivityFactory(archived_at=NOON)
    assert refusal_of(log, carol, charge_code=archived[0])[0] == "record_closed"
    assert refusal_of(log, carol, activity=archived[1])[0] == "record_closed"
    bound = factories.ChargeCodeFactory(project=factories.ProjectFactory(status="closed", closed_at=NOON))
    assert log(carol, charge_code=bound).project == bound.project


def test_what_is_on_a_closed_record_is_corrected_and_brought_back_at_any_time(carol, bob, now):
    ticket = factories.TicketFactory()
    entry, gone = (log(carol, kind="TICKET", ticket=ticket) for _ in range(2))
    time_entries.delete(bob, gone.pk)
    ticket.status, ticket.closed_at = "closed", NOON
    ticket.save()
    now.shift(20 * DAY)
    changed = time_entries.edit(bob, entry.pk, minutes=45)
    assert entry_undo.undo_edit(bob, entry.pk, version=changed.version).minutes == 30
    assert time_entries.restore(bob, gone.pk).deleted_at is None
