"""Members' hours from a day on, and days off: who writes them, what is refused, what is recorded, who meets whom."""

from __future__ import annotations

import datetime as dt

import pytest

from accounts import holiday_calendars, weekdays, working_time, working_time_rows
from accounts.models import AuditEvent, CapacityChange, DayOff, Membership, Organisation
from accounts.services import members, organisations
from accounts.services import working_time as service
from accounts.tenancy import organisation_scope
from tests import factories
from tests.accounts.helpers import at_once
from timesheets_site.lib.errors import Conflict, NotAllowed, OutOfReach, RuleViolation

MAY, JUNE = dt.date(2026, 5, 1), dt.date(2026, 6, 1)
CHANGE = {"starts_on": JUNE, "weekly_capacity_minutes": 1800, "working_weekdays": 0b0001111}
LEAVE = {"first_on": JUNE, "last_on": JUNE + dt.timedelta(days=4), "part": "whole", "name": "Annual leave"}


def refused(act) -> tuple[str, str | None]:
    with pytest.raises(RuleViolation) as refusal:
        act()
    return refusal.value.code, refusal.value.field


def last_event() -> AuditEvent:
    return AuditEvent.objects.order_by("-pk")[0]


def version_of(member) -> int:
    return Membership.objects.get(pk=member.pk).version


# --- Hours ------------------------------------------------------------------------------------------------------------


def test_a_change_is_added_changed_and_removed_and_each_is_recorded(acme, alice, carol):
    change = service.add_change(alice, carol.pk, version=1, **CHANGE)
    event = last_event()
    assert (event.action, event.object_type, event.object_id) == ("working_time.added", "membership", carol.pk)
    assert event.changes == {
        "working_time_from": [None, "2026-06-01"],
        "weekly_capacity_minutes": [None, 1800],
        "working_weekdays": [None, 15],
    }
    service.edit_change(alice, carol.pk, change.pk, version=2, **{**CHANGE, "weekly_capacity_minutes": 1500})
    assert last_event().changes == {"weekly_capacity_minutes": [1800, 1500]}
    service.edit_change(alice, carol.pk, change.pk, version=3, **{**CHANGE, "weekly_capacity_minutes": 1500})
    assert AuditEvent.objects.count() == 2, "nothing changed"
    _member, was = service.remove_change(alice, carol.pk, change.pk, version=4)
    assert was == {**CHANGE, "weekly_capacity_minutes": 1500}
    assert last_event().action == "working_time.removed" and last_event().changes["working_weekdays"] == [15, None]
    assert not CapacityChange.objects.exists() and version_of(carol) == 5


@pytest.mark.parametrize(
    ("typed", "code", "field"),
    [
        ({"starts_on": dt.date(1999, 12, 31)}, "day_out_of_range", "starts_on"),
        ({"working_weekdays": 0}, "weekdays_missing", "working_weekdays"),
        ({"working_weekdays": 128}, "weekdays_missing", "working_weekdays"),
        ({"weekly_capacity_minutes": -1}, "hours_out_of_range", "weekly_capacity_minutes"),
        ({"weekly_capacity_minutes": 1441, "working_weekdays": 1}, "hours_out_of_range", "weekly_capacity_minutes"),
        ({"starts_on": MAY}, "change_on_that_day", "starts_on"),
    ],
)
def test_hours_that_are_refused(acme, alice, carol, typed, code, field):
    service.add_change(alice, carol.pk, **{**CHANGE, "starts_on": MAY})
    assert refused(lambda: service.add_change(alice, carol.pk, **{**CHANGE, **typed})) == (code, field)
    assert CapacityChange.objects.count() == 1 and AuditEvent.objects.count() == 1


def test_all_hours_of_all_days_and_none_of_none_are_possible(acme, alice, carol):
    service.add_change(alice, carol.pk, starts_on=MAY, weekly_capacity_minutes=10_080, working_weekdays=127)
    service.add_change(alice, carol.pk, starts_on=JUNE, weekly_capacity_minutes=0, working_weekdays=0)
    assert CapacityChange.objects.count() == 2


def test_the_own_hours_of_a_member_ask_the_same(acme, alice, carol):
    edit = lambda **fields: members.edit(alice, carol.pk, version=version_of(carol), **fields)  # noqa: E731
    assert refused(lambda: edit(working_weekdays=0)) == ("weekdays_missing", "working_weekdays")
    assert refused(lambda: edit(holiday_calendar="GB-XXX")) == ("unknown_calendar", "holiday_calendar")
    edit(working_weekdays=0b0000011, holiday_calendar="-")
    assert last_event().changes == {"working_weekdays": [31, 3], "holiday_calendar": ["", "-"]}


# --- Days off ---------------------------------------------------------------------------------------------------------


def test_days_off_of_a_member_are_added_changed_and_removed(acme, alice, carol):
    row = service.add_day_off(alice, carol.pk, version=1, **LEAVE)
    assert row.member == carol and last_event().object_id == carol.pk
    assert last_event().changes["day_off_name"] == [None, "Annual leave"]
    service.edit_day_off(alice, carol.pk, row.pk, version=2, **{**LEAVE, "part": "half"})
    assert last_event().changes == {"day_off_part": ["whole", "half"]}
    assert service.remove_day_off(alice, carol.pk, row.pk, version=3) == {**LEAVE, "part": "half"}
    assert last_event().action == "day_off.removed" and not DayOff.objects.exists()


def test_days_off_of_everybody_are_the_organisations(acme, alice):
    row = service.add_day_off(alice, None, version=1, **LEAVE)
    assert row.member is None
    assert (last_event().object_type, last_event().object_id) == ("organisation", acme.pk)
    service.remove_day_off(alice, None, row.pk, version=2)
    assert Organisation.objects.get(pk=acme.pk).version == 3


@pytest.mark.parametrize(
    ("typed", "code", "field"),
    [
        ({"first_on": dt.date(1999, 1, 1)}, "day_out_of_range", "first_on"),
        ({"last_on": dt.date(3000, 1, 1)}, "day_out_of_range", "last_on"),
        ({"last_on": MAY}, "day_off_ends_before", "last_on"),
        ({"last_on": JUNE + dt.timedelta(days=366)}, "day_off_too_long", "last_on"),
        ({"part": "third"}, "part_unknown", "part"),
        ({"name": "  "}, "name_missing", "name"),
        ({"name": "x" * 81}, "text_too_long", "name"),
        ({"name": "a\x00"}, "text_unreadable", "name"),
    ],
)
def test_days_off_that_are_refused(acme, alice, carol, typed, code, field):
    for whose in (carol.pk, None):
        assert refused(lambda whose=whose: service.add_day_off(alice, whose, **{**LEAVE, **typed})) == (code, field)
    assert not DayOff.objects.exists() and version_of(carol) == 1


# --- Who may, and who meets whom --------------------------------------------------------------------------------------


def test_only_admins_write(acme, alice, bob, carol):
    change, row = service.add_change(alice, carol.pk, **CHANGE), service.add_day_off(alice, carol.pk, **LEAVE)
    for actor in (bob, carol):
        for act in (
            lambda a=actor: service.add_change(a, carol.pk, **CHANGE),
            lambda a=actor: service.edit_change(a, carol.pk, change.pk, **CHANGE),
            lambda a=actor: service.remove_change(a, carol.pk, change.pk),
            lambda a=actor: service.add_day_off(a, carol.pk, **LEAVE),
            lambda a=actor: service.add_day_off(a, None, **LEAVE),
            lambda a=actor: service.edit_day_off(a, carol.pk, row.pk, **LEAVE),
            lambda a=actor: service.remove_day_off(a, carol.pk, row.pk),
        ):
            with pytest.raises(NotAllowed):
                act()


def test_lines_of_others_are_out_of_reach(acme, alice, bob, carol, globex, mallory):
    change, row = service.add_change(alice, carol.pk, **CHANGE), service.add_day_off(alice, carol.pk, **LEAVE)
    everybodys = service.add_day_off(alice, None, **LEAVE)
    for act in (
        lambda: service.edit_change(alice, bob.pk, change.pk, **CHANGE),
        lambda: service.remove_change(alice, bob.pk, change.pk),
        lambda: service.remove_day_off(alice, bob.pk, row.pk),
        lambda: service.remove_day_off(alice, None, row.pk),
        lambda: service.remove_day_off(alice, carol.pk, everybodys.pk),
        lambda: service.add_change(alice, mallory.pk, **CHANGE),
    ):
        with pytest.raises(OutOfReach):
            act()
    with organisation_scope(globex):
        for act in (
            lambda: service.remove_change(mallory, carol.pk, change.pk),
            lambda: service.remove_day_off(mallory, None, everybodys.pk),
        ):
            with pytest.raises(OutOfReach):
                act()
    assert (CapacityChange.objects.count(), DayOff.objects.count()) == (1, 2)


def test_a_form_that_was_opened_before_somebody_elses_change_stores_nothing(acme, alice, carol):
    service.add_day_off(alice, carol.pk, version=1, **LEAVE)
    with pytest.raises(Conflict) as conflict:
        service.add_change(alice, carol.pk, version=1, **CHANGE)
    assert conflict.value.current.version == 2 and not CapacityChange.objects.exists()
    service.add_day_off(alice, None, version=1, **LEAVE)
    with pytest.raises(Conflict):
        service.add_day_off(alice, None, version=1, **LEAVE)
    with pytest.raises(Conflict):
        organisations.edit(alice, version=1, name="Acme 2")
    assert DayOff.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_admins_at_once_on_the_same_page_store_one_and_are_told(acme_organisation, alice, bob, carol):
    with organisation_scope(acme_organisation):
        Membership.objects.filter(pk=bob.pk).update(role="ADMIN")
    bob.role = "ADMIN"

    def add(actor, member_id, version):
        with organisation_scope(acme_organisation):
            return service.add_day_off(actor, member_id, version=version, **LEAVE)

    for member_id in (carol.pk, None):
        results = at_once(lambda m=member_id: add(alice, m, 1), lambda m=member_id: add(bob, m, 1))
        assert sorted(type(result).__name__ for result in results) == ["Conflict", "DayOff"]
    with organisation_scope(acme_organisation):  # and its twin: without the version that was shown both are stored
        assert DayOff.objects.count() == 2
        results = at_once(lambda: add(alice, carol.pk, None), lambda: add(bob, carol.pk, None))
        assert [type(result).__name__ for result in results] == ["DayOff", "DayOff"] and DayOff.objects.count() == 4


# --- Calendars --------------------------------------------------------------------------------------------------------


def test_the_calendar_is_checked_in_one_place(acme, alice):
    for code, word in (("XX", "no calendar"), ("GB-XXX", "no part"), ("-", "no calendar"), ("GB-", "no calendar")):
        act = lambda code=code: organisations.edit(  # noqa: E731
            alice, version=Organisation.objects.get(pk=acme.pk).version, holiday_calendar=code
        )
        with pytest.raises(RuleViolation, match=word):
            act()
    organisations.edit(alice, version=1, holiday_calendar="GB-ENG")
    assert last_event().changes == {"holiday_calendar": ["", "GB-ENG"]}


def test_countries_have_names_and_parts_and_days_in_the_readers_language():
    assert dict(holiday_calendars.countries())["DE"] == "Germany"
    assert dict(holiday_calendars.parts_of("DE"))["BY"] == "Bayern" and holiday_calendars.parts_of("XX") == ()
    assert holiday_calendars.name_of("GB-ENG") == "United Kingdom: England" and holiday_calendars.name_of("") == ""
    days = holiday_calendars.days_of("DE-BY", dt.date(2026, 12, 20), dt.date(2027, 1, 6))
    assert list(days.values()) == ["Christmas Day", "Second Day of Christmas", "New Year's Day", "Epiphany"]
    assert holiday_calendars.days_of("DE", dt.date(2027, 1, 6), dt.date(2027, 1, 6)) == {}


def test_a_calendar_that_is_no_longer_known_has_no_days():
    for code in ("", "XX", "GB-XXX"):
        assert holiday_calendars.days_of(code, dt.date(2026, 1, 1), dt.date(2026, 12, 31)) == {}
    assert holiday_calendars.days_of("GB", dt.date(2999, 1, 1), dt.date(2999, 12, 31)) == {}


# --- Reading ----------------------------------------------------------------------------------------------------------


def test_what_is_read_for_many_members_takes_two_queries(acme, alice, bob, carol, count_queries):
    Organisation.objects.filter(pk=acme.pk).update(holiday_calendar="GB-ENG")
    acme.refresh_from_db()
    service.add_change(alice, carol.pk, **CHANGE)
    service.add_change(alice, bob.pk, **CHANGE)
    service.add_day_off(alice, carol.pk, **LEAVE)
    service.add_day_off(alice, None, **{**LEAVE, "name": "Closed"})
    members.edit(alice, bob.pk, version=version_of(bob), holiday_calendar="DE-BY")
    people = list(Membership.objects.all())
    found = {}

    def read():
        found.update(working_time.read(acme, people, JUNE, JUNE + dt.timedelta(days=6)))

    assert count_queries(read) == 2
    assert [free.name for free in found[carol.pk].free] == ["Annual leave", "Closed"]
    assert [free.name for free in found[bob.pk].free] == ["Closed"]
    assert [s.weekly_minutes for s in found[carol.pk].schedules] == [2250, 1800]
    assert [s.weekly_minutes for s in found[alice.pk].schedules] == [2250]
    assert list(found[bob.pk].holidays.values()) == ["Corpus Christi"] and found[carol.pk].holidays == {}
    assert count_queries(lambda: working_time.read(acme, people[:1], JUNE, JUNE)) == 2
    assert count_queries(lambda: working_time.read(acme, [], JUNE, JUNE)) == 0


def test_hours_are_read_as_of_the_last_day_and_days_off_as_they_overlap(acme, alice, carol):
    service.add_change(alice, carol.pk, **CHANGE)
    service.add_day_off(alice, carol.pk, **LEAVE)
    day = dt.timedelta(days=1)
    for first, last, schedules, free in (
        (JUNE - day, JUNE - day, 1, 0), (JUNE - day, JUNE, 2, 1), (JUNE + 4 * day, JUNE + 9 * day, 2, 1),
        (JUNE + 5 * day, JUNE + 9 * day, 2, 0),
    ):  # fmt: skip
        known = working_time.read(acme, [carol], first, last)[carol.pk]
        assert (len(known.schedules), len(known.free)) == (schedules, free), first


def test_weekdays_in_words_follow_the_organisations_week():
    assert weekdays.in_words(0b0011111) == "Monday to Friday"
    assert weekdays.in_words(0b1000011, first_weekday=6) == "Sun, Mon, Tue"
    assert weekdays.in_words(0) == "None"


def test_the_members_list_shows_the_hours_of_today(acme, as_bob, alice, carol):
    service.add_change(alice, carol.pk, starts_on=dt.date(2020, 1, 1), weekly_capacity_minutes=630, working_weekdays=3)
    service.add_change(alice, carol.pk, starts_on=dt.date(2999, 1, 1), weekly_capacity_minutes=60, working_weekdays=3)
    html = as_bob.get("/o/acme/members/").content.decode()
    assert ">10.5</td>" in html and ">37.5</td>" in html and ">1</td>" not in html


def test_the_line_that_counts_today_is_marked(acme, alice, carol):
    service.add_change(alice, carol.pk, **CHANGE)
    carol.refresh_from_db()
    carol.organisation = acme
    for today, plain, later in ((JUNE - dt.timedelta(days=1), True, False), (JUNE, False, True)):
        time = working_time_rows.time_of(carol, today)
        assert (time.plain_is_now, time.changes[0].is_now) == (plain, later)


def test_days_off_come_soonest_first_and_then_those_that_are_over(acme, alice, carol):
    for name, day in (("past", 1), ("now", 10), ("later", 20)):
        first = dt.date(2026, 6, day)
        service.add_day_off(alice, carol.pk, **{**LEAVE, "name": name, "first_on": first, "last_on": first})
    rows = working_time_rows.time_of(carol, dt.date(2026, 6, 10)).days_off
    assert [(row.name, row.is_over) for row in rows] == [("now", False), ("later", False), ("past", True)]


def test_factories_know_nobody_new(acme):
    """Members of tests have always been here, so whole weeks are expected of them."""
    assert factories.MembershipFactory().joined_at.year == 2020
