"""Making the files: what is in them, what goes wrong, who is told, what is left behind."""

import datetime as dt
import io
import os
import subprocess
import sys
import threading
import tracemalloc

import openpyxl
import pytest
from django.db import OperationalError
from django.utils import timezone

from accounts.models import Membership, Notification
from accounts.tenancy import organisation_scope
from tests.architecture.source import ROOT
from tests.marks import on_sqlite_alone
from tests.timetracking.exports.making import ask, text_of
from timesheets_site.lib.errors import NotAllowed
from timetracking.models import ExportJob
from timetracking.services import export_files, export_jobs, export_runs

pytestmark = pytest.mark.usefixtures("acme")


def told():
    return list(Notification.objects.order_by("pk").values_list("kind", flat=True))


def run_again(times=1):
    """Rounds of the worker, each after the gap between tries."""
    for _ in range(times):
        ExportJob.objects.filter(state="waiting").update(heartbeat_at=None)
        export_runs.run_waiting()


def age(job, **by):
    ExportJob.objects.filter(pk=job.pk).update(heartbeat_at=timezone.now() - dt.timedelta(**by))


# --- A file -----------------------------------------------------------------------------------------------------------


def test_a_csv_is_made_and_its_asker_told(carol, numbers, folder):
    job = ask(carol, 2)
    assert export_runs.run_waiting() == 1
    job.refresh_from_db()
    assert text_of(job) == "n,text\r\n1,'=row 1\r\n2,'=row 2\r\n"
    assert (job.state, job.rows_done, job.rows_total, job.tries) == ("done", 2, 2, 1)
    assert job.size_bytes == os.path.getsize(folder / export_jobs.stored_as(job))
    assert dt.timedelta(days=6.9) < job.expires_at - timezone.now() <= dt.timedelta(days=7)
    assert [path.name for path in folder.iterdir()] == [export_jobs.stored_as(job)]
    assert told() == ["export.ready"]
    assert numbers.closed
    assert export_runs.run_waiting() == 0


def test_a_workbook_has_numbers_and_no_formula(carol, numbers):
    job = ask(carol, 2, "xlsx")
    export_runs.run_waiting()
    job.refresh_from_db()
    with export_jobs.storage().open(export_jobs.stored_as(job)) as stored:
        sheet = openpyxl.load_workbook(io.BytesIO(stored.read())).active
    assert list(sheet.values) == [("n", "text"), (1, "'=row 1"), (2, "'=row 2")]


def test_each_organisation_has_its_turn(carol, numbers, globex, mallory):
    first, second = ask(carol), ask(carol)
    with organisation_scope(globex):
        theirs = ask(mallory)
    assert export_runs.claim().pk == first.pk
    assert export_runs.claim().pk == theirs.pk
    assert export_runs.claim().pk == second.pk
    assert export_runs.claim() is None


def test_memory_stays_the_same_whatever_the_number_of_rows(carol, numbers):
    def peak(rows):
        ask(carol, rows)
        tracemalloc.start()
        export_runs.run_waiting()
        try:
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(100)
    small, large = peak(4_000), peak(20_000)
    assert large < small * 2  # five times the rows


# --- What goes wrong --------------------------------------------------------------------------------------------------


def test_the_right_to_it_is_asked_for_when_it_is_made(carol, numbers, folder):
    job = ask(carol)
    Membership.objects.filter(pk=carol.pk).update(is_active=False)
    export_runs.run_waiting()
    job.refresh_from_db()
    assert (job.state, job.problem) == ("failed", "You may not export this any more.")
    assert list(folder.iterdir()) == []


def test_who_is_no_manager_any_more_gets_nobody_elses_time(bob):
    days = {"from": "2026-06-01", "to": "2026-06-30", "agent": "all"}
    job = export_jobs.ask(bob, "time_entries", days, file_format="csv")
    Membership.objects.filter(pk=bob.pk).update(role="AGENT")
    export_runs.run_waiting()
    job.refresh_from_db()
    assert (job.state, job.problem) == ("failed", "You may not export this any more.")


@pytest.mark.parametrize(
    ("had", "has", "may"),
    [
        ({"role": "MANAGER"}, {"role": "AGENT"}, False),
        ({"role": "MANAGER", "sees_rates": True}, {"sees_rates": False}, False),
        ({"role": "MANAGER"}, {"sees_rates": True}, True),
        ({"role": "ADMIN"}, {"role": "MANAGER"}, False),
    ],
)
def test_who_may_see_less_than_what_is_in_a_file_does_not_fetch_it(carol, had, has, may):
    Membership.objects.filter(pk=carol.pk).update(**had)
    asker = Membership.objects.select_related("user").get(pk=carol.pk)
    asker.organisation = carol.organisation
    job = export_jobs.ask(asker, "report_entries", {"query": ""}, file_format="csv")
    export_runs.run_waiting()
    assert export_jobs.ready_for(asker, job.pk).rows_done == 0
    for name, value in has.items():
        setattr(asker, name, value)
    if may:
        export_jobs.ready_for(asker, job.pk)
    else:
        with pytest.raises(NotAllowed):
            export_jobs.ready_for(asker, job.pk)
    again = export_jobs.ask_again(asker, job.pk)
    assert again.parameters == {"query": "", "format": "csv"}


def test_what_is_refused_at_its_turn_fails_with_the_words_of_the_refusal(carol, numbers):
    job = ask(carol)
    ExportJob.objects.update(parameters={"format": "csv"})
    export_runs.run_waiting()
    job.refresh_from_db()
    assert (job.state, job.problem, told()) == ("failed", "Say how many rows.", ["export.failed"])


def test_an_error_is_tried_three_times_and_leaves_no_file(carol, numbers, folder):
    def fail():
        raise OperationalError("the disk is full")

    numbers.at[5] = fail
    job = ask(carol)
    export_runs.run_waiting()
    job.refresh_from_db()
    assert (job.state, job.tries) == ("waiting", 1)
    assert export_runs.run_waiting() == 0  # not at once
    run_again(2)
    job.refresh_from_db()
    assert (job.state, job.tries, told()) == ("failed", 3, ["export.failed"])
    assert job.problem.startswith("The file could not be made.")
    assert list(folder.iterdir()) == []
    assert numbers.closed


def test_an_error_that_passes_leaves_a_file(carol, numbers):
    numbers.at[5] = lambda: numbers.at.clear() or 1 / 0
    job = ask(carol)
    run_again(2)
    job.refresh_from_db()
    assert (job.state, job.tries, job.rows_done, told()) == ("done", 2, 10, ["export.ready"])


def test_a_worker_that_is_told_to_end_leaves_it_for_another(carol, numbers, folder, monkeypatch):
    monkeypatch.setattr(export_runs, "ROWS_A_CHUNK", 2)
    job = ask(carol)
    asked = iter((False, False, True))
    assert export_runs.run_waiting(lambda: next(asked, True)) == 1
    job.refresh_from_db()
    assert (job.state, job.tries, told(), list(folder.iterdir())) == ("waiting", 0, [], [])
    assert export_runs.run_waiting() == 1
    job.refresh_from_db()
    assert job.state == "done"


def test_what_a_dead_worker_began_is_taken_again_after_some_minutes(carol, numbers):
    job = ask(carol)
    dead = export_runs.claim()
    age(job, minutes=2)
    assert export_runs.claim() is None
    age(job, minutes=4)
    again = export_runs.claim()
    assert (again.tries, again.storage_key != dead.storage_key) == (2, True)


def test_what_killed_three_workers_is_given_up(carol, numbers):
    job = ask(carol)
    for _ in range(3):
        assert export_runs.claim()
        age(job, minutes=4)
    assert export_runs.claim() is None
    job.refresh_from_db()
    assert (job.state, told()) == ("failed", ["export.failed"])
    assert "ended three times" in job.problem


def test_a_worker_taken_for_dead_neither_finishes_nor_leaves_its_file(carol, numbers, folder):
    job = ask(carol)
    slow = export_runs.claim()
    age(job, minutes=4)
    quick = export_runs.claim()
    export_runs.run(quick)
    export_runs.run(slow)
    job.refresh_from_db()
    assert (job.state, job.tries, told()) == ("done", 2, ["export.ready"])
    assert [path.name for path in folder.iterdir()] == [export_jobs.stored_as(job)]


def test_cancelled_at_the_last_moment_it_leaves_no_file(carol, numbers, folder):
    job = ask(carol)
    numbers.at[10] = lambda: export_jobs.cancel(carol, job.pk)
    export_runs.run_waiting()
    job.refresh_from_db()
    assert (job.state, told(), list(folder.iterdir())) == ("cancelled", [], [])


# --- While it is made, with connections of their own ------------------------------------------------------------------


@pytest.fixture
def quick_pulse(monkeypatch):
    monkeypatch.setattr(export_runs, "BEAT_SECONDS", 0.02)
    monkeypatch.setattr(export_runs, "ROWS_A_CHUNK", 1)


def wait_until(met):
    for _ in range(500):
        if met():
            return
        threading.Event().wait(0.01)
    raise AssertionError("it never came")


@pytest.mark.django_db(transaction=True)
def test_progress_shows_while_rows_are_written_and_others_write(carol, numbers, quick_pulse):
    job = ask(carol, 30)
    before = timezone.now()

    def look():
        wait_until(lambda: ExportJob.objects.get(pk=job.pk).rows_done == 20)
        seen.append(ExportJob.objects.get(pk=job.pk))

    seen = []
    numbers.at[21] = look
    export_runs.run_waiting()
    assert (seen[0].state, seen[0].rows_done, seen[0].rows_total) == ("running", 20, 30)
    assert seen[0].heartbeat_at > before


@pytest.mark.django_db(transaction=True)
def test_cancelling_is_noticed_between_rows(carol, numbers, quick_pulse, folder):
    job = ask(carol, 1_000)
    reached = []

    def cancel():
        export_jobs.cancel(carol, job.pk)
        threading.Event().wait(0.3)

    numbers.at[10] = cancel
    numbers.at[100] = lambda: reached.append(1)
    export_runs.run_waiting()
    job.refresh_from_db()
    assert (job.state, reached, list(folder.iterdir())) == ("cancelled", [], [])
    assert numbers.closed


# --- What has had its time --------------------------------------------------------------------------------------------


def make_old(path, hours):
    then = (timezone.now() - dt.timedelta(hours=hours)).timestamp()
    os.utime(path, (then, then))


def test_after_its_days_the_file_goes_and_the_line_says_so(carol, numbers, folder):
    job, kept = ask(carol), ask(carol)
    export_runs.run_waiting()
    ExportJob.objects.filter(pk=job.pk).update(expires_at=timezone.now())
    assert export_files.tidy() == 1
    job.refresh_from_db()
    kept.refresh_from_db()
    assert (job.state, kept.state) == ("expired", "done")
    assert [path.name for path in folder.iterdir()] == [export_jobs.stored_as(kept)]
    assert export_files.tidy() == 0


def test_files_that_no_line_names_go_and_those_of_now_stay(carol, numbers, folder):
    ready, running = ask(carol), ask(carol)
    export_runs.run(export_runs.claim())
    running = export_runs.claim()
    ready.refresh_from_db()
    old = ("6f1f1c1e-0000-4000-8000-000000000000.csv", "6f1f1c1e-0000-4000-8000-000000000001.part", "stray.txt",
           f"{running.storage_key}.part")  # fmt: skip
    for name in (*old, "6f1f1c1e-0000-4000-8000-000000000002.part"):
        (folder / name).write_text("x")
    for name in (*old, export_jobs.stored_as(ready)):
        make_old(folder / name, hours=2)
    assert export_files.tidy() == 3
    assert {path.name for path in folder.iterdir()} == {
        export_jobs.stored_as(ready), f"{running.storage_key}.part", "6f1f1c1e-0000-4000-8000-000000000002.part"
    }  # fmt: skip


def test_lines_without_a_file_are_forgotten_after_three_months(carol, numbers):
    old, ready = ask(carol), ask(carol)
    export_runs.run_waiting()
    ExportJob.objects.filter(pk=old.pk).update(state="expired")
    ExportJob.objects.update(created_at=timezone.now() - dt.timedelta(days=91))
    export_files.tidy()
    assert [job.pk for job in ExportJob.objects.all()] == [ready.pk]


def test_without_a_folder_there_is_nothing_to_tidy(db, folder):
    folder.rmdir()
    assert export_files.tidy() == 0


# --- As a process -----------------------------------------------------------------------------------------------------

MAKE = """
import datetime as dt
from accounts.models import Membership, Organisation, User
from accounts.tenancy import organisation_scope
from timetracking.services import export_jobs
acme = Organisation.objects.create(name="Acme", slug="acme")
with organisation_scope(acme):
    user = User.objects.create_user(email="a@example.test", name="Ann", password="correct horse battery")
    ann = Membership.objects.create(user=user, display_name="Ann", role="ADMIN")
    ann.organisation = acme
    days = {"from": "2026-06-01", "to": "2026-06-30"}
    for file_format in ("csv", "xlsx"):
        export_jobs.ask(ann, "time_entries", days, file_format=file_format)
"""


@on_sqlite_alone
@pytest.mark.thorough
def test_the_worker_makes_them_as_a_process(var_folder):
    keep = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    environment = {**keep, "VAR_DIR": str(var_folder), "PYTHONWARNINGS": "ignore"}
    for arguments in (["shell", "-v0", "-c", MAKE], ["work", "--once"]):
        subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), *arguments],
            env=environment, check=True, timeout=120, stdout=subprocess.DEVNULL,
        )  # fmt: skip
    files = sorted((var_folder / "exports").iterdir())
    assert sorted(path.suffix for path in files) == [".csv", ".xlsx"]
    assert all(path.stat().st_mode & 0o077 == 0 for path in files)
    assert (var_folder / "exports").stat().st_mode & 0o077 == 0
