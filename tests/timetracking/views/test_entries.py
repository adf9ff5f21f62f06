"""The entry forms and actions: the same through script, without it, and by a forged request."""

import datetime as dt
import json

import pytest

from accounts.models import OneTimeKey
from accounts.tenancy import organisation_scope
from tests import factories
from tests.timetracking.views.helpers import HTMX, NEW, NOON, logged, typed, url
from timetracking.models import TimeEntry
from timetracking.services import time_entries

# --- Logging ----------------------------------------------------------------------------------------------------------


def test_the_form_comes_with_its_defaults(as_carol, carol):
    ticket = factories.TicketFactory(title="Backup job failed", billable="no")
    response = as_carol.get(f"{NEW}?ticket={ticket.pk}&date=2026-06-16")
    initial = response.context["form"].initial
    assert (initial["kind"], initial["record"], initial["subject"]) == (
        "TICKET",
        f"ticket:{ticket.pk}",
        "Backup job failed",
    )
    assert (initial["billable"], initial["date"]) == (False, dt.date(2026, 6, 16))
    assert response.context["page"].focus == "duration"
    logged(carol)
    initial = as_carol.get(NEW).context["form"].initial
    assert (initial["kind"], initial["date"], initial["billable"]) == ("GENERAL", dt.date(2026, 6, 18), False)


def test_an_entry_is_logged_without_script(as_carol, carol):
    ticket = factories.TicketFactory(number=4846)
    values = typed(kind="TICKET", record=f"ticket:{ticket.pk}", duration="1,5", billable="on", billable_shown="1")
    response = as_carol.post(NEW, values, follow=True)
    entry = TimeEntry.objects.get()
    assert (entry.minutes, entry.ticket, entry.billable_option, entry.billable) == (90, ticket, "NoDefault", True)
    assert response.redirect_chain[-1][0] == f"/o/acme/timesheets/2026-06-15#entry-{entry.pk}".replace("15#", "15/#")
    assert "Logged 1h 30m to TKT-4846 on Monday" in response.content.decode()
    assert f'action="{url(entry, "delete")}?version=1"' in response.content.decode()  # Undo is a form


def test_with_htmx_the_same_answer_carries_the_day_and_the_figures(as_carol):
    response = as_carol.post(NEW, typed(), headers=HTMX)
    assert response.status_code == 200
    body = response.content.decode()
    for part in ('id="day-2026-06-15"', 'id="kpis"', 'id="week-status"', "Stand-up", "Logged 30m on Monday"):
        assert part in body
    assert 'id="day-2026-06-16"' not in body
    events = json.loads(response.headers["HX-Trigger"])
    assert {"dialog-close", "say", "entries-changed"} <= set(events)
    assert "30 minutes" in events["say"]["text"]


def test_a_date_outside_the_open_week_sends_only_a_toast_that_leads_there(as_carol):
    body = as_carol.post(NEW, typed(date="2026-06-02"), headers=HTMX).content.decode()
    assert "/o/acme/timesheets/2026-06-01/" in body
    assert 'id="day-' not in body


def test_a_typed_reference_finds_its_record(as_carol):
    ticket, project = factories.TicketFactory(number=4846), factories.ProjectFactory(code="PRJ-112")
    for kind, text, record in (
        ("TICKET", "4846", ticket),
        ("TICKET", "tkt-4846", ticket),
        ("PROJECT", "prj-112", project),
    ):
        as_carol.post(NEW, typed(kind=kind, reference=text))
        assert TimeEntry.objects.latest("pk").link == record


def test_a_range_fills_start_and_end_in_the_members_zone(as_carol):
    as_carol.post(NEW, typed(duration="9-10:30"))
    entry = TimeEntry.objects.get()
    assert (entry.minutes, entry.started_at) == (90, dt.datetime(2026, 6, 15, 8, tzinfo=dt.UTC))
    as_carol.post(NEW, typed(duration="", start="13:00", end="14:00", break_minutes="15"))
    assert TimeEntry.objects.latest("pk").minutes == 45
    response = as_carol.post(NEW, typed(duration="1-2", date="2026-03-29"))
    assert response.status_code == 422
    assert "does not exist on that day" in str(response.context["form"].errors)


@pytest.mark.parametrize(
    ("box", "shown", "option", "stored"),
    [("on", "1", "NoDefault", "NoDefault"), ("", "1", "NoDefault", "DoNotBill"), ("on", "0", "NoDefault", "Billable"),
     ("on", "1", "NoCharge", "NoCharge"), ("", "0", "", "NoDefault"), ("on", "1", "DoNotBill", "DoNotBill")],
)  # fmt: skip
def test_only_a_changed_box_overrides_the_decision(as_carol, box, shown, option, stored):
    ticket = factories.TicketFactory()
    values = typed(kind="TICKET", record=f"ticket:{ticket.pk}", billable_shown=shown, billable_option=option)
    as_carol.post(NEW, values | ({"billable": box} if box else {}))
    assert TimeEntry.objects.get().billable_option == stored


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"duration": ""}, "duration", "Enter a duration"),
        ({"duration": "abc"}, "duration", "Use a format like 1h 30m, 1:30, 1.5 or 90m"),
        ({"duration": "0"}, "duration", "Enter at least 1 minute"),
        ({"duration": "1:75"}, "duration", "Minutes go up to 59. Did you mean 2:15?"),
        ({"duration": "9" * 5000}, "duration", None),
        ({"date": ""}, "date", "Enter a date"),
        ({"date": "2026-02-30"}, "date", "Enter a date like 2026-06-18"),
        ({"date": "2026-06-19"}, "date", "You can log time up to today"),
        ({"date": "99999-01-01"}, "date", None),
        ({"subject": ""}, "subject", "Enter a subject"),
        ({"subject": "x" * 201}, "subject", "Use at most 200 characters"),
        ({"subject": "a\x00b"}, "subject", None),
        ({"description": "x" * 10_001}, "description", "Use at most 10,000 characters"),
        ({"kind": "TICKET"}, "record", "Choose a ticket"),
        ({"kind": "PROJECT", "record": "project:999999"}, "record", "Choose a project"),
        ({"kind": "TICKET", "record": "ticket:1' OR 1=1"}, "record", "Choose a ticket"),
        ({"kind": "TICKET", "record": "membership:1"}, "record", "Choose a ticket"),
        ({"kind": "", "record": ""}, "record", "Choose a ticket or project"),
        ({"kind": "LUNCH"}, "kind", None),
        ({"billable_option": "Free"}, "billable_option", None),
        ({"start": "25:00"}, "start", None),
        ({"break_minutes": "-5"}, "break_minutes", None),
        ({"version": "9" * 30}, "version", None),
    ],
)
def test_bad_input_gives_the_form_again_with_what_was_typed(as_carol, values, field, words):
    for headers in ({}, HTMX):
        response = as_carol.post(NEW, typed(description="Long story") | values, headers=headers)
        assert response.status_code == 422
        form = response.context["form"]
        assert field in form.errors, form.errors
        if words:
            assert words in form.errors[field]
            assert words.split("'")[0] in response.content.decode()
        if "description" not in values:
            assert "Long story" in response.content.decode()
    assert not TimeEntry.objects.exists()


@pytest.mark.parametrize("day", ["0001-01-01", "1999-12-31", "2999-12-31", "9999-12-31"])
def test_a_day_whose_week_has_no_address_gives_the_form_again(as_carol, day):
    assert as_carol.get(f"{NEW}?date={day}").status_code == 200
    response = as_carol.post(NEW, typed(date=day))
    assert response.status_code == 422
    assert "date" in response.context["form"].errors


def test_a_foreign_record_is_answered_like_an_unknown_one(as_carol, globex):
    with organisation_scope(globex):
        theirs = factories.TicketFactory(number=777)
    unknown = as_carol.post(NEW, typed(kind="TICKET", record="ticket:987654"))
    foreign = as_carol.post(NEW, typed(kind="TICKET", record=f"ticket:{theirs.pk}"))
    assert foreign.status_code == unknown.status_code == 422
    assert foreign.context["form"].errors == unknown.context["form"].errors
    assert as_carol.post(NEW, typed(kind="TICKET", reference="TKT-777")).status_code == 422
    assert as_carol.get(f"{NEW}?ticket={theirs.pk}").status_code == 404
    assert as_carol.get(f"{NEW}?ticket=987654").status_code == 404


def test_fields_that_only_the_server_sets_are_ignored(as_carol, carol, bob):
    forged = {"member": str(bob.pk), "status": "APPROVED", "created_at": "2000-01-01", "organisation": "9",
              "recorded_by": str(bob.pk), "minutes": "5", "id": "77"}  # fmt: skip
    as_carol.post(NEW, typed() | forged)
    entry = TimeEntry.objects.get()
    assert (entry.member, entry.status, entry.created_at, entry.minutes) == (carol, "OPEN", NOON, 30)


def test_an_agent_cannot_open_the_form_for_somebody_else(as_carol, bob):
    assert as_carol.get(f"{NEW}?member={bob.pk}").status_code == 404
    assert as_carol.post(f"{NEW}?member={bob.pk}", typed()).status_code == 404
    assert not TimeEntry.objects.exists()


def test_a_manager_logs_for_a_colleague(as_bob, bob, carol, globex, mallory):
    as_bob.post(NEW, typed(member=str(carol.pk)))
    entry = TimeEntry.objects.get()
    assert (entry.member, entry.recorded_by) == (carol, bob)
    assert as_bob.post(NEW, typed(member=str(mallory.pk))).status_code == 422
    response = as_bob.post(f"{NEW}?member=choose", typed(member=""))
    assert response.context["form"].errors["member"] == ["Choose a person"]


def test_a_double_click_makes_one_entry(as_carol):
    key = as_carol.get(NEW).context["form"].initial["key"]
    for _ in range(2):
        response = as_carol.post(NEW, typed(key=key), follow=True)
        assert response.status_code == 200
    assert TimeEntry.objects.count() == 1
    response = as_carol.post(NEW, typed(key=key, subject="Something else"))
    assert response.status_code == 422 and "sent before" in response.content.decode()
    assert TimeEntry.objects.count() == 1


def test_a_refused_form_leaves_its_key_unused(as_carol):
    as_carol.post(NEW, typed(key="k1", subject=""))
    as_carol.post(NEW, typed(key="k1", duration="24h 1m"))
    assert not OneTimeKey.objects.exists()
    as_carol.post(NEW, typed(key="k1"))
    assert TimeEntry.objects.count() == 1


def test_log_and_add_another_keeps_kind_and_date(as_carol):
    response = as_carol.post(NEW, typed(again="1"), headers=HTMX)
    assert response.context["form"].initial["kind"] == "GENERAL"
    body = response.content.decode()
    assert "Logged 30m on Monday" in body and 'value="2026-06-15"' in body
    assert "dialog-close" not in json.loads(response.headers["HX-Trigger"])
    response = as_carol.post(NEW, typed(again="1"))
    assert response.headers["Location"] == f"{NEW}?kind=GENERAL&date=2026-06-15"


def test_a_locked_week_refuses_and_keeps_the_text(acme, as_carol):
    acme.lock_date = dt.date(2026, 6, 15)
    acme.save()
    response = as_carol.post(NEW, typed())
    assert response.status_code == 422
    assert "Time on or before 15 June 2026 is closed." in response.content.decode()
    assert "Stand-up" in response.content.decode()


# --- Editing ----------------------------------------------------------------------------------------------------------


def test_an_entry_is_edited_and_both_days_come_back_when_it_moves(as_carol, carol):
    entry = logged(carol)
    response = as_carol.get(url(entry, "edit"))
    assert response.context["form"].initial["duration"] == "30m"
    response = as_carol.post(url(entry, "edit"), typed(version=1, date="2026-06-16", duration="45m"), headers=HTMX)
    body = response.content.decode()
    assert 'id="day-2026-06-15"' in body and 'id="day-2026-06-16"' in body
    assert "Moved to Tuesday" in body
    entry.refresh_from_db()
    assert (entry.minutes, entry.version) == (45, 2)


def test_editing_keeps_clock_times_that_were_not_touched(as_carol, carol):
    entry = logged(
        carol, started_at=NOON - dt.timedelta(hours=76), ended_at=NOON - dt.timedelta(hours=75), minutes=None
    )
    form = as_carol.get(url(entry, "edit")).context["form"]
    values = {name: form.initial[name] or "" for name in ("duration", "start", "end", "version")}
    as_carol.post(url(entry, "edit"), typed(subject="Renamed") | values)
    entry.refresh_from_db()
    assert (entry.subject, entry.minutes, entry.started_at) == ("Renamed", 60, NOON - dt.timedelta(hours=76))
    as_carol.post(url(entry, "edit"), typed() | values | {"version": "2", "duration": "2h"})
    entry.refresh_from_db()
    assert (entry.minutes, entry.ended_at - entry.started_at) == (120, dt.timedelta(hours=2))


def test_more_or_less_is_of_what_the_entry_has(as_carol, carol):
    entry = logged(carol)
    for text, minutes in (("+15m", 45), ("-40m", 5)):
        entry.refresh_from_db()
        as_carol.post(url(entry, "edit"), typed(version=entry.version, duration=text))
        entry.refresh_from_db()
        assert entry.minutes == minutes
    response = as_carol.post(url(entry, "edit"), typed(version=entry.version, duration="-5m"))
    assert response.status_code == 422 and "Enter at least 1 minute" in response.content.decode()


def test_a_stale_edit_shows_both_versions_and_can_be_sent_again(as_carol, carol, bob):
    entry = logged(carol)
    time_entries.edit(bob, entry.pk, version=1, subject="Theirs")
    response = as_carol.post(url(entry, "edit"), typed(subject="Mine", version="1"))
    assert response.status_code == 409
    body = response.content.decode()
    assert "Mine" in body and "Theirs" in body and "Bob Brown" in body
    assert response.context["current_version"] == 2
    assert 'name="version" value="2"' in body
    as_carol.post(url(entry, "edit"), typed(subject="Mine", version="2"))
    entry.refresh_from_db()
    assert entry.subject == "Mine"


def test_a_forged_edit_is_refused_in_the_same_words_as_the_page(as_carol, carol, now):
    entry = logged(carol)
    now.shift(dt.timedelta(hours=24))
    week = as_carol.get("/o/acme/timesheets/2026-06-15/")
    reason = week.context["week"].days[0].rows[0].lock_reason
    response = as_carol.post(url(entry, "edit"), typed(version="1", subject="Forged"))
    assert response.status_code == 422 and reason in response.content.decode()
    response = as_carol.post(url(entry, "delete"), headers=HTMX)
    assert response.status_code == 409 and reason in response.content.decode()
    response = as_carol.get(url(entry, "edit"), follow=True)
    assert reason in response.content.decode()
    entry.refresh_from_db()
    assert (entry.subject, entry.deleted_at) == ("Stand-up", None)


def test_entries_of_others_and_of_outsiders_do_not_exist(as_carol, as_mallory, carol, bob):
    bobs, carols = logged(bob), logged(carol)
    for action in ("edit", "delete", "restore", "history"):
        for method in ("get", "post"):
            if (action, method) in {("restore", "get"), ("history", "post")}:
                continue
            assert getattr(as_carol, method)(url(bobs, action)).status_code == 404, action
            assert getattr(as_mallory, method)(url(carols, action)).status_code == 404, action
            globex = url(carols, action).replace("acme", "globex")
            assert getattr(as_mallory, method)(globex).status_code == 404, action
            assert getattr(as_carol, method)(f"/o/acme/entries/{10**17}/{action}/").status_code == 404
    assert TimeEntry.objects.count() == 2


# --- Clock times that nobody touched ----------------------------------------------------------------------------------


def _sent_again(client, entry, **changed):
    """What the edit form shows, sent with a few other values."""
    fields = {field.html_name: field.subwidgets for field in client.get(url(entry, "edit")).context["form"]}
    shown = {name: parts[0].data["value"] for name, parts in fields.items() if name in EDITED and parts}
    values = typed(kind=entry.kind, **{name: value for name, value in shown.items() if value is not None})
    return client.post(url(entry, "edit"), {**values, **changed})


EDITED = ("duration", "date", "start", "end", "break_minutes", "version")
NIGHT = dt.datetime(2025, 10, 26, 1, 15, tzinfo=dt.UTC)  # 01:15 in London for the second time


@pytest.mark.parametrize(
    ("start", "elapsed"),
    [
        (dt.datetime(2026, 6, 15, 9, 0, 10, tzinfo=dt.UTC), dt.timedelta(seconds=100)),
        (NIGHT, dt.timedelta(minutes=105)),
    ],
    ids=["with seconds", "in the hour that clocks repeat"],
)
def test_another_subject_leaves_the_clock_times_alone(as_bob, bob, start, elapsed):
    entry = logged(bob, date=start.date(), minutes=None, started_at=start, ended_at=start + elapsed)
    minutes = entry.minutes
    assert _sent_again(as_bob, entry, subject="Put right").status_code == 302
    entry.refresh_from_db()
    assert (entry.subject, entry.minutes) == ("Put right", minutes)
    assert (entry.started_at, entry.ended_at) == (start, start + elapsed)


def test_another_length_ends_later_than_the_stored_start(as_bob, bob):
    entry = logged(bob, date=NIGHT.date(), minutes=None, started_at=NIGHT, ended_at=NIGHT + dt.timedelta(minutes=60))
    assert _sent_again(as_bob, entry, duration="90m").status_code == 302
    entry.refresh_from_db()
    assert (entry.minutes, entry.started_at, entry.ended_at) == (90, NIGHT, NIGHT + dt.timedelta(minutes=90))


def test_who_moved_to_another_zone_edits_in_the_zone_of_the_day(as_bob, bob):
    bob.user.time_zone = "Asia/Tokyo"
    bob.user.save()
    start = dt.datetime(2026, 6, 14, 15, 30, tzinfo=dt.UTC)  # half past midnight there
    entry = logged(bob, minutes=None, started_at=start, ended_at=start + dt.timedelta(hours=1))
    bob.user.time_zone = "Europe/London"
    bob.user.save()
    assert _sent_again(as_bob, entry, subject="Put right").status_code == 302
    entry.refresh_from_db()
    assert (entry.date, entry.started_at) == (dt.date(2026, 6, 15), start)
    assert _sent_again(as_bob, entry, start="00:45").status_code == 302
    entry.refresh_from_db()
    assert (entry.minutes, entry.started_at) == (45, start + dt.timedelta(minutes=15))
