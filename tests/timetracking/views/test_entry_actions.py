"""What can be done to an entry: delete and Undo, restore, history, the record picker, warnings."""

import json

from accounts.models import AuditEvent
from tests import factories
from tests.cast import BACKEND, MONDAY
from tests.timetracking.views.helpers import HTMX, NEW, logged, typed, url
from timetracking.models import TimeEntry, Timesheet
from timetracking.services import time_entries

# --- Deleting ---------------------------------------------------------------------------------------------------------


def test_delete_and_undo(as_carol, carol):
    entry = logged(carol)
    response = as_carol.post(url(entry, "delete") + "?version=1", headers=HTMX)
    body = response.content.decode()
    assert "Deleted “Stand-up”, 30m" in body and url(entry, "restore") in body and 'id="day-2026-06-15"' in body
    assert not TimeEntry.objects.exists()
    response = as_carol.post(url(entry, "restore"), headers=HTMX)
    assert f'id="entry-{entry.pk}"' in response.content.decode()
    assert json.loads(response.headers["HX-Trigger"])["focus"] == {"id": f"entry-{entry.pk}"}


def test_without_script_a_page_asks_and_a_banner_undoes(as_carol, carol):
    entry = logged(carol)
    assert "Stand-up" in as_carol.get(url(entry, "delete")).content.decode()
    assert TimeEntry.objects.exists()
    page = as_carol.post(url(entry, "delete"), {"version": "1"}, follow=True).content.decode()
    assert url(entry, "restore") in page
    listed = as_carol.get("/o/acme/timesheets/deleted/")
    assert [row.row.subject for row in listed.context["list"].rows] == ["Stand-up"]
    as_carol.post(url(entry, "restore"))
    assert TimeEntry.objects.exists()
    assert as_carol.get("/o/acme/timesheets/deleted/").context["list"].rows == []


def test_deleting_an_old_version_is_refused(as_carol, carol, bob):
    entry = logged(carol)
    time_entries.edit(bob, entry.pk, version=1, subject="Changed")
    response = as_carol.post(url(entry, "delete") + "?version=1", headers=HTMX)
    assert response.status_code == 409 and "changed in the meantime" in response.content.decode()
    assert TimeEntry.objects.exists()


def test_a_restore_that_a_rule_refuses_says_why(as_carol, carol):
    entry = logged(carol)
    time_entries.delete(carol, entry.pk)
    Timesheet.objects.update(state="submitted")
    response = as_carol.post(url(entry, "restore"), headers=HTMX)
    assert response.status_code == 409 and "This week is submitted." in response.content.decode()


def test_what_changes_state_is_a_post_with_a_csrf_token(carol):
    from django.test import Client

    entry = logged(carol)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(carol.user, backend=BACKEND)
    for path in (NEW, url(entry, "edit"), url(entry, "delete"), url(entry, "restore")):
        assert strict.post(path, typed()).status_code == 403
        assert strict.put(path).status_code in (403, 405)
    strict.get(url(entry, "delete"))
    assert strict.get(url(entry, "restore")).status_code == 405
    assert TimeEntry.objects.count() == 1


# --- History and picker -----------------------------------------------------------------------------------------------


def test_the_history_tells_who_did_what(as_carol, carol, bob, count_queries):
    ticket = factories.TicketFactory(number=4846, title="Backups")
    entry = logged(carol, kind="TICKET", ticket=ticket)
    time_entries.edit(bob, entry.pk, version=1, minutes=45, subject="<b>Bold</b>")
    response = as_carol.get(url(entry, "history"))
    newest, first = response.context["history"].lines
    assert (newest.who, newest.what, newest.on_behalf_of) == ("Bob Brown", "changed this entry", "Carol Clark")
    assert ("Duration", "30m", "45m") in [(c.label, c.before, c.after) for c in newest.changes]
    assert ("Ticket", "TKT-4846 Backups") in [(c.label, c.after) for c in first.changes]
    assert "&lt;b&gt;Bold" in response.content.decode()
    few = count_queries(lambda: as_carol.get(url(entry, "history")))
    for n in range(5):
        time_entries.edit(bob, entry.pk, minutes=50 + n)
    assert count_queries(lambda: as_carol.get(url(entry, "history"))) == few
    assert AuditEvent.objects.count() == 7


def test_the_picker_suggests_and_searches(as_carol, carol, count_queries):
    client = factories.ClientFactory(name="Larkspur Primary")
    recent = factories.TicketFactory(title="Backup job failed", client=client, number=4846)
    factories.TicketFactory(title="Backup restore", assignee=carol)
    factories.TicketFactory(title="Backup of the closed", status="closed")
    factories.TimeEntryFactory(member=carol, ticket=recent)
    groups = as_carol.get("/o/acme/pick/").context["groups"]
    assert [(g.label, [o.title for o in g.options]) for g in groups] == [
        ("Recent", ["Backup job failed"]), ("Assigned to you", ["Backup restore"])
    ]  # fmt: skip
    for text, wanted in (
        ("back", {"Backup job failed", "Backup restore"}),
        ("larkspur BACK", {"Backup job failed"}),
        ("4846", {"Backup job failed"}),
        ("tkt-4846", {"Backup job failed"}),
        ("nothing like it", set()),
    ):
        response = as_carol.get("/o/acme/pick/", {"q": text}, headers={"HX-Request": "true"})
        assert {o.title for g in response.context["groups"] for o in g.options} == wanted, text
    few = count_queries(lambda: as_carol.get("/o/acme/pick/?q=ticket"))
    factories.TicketFactory.create_batch(10)
    assert count_queries(lambda: as_carol.get("/o/acme/pick/?q=ticket")) == few
    for text in ("%", "_", "\\", "'", "a" * 5000, "back" + " x" * 150):
        assert as_carol.get("/o/acme/pick/", {"q": text}).status_code == 200


# --- Undo of an edit, and warnings ------------------------------------------------------------------------------------


def test_an_edit_is_undone_as_long_as_nothing_else_happened(as_carol, carol, bob):
    ticket, project = factories.TicketFactory(), factories.ProjectFactory()
    entry = logged(carol, kind="TICKET", ticket=ticket, description="Long story")
    body = as_carol.post(
        url(entry, "edit"),
        typed(version=1, kind="PROJECT", record=f"project:{project.pk}", date="2026-06-16", duration="2h"),
        headers=HTMX,
    ).content.decode()
    assert url(entry, "undo") + "?version=2" in body
    response = as_carol.post(url(entry, "undo") + "?version=2", headers=HTMX)
    assert 'id="day-2026-06-15"' in response.content.decode() and 'id="day-2026-06-16"' in response.content.decode()
    entry.refresh_from_db()
    assert (entry.kind, entry.ticket, entry.project, entry.date, entry.minutes) == ("TICKET", ticket, None, MONDAY, 30)
    assert entry.description == "Long story"

    as_carol.post(url(entry, "edit"), typed(version=3, kind="TICKET", record=f"ticket:{ticket.pk}", subject="Mine"))
    assert as_carol.post(url(entry, "undo") + "?version=1", headers=HTMX).status_code == 409
    time_entries.edit(bob, entry.pk, subject="Bob's")
    response = as_carol.post(url(entry, "undo") + "?version=5", headers=HTMX)
    assert response.status_code == 409 and "undone any more" in response.content.decode()
    entry.refresh_from_db()
    assert entry.subject == "Bob's"


def test_what_looks_odd_is_said_and_stored_all_the_same(as_carol):
    as_carol.post(NEW, typed(duration="9-10:30"))
    body = as_carol.post(NEW, typed(duration="10-11"), headers=HTMX).content.decode()
    assert "Overlaps 09:00–10:30 on Stand-up." in body
    body = as_carol.post(NEW, typed(duration="11-12:30"), headers=HTMX).content.decode()
    assert "another entry just like it" in body and "Overlaps" not in body
    body = as_carol.post(NEW, typed(duration="10h", subject="Marathon"), follow=True).content.decode()
    assert "That makes 14h on Mon 15 June, more than 12h." in body
    assert TimeEntry.objects.count() == 4
