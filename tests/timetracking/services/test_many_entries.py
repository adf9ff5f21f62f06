"""Entries that are written together: each by itself, what is refused stays, one Undo gives everything back."""

import datetime as dt

import pytest
import time_machine
from django.apps import apps
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import AuditEvent, Notification
from accounts.tenancy import OrganisationOwned
from tests import factories
from tests.cast import MONDAY
from timesheets_site.lib.errors import Conflict, DomainError, OutOfReach, RuleViolation
from timetracking.models import EntryBatch, TimeEntry, Timesheet
from timetracking.services import approvals, many_entries, time_entries, timesheets
from timetracking.services.many_entries import Delete, Edit, Log, Restore

NOON = dt.datetime(2026, 6, 18, 12, tzinfo=dt.UTC)  # a Thursday
DAY = dt.timedelta(days=1)
TUESDAY = MONDAY + DAY
Action = EntryBatch.Action
OWN_MARKS = ("version", "updated_at")


@pytest.fixture(autouse=True)
def now(acme):
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def covered(carol):
    """A ticket of an agreement with two included hours a month, and a rate."""
    agreement = factories.AgreementFactory(included_minutes_a_month=120)
    role = factories.WorkRoleFactory()
    factories.AgreementRateFactory(agreement=agreement, work_role=role, hourly_rate=60)
    carol.default_work_role = role
    carol.save()
    return factories.TicketFactory(client=agreement.client, agreement=agreement)


def fields_of(**fields):
    return {"kind": "GENERAL", "date": MONDAY, "minutes": 30, "subject": "Stand-up", **fields}


def log(actor, **fields):
    return time_entries.log(actor, **fields_of(**fields))


def stored(entry):
    return TimeEntry.with_deleted.get(pk=entry.pk)


def everything():
    """All rows of all tables of the organisation, by table and id."""
    models = [model for model in apps.get_models() if issubclass(model, OrganisationOwned)]
    return {
        model: {row["id"]: row for row in model.unscoped.values()} for model in models if hasattr(model, "unscoped")
    }


def values_of(entries):
    rows = TimeEntry.with_deleted.filter(pk__in=[entry.pk for entry in entries]).order_by("pk").values()
    return [{name: value for name, value in row.items() if name not in OWN_MARKS} for row in rows]


# --- Each by itself ---------------------------------------------------------------------------------------------------


def test_steps_are_answered_in_their_order_whatever_the_order_of_their_days(carol):
    late, early, gone = log(carol, date=TUESDAY), log(carol), log(carol, subject="Gone")
    time_entries.delete(carol, gone.pk)
    steps = [
        Log(carol, fields_of(date=TUESDAY, subject="New"), key="new"),
        Edit(late.pk, {"subject": "Late"}, 1),
        Delete(early.pk, 1),
        Restore(gone.pk),
    ]
    result = many_entries.carry_out(carol, Action.EDITED, steps)
    assert [outcome.step for outcome in result.outcomes] == steps
    assert [entry.subject for entry in result.done] == ["New", "Late", "Stand-up", "Gone"]
    assert (result.refused, result.unchanged, result.minutes, result.days) == ([], [], 120, {MONDAY, TUESDAY})
    assert set(TimeEntry.objects.values_list("subject", flat=True)) == {"New", "Late", "Gone"}
    assert result.batch.member == carol and {did for *_rest, did in result.batch.items} == {
        "logged", "edited", "deleted", "restored",
    }  # fmt: skip
    last = AuditEvent.objects.order_by("-pk").values_list("action", flat=True)[:4]
    assert set(last) == {f"time_entry.{word}" for word in ("logged", "updated", "deleted", "restored")}


def refusals(carol, bob):
    """A step for each way to be refused, and its code."""
    submitted = log(carol, date=MONDAY - 7 * DAY)
    Timesheet.objects.filter(pk=submitted.timesheet_id).update(state="submitted")
    stale, full, theirs = log(carol), log(carol, date=TUESDAY, minutes=1400), log(bob, subject="Salaries")
    time_entries.edit(bob, stale.pk, version=1, description="Seen")
    closed = factories.TicketFactory(status="closed")
    return [
        (Edit(submitted.pk, {"subject": "x"}, 1), "week_submitted"),
        (Delete(submitted.pk, 1), "week_submitted"),
        (Edit(stale.pk, {"subject": "x"}, 1), "stale_version"),
        (Delete(stale.pk, 1), "stale_version"),
        (Edit(theirs.pk, {"subject": "x"}, 1), "not_found"),
        (Delete(theirs.pk, 1), "not_found"),
        (Restore(theirs.pk), "not_found"),
        (Edit(999_999, {"subject": "x"}), "not_found"),
        (Log(carol, fields_of(date=TUESDAY, minutes=60)), "day_too_long"),
        (Edit(full.pk, {"subject": ""}, 1), "subject_required"),
        (Log(carol, fields_of(kind="TICKET", ticket=closed)), "record_closed"),
        (Log(carol, fields_of(date=MONDAY + 30 * DAY)), "date_in_future"),
        (Log(bob, fields_of()), "not_found"),
    ]


def test_what_is_refused_stays_with_its_reason_and_the_rest_is_written(carol, bob):
    wanted = refusals(carol, bob)
    steps = [step for step, _code in wanted]
    steps.insert(4, Log(carol, fields_of(subject="In the middle")))
    result = many_entries.carry_out(carol, Action.LOGGED, steps)
    assert [outcome.refusal.code for outcome in result.refused] == [code for _step, code in wanted]
    assert [entry.subject for entry in result.done] == ["In the middle"]
    assert result.batch.items == [[result.done[0].pk, 1, "logged"]]
    assert all(outcome.before is None for outcome in result.refused if outcome.refusal.code == "not_found")


def test_as_a_whole_the_first_refusal_is_raised_and_nothing_is_written(carol, bob):
    entry = log(carol)
    for step, code in refusals(carol, bob):
        before = everything()
        with pytest.raises(DomainError) as refusal:
            many_entries.carry_out(carol, Action.EDITED, [Edit(entry.pk, {"subject": "x"}), step], whole=True)
        assert refusal.value.code == code and everything() == before


def test_what_was_so_already_is_no_change_and_belongs_to_no_undo(carol):
    same, other = log(carol, subject="Same"), log(carol, subject="Other")
    time_entries.edit(carol, same.pk, subject="Same again")
    steps = [Edit(same.pk, {"subject": "Same again"}, 2), Edit(other.pk, {"subject": "Same again"}, 1)]
    result = many_entries.carry_out(carol, Action.EDITED, steps)
    assert [entry.pk for entry in result.done] == [other.pk] and [entry.pk for entry in result.unchanged] == [same.pk]
    many_entries.undo(carol, result.batch.pk)
    assert (stored(same).subject, stored(other).subject) == ("Same again", "Other")
    nothing = many_entries.carry_out(carol, Action.EDITED, [Edit(same.pk, {"subject": "Same again"})])
    assert nothing.batch is None and nothing.days == set()


def test_deleting_what_is_deleted_is_no_change_so_undo_does_not_bring_it_back(carol):
    gone, there = log(carol), log(carol)
    time_entries.delete(carol, gone.pk)
    result = many_entries.carry_out(carol, Action.DELETED, [Delete(gone.pk), Delete(there.pk)])
    assert [entry.pk for entry in result.unchanged] == [gone.pk]
    many_entries.undo(carol, result.batch.pk)
    assert list(TimeEntry.objects.all()) == [there]


def test_at_most_200_at_once(carol):
    steps = [Delete(pk) for pk in range(1, 202)]
    for call in (many_entries.rehearse, lambda actor, wanted: many_entries.carry_out(actor, Action.DELETED, wanted)):
        with pytest.raises(RuleViolation) as refusal:
            call(carol, steps)
        assert refusal.value.code == "too_many"
    assert len(many_entries.rehearse(carol, steps[:200]).refused) == 200


def test_200_entries_of_200_weeks_are_found_and_held(bob, carol):
    """As many weeks as there can be, in one statement that a database takes."""
    first = dt.date(2016, 6, 20)
    entries = [factories.TimeEntryFactory(member=carol, date=first + n * 7 * DAY, minutes=1) for n in range(200)]
    steps = [Edit(entry.pk, {"date": entry.date + DAY, "subject": "Moved"}, 1) for entry in entries]
    found = many_entries._found(bob, steps)
    many_entries._hold(bob, steps, found)
    assert len(found) == 200


# --- Rehearsing -------------------------------------------------------------------------------------------------------


def test_a_rehearsal_says_what_would_happen_and_changes_nothing_at_all(carol, bob, covered):
    """Nor rows, versions, the trail, notices, mails or shares; and what it said is what happens then."""
    days = (MONDAY + 2 * DAY, MONDAY + 2 * DAY, MONDAY + 3 * DAY)
    month = [log(carol, kind="TICKET", ticket=covered, date=day, minutes=50) for day in days]
    approved = log(carol, date=MONDAY - 28 * DAY)
    sheet = timesheets.submit(carol, carol, approved.date)
    approvals.approve(bob, sheet.pk, version=sheet.version)
    steps = [
        Edit(month[0].pk, {"minutes": 110}, 1),
        Delete(month[1].pk, 1),
        Edit(month[2].pk, {"date": MONDAY - 14 * DAY}, 1),  # a week that is not there yet
        Edit(approved.pk, {"subject": "Told to Carol"}),
        Log(carol, fields_of(date=MONDAY - 21 * DAY)),
        *(step for step, _code in refusals(carol, bob)),
    ]
    before = everything()
    rehearsed = many_entries.rehearse(bob, steps)
    assert everything() == before and rehearsed.batch is None
    done = many_entries.carry_out(bob, Action.EDITED, steps)
    assert [o.refusal and o.refusal.code for o in rehearsed.outcomes] == [
        o.refusal and o.refusal.code for o in done.outcomes
    ]
    assert [(e.subject, e.minutes, e.covered_minutes, e.amount) for e in rehearsed.done] == [
        (e.subject, e.minutes, e.covered_minutes, e.amount) for e in done.done
    ]
    assert everything()[Notification] != before[Notification], "the test has something to tell"


# --- Undo -------------------------------------------------------------------------------------------------------------


def test_undo_takes_back_all_kinds_together(carol, covered):
    ticket = {"kind": "TICKET", "ticket": covered}
    edited, deleted, gone = log(carol, **ticket, minutes=100), log(carol, **ticket, minutes=90), log(carol)
    time_entries.delete(carol, gone.pk)
    before = values_of([edited, deleted, gone])
    result = many_entries.carry_out(
        carol,
        Action.EDITED,
        [
            Edit(edited.pk, {"date": TUESDAY, "kind": "GENERAL", "work_role": None, "description": "Moved"}, 1),
            Delete(deleted.pk, 1),
            Restore(gone.pk),
            Log(carol, fields_of(**ticket)),
        ],
    )
    assert len(result.done) == 4
    undone = many_entries.undo(carol, result.batch.pk)
    assert len(undone.done) == 4 and undone.refused == []
    assert TimeEntry.objects.count() == 2
    after = values_of([edited, deleted, gone])
    for was, is_now in zip(before, after, strict=True):
        changed = {name for name in was if was[name] != is_now[name]}
        assert changed <= {"deleted_at"}, changed  # restored and deleted once more: at another moment
    assert AuditEvent.objects.filter(action="entry_batch.undone", actor=carol).count() == 1


def test_undone_once_a_batch_stays_undone(carol):
    batch = many_entries.carry_out(carol, Action.LOGGED, [Log(carol, fields_of())]).batch
    many_entries.undo(carol, batch.pk)
    time_entries.restore(carol, batch.items[0][0])
    assert many_entries.undo(carol, batch.pk).outcomes == []
    assert TimeEntry.objects.count() == 1


def test_undo_leaves_what_somebody_changed_since_and_says_so(carol, bob):
    edited, deleted, kept = log(carol, subject="A"), log(carol, subject="B"), log(carol, subject="C")
    steps = [Edit(edited.pk, {"subject": "A2"}), Delete(deleted.pk), Edit(kept.pk, {"subject": "C2"})]
    steps += [Log(carol, fields_of(subject="D"))]
    result = many_entries.carry_out(carol, Action.EDITED, steps)
    new = result.outcomes[-1].entry
    time_entries.edit(bob, edited.pk, description="Bob was here")
    time_entries.edit(bob, new.pk, description="And here")
    time_entries.restore(bob, deleted.pk)
    time_entries.edit(bob, deleted.pk, subject="B by Bob")
    time_entries.delete(bob, deleted.pk)
    undone = many_entries.undo(carol, result.batch.pk)
    assert [entry.pk for entry in undone.done] == [kept.pk]
    assert {type(outcome.refusal) for outcome in undone.refused} == {Conflict, RuleViolation}
    assert (stored(edited).subject, stored(new).description, stored(deleted).subject) == ("A2", "And here", "B by Bob")
    assert stored(deleted).deleted_at is not None and stored(kept).subject == "C"


def test_own_edits_after_it_are_not_undone_in_its_place(carol):
    entry = log(carol, subject="A")
    batch = many_entries.carry_out(carol, Action.EDITED, [Edit(entry.pk, {"subject": "B"})]).batch
    time_entries.edit(carol, entry.pk, subject="C")
    assert [type(o.refusal) for o in many_entries.undo(carol, batch.pk).refused] == [Conflict]
    assert stored(entry).subject == "C" and EntryBatch.objects.get().undone_at is None


def test_shares_that_moved_stand_in_the_way_of_no_undo(carol, covered):
    """Each of these edits shares out the included hours of the month again, and so moves the shares of the others."""
    entries = [log(carol, kind="TICKET", ticket=covered, date=MONDAY + n * DAY, minutes=60) for n in range(3)]
    before = values_of(entries)
    result = many_entries.carry_out(carol, Action.EDITED, [Edit(e.pk, {"minutes": 90}) for e in reversed(entries)])
    assert AuditEvent.objects.filter(action="time_entry.coverage_changed").exists()
    assert many_entries.undo(carol, result.batch.pk).refused == []
    assert values_of(entries) == before


def test_the_way_back_goes_through_states_that_were_allowed_once(carol):
    """Monday is full: the first has to go before the second may come, and back the other way round."""
    first, second = log(carol, minutes=1000), log(carol, date=TUESDAY, minutes=1000)
    steps = [Edit(first.pk, {"date": MONDAY + 2 * DAY}), Edit(second.pk, {"date": MONDAY})]
    result = many_entries.carry_out(carol, Action.MOVED, steps)
    assert len(result.done) == 2
    assert many_entries.undo(carol, result.batch.pk).refused == []
    assert (stored(first).date, stored(second).date) == (MONDAY, TUESDAY)


def test_undo_is_for_who_did_it_and_for_a_day(carol, bob, mallory, now):
    batch = many_entries.carry_out(carol, Action.LOGGED, [Log(carol, fields_of())]).batch
    for actor in (bob, mallory):
        with pytest.raises(OutOfReach):
            many_entries.undo(actor, batch.pk)
    now.shift(dt.timedelta(hours=24, seconds=1))
    with pytest.raises(RuleViolation) as refusal:
        many_entries.undo(carol, batch.pk)
    assert refusal.value.code == "nothing_to_undo" and TimeEntry.objects.count() == 1


def test_what_a_rule_refuses_by_now_stays_and_can_be_undone_later(carol):
    entry = log(carol)
    batch = many_entries.carry_out(carol, Action.DELETED, [Delete(entry.pk)]).batch
    Timesheet.objects.update(state="submitted")
    undone = many_entries.undo(carol, batch.pk)
    assert [o.refusal.code for o in undone.refused] == ["week_submitted"]
    Timesheet.objects.update(state="draft")
    assert [e.pk for e in many_entries.undo(carol, batch.pk).done] == [entry.pk]


# --- In any combination -----------------------------------------------------------------------------------------------

edits = st.fixed_dictionaries(
    {},
    optional={
        "date": st.integers(-9, 3).map(lambda n: MONDAY + n * DAY),
        "minutes": st.integers(1, 700),
        "subject": st.sampled_from(["Stand-up", "Review"]),
        "description": st.sampled_from(["", "Notes"]),
        "billable_option": st.sampled_from(["NoDefault", "DoNotBill"]),
        "work_type": st.sampled_from(["none", "travel"]),
        "link": st.sampled_from(["ticket", "project", "general"]),
    },
)
wanted_steps = st.lists(
    st.tuples(st.sampled_from(["edit", "edit", "delete", "log"]), st.integers(0, 4), edits), min_size=1, max_size=6
)


@pytest.fixture
def world(carol, covered):
    work_types = {"none": None, "travel": factories.WorkTypeFactory()}
    links = {
        "ticket": {"kind": "TICKET", "ticket": covered},
        "project": {"kind": "PROJECT", "project": factories.ProjectFactory()},
        "general": {"kind": "GENERAL"},
    }
    entries = [
        log(carol, **links[name], date=MONDAY + n * DAY, minutes=100 + n)
        for n, name in enumerate(["ticket", "project", "general", "ticket"])
    ]
    return work_types, links, [*entries, log(carol, **links["ticket"], date=MONDAY - 7 * DAY, minutes=600)]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wanted=wanted_steps)
def test_carried_out_and_undone_every_field_is_what_it_was(carol, world, wanted):
    work_types, links, entries = world
    live = list(TimeEntry.objects.order_by("pk"))
    assert [entry.pk for entry in live] == [entry.pk for entry in entries]
    steps, seen = [], set()
    for did, at, drawn in wanted:
        fields = {**drawn, **links[drawn["link"]]} if "link" in drawn else dict(drawn)
        fields.pop("link", None)
        if "work_type" in fields:
            fields["work_type"] = work_types[fields["work_type"]]
        if did == "log":
            steps.append(Log(carol, fields_of(**fields)))
        elif at not in seen:
            seen.add(at)
            steps.append(Edit(entries[at].pk, fields) if did == "edit" else Delete(entries[at].pk))
    before = values_of(entries)
    result = many_entries.carry_out(carol, Action.EDITED, steps)
    if result.batch is not None:
        undone = many_entries.undo(carol, result.batch.pk)
        assert undone.refused == []
    assert values_of(entries) == before
    assert TimeEntry.objects.count() == len(entries)
