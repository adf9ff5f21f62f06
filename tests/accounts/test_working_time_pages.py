"""The pages of working time: an admin's forms and lists with Undo, what managers and members read, the settings."""

from __future__ import annotations

import datetime as dt
import html
import re

import pytest

from accounts.models import AuditEvent, CapacityChange, DayOff, Membership, Organisation
from accounts.services import working_time as service

HOURS, OFF, SETTINGS = "/o/acme/members/{}/hours/", "/o/acme/members/{}/days-off/", "/o/acme/settings/working-time/"
JUNE = dt.date(2026, 6, 1)
CHANGE = {"starts_on": "2026-06-01", "weekly_capacity_minutes": "30", "working_weekdays": ["0", "1", "2", "3"]}
LEAVE = {"name": "Annual leave", "first_on": "2099-06-01", "last_on": "2099-06-05", "part": "whole"}
STORED = {"first_on": dt.date(2099, 6, 1), "last_on": dt.date(2099, 6, 5), "part": "whole", "name": "Annual leave"}


def undo_in(response) -> str:
    return html.unescape(re.search(r'action="([^"]+/restore/\?[^"]+)"', response.content.decode())[1])


def member_page(carol) -> str:
    return f"/o/acme/members/{carol.pk}/"


def change_of(alice, carol, **fields) -> CapacityChange:
    fields = {"starts_on": JUNE, "weekly_capacity_minutes": 1800, "working_weekdays": 15, **fields}
    return service.add_change(alice, carol.pk, **fields)


# --- Hours ------------------------------------------------------------------------------------------------------------


def test_a_change_of_hours_is_typed_and_listed(as_alice, acme, carol):
    response = as_alice.post(HOURS.format(carol.pk) + "new/", {**CHANGE, "version": 1})
    assert response["Location"] == member_page(carol)
    change = CapacityChange.objects.get()
    assert (change.starts_on, change.weekly_capacity_minutes, change.working_weekdays) == (JUNE, 1800, 15)
    page = as_alice.get(member_page(carol)).content.decode()
    assert "1 June 2026" in page and "Mon, Tue, Wed, Thu" in page and "Carol Clark works other hours from" in page


def test_a_new_change_begins_with_the_hours_of_the_latest(as_alice, acme, alice, carol):
    change_of(alice, carol)
    form = as_alice.get(HOURS.format(carol.pk) + "new/").context["form"]
    assert 'value="30"' in str(form["weekly_capacity_minutes"])
    assert str(form["working_weekdays"]).count("checked") == 4


def test_weekdays_are_offered_in_the_order_of_the_organisations_week(as_alice, acme, carol):
    Organisation.objects.update(first_weekday=6)
    page = as_alice.get(HOURS.format(carol.pk) + "new/").content.decode()
    assert page.index("Sunday") < page.index("Monday") < page.index("Saturday")


@pytest.mark.parametrize(
    "typed", [{"starts_on": ""}, {"starts_on": "1999-01-01"}, {"weekly_capacity_minutes": "169"},
              {"weekly_capacity_minutes": "97"}, {"working_weekdays": []}, {"working_weekdays": ["7"]}],
)  # fmt: skip
def test_what_can_t_be_is_said_at_the_form(as_alice, acme, carol, typed):
    response = as_alice.post(HOURS.format(carol.pk) + "new/", {**CHANGE, "version": 1, **typed})
    assert response.status_code == 422 and len(response.context["form"].errors) == 1
    assert not CapacityChange.objects.exists()


def test_a_change_is_corrected(as_alice, acme, alice, carol):
    url = f"{HOURS.format(carol.pk)}{change_of(alice, carol).pk}/"
    form = as_alice.get(url).context["form"]
    assert form.initial["starts_on"] == JUNE
    as_alice.post(url, {**CHANGE, "weekly_capacity_minutes": "20.5", "version": 2})
    assert CapacityChange.objects.get().weekly_capacity_minutes == 1230


def test_who_comes_second_sees_it_and_may_save_again(as_alice, acme, alice, carol):
    url = HOURS.format(carol.pk) + "new/"
    change_of(alice, carol, starts_on=dt.date(2026, 7, 1))
    response = as_alice.post(url, {**CHANGE, "version": 1})
    assert response.status_code == 409 and "Somebody changed this in the meantime" in response.content.decode()
    assert 'name="version" value="2"' in response.content.decode() and CapacityChange.objects.count() == 1
    assert as_alice.post(url, {**CHANGE, "version": 2}).status_code == 302


def test_a_change_is_removed_and_brought_back(as_alice, acme, alice, carol):
    change = change_of(alice, carol, weekly_capacity_minutes=1001)
    response = as_alice.post(f"{HOURS.format(carol.pk)}{change.pk}/remove/", {"version": 2}, follow=True)
    assert not CapacityChange.objects.exists()
    again = as_alice.post(undo_in(response), follow=True)
    assert "It is back." in again.content.decode()
    back = CapacityChange.objects.get()
    assert (back.starts_on, back.weekly_capacity_minutes, back.working_weekdays) == (JUNE, 1001, 15)
    assert AuditEvent.objects.count() == 3
    twice = as_alice.post(undo_in(response), follow=True).content.decode()
    assert "change on this day already" in twice and CapacityChange.objects.count() == 1
    assert "can&#x27;t be undone" in as_alice.post(HOURS.format(carol.pk) + "restore/", follow=True).content.decode()


def test_a_removal_of_what_somebody_changed_meanwhile_is_refused(as_alice, acme, alice, carol):
    change = change_of(alice, carol)
    assert as_alice.post(f"{HOURS.format(carol.pk)}{change.pk}/remove/", {"version": 1}).status_code == 409
    assert CapacityChange.objects.exists()


# --- Days off ---------------------------------------------------------------------------------------------------------


def test_days_off_are_typed_changed_removed_and_brought_back(as_alice, acme, carol):
    base = OFF.format(carol.pk)
    assert as_alice.post(base + "new/", {**LEAVE, "version": 1})["Location"] == member_page(carol)
    row = DayOff.objects.get(member=carol)
    assert "1 – 5 June 2099" in as_alice.get(member_page(carol)).content.decode()
    as_alice.post(f"{base}{row.pk}/", {**LEAVE, "part": "half", "version": 2})
    assert DayOff.objects.get().part == "half"
    response = as_alice.post(f"{base}{row.pk}/remove/", {"version": 3}, follow=True)
    assert not DayOff.objects.exists()
    as_alice.post(undo_in(response))
    back = DayOff.objects.get()
    assert (back.member, back.name, back.part, back.last_on) == (carol, "Annual leave", "half", dt.date(2099, 6, 5))


@pytest.mark.parametrize("typed", [{"last_on": "2099-05-01"}, {"last_on": "2101-01-01"}, {"name": " "}, {"part": "x"}])
def test_days_off_that_can_t_be_are_said_at_the_form(as_alice, acme, carol, typed):
    response = as_alice.post(OFF.format(carol.pk) + "new/", {**LEAVE, "version": 1, **typed})
    assert response.status_code == 422 and len(response.context["form"].errors) == 1
    assert not DayOff.objects.exists()


def test_everybodys_days_off_are_listed_with_a_members_and_changed_in_the_settings(as_alice, acme, carol):
    as_alice.post(SETTINGS + "days-off/new/", {**LEAVE, "name": "Closed", "version": 1})
    row = DayOff.objects.get(member=None)
    page = as_alice.get(member_page(carol)).content.decode()
    assert "Closed" in page and "Everybody" in page and f"/days-off/{row.pk}/" not in page
    assert f"{SETTINGS}days-off/{row.pk}/" in as_alice.get(SETTINGS).content.decode()
    response = as_alice.post(f"{SETTINGS}days-off/{row.pk}/remove/", {"version": 2}, follow=True)
    as_alice.post(undo_in(response))
    assert DayOff.objects.get(member=None).name == "Closed"


def test_lines_of_one_member_are_not_found_under_another(as_alice, acme, alice, bob, carol):
    change, row = change_of(alice, carol), service.add_day_off(alice, carol.pk, **STORED)
    for path in (f"{HOURS.format(bob.pk)}{change.pk}/", f"{OFF.format(bob.pk)}{row.pk}/"):
        assert as_alice.get(path).status_code == 404
        assert as_alice.post(path + "remove/").status_code == 404
    assert as_alice.get(f"{SETTINGS}days-off/{row.pk}/").status_code == 404


def test_managers_read_and_agents_do_not(as_bob, as_carol, acme, alice, carol):
    change_of(alice, carol)
    page = as_bob.get(member_page(carol)).content.decode()
    assert "1 June 2026" in page and "Add a change" not in page and "/remove/" not in page
    assert as_carol.get(member_page(carol)).status_code == 403


# --- The organisation's -----------------------------------------------------------------------------------------------


def test_the_calendar_is_chosen_by_country_and_part(as_alice, acme):
    page = as_alice.get(SETTINGS).content.decode()
    assert "United Kingdom" in page and "England" not in page
    assert "England" in as_alice.get(SETTINGS + "?holiday_country=GB").content.decode(), "while it is being chosen"
    sent = {"version": 1, "holiday_country": "GB", "holiday_part": "ENG"}
    assert as_alice.post(SETTINGS, sent)["Location"] == SETTINGS
    assert Organisation.objects.get(pk=acme.pk).holiday_calendar == "GB-ENG"
    year = dt.datetime.now(dt.UTC).year
    page = as_alice.get(SETTINGS).content.decode()
    assert page.count("Good Friday") >= 2 and f"Public holidays {year + 1}" in page


@pytest.mark.parametrize(
    ("sent", "status", "stored"),
    [
        ({"holiday_country": "DE", "holiday_part": "ENG"}, 302, "DE"),  # the part of the country before is dropped
        ({"holiday_country": "GB", "holiday_part": "BY"}, 422, "GB-ENG"),
        ({"holiday_country": "XX", "holiday_part": ""}, 422, "GB-ENG"),
        ({"holiday_country": "", "holiday_part": "ENG"}, 302, ""),
        ({"holiday_country": "GB", "holiday_part": ""}, 302, "GB"),
    ],
)
def test_a_part_belongs_to_its_country(as_alice, acme, sent, status, stored):
    Organisation.objects.update(holiday_calendar="GB-ENG")
    assert as_alice.post(SETTINGS, {"version": 1, **sent}).status_code == status
    assert Organisation.objects.get(pk=acme.pk).holiday_calendar == stored


def test_a_stale_calendar_shows_what_is_stored(as_alice, acme):
    Organisation.objects.update(version=5)
    response = as_alice.post(SETTINGS, {"version": 1, "holiday_country": "GB", "holiday_part": ""})
    assert response.status_code == 409 and Organisation.objects.get(pk=acme.pk).holiday_calendar == ""


def test_a_holiday_that_is_worked_begins_with_its_day_and_name(as_alice, acme, alice):
    Organisation.objects.update(holiday_calendar="GB-ENG")
    page = as_alice.get(SETTINGS).content.decode()
    link = html.unescape(re.search(r'href="([^"]+part=worked[^"]+name=Christmas[^"]+)"', page)[1])
    form = as_alice.get(link).context["form"]
    assert form["name"].value() == "Christmas Day" and form["part"].value() == "worked"
    day = form["first_on"].value()
    assert day == form["last_on"].value() and (day.month, day.day) == (12, 25)
    as_alice.post(SETTINGS + "days-off/new/", {
        "version": 1, "name": "Christmas Day", "first_on": str(day), "last_on": str(day), "part": "worked"
    })  # fmt: skip
    assert '<span class="chip warn">Worked</span>' in as_alice.get(SETTINGS).content.decode()
    assert as_alice.get(SETTINGS + "days-off/new/?first_on=soon&part=x").status_code == 200, "left out"


def test_a_member_has_a_calendar_of_their_own_or_none(as_alice, acme, carol):
    Organisation.objects.update(holiday_calendar="GB-ENG")
    page = as_alice.get(member_page(carol)).content.decode()
    assert "As the organisation (United Kingdom: England)" in page
    common = {
        "role": "AGENT", "line_manager": "", "employee_number": "", "weekly_capacity_hours": "37.5",
        "working_weekdays": ["0", "1", "2", "3", "4"], "default_work_role": "",
    }  # fmt: skip
    for version, (country, part, stored) in enumerate((("DE", "BY", "DE-BY"), ("-", "", "-"), ("", "", "")), 1):
        sent = {**common, "version": version, "holiday_country": country, "holiday_part": part}
        assert as_alice.post(member_page(carol), sent).status_code == 302
        assert Membership.objects.get(pk=carol.pk).holiday_calendar == stored


def test_the_audit_log_names_weekdays_parts_and_calendars(as_alice, acme, alice, carol):
    change_of(alice, carol)
    service.add_day_off(alice, carol.pk, **STORED)
    as_alice.post(SETTINGS, {"version": 1, "holiday_country": "GB", "holiday_part": "ENG"})
    page = as_alice.get("/o/acme/settings/audit/").content.decode()
    for words in ("Mon, Tue, Wed, Thu", "Whole days off", "United Kingdom: England", "Days off added", "Carol Clark"):
        assert words in page, words


def test_the_longest_timer_is_a_policy(as_alice, acme):
    page = as_alice.get("/o/acme/settings/policies/").content.decode()
    assert "Longest timer" in page and "is forgotten at 19:10" in page


# --- One's own --------------------------------------------------------------------------------------------------------


def test_members_read_what_is_expected_of_them(as_carol, acme, alice, carol):
    Organisation.objects.update(holiday_calendar="GB-ENG")
    first = carol.today()
    service.add_day_off(alice, carol.pk, **{**STORED, "first_on": first, "last_on": first + dt.timedelta(days=6)})
    page = as_carol.get("/o/acme/working-time/")
    assert page.status_code == 200 and "Annual leave" in page.content.decode()
    weeks = page.context["own"].weeks
    assert len(weeks) == 12 and weeks[0].is_now and "Annual leave" in weeks[0].less
    assert (
        "/remove/" not in page.content.decode() and "Public holidays: United Kingdom: England" in page.content.decode()
    )
    assert "/o/acme/working-time/" in as_carol.get("/me/").content.decode()
