"""Asking for a file, cancelling, deleting: the limits, whose it is, and the history."""

import datetime as dt

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from accounts.models import AuditEvent, Membership
from accounts.tenancy import organisation_scope
from tests import factories
from tests.timetracking.exports.making import ask
from timesheets_site.lib.errors import NotAllowed, OutOfReach, RuleViolation
from timetracking.models import ExportJob
from timetracking.services import export_jobs

pytestmark = pytest.mark.usefixtures("acme", "numbers")


def refused(code, *args, **kwargs):
    with pytest.raises(RuleViolation) as refusal:
        export_jobs.ask(*args, **kwargs)
    assert refusal.value.code == code


def actions():
    return list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))


def make_ready(job, **fields):
    now = timezone.now()
    values = {"state": "done", "finished_at": now, "expires_at": now + dt.timedelta(days=7), **fields}
    ExportJob.objects.filter(pk=job.pk).update(**values)
    export_jobs.storage().save(export_jobs.stored_as(job), ContentFile(b"n"))
    return export_jobs.storage()


def test_a_file_is_queued_under_a_name_of_ours_and_told_of(carol):
    job = ask(carol, 7)
    assert (job.state, job.title, job.file_name, job.asker) == ("waiting", "7 numbers", "num-bers.csv", carol)
    assert job.parameters == {"rows": "7", "format": "csv"}
    assert actions() == ["export.asked"]


def test_what_cannot_be_read_is_told_at_once(carol):
    refused("rows_required", carol, "numbers", {}, file_format="csv")
    refused("export_format_unknown", carol, "numbers", {"rows": "1"}, file_format="exe")
    refused("export_parameters_too_long", carol, "numbers", {"rows": "1", "x": "y" * 4_000}, file_format="csv")
    with pytest.raises(OutOfReach):
        export_jobs.ask(carol, "nothing", {}, file_format="csv")
    assert not ExportJob.objects.exists()


def test_who_may_not_is_refused(carol, monkeypatch):
    Membership.objects.filter(pk=carol.pk).update(is_active=False)
    carol.refresh_from_db()
    with pytest.raises(NotAllowed):
        ask(carol)


def test_a_member_has_three_under_way_and_an_organisation_ten(acme, carol, bob, globex, mallory):
    first = [ask(carol) for _ in range(3)]
    refused("exports_waiting", carol, "numbers", {"rows": "1"}, file_format="csv")
    export_jobs.cancel(carol, first[0].pk)
    ask(carol)
    for _ in range(2):
        other = factories.MembershipFactory()
        other.organisation = acme
        for _ in range(3):
            ask(other)
    ask(bob)
    refused("exports_waiting", bob, "numbers", {"rows": "1"}, file_format="csv")
    with organisation_scope(globex):
        assert ask(mallory).pk


def test_cancelling_is_for_what_is_not_ready_and_done_twice_it_is_done_once(carol):
    job = ask(carol)
    assert export_jobs.cancel(carol, job.pk).state == "cancelled"
    assert export_jobs.cancel(carol, job.pk).state == "cancelled"
    ready = ask(carol)
    make_ready(ready)
    assert export_jobs.cancel(carol, ready.pk).state == "done"
    assert actions() == ["export.asked", "export.cancelled", "export.asked"]


def test_deleting_takes_the_file_and_keeps_the_line(carol, django_capture_on_commit_callbacks):
    job = ask(carol)
    files = make_ready(job)
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            assert export_jobs.delete(carol, job.pk).state == "expired"
        assert not files.exists(export_jobs.stored_as(job))
    assert actions() == ["export.asked", "export.deleted"]


def test_asking_again_asks_for_the_same(carol):
    job = ask(carol, 5, "xlsx")
    export_jobs.cancel(carol, job.pk)
    again = export_jobs.ask_again(carol, job.pk)
    assert (again.parameters, again.file_name) == (job.parameters, "num-bers.xlsx")


@pytest.mark.parametrize("act", [export_jobs.cancel, export_jobs.delete, export_jobs.ask_again, export_jobs.ready_for])
def test_an_export_is_its_askers_alone(act, carol, alice, globex, mallory):
    job = ask(carol)
    with pytest.raises(OutOfReach):
        act(alice, job.pk)
    with organisation_scope(globex), pytest.raises(OutOfReach):
        act(mallory, job.pk)


def test_what_is_past_its_days_cannot_be_fetched_even_before_it_is_deleted(carol):
    job = ask(carol)
    make_ready(job)
    assert export_jobs.ready_for(carol, job.pk).pk == job.pk
    ExportJob.objects.update(expires_at=timezone.now())
    with pytest.raises(OutOfReach):
        export_jobs.ready_for(carol, job.pk)
