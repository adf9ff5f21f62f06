"""The page of one's exports through the client: asking, following, fetching; and what the files hold."""

import csv
import datetime as dt
import io

import openpyxl
import pytest
from django.utils import timezone

from tests import factories
from tests.timetracking.exports.making import ask
from timetracking.models import ExportJob
from timetracking.services import export_jobs, export_runs

PAGE = "/o/acme/data/exports/"
ASK = f"{PAGE}ask/"
JUNE = {"kind": "time_entries", "format": "csv", "from": "2026-06-01", "to": "2026-06-30"}

pytestmark = pytest.mark.usefixtures("acme")


def job() -> ExportJob:
    return ExportJob.objects.latest("pk")


def fetched(client, number=None):
    response = client.get(f"{PAGE}{number or job().pk}/file/")
    assert response.status_code == 200
    return response, b"".join(response.streaming_content)


@pytest.fixture
def entries(bob, carol):
    project = factories.ProjectFactory(code="PRJ-1")
    for member, day, minutes, subject in (
        (carol, dt.date(2026, 6, 2), 45, "=1+1"), (carol, dt.date(2026, 7, 1), 30, "July"),
        (bob, dt.date(2026, 6, 30), 60, 'Say "hi",\nagain'),
    ):  # fmt: skip
        factories.TimeEntryFactory(member=member, date=day, minutes=minutes, subject=subject, project=project)


def test_a_manager_exports_everybodys_time_of_a_period(as_bob, entries):
    response = as_bob.post(ASK, {**JUNE, "agent": "all"}, follow=True)
    assert response.redirect_chain == [(PAGE, 302)]
    assert "The file is being made." in response.content.decode()
    export_runs.run_waiting()
    answer, content = fetched(as_bob)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="timesheet_acme_2026-06-01_2026-06-30.csv"'
    assert int(answer.headers["Content-Length"]) == len(content)
    assert answer.headers["Cache-Control"] == "no-store"
    assert content.startswith(b"\xef\xbb\xbfdate,agent,kind,")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))[1:]
    assert [row[:2] + row[3:4] + row[6:] for row in rows] == [
        ["2026-06-02", "Carol Clark", "'=1+1", "45", "PRJ-1"],
        ["2026-06-30", "Bob Brown", 'Say "hi",\nagain', "60", "PRJ-1"],
    ]


def test_a_workbook_has_days_and_the_sum_of_its_rows(as_bob, entries):
    as_bob.post(ASK, {**JUNE, "agent": "all", "format": "xlsx"})
    export_runs.run_waiting()
    _answer, content = fetched(as_bob)
    rows = list(openpyxl.load_workbook(io.BytesIO(content)).active.values)
    assert (rows[1][0].date(), rows[1][1]) == (dt.date(2026, 6, 2), "Carol Clark")
    assert (rows[-1][0], rows[-1][6]) == ("Total", 105)


def test_an_agent_exports_their_own_time_alone(as_carol, bob, entries):
    assert 'name="agent"' not in as_carol.get(PAGE).content.decode()
    as_carol.post(ASK, JUNE)
    export_runs.run_waiting()
    _answer, content = fetched(as_carol)
    assert b"Carol" in content
    assert b"Bob" not in content
    for agent in ("all", str(bob.pk)):
        assert as_carol.post(ASK, {**JUNE, "agent": agent}).status_code == 404


def test_a_range_longer_than_a_pages_is_for_here(as_bob, entries):
    assert as_bob.post(ASK, {**JUNE, "from": "2020-01-01", "to": "2026-12-31", "agent": "all"}).status_code == 302
    assert job().title == "Everybody's time entries, 1 January 2020 – 31 December 2026"


def test_filters_narrow_it_and_stand_in_its_title(as_bob, carol, entries):
    factories.TimeEntryFactory(member=carol, date=dt.date(2026, 6, 3), subject="Stand-up")
    page = as_bob.get(PAGE).content.decode()
    assert f'<option value="{carol.pk}">Carol Clark</option>' in page
    as_bob.post(ASK, {**JUNE, "agent": str(carol.pk), "entry_kind": "GENERAL", "billable": "no", "status": "OPEN"})
    assert job().title == "Time entries of Carol Clark, 1 – 30 June 2026 · General · Non-billable · Open"
    export_runs.run_waiting()
    _answer, content = fetched(as_bob)
    assert content.count(b"\r\n") == 2
    assert b"Stand-up" in content


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"from": ""}, "Choose the first day."),
        ({"to": "yesterday"}, "Choose the last day."),
        ({"to": "2026-05-01"}, "The range ends before it begins."),
        ({"format": "exe"}, "Select a valid choice."),
    ],
)
def test_what_is_refused_is_said_with_what_was_typed(as_bob, wrong, words):
    response = as_bob.post(ASK, {**JUNE, "agent": "", **wrong})
    page = response.content.decode()
    assert response.status_code == 422
    assert words in page
    assert 'id="errors"' in page
    assert wrong.get("from") is not None or 'value="2026-06-01"' in page
    assert not ExportJob.objects.exists()


def test_what_another_pages_form_gets_wrong_is_said_above_a_fresh_form(as_bob, numbers):
    for asked, words in (({"kind": "numbers"}, "Say how many rows."), ({"kind": "x"}, "Choose what to export.")):
        response = as_bob.post(ASK, {"format": "csv", **asked})
        assert response.status_code == 422
        assert words in response.content.decode()
        assert 'name="kind" value="time_entries"' in response.content.decode()


@pytest.mark.parametrize("bad", [{"key": "a\x00"}, {"else": "a\x00"}, {"a\x00": "b"}, {"query": "page=\x00"}])
def test_what_no_database_can_store_is_refused_in_words(as_bob, bad):
    response = as_bob.post(ASK, {"kind": "report_entries", "query": "", "format": "csv", **bad})
    assert response.status_code == 422
    assert "Remove the characters that can&#x27;t be read" in response.content.decode()
    assert not ExportJob.objects.exists()


def test_sent_twice_with_one_key_it_is_asked_for_once(as_bob):
    for _ in range(2):
        assert as_bob.post(ASK, {**JUNE, "key": "abc"}).status_code == 302
    assert ExportJob.objects.count() == 1


def test_a_fourth_is_refused_in_words(as_bob, bob, numbers):
    for _ in range(3):
        ask(bob)
    response = as_bob.post(ASK, {"kind": "numbers", "rows": "1", "format": "csv"})
    assert response.status_code == 422
    assert "You have 3 exports under way." in response.content.decode()


# --- Following it -----------------------------------------------------------------------------------------------------


def test_the_page_asks_again_only_while_something_is_under_way(as_carol, carol, numbers):
    assert 'hx-trigger="every' not in as_carol.get(PAGE).content.decode()
    waiting = ask(carol)
    ExportJob.objects.update(state="running", rows_done=250, rows_total=1_000)
    page = as_carol.get(PAGE, headers={"HX-Request": "true"}).content.decode()
    assert page.lstrip().startswith('<section class="card" id="exports"')
    assert f'hx-get="{PAGE}" hx-trigger="every 2s"' in page
    assert 'aria-valuenow="25"' in page
    assert "250 of 1,000 rows" in page
    assert f'href="{PAGE}"' in page  # without script
    ExportJob.objects.filter(pk=waiting.pk).update(state="cancelled")
    assert 'hx-trigger="every' not in as_carol.get(PAGE).content.decode()


def test_cancel_delete_and_ask_again(as_carol, carol, numbers, django_capture_on_commit_callbacks):
    first = ask(carol)
    page = as_carol.post(f"{PAGE}{first.pk}/cancel/", follow=True).content.decode()
    assert "“10 numbers” is cancelled." in page
    assert "Ask again" in page
    as_carol.post(f"{PAGE}{first.pk}/again/")
    export_runs.run_waiting()
    page = as_carol.get(PAGE).content.decode()
    assert "10 rows · 1 kB · kept until" in page
    with django_capture_on_commit_callbacks(execute=True):
        page = as_carol.post(f"{PAGE}{job().pk}/delete/", follow=True).content.decode()
    assert "is deleted." in page
    assert as_carol.get(f"{PAGE}{job().pk}/file/").status_code == 404


def test_a_failed_one_says_why(as_carol, carol, numbers):
    ask(carol)
    ExportJob.objects.update(parameters={"format": "csv"})
    export_runs.run_waiting()
    page = as_carol.get(PAGE).content.decode()
    assert "Say how many rows." in page
    assert "Ask again" in page


def test_a_file_is_its_askers_alone(as_carol, as_alice, as_mallory, carol, numbers):
    ready = ask(carol)
    export_runs.run_waiting()
    fetched(as_carol)
    for other in (as_alice, as_mallory):
        assert other.get(f"{PAGE}{ready.pk}/file/").status_code == 404
        for step in ("cancel", "delete", "again"):
            assert other.post(f"{PAGE}{ready.pk}/{step}/").status_code == 404
    assert as_mallory.get(f"/o/globex/data/exports/{ready.pk}/file/").status_code == 404
    assert "10 numbers" not in as_alice.get(PAGE).content.decode()


def test_a_file_that_is_gone_is_not_found(as_carol, carol, numbers, folder):
    ready = ask(carol)
    export_runs.run_waiting()
    ready.refresh_from_db()
    (folder / export_jobs.stored_as(ready)).unlink()
    assert as_carol.get(f"{PAGE}{ready.pk}/file/").status_code == 404
    ExportJob.objects.update(expires_at=timezone.now())
    assert as_carol.get(f"{PAGE}{ready.pk}/file/").status_code == 404


def test_nothing_below_an_address_of_static_files_leads_there(settings):
    assert not settings.EXPORTS_DIR.is_relative_to(settings.STATIC_ROOT)
