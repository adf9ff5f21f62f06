"""Days at the edges of what can be counted, and addresses that can't be read: a clear answer, no error of ours."""

import pytest

from timesheets_site.lib import htmx
from timetracking.models import TimeEntry, Timer
from timetracking.services import time_entries, timers

pytestmark = pytest.mark.django_db
FARTHEST = ("0001-01-01", "9999-12-31")
ACME = "/o/acme/"


@pytest.fixture(params=["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def zone(acme, request):
    acme.time_zone = request.param
    acme.save()


@pytest.mark.parametrize("first_weekday", [0, 6])
@pytest.mark.parametrize("day", ["2000-01-01", "2099-12-31"])
def test_the_first_and_the_last_week_that_have_an_address_open(acme, as_carol, day, first_weekday):
    acme.first_weekday = first_weekday
    acme.save()
    for page in ("", "grid/", "grid/cell/?row=general&date=" + day, "history/"):
        assert as_carol.get(f"{ACME}timesheets/{day}/{page}", follow=True).status_code == 200, page


@pytest.mark.parametrize("day", ["2000-01-01", "2099-12-31"])
def test_their_cells_answer(as_carol, day):
    cell = {f"t.general.{day}": "1h", f"s.general.{day}": ""}
    assert as_carol.post(f"{ACME}timesheets/{day}/grid/cell/", cell).status_code == 422  # no subject
    assert as_carol.post(f"{ACME}timesheets/{day}/grid/", cell).status_code == 422


@pytest.mark.parametrize("day", ["1999-12-19", "2100-01-07"])
def test_the_weeks_beside_them_are_nowhere(as_carol, day):
    assert as_carol.get(f"{ACME}timesheets/{day}/").status_code == 404


@pytest.mark.parametrize("day", FARTHEST)
@pytest.mark.parametrize("do", ["check", "change"])
def test_many_entries_move_to_no_day_that_cant_be_counted(acme, carol, as_carol, day, do):
    acme.first_weekday = 6
    acme.save()
    entry = time_entries.log(carol, kind="GENERAL", date=carol.today(), minutes=30, subject="Sorting")
    sent = {"do": do, "entries": f"{entry.pk}:{entry.version}", "date": day}
    response = as_carol.post(f"{ACME}entries/many/", sent)
    assert (response.status_code, TimeEntry.objects.get().version) == (422, 1)
    assert "from the year 2000" in response.content.decode()


@pytest.mark.parametrize("day", FARTHEST)
def test_nothing_is_logged_on_weekdays_of_such_a_week(acme, as_carol, day):
    acme.first_weekday = 6
    acme.save()
    sent = {"kind": "GENERAL", "subject": "Sorting", "date": day, "duration": "1h", "weekdays": ["0", "3"]}
    response = as_carol.post(f"{ACME}entries/new/", sent)
    assert (response.status_code, TimeEntry.objects.count()) == (422, 0)


@pytest.mark.parametrize(("day", "time"), [("0001-01-01", "00:00"), ("9999-12-31", "23:59")])
def test_a_timer_begins_and_ends_on_no_such_day(zone, carol, as_carol, day, time):
    timer = timers.start(carol, subject="Sorting").timer
    begun = {"subject": "Sorting", "date": day, "start": time, "version": timer.version}
    assert as_carol.post(f"{ACME}timer/change/", begun).status_code == 422
    assert as_carol.post(f"{ACME}timer/stop/", {"at": "chosen", "date": day, "end": time}).status_code == 422
    assert Timer.objects.get().is_running


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_nor_at_a_moment_of_no_calendar(zone, carol, as_carol, at):
    timers.start(carol, subject="Sorting")
    assert as_carol.post(f"{ACME}timer/stop/", {"at": at, "end": ""}).status_code == 422
    assert Timer.objects.get().is_running


@pytest.mark.parametrize("page", ["timer/start/", "search/?q=x", "timesheets/"])
def test_an_unreadable_address_of_the_open_page_is_none(as_carol, page):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://[testserver/o/acme/"}
    send = as_carol.post if "start" in page else as_carol.get
    assert send(f"{ACME}{page}", headers=headers).status_code == 200


def test_nobody_signed_in_is_sent_to_the_sign_in_from_there(client, acme):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://[testserver/"}
    assert client.get(f"{ACME}timesheets/", headers=headers).status_code == 401


def test_the_open_page_of_a_plain_call_is_none(rf):
    assert htmx.open_path(rf.get("/")) == ""
