"""Reading and writing time by the portal: whose, of which days, in which of a person's organisations, and refusals."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from django.utils import timezone

from accounts.models import Organisation
from accounts.tenancy import organisation_scope
from tests import factories
from timetracking.models import TimeEntry

TIME = "/api/helpdesk/time"
WEEK = f"{TIME}?from=2026-06-01&to=2026-06-08"
RECORDED = Path("tests/contracts/portal")


@pytest.fixture
def second(carol):
    """Carol's membership in another organisation, where she manages."""
    organisation = factories.OrganisationFactory(name="Second")
    with organisation_scope(organisation):
        member = factories.MembershipFactory(user=carol.user, role="MANAGER", display_name="Carol there")
        member.organisation = organisation
    return member


def entry_of(member, date="2026-06-02", **values):
    with organisation_scope(member.organisation_id):
        return factories.TimeEntryFactory(member=member, date=dt.date.fromisoformat(date), **values)


def ids(answer) -> list[int]:
    assert answer.status_code == 200, answer.content
    return [int(row["id"]) for row in answer.json()]


def general(**values):
    return {"kind": "GENERAL", "date": "2026-06-02", "minutes": 30, "subject": "Stand-up", **values}


# --- Reading ----------------------------------------------------------------------------------------------------------


def test_an_entry_as_recorded(portal, acme, carol, time_machine):
    time_machine.move_to("2026-06-02T16:01:00Z", tick=False)
    ticket = factories.TicketFactory(title="VPN drops")
    entry = factories.TimeEntryFactory(
        member=carol, date=dt.date(2026, 6, 2), minutes=45, subject="VPN drops", ticket=ticket
    )
    names = {"entry": entry.pk, "user": carol.user_id, "ticket": ticket.pk, "organisation": acme.pk}
    text = (RECORDED / "entry.json").read_text()
    for name, pk in names.items():
        text = text.replace(f"<{name}>", str(pk))
    caller = portal(carol)
    assert caller.get(WEEK).json() == [json.loads(text)]
    one = caller.get(f"{TIME}/{entry.pk}")
    assert (one.json(), one["ETag"]) == (json.loads(text), '"1"')


@pytest.mark.parametrize(
    ("query", "days"),
    [
        ("from=2026-06-01&to=2026-06-03", ["2026-06-01", "2026-06-02"]),
        ("from=2026-06-01T00:00:00Z&to=2026-06-03T00:00:00.000Z", ["2026-06-01", "2026-06-02"]),
        ("from=2026-06-01T00:00:01Z&to=2026-06-03T00:00:01Z", ["2026-06-02", "2026-06-03"]),
        ("from=2026-06-02T02:00:00+02:00&to=2026-06-03T02:00:00%2B02:00", ["2026-06-02"]),
        ("from=2026-06-02&to=2026-06-02", []),
    ],
)
def test_the_range_is_half_open(portal, carol, query, days):
    for day in ("2026-06-03", "2026-06-01", "2026-06-02"):
        entry_of(carol, day)
    assert [row["date"] for row in portal(carol).get(f"{TIME}?{query}").json()] == days


@pytest.mark.parametrize(
    "query",
    ["", "from=2026-06-01", "from=2026-06-01&to=", "from=June&to=July", "from=2026-06-02&to=2026-06-01",
     "from=2026-02-30&to=2026-03-02", "from=2025-06-01&to=2026-06-03", "from=0001-01-01T00:00:00%2B14:00&to=2026-01-01",
     "from=9999-12-31T01:00:00Z&to=9999-12-31T02:00:00Z", f"from={'1' * 500}&to=2026-01-01"],
)  # fmt: skip
def test_dates_that_can_t_be_read(portal, carol, query):
    answer = portal(carol).get(f"{TIME}?{query}")
    assert answer.status_code == 400
    assert set(answer.json()["errors"]) <= {"from", "to"}


def test_whose_entries(portal, acme, alice, bob, carol, mallory):
    mine, hers = entry_of(bob), entry_of(carol)
    entry_of(mallory)
    assert ids(portal(carol).get(WEEK)) == [hers.pk]
    assert ids(portal(carol).get(f"{WEEK}&agentId={carol.user_id}")) == [hers.pk]
    assert ids(portal(bob).get(f"{WEEK}&agentId={carol.user_id}")) == [hers.pk]
    assert ids(portal(bob).get(WEEK)) == [mine.pk]
    refused = portal(carol).get(f"{WEEK}&agentId={bob.user_id}")
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    for unknown in (mallory.user_id, 999_999_999, "9" * 30, "nobody", -1):
        assert portal(alice).get(f"{WEEK}&agentId={unknown}").status_code == 404
    assert portal(carol).get(f"{TIME}/{mine.pk}").status_code == 404


def test_all_organisations_of_a_person_each_with_its_role(portal, acme, bob, carol, second):
    with organisation_scope(second.organisation):
        colleague = factories.MembershipFactory()
        bob_there = factories.MembershipFactory(user=bob.user)
    here, there, theirs = entry_of(carol), entry_of(second, "2026-06-01"), entry_of(colleague)
    of_bob, _of_bob_here = entry_of(bob_there), entry_of(bob)
    caller = portal(carol)
    assert ids(caller.get(WEEK)) == [there.pk, here.pk]
    assert ids(caller.get(f"{WEEK}&organisationId={acme.pk}")) == [here.pk]
    assert ids(caller.get(f"{WEEK}&agentId={colleague.user_id}")) == [theirs.pk]
    assert ids(caller.get(f"{WEEK}&agentId={bob.user_id}")) == [of_bob.pk]  # where she manages
    assert caller.get(f"{WEEK}&agentId={bob.user_id}&organisationId={acme.pk}").status_code == 403
    assert caller.get(f"{WEEK}&agentId={colleague.user_id}&organisationId={acme.pk}").status_code == 404
    assert caller.get(f"{TIME}/{theirs.pk}").json()["organisationId"] == str(second.organisation_id)
    for unknown in ("999999999", "x", "9" * 40):
        assert caller.get(f"{WEEK}&organisationId={unknown}").status_code == 404


def test_an_organisation_without_time_tracking_is_left_out(portal, acme, carol):
    entry_of(carol)
    Organisation.objects.update(features=[])
    assert ids(portal(carol).get(WEEK)) == []


def test_it_costs_the_same_however_busy(portal, acme, carol, second, count_queries):
    caller = portal(carol)
    entry_of(carol)
    caller.get(WEEK)
    quiet = count_queries(lambda: caller.get(WEEK))
    for member in (carol, second):
        with organisation_scope(member.organisation):
            factories.TimeEntryFactory.create_batch(
                12, member=member, date=dt.date(2026, 6, 3), ticket=factories.TicketFactory()
            )
    assert len(caller.get(WEEK).json()) == 25
    assert count_queries(lambda: caller.get(WEEK)) == quiet == 4  # token, memberships, and one for each organisation


# --- Writing ----------------------------------------------------------------------------------------------------------


def test_log_each_kind(portal, acme, carol):
    ticket, project = factories.TicketFactory(billable="no"), factories.ProjectFactory()
    caller = portal(carol)
    for body, billable in (
        ({"kind": "TICKET", "ticketId": str(ticket.pk)}, False),
        ({"kind": "TICKET", "ticketId": ticket.pk, "billable": True}, True),
        ({"kind": "PROJECT", "projectId": str(project.pk), "description": "More"}, True),
        ({"kind": "GENERAL", "billable": True}, False),
    ):
        answer = caller.post(TIME, general(**body))
        assert answer.status_code == 201, answer.content
        row = answer.json()
        assert (row["kind"], row["billable"], row["agentId"]) == (body["kind"], billable, str(carol.user_id))
        assert (row["ticketId"], row["projectId"]) == tuple(
            str(body[name]) if name in body else None for name in ("ticketId", "projectId")
        )
        assert caller.get(f"{TIME}/{row['id']}").json() == row


def test_log_for_somebody_else(portal, acme, bob, carol, mallory):
    body = general(agentId=str(carol.user_id))
    assert portal(bob).post(TIME, body).json()["agentId"] == str(carol.user_id)
    assert TimeEntry.objects.get().recorded_by == bob
    assert portal(carol).post(TIME, general(agentId=str(bob.user_id))).status_code == 403
    assert portal(bob).post(TIME, general(agentId=str(mallory.user_id))).status_code == 404


def test_where_it_goes_in_several_organisations(portal, acme, carol, second):
    caller = portal(carol)
    unsaid = caller.post(TIME, general())
    assert (unsaid.status_code, set(unsaid.json()["errors"])) == (422, {"organisationId"})
    said = caller.post(TIME, general(organisationId=str(second.organisation_id)))
    assert said.json()["organisationId"] == str(second.organisation_id)
    with organisation_scope(second.organisation):
        ticket = factories.TicketFactory()
    body = general(kind="TICKET", ticketId=str(ticket.pk))
    assert caller.post(TIME, body).json()["agent"]["name"] == "Carol there"
    assert caller.post(TIME, {**body, "organisationId": str(acme.pk)}).status_code == 404


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"minutes": 0}, "minutes"), ({"minutes": 1501}, "minutes"), ({"minutes": "30"}, "minutes"),
        ({"minutes": 1.5}, "minutes"), ({"minutes": True}, "minutes"), ({"minutes": 10**30}, "minutes"),
        ({"minutes": None}, "minutes"), ({"minutes": 1441}, "minutes"),
        ({"date": "2026-02-30"}, "date"), ({"date": 20260602}, "date"), ({"date": "1999-12-31"}, "date"),
        ({"date": "9999-12-31"}, "date"), ({"date": ["2026-06-02"]}, "date"),
        ({"subject": " "}, "subject"), ({"subject": "x" * 201}, "subject"), ({"subject": 5}, "subject"),
        ({"description": "x" * 10_001}, "description"), ({"billable": "yes"}, "billable"),
        ({"kind": "OTHER"}, "kind"), ({"kind": ["TICKET"]}, "kind"),
        ({"ticketId": "1"}, "ticketId"), ({"projectId": "1"}, "projectId"), ({"ticketId": [1]}, "ticketId"),
        ({"kind": "TICKET"}, "ticketId"), ({"kind": "PROJECT"}, "projectId"), ({"agentId": 1.5}, "agentId"),
    ],
)  # fmt: skip
def test_what_is_not_acceptable_names_its_field(portal, carol, values, field):
    answer = portal(carol).post(TIME, general(**values))
    assert (answer.status_code, set(answer.json()["errors"])) == (422, {field}), answer.content


def test_what_is_refused_is_said_in_our_own_words(portal, carol):
    errors = portal(carol).post(TIME, general(date="soon", subject=" ")).json()["errors"]
    assert errors == {"date": ["Enter a day like 2026-06-02."], "subject": ["Enter a subject."]}


@pytest.mark.parametrize("body", ["", "{", "[1]", "null", '{"minutes": NaN}', '{"a": "\\ud800"}', "[" * 2_000])
def test_what_can_t_be_read(portal, carol, body):
    assert portal(carol).post(TIME, body).status_code in (400, 422)


def test_unknown_and_foreign_records_are_404(portal, carol, mallory):
    with organisation_scope(mallory.organisation):
        foreign = [("TICKET", factories.TicketFactory()), ("PROJECT", factories.ProjectFactory())]
    for kind, record in foreign:
        for given in (str(record.pk), "999999999", "9" * 25, "T-310"):
            body = general(kind=kind, **{f"{kind.lower()}Id": given})
            assert portal(carol).post(TIME, body).status_code == 404
    entry = entry_of(mallory)
    for method in ("GET", "PATCH", "DELETE"):
        for number in (entry.pk, 999_999_999, "9" * 30, "x"):
            assert portal(carol).ask(method, f"{TIME}/{number}", {"minutes": 5}).status_code == 404


def test_change_what_is_sent_and_nothing_else(portal, acme, bob, carol):
    task = factories.TaskFactory()
    entry = entry_of(carol, kind="PROJECT", project=task.project, task=task, billable_option="NoCharge",
                     billable=False, no_charge=True, description="Kept")  # fmt: skip
    caller = portal(carol)
    as_read = caller.get(f"{TIME}/{entry.pk}").json()
    sent_back = caller.patch(f"{TIME}/{entry.pk}", as_read).json()
    assert {**sent_back, "version": 1, "updatedAt": as_read["updatedAt"]} == as_read
    entry.refresh_from_db()
    assert (entry.task, entry.billable_option, entry.description) == (task, "NoCharge", "Kept")
    ticket = factories.TicketFactory()
    changes = {"kind": "TICKET", "ticketId": str(ticket.pk), "minutes": 50, "billable": True, "description": None}
    changed = caller.patch(f"{TIME}/{entry.pk}", changes).json()
    assert (changed["minutes"], changed["projectId"], changed["ticketId"]) == (50, None, str(ticket.pk))
    assert (changed["billable"], changed["description"], changed["subject"]) == (True, None, as_read["subject"])
    assert caller.patch(f"{TIME}/{entry.pk}", {"agentId": str(bob.user_id)}).status_code == 422
    assert caller.patch(f"{TIME}/{entry.pk}", {"kind": "GENERAL"}).json()["ticketId"] is None


def test_minutes_move_the_end_of_an_entry_with_clock_times(portal, acme, carol):
    start = dt.datetime(2026, 6, 2, 9, tzinfo=dt.UTC)
    entry = entry_of(carol, started_at=start, ended_at=start + dt.timedelta(minutes=40), break_minutes=10)
    assert portal(carol).patch(f"{TIME}/{entry.pk}", {"minutes": 60}).json()["minutes"] == 60
    entry.refresh_from_db()
    assert entry.ended_at == start + dt.timedelta(minutes=70)


def test_the_edit_window_binds_agents_only(portal, acme, bob, carol):
    created = timezone.now() - dt.timedelta(hours=25)
    entry = entry_of(carol, created_at=created)
    refused = portal(carol).patch(f"{TIME}/{entry.pk}", {"minutes": 5})
    assert (refused.status_code, refused.json()["code"]) == (409, "edit_window_over")
    assert portal(carol).delete(f"{TIME}/{entry.pk}").status_code == 409
    assert portal(bob).patch(f"{TIME}/{entry.pk}", {"minutes": 5}).json()["minutes"] == 5
    assert portal(bob).delete(f"{TIME}/{entry.pk}").status_code == 204
    assert portal(bob).get(f"{TIME}/{entry.pk}").status_code == 404


def test_an_old_version_is_refused(portal, acme, carol):
    entry = entry_of(carol)
    caller = portal(carol)
    path = f"{TIME}/{entry.pk}"
    assert caller.patch(path, {"minutes": 5, "version": 1}).status_code == 200
    assert caller.patch(path, {"minutes": 6, "version": 1}).status_code == 409
    assert caller.patch(path, {"minutes": 6, "version": 10**30}).status_code == 409
    assert caller.patch(path, {"minutes": 6}, **{"If-Match": '"1"'}).status_code == 412
    assert caller.delete(path, **{"If-Match": "nonsense"}).status_code == 412
    assert caller.patch(path, {"minutes": 6}, **{"If-Match": '"2"'}).json()["version"] == 3


def test_sent_again_under_one_key_it_is_logged_once(portal, acme, carol):
    caller = portal(carol)
    first, again = (caller.post(TIME, general(), **{"Idempotency-Key": "k"}) for _time in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content and TimeEntry.objects.count() == 1
