"""Templates of a usual week: one's own, kept with their lines, put into weeks."""

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import AuditEvent
from tests import factories
from tests.cast import MONDAY
from tests.timetracking.views.helpers import NOON, logged
from timesheets_site.lib.errors import Conflict, OutOfReach, RuleViolation
from timetracking.models import TimeEntry, WeekTemplate
from timetracking.services import many_entries, week_templates
from timetracking.services.week_templates import Line

DAY = dt.timedelta(days=1)
STAND_UP = Line(subject="Stand-up", minutes=[15] * 5 + [0, 0])


def test_a_template_is_kept_with_its_lines_and_told_of(carol):
    ticket, work_type = factories.TicketFactory(title="Backups"), factories.WorkTypeFactory()
    line = Line(ticket, "", "DoNotBill", work_type, [60, 0, 60, 0, 0, 0, 0])
    template = week_templates.create(carol, name="  My   week ", lines=[STAND_UP, line])
    found = week_templates.lines_of(template)
    assert template.name == "My week"
    assert [(x.record, x.subject, x.billable_option, x.work_type, x.minutes) for x in found] == [
        (None, "Stand-up", "NoDefault", None, [15] * 5 + [0, 0]),
        (ticket, "", "DoNotBill", work_type, [60, 0, 60, 0, 0, 0, 0]),
    ]
    event = AuditEvent.objects.get(action="week_template.created")
    assert event.changes["name"] == [None, "My week"] and len(event.changes["lines"][1]) == 2


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"name": " "}, "name_required"),
        ({"name": "x" * 81}, "name_too_long"),
        ({"name": "Taken"}, "taken"),
        ({"name": "A", "lines": [Line()]}, "subject_required"),
        ({"name": "A", "lines": [Line(subject="x" * 201)]}, "subject_too_long"),
        ({"name": "A", "lines": [Line(subject="x", minutes=[1441] + [0] * 6)]}, "minutes_unreadable"),
        ({"name": "A", "lines": [Line(subject="x", minutes=[0] * 6)]}, "minutes_unreadable"),
        ({"name": "A", "lines": [Line(subject="x", billable_option="Perhaps")]}, "billable_option_unknown"),
        ({"name": "A", "lines": [STAND_UP] * 61}, "too_many_lines"),
    ],
)
def test_what_is_refused(carol, bob, fields, code):
    week_templates.create(carol, name="Taken")
    week_templates.create(bob, name="A")
    with pytest.raises(RuleViolation) as refusal:
        week_templates.create(carol, **fields)
    assert refusal.value.code == code
    assert WeekTemplate.objects.filter(member=carol).count() == 1


def test_there_is_an_end_to_it(carol, monkeypatch):
    monkeypatch.setattr(week_templates, "MOST_OF_A_MEMBER", 1)
    week_templates.create(carol, name="One")
    with pytest.raises(RuleViolation) as refusal:
        week_templates.create(carol, name="Two")
    assert refusal.value.code == "too_many"


def test_a_change_replaces_the_lines_and_needs_the_version(carol, bob):
    template = week_templates.create(carol, name="One", lines=[STAND_UP])
    changed = week_templates.change(carol, template.pk, version=1, name="Two", lines=[])
    assert (changed.name, changed.version, week_templates.lines_of(changed)) == ("Two", 2, [])
    with pytest.raises(Conflict):
        week_templates.change(carol, template.pk, version=1, name="Three")
    with pytest.raises(OutOfReach):
        week_templates.change(bob, template.pk, version=2, name="Bob's")
    with pytest.raises(OutOfReach):
        week_templates.delete(bob, template.pk)


def test_a_deleted_one_comes_back_as_it_was(carol, bob, now):
    ticket = factories.TicketFactory()
    template = week_templates.create(carol, name="One", lines=[STAND_UP, Line(ticket, minutes=[30] * 7)])
    before = [(x.record, x.subject, x.minutes) for x in week_templates.lines_of(template)]
    week_templates.delete(carol, template.pk, version=1)
    assert not WeekTemplate.objects.exists()
    with pytest.raises(OutOfReach):
        week_templates.restore(bob, template.pk)
    back = week_templates.restore(carol, template.pk)
    assert (back.pk, back.name) == (template.pk, "One")
    assert [(x.record, x.subject, x.minutes) for x in week_templates.lines_of(back)] == before
    assert week_templates.restore(carol, template.pk) == back
    week_templates.delete(carol, template.pk)
    week_templates.create(carol, name="One")
    with pytest.raises(RuleViolation):
        week_templates.restore(carol, template.pk)
    now.move_to(NOON + dt.timedelta(days=31))
    with pytest.raises(OutOfReach):
        week_templates.restore(carol, template.pk)


def test_a_week_gets_what_the_template_says_and_nothing_twice(carol, bob):
    ticket = factories.TicketFactory(title="Backups")
    closed = factories.TicketFactory(title="Closed", status="closed")
    lines = [STAND_UP, Line(ticket, minutes=[0, 45, 0, 0, 0, 0, 0]), Line(closed, minutes=[5, 0, 0, 0, 0, 0, 0])]
    template = week_templates.create(carol, name="One", lines=lines)
    logged(carol, date=MONDAY + DAY, subject="Stand-up", minutes=20)
    filling = week_templates.apply(carol, template.pk, MONDAY)
    assert [(e.date - MONDAY, e.subject, e.minutes) for e in filling.result.done] == [
        (0 * DAY, "Stand-up", 15), (DAY, "Backups", 45), (2 * DAY, "Stand-up", 15), (3 * DAY, "Stand-up", 15),
    ]  # fmt: skip
    assert len(filling.there) == 1
    assert [o.refusal.code for o in filling.result.refused] == ["record_closed", "date_in_future"]
    assert not week_templates.apply(carol, template.pk, MONDAY).result.done
    with pytest.raises(OutOfReach):
        week_templates.apply(bob, template.pk, MONDAY)
    assert week_templates.records(template) == [None, ticket, closed]


def test_weekdays_are_counted_from_monday_whatever_the_weeks_first_day(carol, acme):
    template = week_templates.create(carol, name="One", lines=[Line(subject="Sunday", minutes=[0] * 6 + [30])])
    sunday = MONDAY - DAY
    assert [f["date"] for f in week_templates.wanted(template, sunday)] == [sunday]
    assert [f["date"] for f in week_templates.wanted(template, MONDAY)] == [MONDAY + 6 * DAY]


weeks = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from(["Stand-up", "Post"]), st.integers(1, 200)), min_size=1, max_size=6
)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(week=weeks)
def test_this_week_as_a_template_makes_the_same_week_again(carol, week):
    TimeEntry.with_deleted.all().delete()
    WeekTemplate.objects.all().delete()
    for day, subject, minutes in week:
        logged(carol, date=MONDAY - (7 - day) * DAY, subject=subject, minutes=minutes)
    template = week_templates.create(carol, name="Usual", lines=week_templates.of_week(carol, MONDAY - 7 * DAY))
    filling = week_templates.apply(carol, template.pk, MONDAY)

    def sums(first):
        found = TimeEntry.objects.filter(date__gte=first, date__lt=first + 7 * DAY)
        totals = {}
        for entry in found:
            key = (entry.date - first, entry.subject)
            totals[key] = totals.get(key, 0) + entry.minutes
        return totals

    assert sums(MONDAY) == sums(MONDAY - 7 * DAY)
    many_entries.undo(carol, filling.result.batch.pk)
    assert sums(MONDAY) == {}
