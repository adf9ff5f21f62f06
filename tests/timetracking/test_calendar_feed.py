"""The calendar feed: its page, its secret, its events, and what a program that asks again gets."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.test import Client
from icalendar import Calendar

from accounts import rate_limits
from accounts.models import AuditEvent, CalendarFeed, Organisation, User
from accounts.services import calendar_feeds
from accounts.tenancy import organisation_scope
from tests import factories
from timetracking.services import catalogue

TODAY = dt.date(2026, 6, 16)


@pytest.fixture(autouse=True)
def on_a_tuesday(time_machine):
    rate_limits.forget_blocks()
    time_machine.move_to("2026-06-16T12:00:00Z", tick=False)


def entry_of(member, date=TODAY, **values):
    with organisation_scope(member.organisation_id):
        return factories.TimeEntryFactory(member=member, date=date, **values)


def feed(token: str, **headers: str):
    return Client(headers=headers).get(f"/ical/{token}.ics")


def events(token: str) -> dict[str, object]:
    calendar = Calendar.from_ical(feed(token).content)
    return {str(event["uid"]): event for event in calendar.walk("VEVENT")}


# --- The page ---------------------------------------------------------------------------------------------------------


def test_an_address_is_made_shown_once_replaced_and_switched_off(as_carol, carol):
    made = as_carol.post("/me/calendar/new/").content.decode()
    (first,) = re.findall(r"/ical/([\w-]+)\.ics", made)
    assert feed(first).status_code == 200
    page = as_carol.get("/me/calendar/").content.decode()
    assert "ical/" not in page and "Switch off" in page and "16 June 2026, 13:00" in page
    assert first not in CalendarFeed.objects.get().digest
    (second,) = re.findall(r"/ical/([\w-]+)\.ics", as_carol.post("/me/calendar/new/").content.decode())
    assert (feed(first).status_code, feed(second).status_code) == (404, 200)
    assert as_carol.get("/me/calendar/off/").status_code == 200 and CalendarFeed.objects.exists()
    for _time in range(2):
        assert as_carol.post("/me/calendar/off/")["Location"] == "/me/calendar/"
    assert feed(second).status_code == 404
    with organisation_scope(carol.organisation):
        told = list(AuditEvent.objects.filter(user=carol.user).order_by("pk").values_list("action", flat=True))
    assert told == ["user.calendar_made", "user.calendar_renewed", "user.calendar_ended"]


def test_making_one_asks_for_the_password_again(as_carol, settings):
    settings.FRESH_SIGN_IN_SECONDS = -1
    assert as_carol.post("/me/calendar/new/")["Location"].startswith("/confirm/")
    assert not CalendarFeed.objects.exists()


@pytest.mark.parametrize("token", ["wrong", "x" * 300, "%00", "é", "a.b"])
def test_a_wrong_secret_is_404(db, token):
    assert feed(token).status_code in (400, 404)


def test_it_ends_with_the_account(carol):
    token = calendar_feeds.make(carol.user)
    User.objects.filter(pk=carol.user_id).update(is_active=False)
    assert feed(token).status_code == 404


# --- What is in it ----------------------------------------------------------------------------------------------------


def test_an_entry_as_an_event(acme, carol):
    start = dt.datetime(2026, 6, 16, 8, tzinfo=dt.UTC)
    entry = entry_of(
        carol, started_at=start, ended_at=start + dt.timedelta(minutes=95), break_minutes=5, minutes=90,
        ticket=factories.TicketFactory(number=4846, client__name="Harbour, Side"), subject="Printer; jams, again",
        description="First line\r\nsecond \\ line \x0b" + "ü" * 100, internal_notes="never this",
    )  # fmt: skip
    answer = feed(calendar_feeds.make(carol.user))
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    lines = answer.content.split(b"\r\n")
    assert b"\n" not in answer.content.replace(b"\r\n", b"") and max(map(len, lines)) <= 75
    for line in (b"BEGIN:VCALENDAR", b"VERSION:2.0", b"X-WR-CALNAME:Timesheets", b"DTSTART:20260616T080000Z",
                 b"DTEND:20260616T093500Z", b"SUMMARY:Printer\\; jams\\, again", b"CATEGORIES:TICKET",
                 f"UID:entry-{entry.pk}@testserver".encode(), b"DTSTAMP:20260616T120000Z",
                 b"LAST-MODIFIED:20260616T120000Z"):  # fmt: skip
        assert line in lines
    (event,) = Calendar.from_ical(answer.content).walk("VEVENT")
    first, _blank, *rest = str(event["description"]).split("\n")
    assert first == "1h 30m · TKT-4846 · Harbour, Side · Acme"
    assert rest == ["First line", "second \\ line  " + "ü" * 100]
    assert b"never" not in answer.content and b"\x0b" not in answer.content


def test_without_clock_times_it_takes_the_day(acme, carol):
    entry_of(carol)
    (event,) = events(calendar_feeds.make(carol.user)).values()
    assert (event["dtstart"].dt, event["dtend"].dt) == (TODAY, TODAY + dt.timedelta(days=1))
    assert event["transp"] == "TRANSPARENT"


def test_what_is_in_it(acme, carol, bob, mallory):
    with organisation_scope(mallory.organisation):
        there = factories.MembershipFactory(user=carol.user, role="ADMIN")
    with organisation_scope(factories.OrganisationFactory(features=[])) as _off:
        off = factories.MembershipFactory(user=carol.user)
        entry_of(off)
    mine, also_mine = entry_of(carol), entry_of(there, TODAY - dt.timedelta(days=400))
    entry_of(carol, TODAY - dt.timedelta(days=401))
    entry_of(carol, deleted_at=dt.datetime(2026, 6, 16, tzinfo=dt.UTC), deleted_by=carol)
    entry_of(bob)
    entry_of(mallory)
    token = calendar_feeds.make(carol.user)
    assert set(events(token)) == {f"entry-{each.pk}@testserver" for each in (mine, also_mine)}
    Organisation.objects.update(features=[])
    assert events(token) == {}


# --- Asked again ------------------------------------------------------------------------------------------------------


def test_nothing_new_is_304_at_the_cost_of_a_count(acme, carol, count_queries, time_machine):
    entries = [entry_of(carol) for _each in range(3)]
    token = calendar_feeds.make(carol.user)
    tag = feed(token)["ETag"]
    known = {"If-None-Match": tag}
    assert (feed(token, **known).status_code, feed(token, **known).content) == (304, b"")
    assert count_queries(lambda: feed(token, **known)) == 4  # secret, limit, memberships, one count
    time_machine.move_to("2026-06-16T12:30:00Z", tick=False)
    with organisation_scope(acme):
        entries[0].deleted_at, entries[0].deleted_by = dt.datetime(2026, 6, 16, 12, 30, tzinfo=dt.UTC), carol
        entries[0].save()
    changed = feed(token, **known)
    assert changed.status_code == 200 and changed["ETag"] != tag
    assert feed(token, **{"If-Modified-Since": changed["Last-Modified"]}).status_code == 200
    other = Client(headers={"If-None-Match": changed["ETag"]}).get(f"/ical/{token}.ics", SERVER_NAME="127.0.0.1")
    assert other.status_code == 200  # other names of events


def test_what_its_events_name_may_be_renamed(acme, alice, carol):
    entry = entry_of(carol, ticket=factories.TicketFactory())
    token = calendar_feeds.make(carol.user)
    tag = feed(token)["ETag"]
    with organisation_scope(acme):
        catalogue.edit(alice, entry.client, version=entry.client.version, name="Quarry & Sons")
    renamed = feed(token, **{"If-None-Match": tag})
    assert renamed.status_code == 200 and b"Quarry & Sons" in renamed.content.replace(b"\r\n ", b"")
    Organisation.objects.filter(pk=acme.pk).update(name="Apex")
    assert feed(token, **{"If-None-Match": renamed["ETag"]}).status_code == 200


def test_it_costs_the_same_however_busy(acme, carol, count_queries):
    entry_of(carol)
    token = calendar_feeds.make(carol.user)
    feed(token)
    quiet = count_queries(lambda: feed(token))
    with organisation_scope(acme):
        factories.TimeEntryFactory.create_batch(10, member=carol, date=TODAY, ticket=factories.TicketFactory())
    assert count_queries(lambda: feed(token)) == quiet


def test_the_limit_of_a_minute(carol, monkeypatch):
    monkeypatch.setattr("timetracking.views.calendar_feed.REQUESTS_A_MINUTE", 2)
    token = calendar_feeds.make(carol.user)
    answers = [feed(token) for _time in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 0 < int(answers[-1]["Retry-After"]) <= 60
