"""Workers, and askers, at the same time: each file is made once, and a limit is a limit. Each with its twin."""

import threading

import pytest

from accounts.models import Notification
from accounts.tenancy import organisation_scope
from tests.cast import _member
from tests.timetracking.exports.making import ask
from tests.together import Meeting, together
from timesheets_site.lib.errors import RuleViolation
from timetracking.models import ExportJob
from timetracking.services import export_jobs, export_runs

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def acme(acme_organisation):
    with organisation_scope(acme_organisation):
        yield acme_organisation


@pytest.fixture
def asked(acme, carol, numbers):
    return ask(carol, 3)


def two_workers_read_the_same(acme, monkeypatch):
    """Both have read what waits before either claims it; the jobs that they got."""
    read = export_runs._in_turn
    monkeypatch.setattr(export_runs, "_in_turn", Meeting().after(read))
    return together(acme, export_runs.claim, export_runs.claim)


def test_two_workers_claim_a_file_once(acme, asked, monkeypatch):
    got = two_workers_read_the_same(acme, monkeypatch)
    assert sorted(job is None for job in got) == [False, True]
    assert ExportJob.objects.get().tries == 1


def test_twin_reading_and_then_writing_lets_both_have_it(acme, asked, monkeypatch):
    def careless(job, now):
        job.state, job.tries = "running", job.tries + 1
        job.save()
        return True

    monkeypatch.setattr(export_runs, "claim_one", careless)
    got = two_workers_read_the_same(acme, monkeypatch)
    assert [job.pk for job in got] == [asked.pk, asked.pk]


def test_four_workers_make_each_file_once(acme, carol, numbers):
    made = []
    numbers.at[1] = lambda: made.append(threading.get_ident())
    jobs = [ask(carol, 3) for _ in range(3)]
    results = together(acme, *[export_runs.run_waiting] * 4)
    assert sum(results) == len(made) == len(jobs)
    assert set(ExportJob.objects.values_list("state", "tries")) == {("done", 1)}
    assert Notification.objects.filter(kind="export.ready").count() == len(jobs)


def two_ask_for_the_last_place(acme, monkeypatch):
    """Two members who ask at once where the organisation has one place left; what each got."""
    monkeypatch.setattr(export_jobs, "MOST_OF_AN_ORGANISATION", 1)
    check = export_jobs._check_limits
    monkeypatch.setattr(export_jobs, "_check_limits", Meeting().after(check))
    members = _member(acme, "Xenia", "AGENT"), _member(acme, "Yusuf", "AGENT")
    return together(acme, *[lambda member=member: ask(member) for member in members])


def test_of_two_who_ask_for_the_last_place_one_gets_it(acme, numbers, monkeypatch):
    got = two_ask_for_the_last_place(acme, monkeypatch)
    assert sorted(type(each).__name__ for each in got) == ["ExportJob", "RuleViolation"], got
    refusal = next(each for each in got if isinstance(each, RuleViolation))
    assert refusal.code == "exports_waiting"
    assert ExportJob.objects.count() == 1


def test_twin_without_taking_turns_both_get_it(acme, numbers, monkeypatch):
    monkeypatch.setattr(export_jobs.turns, "alone", lambda place, number: None)
    # Nor the transaction, without which SQLite lets nobody else write.
    monkeypatch.setattr(export_jobs.audit, "record", lambda *args, **kwargs: None)
    monkeypatch.setattr(export_jobs, "ask", export_jobs.ask.__wrapped__)
    two_ask_for_the_last_place(acme, monkeypatch)
    assert ExportJob.objects.count() == 2
