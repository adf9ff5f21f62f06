"""What pages show of policies beforehand: the log-time form, the record pages, the picker."""

import datetime as dt

import pytest

from tests import factories
from tests.cast import MONDAY, browser_of
from tests.timetracking.views.helpers import HTMX, NEW, NOON, logged, typed, url
from timetracking.models import PeriodReopening
from timetracking.services import time_entries

DAY = dt.timedelta(days=1)


@pytest.fixture
def policy(acme):
    def policy(**values):
        for name, value in values.items():
            setattr(acme, name, value)
        acme.save()

    return policy


# --- The date ---------------------------------------------------------------------------------------------------------


def date_bounds(client, path=NEW):
    attrs = client.get(path).context["form"]["date"].field.widget.attrs
    return attrs.get("min"), attrs.get("max")


def test_the_calendar_offers_the_days_that_take_time(as_carol, carol, alice, policy):
    assert date_bounds(as_carol) == (None, "2026-06-18")
    assert 'max="2026-06-18"' in as_carol.get(NEW).content.decode()
    policy(future_dates_allowed=True, lock_date=dt.date(2026, 5, 31))
    assert date_bounds(as_carol) == ("2026-06-01", None)
    PeriodReopening.objects.create(
        member=carol, first_on=dt.date(2026, 5, 18), until_at=NOON + DAY, opened_by=alice, created_at=NOON
    )
    assert date_bounds(as_carol) == ("2026-05-18", None)
    assert date_bounds(browser_of(alice)) == ("2026-05-18", None)  # who may log for others is offered the widest
    factories.MembershipFactory(role="AGENT")
    assert date_bounds(as_carol, url(logged(carol), "edit")) == ("2026-05-18", None)


def test_only_ones_own_reopening_counts(as_carol, carol, bob, alice, policy):
    policy(lock_date=dt.date(2026, 5, 31))
    PeriodReopening.objects.create(
        member=bob, first_on=dt.date(2026, 5, 18), until_at=NOON + DAY, opened_by=alice, created_at=NOON
    )
    assert date_bounds(as_carol) == ("2026-06-01", "2026-06-18")


def test_the_server_decides_all_the_same(as_carol):
    answer = as_carol.post(NEW, typed(date="2026-06-19"))
    assert answer.status_code == 422
    assert "You can log time up to today" in answer.content.decode()


# --- What is required -------------------------------------------------------------------------------------------------


def marks(client):
    """Which fields of the form are marked as optional."""
    form = client.get(NEW).context["form"]
    return {name for name, optional in form.is_optional.items() if optional}


def test_the_form_marks_what_is_required(as_carol, policy):
    assert marks(as_carol) == {"description", "start", "charge_code", "task"}
    body = as_carol.get(NEW).content.decode()
    assert body.count('class="opt"') == 6 and '<details class="more">' in body
    policy(description_required="always", clock_required=True, charge_code_required=True, task_required=True)
    assert marks(as_carol) == set()
    body = as_carol.get(NEW).content.decode()
    assert body.count('class="opt"') == 2  # the break and the internal note
    assert '<details class="more" open>' in body
    assert body.count('aria-required="true"') == 3
    assert "Project time needs a task." in body
    policy(description_required="billable")
    body = as_carol.get(NEW).content.decode()
    assert "Needed on billable time." in body and body.count('aria-required="true"') == 2


@pytest.mark.parametrize(
    ("policies", "values", "field", "words"),
    [
        ({"description_required": "always"}, {}, "description", "Add a description. Acme needs one on every entry."),
        ({"clock_required": True}, {}, "start", "Enter start and end. Acme needs them on every entry."),
        ({"charge_code_required": True}, {}, "record", "Choose a charge code or an activity."),
        ({"overlap": "refuse"}, {"duration": "9:30-10:30"}, "start", "Overlaps 09:00–10:00 on Stand-up."),
        ({"largest_day": "refuse", "largest_day_minutes": 60}, {}, "duration", "That makes 1h 30m on Mon 15 June."),
    ],
)
def test_what_is_refused_stands_at_its_field(as_carol, carol, policy, policies, values, field, words):
    london = dt.datetime(2026, 6, 15, 8, tzinfo=dt.UTC)
    logged(carol, started_at=london, ended_at=london + dt.timedelta(hours=1))
    policy(**policies)
    answer = as_carol.post(NEW, typed(subject="Kept", **values), headers=HTMX)
    assert answer.status_code == 422
    assert words in answer.context["form"].errors[field][0]
    assert 'value="Kept"' in answer.content.decode()
    if field == "start":
        assert '<details class="more" open>' in answer.content.decode()


def test_a_refused_restore_says_why(as_carol, carol, policy):
    gone = logged(carol)
    time_entries.delete(carol, gone.pk)
    policy(description_required="always")
    answer = as_carol.post(url(gone, "restore"), headers=HTMX)
    assert answer.status_code == 409
    assert "Add a description. Acme needs one on every entry." in answer.content.decode()


# --- Closed records ---------------------------------------------------------------------------------------------------


@pytest.fixture
def ended():
    """A ticket and a project that were closed at noon, with a task."""
    client = factories.ClientFactory(name="Harbourside")
    ticket = factories.TicketFactory(number=4790, title="Printer", client=client, status="closed", closed_at=NOON)
    project = factories.ProjectFactory(code="PRJ-9", client=client, status="closed", closed_at=NOON)
    return ticket, project, factories.TaskFactory(project=project, name="Cabling")


TICKET, PROJECT = "/o/acme/tickets/TKT-4790/", "/o/acme/projects/PRJ-9/"


def test_record_pages_say_until_when_time_is_taken(as_carol, as_bob, bob, ended, policy, now):
    for path in (TICKET, PROJECT):
        body = as_carol.get(path).content.decode()
        assert "is closed. Ask a manager to reopen it." in body and 'id="log-time"' not in body
    policy(closed_ticket_grace_days=12, closed_project_grace_days=2)
    body = as_carol.get(TICKET).content.decode()
    assert "This ticket is closed. You can still log time until 30 June." in body and 'id="log-time"' in body
    body = as_bob.get(PROJECT).content.decode()
    assert "This project is closed. You can still log time until 20 June." in body and 'id="log-time"' in body
    assert "Log time on Cabling" in body
    now.shift(3 * DAY)
    body = browser_of(bob).get(PROJECT).content.decode()
    assert "PRJ-9 is closed." in body and 'id="log-time"' not in body and "Log time on Cabling" not in body


def test_lists_offer_what_takes_time(as_carol, ended, policy):
    def offered():
        return [bool(row["log_url"]) for row in as_carol.get("/o/acme/tickets/?state=closed").context["rows"]]

    assert offered() == [False]
    policy(closed_ticket_grace_days=1)
    assert offered() == [True]


def picked(client, **query):
    groups = client.get("/o/acme/pick/", query).context["groups"]
    return {option.title: option.detail for group in groups for option in group.options}


def test_the_picker_follows_the_same_rule(as_carol, carol, ended, policy):
    ticket, project, task = ended
    ticket.assignee = carol
    ticket.save()
    task.assignees.set([carol])
    code = factories.ChargeCodeFactory(project=project, name="Site work")
    for path in ({"q": ""}, {"q": "4790"}, {"q": "PRJ-9"}, {"q": "Cabling"}, {"q": code.code}):
        assert picked(as_carol, **path) == {}
    policy(closed_ticket_grace_days=12, closed_project_grace_days=2)
    until = "This project is closed. You can still log time until 20 June."
    closed = "TKT-4790 · Harbourside · This ticket is closed. You can still log time until 30 June."
    assert picked(as_carol, q="") == {"Printer": closed, "Cabling": f"PRJ-9 · Harbourside · {until}"}
    assert picked(as_carol, q="4790") == {"Printer": closed}
    assert picked(as_carol, q="PRJ-9")[project.name].endswith(until)
    assert picked(as_carol, q=code.code)["Site work"].endswith(until)
    logged(carol, kind="TICKET", ticket=ticket, date=MONDAY)
    recent = as_carol.get("/o/acme/pick/").context["groups"][0]
    assert (recent.label, [option.title for option in recent.options]) == ("Recent", ["Printer"])
    policy(closed_ticket_grace_days=0)
    assert "Printer" not in picked(as_carol, q="")


# --- Budgets ----------------------------------------------------------------------------------------------------------


def test_beyond_a_budget_the_form_is_refused_or_warns_as_the_policy_says(as_carol, policy):
    project = factories.ProjectFactory(code="PRJ-112", budget_minutes=60)
    values = typed(kind="PROJECT", record=f"project:{project.pk}", duration="90m", key="")
    words = "This puts PRJ-112 30m over its budget of 1h."
    policy(over_budget="refuse")
    answer = as_carol.post(NEW, values, headers=HTMX)
    assert answer.status_code == 422
    assert answer.context["form"].errors["duration"] == [words]
    policy(over_budget="warn")
    assert words in as_carol.post(NEW, values, headers=HTMX).content.decode()
