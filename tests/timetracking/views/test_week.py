"""The week page: what it shows to whom, its filters, its CSV, and that its queries do not grow."""

import csv
import datetime as dt
import io

import pytest
from django.urls import reverse

from accounts.models import Organisation
from tests import factories
from tests.cast import MONDAY

NOON = dt.datetime(2026, 6, 18, 12, tzinfo=dt.UTC)
WEEK = "/o/acme/timesheets/2026-06-15/"
DAY = dt.timedelta(days=1)


def entries_of(response):
    return [row.subject for day in response.context["week"].days for row in day.rows]


def figures(response):
    return {kpi.label: kpi.hm for kpi in response.context["week"].kpis}


def hm(minutes):
    from timetracking.selectors.marked_up import hm as marked_up

    return marked_up(minutes)


def test_the_current_week_opens_with_seven_days_and_five_figures(as_carol, carol):
    factories.TimeEntryFactory(member=carol, ticket=factories.TicketFactory(), minutes=45, subject="VPN")
    factories.TimeEntryFactory(member=carol, project=factories.ProjectFactory(), minutes=60, billable=False)
    factories.TimeEntryFactory(member=carol, minutes=30, date=MONDAY + DAY)
    factories.TimeEntryFactory(member=carol, minutes=600, date=MONDAY - DAY)
    response = as_carol.get("/o/acme/timesheets/")
    week = response.context["week"]
    assert (week.title, week.week_number, week.is_this_week) == ("15 – 21 June 2026", "Week 25", True)
    assert [day.iso for day in week.days] == [str(MONDAY + n * DAY) for n in range(7)]
    assert figures(response) == {
        "Total": hm(135), "Billable": hm(45), "Tickets": hm(45), "Projects": hm(60), "Manual": hm(30)
    }  # fmt: skip
    assert [day.hm for day in week.days][:3] == [hm(105), hm(30), hm(0)]
    for text in ("VPN", "This week", 'id="kpis"', 'id="day-2026-06-15"', "Log time"):
        assert text in response.content.decode()


@pytest.mark.parametrize(("goal", "shown"), [(65, True), (0, False)])
def test_the_billable_goal_is_the_organisations(acme, as_carol, goal, shown):
    Organisation.objects.filter(pk=acme.pk).update(billable_goal_percent=goal)
    assert ("goal 65%" in as_carol.get(WEEK).content.decode()) is shown
    assert "goal 80%" not in as_carol.get(WEEK).content.decode()


def test_any_day_leads_to_the_first_of_its_week_and_keeps_the_filters(as_carol):
    response = as_carol.get("/o/acme/timesheets/2026-06-18/?kind=TICKET")
    assert response.headers["Location"] == WEEK + "?kind=TICKET"


@pytest.mark.parametrize(
    "day", ["2026-02-30", "2026-13-01", "1999-01-01", "20260-1-1", "\uff12\uff10\uff12\uff16-06-15"]
)
def test_a_day_that_does_not_exist_is_not_found(as_carol, day):
    assert as_carol.get(f"/o/acme/timesheets/{day}/").status_code == 404


def test_a_week_that_starts_on_sunday(acme, as_carol):
    acme.first_weekday = 6
    acme.save()
    week = as_carol.get("/o/acme/timesheets/").context["week"]
    assert (week.days[0].iso, week.week_number) == ("2026-06-14", "")


@pytest.mark.parametrize("view", ["", "grid/"])
def test_the_week_of_who_was_deactivated_can_still_be_looked_at(as_bob, carol, view):
    factories.TimeEntryFactory(member=carol)
    carol.is_active = False
    carol.save()
    response = as_bob.get(f"{WEEK}{view}?agent={carol.pk}")
    assert response.status_code == 200
    assert response.content.decode().count(f'<option value="{carol.pk}" selected') == 1


def test_an_agent_sees_only_their_own_time(as_carol, carol, bob):
    factories.TimeEntryFactory(member=bob, subject="Bob's")
    assert entries_of(as_carol.get(WEEK)) == []
    for agent in (bob.pk, "all", 10**9):
        assert as_carol.get(f"{WEEK}?agent={agent}").status_code == 404
        assert as_carol.get(f"{WEEK}export.csv?agent={agent}").status_code == 404
    assert as_carol.get(f"{WEEK}?agent={carol.pk}").status_code == 200
    assert 'name="agent"' not in as_carol.get(WEEK).content.decode()


def test_a_manager_looks_at_a_colleague_or_at_everyone(as_bob, bob, carol):
    factories.TimeEntryFactory(member=bob, subject="Bob's")
    factories.TimeEntryFactory(member=carol, subject="Carol's")
    assert entries_of(as_bob.get(WEEK)) == ["Bob's"]
    assert entries_of(as_bob.get(f"{WEEK}?agent={carol.pk}")) == ["Carol's"]
    response = as_bob.get(f"{WEEK}?agent=all")
    assert entries_of(response) == ["Bob's", "Carol's"]
    assert "CC" in response.content.decode()  # whose it is


def test_filters_narrow_rows_and_figures_alike(as_carol, carol):
    project = factories.ProjectFactory()
    factories.TimeEntryFactory(member=carol, project=project, minutes=60, subject="P")
    factories.TimeEntryFactory(member=carol, ticket=factories.TicketFactory(), minutes=45, billable=False, subject="T")
    factories.TimeEntryFactory(member=carol, minutes=30, status="APPROVED", subject="G")
    for query, wanted, total in (
        (f"project={project.pk}", ["P"], 60),
        ("kind=TICKET", ["T"], 45),
        ("billable=yes", ["P"], 60),
        ("billable=no", ["T", "G"], 75),
        ("status=APPROVED", ["G"], 30),
        ("kind=TICKET&billable=yes", [], 0),
    ):
        response = as_carol.get(f"{WEEK}?{query}")
        assert sorted(entries_of(response)) == sorted(wanted), query
        assert figures(response)["Total"] == hm(total)
    assert "No entries match" in as_carol.get(f"{WEEK}?kind=TICKET&billable=yes").content.decode()


def test_a_range_of_days_shows_the_days_that_have_time_and_moves_by_its_length(as_carol, carol):
    for n in (0, 20):
        factories.TimeEntryFactory(member=carol, date=MONDAY - n * DAY, subject=f"{n} days ago")
    week = as_carol.get("/o/acme/timesheets/?from=2026-05-20&to=2026-06-18").context["week"]
    assert [day.iso for day in week.days] == ["2026-05-26", "2026-06-15"]
    assert "from=2026-04-20" in week.prev_url and "to=2026-05-19" in week.prev_url


@pytest.mark.parametrize(
    "query",
    ["from=yesterday", "to=2026-02-30", "from=2026-06-18&to=2026-06-01", "from=2020-01-01&to=2026-06-18", "kind=LUNCH",
     "billable=perhaps", "status=GONE", "from=9999-12-31&to=9999-12-31x", "from=0001-01-01", "to=9999-12-31"],
)  # fmt: skip
def test_a_filter_that_cannot_be_read_is_said_and_shows_the_week(as_carol, query):
    response = as_carol.get(f"{WEEK}?{query}")
    assert response.status_code == 422
    assert response.context["filter_error"]
    assert as_carol.get(f"{WEEK}export.csv?{query}").status_code == 422


def test_odd_addresses_are_never_a_500(as_bob):
    for query in ("agent=-1", "agent=x", "project=99999999999999999999999", "project=%F0%28", "page=abc",
                  "page=99999999",                  "from=%00", "agent=1&agent=2", "kind=" + "A" * 5000):  # fmt: skip
        assert as_bob.get(f"{WEEK}?{query}").status_code in (200, 400, 404, 422), query


def test_an_outsider_sees_nothing_of_it(as_mallory, carol):
    project = factories.ProjectFactory()
    for path in (WEEK, "/o/acme/timesheets/", f"{WEEK}export.csv"):
        assert as_mallory.get(path).status_code == 404
    for query in (f"agent={carol.pk}", f"project={project.pk}"):
        assert as_mallory.get(f"/o/globex/timesheets/?{query}").status_code == 404


def test_nobody_signs_in_first_and_comes_back(client):
    response = client.get(WEEK + "?kind=TICKET")
    assert response.headers["Location"] == "/login/?next=%2Fo%2Facme%2Ftimesheets%2F2026-06-15%2F%3Fkind%3DTICKET"


def test_a_feature_that_is_off_does_not_exist(acme, as_carol, as_alice):
    acme.features = []
    acme.save()
    assert as_carol.get(WEEK).status_code == 404
    response = as_alice.get(WEEK)
    assert response.status_code == 404
    assert "Timesheets is turned off. Turn it on in Settings." in response.content.decode()


def test_htmx_gets_the_body_alone_and_caches_tell_them_apart(as_carol):
    fragment = as_carol.get(WEEK, headers={"HX-Request": "true"})
    assert b"<html" not in fragment.content and b'id="week"' in fragment.content
    assert "HX-Request" in fragment.headers["Vary"]
    assert "no-store" in fragment.headers["Cache-Control"]


# --- CSV --------------------------------------------------------------------------------------------------------------


def csv_of(response):
    text = b"".join(response.streaming_content).decode()
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:], newline="")))


def test_the_csv_is_exactly_what_is_visible(as_bob, bob, carol):
    ticket, project = factories.TicketFactory(number=4846), factories.ProjectFactory(code="PRJ-112")
    factories.TimeEntryFactory(member=carol, ticket=ticket, minutes=45, subject='Say "hi",\nagain', description="=1+1")
    factories.TimeEntryFactory(member=carol, project=project, minutes=60, date=MONDAY + DAY, subject=" @SUM(A1)")
    factories.TimeEntryFactory(member=carol, minutes=30, date=MONDAY + DAY, subject="Stand-up")
    factories.TimeEntryFactory(member=bob, subject="Not asked for")
    response = as_bob.get(f"{WEEK}export.csv?agent={carol.pk}")
    assert response.headers["Content-Disposition"] == 'attachment; filename="timesheet_acme_2026-06-15_2026-06-21.csv"'
    head, *rows = csv_of(response)
    assert ",".join(head) == "date,agent,kind,subject,description,billable,duration (minutes),linked ticket / project"
    assert rows == [
        ["2026-06-15", "Carol Clark", "TICKET", 'Say "hi",\nagain', "'=1+1", "true", "45", "TKT-4846"],
        ["2026-06-16", "Carol Clark", "PROJECT", "' @SUM(A1)", "", "true", "60", "PRJ-112"],
        ["2026-06-16", "Carol Clark", "GENERAL", "Stand-up", "", "false", "30", ""],
    ]
    page = as_bob.get(f"{WEEK}?agent={carol.pk}&kind=TICKET")
    _head, *rows = csv_of(as_bob.get(page.context["week"].export_url))
    assert [row[3] for row in rows] == entries_of(page)


# --- Cost -------------------------------------------------------------------------------------------------------------


def fill(member, count):
    tickets = [factories.TicketFactory() for _ in range(5)]
    projects = [factories.ProjectFactory() for _ in range(3)]
    for n in range(count):
        record = {"ticket": tickets[n % 5]} if n % 2 else {"project": projects[n % 3]}
        factories.TimeEntryFactory(member=member, date=MONDAY + (n % 7) * DAY, minutes=5, **record)


@pytest.mark.parametrize("query", ["", "?agent=all", "?from=2026-06-01&to=2026-06-18&agent=all"])
def test_the_week_costs_the_same_however_busy(as_bob, bob, carol, count_queries, query):
    fill(bob, 1)
    as_bob.get(WEEK)  # remembers the organisation used last
    quiet = count_queries(lambda: as_bob.get(WEEK + query))
    fill(bob, 45)
    fill(carol, 45)
    busy = count_queries(lambda: as_bob.get(WEEK + query))
    assert busy == quiet
    assert busy <= 13  # a manager's; an agent's at most 11: tests/site/test_query_counts.py


def test_everyone_shows_forty_a_day_and_leads_to_the_rest(as_bob, bob):
    for n in range(45):
        factories.TimeEntryFactory(member=bob, minutes=10, subject=f"{n}")
    monday = as_bob.get(f"{WEEK}?agent=all").context["week"].days[0]
    assert (len(monday.rows), monday.more_label, monday.hm) == (40, "Show all 45", hm(450))
    assert len(entries_of(as_bob.get(monday.more_url))) == 45


def test_locked_entries_say_why(acme, as_carol, carol):
    factories.TimeEntryFactory(member=carol, created_at=NOON - dt.timedelta(hours=24), subject="Old")
    factories.TimeEntryFactory(member=carol, created_at=NOON - dt.timedelta(hours=23), subject="New")
    response = as_carol.get(WEEK)
    rows = {row.subject: row for day in response.context["week"].days for row in day.rows}
    assert rows["Old"].lock_reason == "You could change this until Thu 18 June, 13:00. Ask a manager."
    assert (rows["Old"].edit_url, rows["Old"].delete_url) == ("", "")
    assert rows["Old"].lock_reason in response.content.decode()
    assert rows["New"].edit_url == reverse("entry-edit", args=["acme", rows["New"].id])
    assert rows["New"].window_hint == "You can change this for another 1h."
