"""The demo's weeks: every state has its story, in the past, with a history as if people had done it on the pages."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from accounts.models import AuditEvent, Notification, OutgoingMail
from accounts.tenancy import organisation_scope
from tests.cast import browser_of
from tests.timetracking.demo.conftest import DAY, THURSDAY, findings, firm, member, start_over
from timetracking.demo import load
from timetracking.demo.harbourside import HARBOURSIDE
from timetracking.demo.moments import Moments
from timetracking.demo.stories import STORIES
from timetracking.models import ApprovalEvent, ApprovalHandover, ApprovalLine, InvoiceLine, TimeEntry, Timesheet
from timetracking.rules import approval, deadlines
from timetracking.services import approval_reversals, approvals, time_entries, timesheets

pytestmark = pytest.mark.django_db
LAST_WEEK, WEEK_BEFORE = dt.date(2026, 6, 8), dt.date(2026, 6, 1)
SIGNED_IN_AS = {"Tom": "tom", "Hannah": "hannah", "Priya": "priya", "Ewa": "ewa", "Lewis": "lewis", "Jamal": "jamal",
                "Sofia": "sofia", "Aisha": "aisha", "Owen": "owen"}  # fmt: skip


def who(name: str):
    return member(f"{SIGNED_IN_AS[name]}@harbourside.example")


def week_of(name: str, week_start: dt.date = LAST_WEEK) -> Timesheet:
    return Timesheet.objects.get(member=who(name), week_start=week_start)


@pytest.fixture
def harbourside(loaded):
    organisation = firm("harbourside")
    with organisation_scope(organisation):
        yield organisation


@pytest.fixture
def larch_street(loaded):
    organisation = firm("larch-street")
    with organisation_scope(organisation):
        yield organisation


# --- The stories ------------------------------------------------------------------------------------------------------


def test_every_state_of_a_week_is_there(harbourside):
    last_week = dict(Timesheet.objects.filter(week_start=LAST_WEEK).values_list("member__user__name", "state"))
    assert last_week == {
        "Tom Okafor": "submitted",
        "Ewa Kowalska": "submitted",
        "Lewis Grant": "submitted",
        "Sofia Marini": "submitted",
        "Aisha Rahman": "partiallyApproved",
        "Priya Nair": "partiallyDeclined",
        "Jamal Reid": "declined",
        "Hannah Doyle": "saved",
        "Owen Price": "draft",
    }
    older = Timesheet.objects.filter(week_start__lt=WEEK_BEFORE)
    assert set(older.values_list("state", flat=True)) == {"approved"} and older.count() > 80
    this_week = Timesheet.objects.filter(week_start__gt=LAST_WEEK)
    assert set(this_week.values_list("state", flat=True)) == {"draft"}
    assert set(Timesheet.objects.values_list("state", flat=True)) == set(Timesheet.State.values)


def test_what_makes_the_waiting_weeks_different(harbourside):
    tom = week_of("Tom")
    assert tom.checks == ["long_day"]
    assert tom.note == "Wednesday ran long because of the Marlow outage."
    assert week_of("Lewis").checks == tom.checks  # so that both who decide see one with findings
    assert week_of("Ewa").checks == week_of("Sofia").checks == []
    minutes = sum(week_of("Sofia").entries.values_list("minutes", flat=True))
    assert minutes == who("Sofia").weekly_capacity_minutes + 230
    again = week_of("Sofia", WEEK_BEFORE)
    assert (again.state, again.submissions) == ("submitted", 2)
    assert "Thursday says too little" in again.entries.first().rejection_reason
    assert week_of("Jamal", WEEK_BEFORE).state == "submitted"


def test_what_was_rejected_says_why(harbourside):
    reasons = dict(week_of("Priya").entries.filter(status="REJECTED").values_list("subject", "rejection_reason"))
    assert reasons == {
        "Follow-up call": "Please say who you spoke to and what was agreed.",
        "Handover notes": "Handover is not in the statement of work. Move it to ADMIN.",
    }
    whole = week_of("Jamal").entries.order_by().values_list("status", "rejection_reason").distinct()
    assert list(whole) == [("REJECTED", "This looks like the week before. Please check each day again.")]


def test_weeks_that_are_kept_are_overdue(harbourside):
    policy = {"days": harbourside.deadline_days, "time": harbourside.deadline_time, "zone": harbourside.zone}
    assert deadlines.due_at(LAST_WEEK, **policy).astimezone(harbourside.zone).isoformat() == "2026-06-15T10:00:00+01:00"
    assert deadlines.due_at(LAST_WEEK, **policy) < THURSDAY
    assert week_of("Owen").state == week_of("Owen", WEEK_BEFORE).state == "draft"
    for week_start in (LAST_WEEK, WEEK_BEFORE):
        assert "Overdue" in browser_of(who("Owen")).get(f"/o/harbourside/timesheets/{week_start}/").content.decode()
    assert deadlines.due_at(dt.date(2026, 6, 7), days=2, time=dt.time(10), zone=ZoneInfo("America/New_York")) == (
        dt.datetime(2026, 6, 15, 14, tzinfo=dt.UTC)
    )


def test_the_second_firm_asks_for_two_approvals(larch_street):
    ben = Timesheet.objects.get(member=member("ben@larchstreet.example"), week_start=dt.date(2026, 6, 7))
    assert ben.state == "partiallyApproved"
    first = ben.entries.filter(first_approved_by__isnull=False)
    assert {entry.project.manager.display_name for entry in first} == {"Maya Brooks"}
    assert set(first.values_list("status", "first_approved_by__user__name")) == {("SUBMITTED", "Sofia Marini")}
    approved = Timesheet.objects.filter(member=ben.member, state="approved").first()
    steps = approved.events.order_by("pk").values_list("action", "actor__user__name", "to_state")
    assert list(steps) == [
        ("submitted", "Ben Carter", "submitted"),
        ("approved", "Sofia Marini", "partiallyApproved"),
        ("approved", "Maya Brooks", "approved"),
    ]
    handover = ApprovalHandover.objects.get()
    assert handover.first_on <= THURSDAY.date() <= handover.last_on and handover.created_at < THURSDAY


def test_notices_are_there_and_no_mail(loaded):
    with organisation_scope(firm("harbourside")):
        unread = Notification.objects.filter(read_at__isnull=True)
        assert unread.filter(member=who("Tom"), kind="timesheet.submitted").count() >= 5
        assert unread.filter(member=who("Hannah"), kind="timesheet.submitted").count() == 1
        assert unread.get(member=who("Priya")).values["rejected"] == 2
        assert Notification.objects.filter(read_at__isnull=False).exists()
        assert not Notification.objects.filter(created_at__gte=THURSDAY).exists()
    with organisation_scope(firm("larch-street")):
        kinds = set(
            Notification.objects.filter(member=member("maya@larchstreet.example")).values_list("kind", flat=True)
        )
        assert "approvals.handed_over" in kinds
    assert not OutgoingMail.objects.exists()


# --- As if done through the services ----------------------------------------------------------------------------------


def test_states_and_versions_follow_from_the_history(loaded):
    for slug in STORIES:
        with organisation_scope(firm(slug)):
            steps: dict[int, list[ApprovalEvent]] = defaultdict(list)
            for event in ApprovalEvent.objects.order_by("pk"):
                steps[event.timesheet_id].append(event)
            for sheet in Timesheet.objects.all():
                mine = steps[sheet.pk]
                states = ["draft", *(event.to_state for event in mine)]
                assert [event.from_state for event in mine] == states[:-1] and sheet.state == states[-1]
                moments = [event.at for event in mine]
                assert moments == sorted(set(moments)) and all(at < THURSDAY for at in moments)
                assert [event.version for event in mine] == sorted({event.version for event in mine})
                billed = InvoiceLine.objects.filter(entry__timesheet=sheet).exclude(invoice__status="draft").exists()
                assert not mine or mine[-1].version == sheet.version or billed  # which is another version of the week


def test_each_step_has_its_lines_and_its_event_in_the_trail(harbourside):
    for event in ApprovalEvent.objects.select_related("timesheet")[:200]:
        told = AuditEvent.objects.get(
            object_type="timesheet", object_id=event.timesheet_id, at=event.at, action=f"timesheet.{event.action}"
        )
        assert (told.actor_id, told.channel) == (event.actor_id, "demo")
        assert told.on_behalf_of_id in (None, event.timesheet.member_id)
    last = dict(ApprovalLine.objects.order_by("pk").values_list("entry_id", "to_status"))
    statuses = dict(TimeEntry.objects.filter(pk__in=last).values_list("pk", "status"))
    assert last == {pk: "APPROVED" if status == "BILLED" else status for pk, status in statuses.items()}
    sent = TimeEntry.objects.exclude(timesheet__state__in=Timesheet.UNSENT)
    assert set(sent.values_list("pk", flat=True)) == set(last)


def test_nothing_was_written_in_a_week_after_it_was_sent(harbourside):
    for entry in TimeEntry.with_deleted.filter(timesheet__state="approved").select_related("timesheet"):
        sheet = entry.timesheet
        assert entry.created_at < sheet.submitted_at < sheet.decided_at < THURSDAY
        assert (entry.deleted_at or entry.created_at) < sheet.submitted_at
        assert sheet.decided_by_id != sheet.member_id
        assert sheet.posting_date == sheet.week_end


def test_all_rows_agree(loaded):
    assert findings() == []


def test_the_services_carry_on_from_there(harbourside):
    tom, hannah, priya = who("Tom"), who("Hannah"), who("Priya")
    answers = approvals.approve_many(tom, [(week_of(name).pk, week_of(name).version) for name in ("Ewa", "Aisha")])
    assert [answer.sheet.state for answer in answers] == ["approved", "approved"]
    assert approvals.approve(hannah, week_of("Tom").pk, version=week_of("Tom").version).sheet.state == "approved"
    rejected = week_of("Priya").entries.get(subject="Follow-up call", status="REJECTED")
    time_entries.edit(priya, rejected.pk, version=rejected.version, description="Mr Marlow; we come on Monday.")
    assert timesheets.submit(priya, priya, LAST_WEEK).submissions == 2
    jamal = week_of("Jamal")
    assert approval_reversals.undo(tom, jamal.pk, version=jamal.version).state == "submitted"
    assert timesheets.submit(who("Owen"), who("Owen"), WEEK_BEFORE, version=1).state == "submitted"
    assert findings() == []


# --- Other days, other runs -------------------------------------------------------------------------------------------


@pytest.mark.thorough
@pytest.mark.parametrize(
    "moment",
    [
        dt.datetime(2026, 6, 21, 23, 30, tzinfo=dt.UTC),  # Monday has just begun in London; it is Sunday in New York
        dt.datetime(2027, 1, 1, 9, tzinfo=dt.UTC),
        dt.datetime(2026, 10, 26, 9, tzinfo=dt.UTC),  # clocks went back yesterday
    ],
    ids=str,
)
def test_on_whatever_day_it_starts(loaded, moment):
    start_over()
    with time_machine.travel(moment, tick=False):
        load.load(moment)
    for slug in STORIES:
        organisation = firm(slug)
        with organisation_scope(organisation):
            today = moment.astimezone(organisation.zone).date()
            this_week = today - (today.weekday() - organisation.first_weekday) % 7 * DAY
            states = dict(
                Timesheet.objects.filter(week_start=this_week - 7 * DAY)
                .exclude(member__user__email__in=[each.email for each in HARBOURSIDE.people if each.in_examples])
                .values_list("member__user__email", "state")
            )
            assert ApprovalEvent.objects.filter(at__gte=moment).count() == 0
            assert Notification.objects.filter(created_at__gte=moment).count() == 0
            assert TimeEntry.with_deleted.filter(updated_at__gt=moment).count() == 0
            if slug == "harbourside":
                assert states == {
                    f"{SIGNED_IN_AS[name]}@harbourside.example": state
                    for name, state in (
                        ("Tom", "submitted"), ("Ewa", "submitted"), ("Lewis", "submitted"), ("Sofia", "submitted"),
                        ("Aisha", "partiallyApproved"), ("Priya", "partiallyDeclined"), ("Jamal", "declined"),
                        ("Hannah", "saved"), ("Owen", "draft"),
                    )
                }  # fmt: skip
                clean = Timesheet.objects.filter(week_start=this_week - 7 * DAY, member__user__name="Ewa Kowalska")
                assert clean.get().checks == []
                for name in ("Tom Okafor", "Lewis Grant"):
                    odd = Timesheet.objects.get(week_start=this_week - 7 * DAY, member__user__name=name)
                    assert odd.checks == ["long_day"]
            else:
                assert sorted(states.values()) == ["approved", "draft", "partiallyApproved", "submitted"]
    assert findings() == []


def decided() -> dict[int, tuple[object, ...]]:
    names = ("state", "version", "submitted_at", "decided_at", "decided_by_id", "note")
    return {row[0]: row[1:] for row in Timesheet.objects.exclude(state="draft").values_list("pk", *names)}


def test_a_later_run_sends_the_weeks_that_ended_and_changes_nothing_that_was_decided(harbourside):
    before = decided()
    lines = ApprovalLine.objects.count()
    priya = who("Priya")
    typed = time_entries.log(priya, kind="GENERAL", date=THURSDAY.date(), minutes=5, subject="Typed by hand")
    in_two_weeks = THURSDAY + 14 * DAY
    with time_machine.travel(in_two_weeks, tick=False):
        load.load(in_two_weeks)
        assert {pk: decided()[pk] for pk in before} == before
        rows = Timesheet.objects.values_list("member__user__name", "week_start", "state")
        states = {(name, start): state for name, start, state in rows}
        this_week, ended, last_week = dt.date(2026, 6, 15), dt.date(2026, 6, 22), dt.date(2026, 6, 22)
        assert states["Ewa Kowalska", this_week] == "approved"
        assert states["Priya Nair", this_week] == "draft"  # with what was typed in it
        assert TimeEntry.objects.get(pk=typed.pk).status == "OPEN"
        assert states["Ewa Kowalska", last_week] == states["Priya Nair", ended] == "submitted"
        assert states["Owen Price", last_week] == "draft"
        assert states["Ewa Kowalska", dt.date(2026, 6, 29)] == "draft"
        assert ApprovalLine.objects.count() > lines
        assert not ApprovalEvent.objects.filter(at__gte=timezone.now()).exists()
        assert findings() == []
        assert load.load(in_two_weeks).entries == {"Harbourside IT": 0, "Larch Street Digital": 0}
        assert {pk: decided()[pk] for pk in before} == before


def test_what_people_decided_in_between_stays(harbourside):
    tom, ewa = who("Tom"), week_of("Ewa")
    approvals.reject(tom, ewa.pk, version=ewa.version, reason="Not yet")
    timesheets.submit(who("Lewis"), who("Lewis"), THURSDAY.date(), note="Early")
    before = decided()
    monday = THURSDAY + 4 * DAY
    with time_machine.travel(monday, tick=False):
        load.load(monday)
    assert {pk: decided()[pk] for pk in before} == before


# --- When -------------------------------------------------------------------------------------------------------------


def test_moments_lie_after_the_work_and_before_now():
    zone = ZoneInfo("Europe/London")
    for hour in range(0, 24 * 9):
        after = dt.datetime(2026, 6, 12, 17, tzinfo=zone)
        now = dt.datetime(2026, 6, 12, 18, tzinfo=zone) + dt.timedelta(hours=hour)
        moments = Moments("firm", zone, now)
        sent = moments.sent("ewa", LAST_WEEK, after=after)
        assert sent is None or after < sent < now
        decided_at = moments.decided("tom", LAST_WEEK, after=sent) if sent else None
        assert decided_at is None or sent < decided_at < now
        if now.date() > LAST_WEEK + 6 * DAY:
            assert sent and decided_at


def test_a_week_that_has_only_just_been_finished_is_not_sent_yet():
    now = dt.datetime(2026, 6, 14, 20, 45, tzinfo=dt.UTC)
    moments = Moments("firm", dt.UTC, now)
    assert moments.sent("ewa", LAST_WEEK, after=now - dt.timedelta(minutes=1)) is None


def test_a_state_of_the_demo_is_one_that_the_rule_gives(harbourside):
    for sheet in Timesheet.objects.exclude(state__in=Timesheet.UNSENT).prefetch_related("entries"):
        counts: dict[str, int] = defaultdict(int)
        for entry in sheet.entries.all():
            counts[entry.status] += 1
        assert approval.state_of(sheet.state, counts) == sheet.state
