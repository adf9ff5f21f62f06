"""Entries in the admin obey the same locks, versions and walls as on the pages, and leave the same trail."""

from __future__ import annotations

import datetime as dt

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from accounts.models import AuditEvent, Organisation
from accounts.tenancy import organisation_scope
from tests import factories
from tests.admin.conftest import form_of
from timetracking.models import TimeEntry
from timetracking.services import time_entries

LIST = "/o/acme/admin/timetracking/timeentry/"
ADD = f"{LIST}add/"
MONDAY = dt.date(2026, 6, 15)


@pytest.fixture
def entry(acme, carol):
    return factories.TimeEntryFactory(member=carol, minutes=60, subject="Desk", date=MONDAY)


def change(entry) -> str:
    return f"{LIST}{entry.pk}/change/"


def close(entry, how: str) -> str:
    """Lock an entry, and what the refusal says."""
    if how == "billed":
        TimeEntry.objects.filter(pk=entry.pk).update(status="BILLED")
        return "This entry is on an invoice. Void the invoice to change it."
    Organisation.objects.update(lock_date=MONDAY)
    return "Time on or before 15 June 2026 is closed. An admin can move the lock date."


def test_a_change_is_stored_and_told_like_one_of_the_page(send, entry, alice, carol):
    response = send(change(entry), subject="Workshop", minutes=75)
    assert response.status_code == 302
    assert response.url == LIST
    entry.refresh_from_db()
    assert (entry.subject, entry.minutes, entry.version) == ("Workshop", 75, 2)
    event = AuditEvent.objects.get()
    assert (event.action, event.actor, event.on_behalf_of) == ("time_entry.updated", alice, carol)
    first_rated = {"rate_decided_by": ["", "not_billed"]}  # the factory stores no decision
    assert event.changes == {"minutes": [60, 75], "subject": ["Desk", "Workshop"], **first_rated}
    assert event.channel == "admin"

    other = factories.TimeEntryFactory(member=carol, minutes=60, subject="Desk", date=MONDAY)
    time_entries.edit(alice, other.pk, version=1, subject="Workshop", minutes=75)
    assert AuditEvent.objects.get(object_id=other.pk).changes == event.changes
    assert LogEntry.objects.count() == 0


def test_work_type_and_role_are_chosen_left_to_the_defaults_and_taken_away(send, acme, entry, carol):
    kind = factories.WorkTypeFactory(name="Standard", is_default=True)
    role = factories.WorkRoleFactory(name="Senior")
    carol.default_work_role = role
    carol.save()
    ticket = factories.TicketFactory()
    new = {"member": carol.pk, "kind": "TICKET", "ticket": ticket.pk, "date": "2026-06-15", "minutes": 30}
    assert send(ADD, subject="Defaults", **new).status_code == 302
    made = TimeEntry.objects.get(subject="Defaults")
    assert (made.work_type, made.work_role, made.rate_decided_by) == (kind, role, "none")
    other = factories.WorkTypeFactory(name="Travel")
    assert send(change(made), work_type=other.pk, work_role="").status_code == 302
    made.refresh_from_db()
    assert (made.work_type, made.work_role) == (other, None)


@pytest.mark.parametrize(
    ("policies", "field", "words"),
    [
        ({"description_required": "always"}, "description", "Add a description. Acme needs one on every entry."),
        ({"charge_code_required": True}, "kind", "Choose a charge code or an activity."),
        ({"clock_required": True}, "started_at", "Enter start and end. Acme needs them on every entry."),
        ({"largest_day": "refuse", "largest_day_minutes": 80}, "minutes", "Acme allows 1h 20m a day."),
    ],
)
def test_policies_refuse_in_the_words_of_the_page(send, acme, entry, carol, policies, field, words):
    Organisation.objects.update(**policies)
    response = send(ADD, member=carol.pk, kind="GENERAL", date="2026-06-15", minutes=30, subject="Desk")
    assert response.status_code == 422
    assert words in response.context["adminform"].form.errors[field][0]
    assert TimeEntry.objects.count() == 1


def test_time_is_logged_for_a_member(send, acme, carol):
    ticket = factories.TicketFactory()
    values = {"member": carol.pk, "kind": "TICKET", "ticket": ticket.pk, "date": "2026-06-15", "minutes": 30}
    response = send(ADD, subject="Router", **values)
    assert response.status_code == 302, response.context["errors"]
    entry = TimeEntry.objects.get()
    assert (entry.member, entry.client, entry.billable) == (carol, ticket.client, True)
    assert AuditEvent.objects.get().action == "time_entry.logged"
    assert LogEntry.objects.count() == 0


def test_the_same_form_sent_twice_makes_one_entry(admin, acme, carol):
    form = form_of(admin.get(ADD))
    values = {**form, "member": carol.pk, "kind": "GENERAL", "date": "2026-06-15", "minutes": 30, "subject": "Call"}
    assert [admin.post(ADD, values).status_code for _ in range(2)] == [302, 302]
    assert TimeEntry.objects.count() == 1


@pytest.mark.parametrize("how", ["billed", "period closed"])
def test_a_locked_entry_can_be_read_with_the_reason(admin, entry, how):
    reason = close(entry, how)
    page = admin.get(change(entry)).content.decode()
    assert reason in page
    assert 'name="_save"' not in page
    assert "deletelink" not in page
    assert reason in admin.get(LIST).content.decode()


@pytest.mark.parametrize("how", ["billed", "period closed"])
def test_a_forged_change_of_a_locked_entry_is_refused_with_the_reason(admin, entry, how):
    form = form_of(admin.get(change(entry)))
    reason = close(entry, how)
    response = admin.post(change(entry), {**form, "subject": "Forged"})
    assert response.status_code == 422
    assert reason in response.content.decode()
    assert "Forged" in response.content.decode()
    entry.refresh_from_db()
    assert (entry.subject, entry.version) == ("Desk", 1)
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("how", ["billed", "period closed"])
def test_a_forged_deletion_of_a_locked_entry_is_refused_with_the_reason(admin, entry, how):
    reason = close(entry, how)
    response = admin.post(f"{LIST}{entry.pk}/delete/", {"post": "yes"})
    assert response.status_code == 409
    assert reason in response.content.decode()
    entry.refresh_from_db()
    assert entry.deleted_at is None


def test_deletion_is_soft_and_told(admin, entry, alice):
    assert "restored for 30 days" in admin.get(f"{LIST}{entry.pk}/delete/").content.decode()
    response = admin.post(f"{LIST}{entry.pk}/delete/", {"post": "yes"})
    assert response.url == LIST
    gone = TimeEntry.with_deleted.get(pk=entry.pk)
    assert gone.deleted_at is not None
    assert gone.deleted_by == alice
    assert AuditEvent.objects.get().action == "time_entry.deleted"
    assert LogEntry.objects.count() == 0
    assert admin.get(change(entry)).status_code == 404


def test_many_are_deleted_one_by_one_and_each_refusal_is_told(admin, entry, carol):
    billed = factories.TimeEntryFactory(member=carol, status="BILLED", subject="Invoiced", date=MONDAY)
    chosen = {"action": "delete_entries", "_selected_action": [entry.pk, billed.pk], "index": 0}
    page = admin.post(LIST, chosen, follow=True).content.decode()
    assert "1 entry deleted." in page
    assert "Invoiced: This entry is on an invoice." in page
    assert [row.pk for row in TimeEntry.objects.all()] == [billed.pk]
    assert TimeEntry.with_deleted.count() == 2


@pytest.mark.parametrize("action", ["delete_selected", "nonsense"])
def test_no_other_bulk_action_exists(admin, entry, action):
    admin.post(LIST, {"action": action, "_selected_action": [entry.pk], "index": 0, "post": "yes"})
    assert TimeEntry.objects.count() == 1


def test_more_than_a_thousand_at_once_are_refused(admin, entry, monkeypatch):
    monkeypatch.setattr("accounts.admin_base.records.AT_ONCE", 0)
    chosen = {"action": "delete_entries", "_selected_action": [entry.pk], "index": 0, "select_across": 1}
    assert "Choose at most 1,000" in admin.post(LIST, chosen, follow=True).content.decode()
    assert TimeEntry.objects.count() == 1


def test_a_stale_form_is_shown_again_with_both_versions_and_nothing_is_stored(admin, entry, alice):
    form = form_of(admin.get(change(entry)))
    time_entries.edit(alice, entry.pk, version=1, subject="Theirs")
    response = admin.post(change(entry), {**form, "subject": "Mine"})
    page = response.content.decode()
    assert response.status_code == 409
    assert "Someone changed this while you did." in page
    assert "Mine" in page
    assert "Stored now: Theirs" in page
    entry.refresh_from_db()
    assert (entry.subject, entry.version) == ("Theirs", 2)

    response = admin.post(change(entry), form_of(response))
    assert response.status_code == 302
    entry.refresh_from_db()
    assert (entry.subject, entry.version) == ("Mine", 3)


@pytest.mark.parametrize("version", ["", "0", "-1", "abc", "99999999999999999999"])
def test_a_forged_version_stores_nothing(admin, entry, version):
    form = form_of(admin.get(change(entry)))
    assert admin.post(change(entry), {**form, "subject": "Forged", "seen_version": version}).status_code in (409, 422)
    entry.refresh_from_db()
    assert entry.subject == "Desk"


def test_what_the_server_decides_cannot_be_sent(send, entry):
    sent = {"status": "BILLED", "billable": "on", "created_at_0": "2030-01-01", "organisation": 99, "member": 99}
    assert send(change(entry), subject="New", **sent).status_code == 302
    before = TimeEntry.objects.get()
    assert (before.status, before.billable, before.member) == ("OPEN", False, entry.member)
    assert before.created_at < timezone.now()


def test_records_of_another_organisation_cannot_be_chosen(send, acme, entry, mallory, globex, carol):
    with organisation_scope(globex):
        ticket, project = factories.TicketFactory(), factories.ProjectFactory()
        code, activity = factories.ChargeCodeFactory(), factories.ActivityFactory()
    for name, foreign in (
        ("ticket", ticket),
        ("project", project),
        ("charge_code", code),
        ("activity", activity),
        ("client", ticket.client),
    ):
        response = send(change(entry), **{name: foreign.pk})
        assert response.status_code == 422
        assert str(foreign) not in response.content.decode()
    values = {"kind": "GENERAL", "date": "2026-06-15", "minutes": 5, "subject": "x"}
    assert send(ADD, member=mallory.pk, **values).status_code == 422
    assert TimeEntry.objects.get().version == 1


def test_entries_of_another_organisation_do_not_exist(admin, entry, globex, mallory):
    with organisation_scope(globex):
        foreign = factories.TimeEntryFactory(member=mallory, subject="Secret work")
    for rest in ("change/", "delete/", "history/"):
        assert admin.get(f"{LIST}{foreign.pk}/{rest}").status_code == 404
        assert admin.post(f"{LIST}{foreign.pk}/{rest}", {"post": "yes"}).status_code in (404, 405)
    assert "Secret work" not in admin.get(LIST).content.decode()
    assert "Secret work" not in admin.get(f"{LIST}?q=Secret").content.decode()
    admin.post(LIST, {"action": "delete_entries", "_selected_action": [foreign.pk], "index": 0})
    with organisation_scope(globex):
        assert TimeEntry.objects.get().deleted_at is None


@pytest.mark.parametrize(
    ("sent", "field", "message"),
    [
        ({"minutes": "0"}, "minutes", "Enter at least 1 minute"),
        ({"minutes": "1441"}, "minutes", "This would make"),
        ({"minutes": "9" * 400}, "minutes", ""),
        ({"date": "2026-02-30"}, "date", ""),
        ({"date": "1999-12-31"}, "date", "Enter a date from 1 January 2000"),
        ({"date": "9999-12-31"}, "date", "You can log time up to today"),
        ({"subject": "a\x00b"}, "subject", ""),
        ({"subject": "   "}, "subject", ""),
        ({"kind": "TICKET"}, "kind", "Choose a ticket"),
        ({"kind": "nonsense"}, "kind", ""),
        ({"ticket": "9" * 40}, "ticket", ""),
        ({"ticket": "abc"}, "ticket", ""),
        ({"billable_option": "free"}, "billable_option", ""),
        ({"break_minutes": "-5"}, "break_minutes", ""),
        ({"started_at_0": "2026-06-15", "started_at_1": "25:00"}, "started_at", ""),
    ],
)
def test_bad_input_is_shown_again(send, entry, sent, field, message):
    response = send(change(entry), **sent)
    assert response.status_code == 422
    errors = response.context["adminform"].form.errors
    assert message in " ".join(errors.get(field, [f"{errors!r}"]))
    entry.refresh_from_db()
    assert entry.version == 1


def test_start_and_end_decide_the_minutes(send, admin, entry):
    clock = {"started_at_0": "2026-06-15", "started_at_1": "09:00", "ended_at_0": "2026-06-15", "ended_at_1": "11:00"}
    assert send(change(entry), minutes="", break_minutes=30, **clock).status_code == 302
    entry.refresh_from_db()
    assert entry.minutes == 90
    assert send(change(entry), minutes=10).status_code == 302
    entry.refresh_from_db()
    assert (entry.minutes, entry.ended_at - entry.started_at) == (10, dt.timedelta(minutes=40))
    day, start = entry.date, entry.started_at
    assert send(change(entry), date=day - dt.timedelta(days=1)).status_code == 302
    entry.refresh_from_db()
    assert (entry.date, entry.started_at) == (day - dt.timedelta(days=1), start - dt.timedelta(days=1))


def test_the_list_costs_the_same_however_long(admin, entry, carol, count_queries):
    admin.get(LIST)
    few = count_queries(lambda: admin.get(LIST))
    for _ in range(12):
        ticket = factories.TicketFactory()
        factories.TimeEntryFactory(member=factories.MembershipFactory(), ticket=ticket, date=MONDAY)
    assert count_queries(lambda: admin.get(LIST)) == few


def test_history_shows_the_trail(send, admin, entry):
    send(change(entry), subject="Workshop")
    page = admin.get(f"{LIST}{entry.pk}/history/").content.decode()
    assert "Alice Adams" in page
    assert "Desk → Workshop" in page
    assert f'href="{change(entry)}"' in page
