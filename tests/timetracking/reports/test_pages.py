"""The report page and its entries: who sees what, what an address may say, what is said of one that can't be read."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.models import Membership
from accounts.tenancy import organisation_scope
from tests import factories
from tests.filled import UNKNOWN
from timetracking.models import TimeEntry, WorkRole, WorkType
from timetracking.selectors import report_address, report_sums
from timetracking.selectors.report_query import RECORDS
from timetracking.selectors.reports import report_of

REPORTS, ENTRIES = "/o/acme/reports/", "/o/acme/reports/entries/"
DOORS = [REPORTS, ENTRIES, *(f"{base}export.{ending}" for base in (REPORTS, ENTRIES) for ending in ("csv", "xlsx"))]
QUARTER = "?from=2026-04-20&to=2026-06-18"


def body(response) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return content.decode("utf-8", "replace")


def status_of(response) -> int:
    body(response)
    return response.status_code


def figure(report, label):
    return next(figure for figure in report.figures if figure.label == label)


# --- Whose time -------------------------------------------------------------------------------------------------------


def test_an_agent_sees_their_own_time_and_nobodys_name(work, as_carol, carol):
    for by in ("client", "agent", "project", "week"):
        page = body(as_carol.get(f"{REPORTS}{QUARTER}&by={by}&then=agent"))
        assert not re.search("Alice|Bob", page), by
        assert "filter-agent" not in page
    mine = sum(fact.minutes for fact in work if fact.agent == carol.pk)
    query = report_address.read(carol, {"from": "2026-04-20", "to": "2026-06-18"})
    assert report_of(query).table.total.hours.count("<i>") and query.member == carol
    assert sum(day.minutes for day in _days(query)) == mine
    for path in (ENTRIES, f"{REPORTS}export.csv", f"{ENTRIES}export.csv"):
        assert not re.search("Alice|Bob", body(as_carol.get(f"{path}{QUARTER}&by=agent"))), path


def _days(query):
    return [day for day in report_sums.by_day(query) if day.date >= query.days.first]


def test_an_agent_who_asks_for_a_colleague_finds_nothing(work, as_carol, as_bob, carol, bob):
    for path in DOORS:
        assert status_of(as_carol.get(f"{path}{QUARTER}&agent={bob.pk}")) == 404, path
        assert status_of(as_carol.get(f"{path}{QUARTER}&agent={carol.pk}")) == 200, path
        assert status_of(as_bob.get(f"{path}{QUARTER}&agent={carol.pk}")) == 200, path


def test_unknown_and_foreign_records_are_as_if_not_there(acme, as_alice, mallory, globex):
    with organisation_scope(globex):
        project = factories.ProjectFactory()
        foreign = {
            "client": project.client_id, "project": project.pk, "ticket": factories.TicketFactory().pk,
            "task": factories.TaskFactory(project=project).pk, "agent": mallory.pk,
            "charge_code": factories.ChargeCodeFactory().pk, "work_type": WorkType.objects.create(name="Theirs").pk,
            "work_role": WorkRole.objects.create(name="Theirs").pk,
        }  # fmt: skip
    assert set(foreign) == {*RECORDS, "agent"}
    for name, pk in foreign.items():
        for value in (pk, UNKNOWN, "x", "-1", "9" * 30):
            assert status_of(as_alice.get(f"{REPORTS}?{name}={value}")) == 404, (name, value)
        for path in DOORS[1:]:
            assert status_of(as_alice.get(f"{path}?{name}={pk}")) == 404, (path, name)


# --- Money ------------------------------------------------------------------------------------------------------------


def test_money_is_nowhere_without_the_permission(work, as_alice, as_bob, bob):
    for path in (REPORTS, ENTRIES, f"{REPORTS}export.csv", f"{ENTRIES}export.csv"):
        for query in (QUARTER, f"{QUARTER}&by=agent&then=month", f"{QUARTER}&sort=-billed"):
            assert re.search("Amount|€", body(as_alice.get(path + query))), path
            assert not re.search("Amount|€|Hourly rate|Billable value", body(as_bob.get(path + query))), path
    assert as_bob.get(f"{REPORTS}{QUARTER}&sort=-amount").status_code == 422
    Membership.objects.filter(pk=bob.pk).update(sees_rates=True)
    assert "€" in body(as_bob.get(f"{REPORTS}{QUARTER}&sort=-amount"))


def test_an_agent_who_sees_rates_sees_the_money_of_their_own_time(work, as_carol, carol):
    assert "€" not in body(as_carol.get(REPORTS + QUARTER))
    Membership.objects.filter(pk=carol.pk).update(sees_rates=True)
    own = sum((fact.amount for fact in work if fact.agent == carol.pk), Decimal(0))
    assert f"€{own:,.2f}" in body(as_carol.get(REPORTS + QUARTER))


# --- What an address may say ------------------------------------------------------------------------------------------


UNREADABLE = [
    ("?from=yesterday", "Choose the first day from the calendar."),
    ("?to=2026-02-30", "Choose the last day from the calendar."),
    ("?from=0001-01-01&to=9999-12-31", "Choose the first day from the calendar."),
    ("?from=2026-06-02&to=2026-06-01", "The range ends before it begins."),
    ("?from=2001-01-01&to=2026-06-01", "Choose a range of at most ten years."),
    ("?range=forever", "Choose one of the filter&#x27;s own values."),
    ("?by=member__user__password", "Choose one of the list to group by."),
    ("?by=client&then=organisation_id", "Choose one of the list to group by."),
    ("?sort=pk", "Choose a column of the table to sort by."),
    ("?kind=OTHER", "Choose one of the filter&#x27;s own values."),
    ("?billable=maybe", "Choose one of the filter&#x27;s own values."),
    ("?status=deleted", "Choose one of the filter&#x27;s own values."),
]


def test_what_cannot_be_read_is_said_in_words(acme, as_alice):
    for query, words in UNREADABLE:
        for path in (REPORTS, ENTRIES):
            answer = as_alice.get(path + query)
            assert (answer.status_code, words in body(answer)) == (422, True), query
        refused = as_alice.get(f"{REPORTS}export.csv{query}")
        assert (refused.status_code, refused["Content-Type"]) == (422, "text/plain; charset=utf-8")


def test_more_groups_than_a_report_holds_are_said_in_words(work, as_alice, monkeypatch):
    monkeypatch.setattr(report_sums, "MOST_GROUPS", 5)
    for path in (REPORTS, f"{REPORTS}export.csv"):
        answer = as_alice.get(f"{path}{QUARTER}&by=agent&then=ticket")
        assert (answer.status_code, "more than 5 groups" in body(answer)) == (422, True)


def test_the_same_group_twice_is_one_level(work, as_alice, alice):
    query = report_address.read(alice, {"by": "agent", "then": "agent"})
    assert query.levels == ("agent",)
    assert as_alice.get(f"{REPORTS}?by=agent&then=agent").status_code == 200


def test_everything_that_is_offered_can_be_opened(work, as_alice):
    """Each preset, chip, column and page of the report, as links without script."""
    page = body(as_alice.get(f"{REPORTS}{QUARTER}&by=agent&then=week&kind=TICKET"))
    links = {link.replace("&amp;", "&") for link in re.findall(r'href="(/o/acme/reports/[^"]*)"', page)}
    assert len(links) > 20
    assert {status_of(as_alice.get(link)) for link in links} == {200}


def test_an_empty_report_says_so(acme, as_alice):
    page = body(as_alice.get(REPORTS))
    assert "No time in this period" in page and "Try a longer one." in page


def test_the_table_has_pages_and_its_totals_are_of_all(acme, as_alice, alice, monkeypatch):
    monkeypatch.setattr("timetracking.selectors.report_table.GROUPS_A_PAGE", 2)
    for _n in range(5):
        ticket = factories.TicketFactory()
        factories.TimeEntryFactory(member=alice, ticket=ticket, minutes=60)
    first, last = body(as_alice.get(f"{REPORTS}?by=client")), body(as_alice.get(f"{REPORTS}?by=client&page=3"))
    assert "Groups 1–2 of 5" in first and "Groups 5–5 of 5" in last
    for page in (first, last):
        assert "PT5H0M" in page.partition("<tfoot>")[2]


# --- Figures ----------------------------------------------------------------------------------------------------------


def test_figures_beside_the_period_before(acme, alice, carol):
    ticket = factories.TicketFactory()
    for day, minutes, billable, status in (
        (dt.date(2026, 6, 1), 120, True, "APPROVED"), (dt.date(2026, 6, 2), 60, False, "OPEN"),
        (dt.date(2026, 5, 30), 90, True, "OPEN"),
    ):  # fmt: skip
        factories.TimeEntryFactory(
            member=carol, ticket=ticket, date=day, minutes=minutes, billable=billable, status=status
        )
    Membership.objects.update(joined_at="2020-01-01T00:00Z")
    Membership.objects.exclude(pk=carol.pk).update(weekly_capacity_minutes=0)
    Membership.objects.filter(pk=carol.pk).update(weekly_capacity_minutes=600)
    report = report_of(report_address.read(alice, {"from": "2026-06-01", "to": "2026-06-05"}))
    assert (figure(report, "Hours").value, figure(report, "Hours").change) == ("3h", "▲ 100%")
    assert (figure(report, "Billable").value, figure(report, "Billable").change) == ("67%", "▼ 33 pts")
    assert (figure(report, "Utilisation").value, figure(report, "Not yet approved").value) == ("20%", "1h")


def test_time_off_makes_the_capacity_smaller_whatever_is_filtered(acme, alice, carol):
    Membership.objects.update(joined_at="2020-01-01T00:00Z")
    Membership.objects.exclude(pk=carol.pk).update(weekly_capacity_minutes=0)
    Membership.objects.filter(pk=carol.pk).update(weekly_capacity_minutes=600)
    ticket = factories.TicketFactory()
    factories.TimeEntryFactory(member=carol, ticket=ticket, date=dt.date(2026, 6, 1), minutes=120)
    leave = factories.ChargeCodeFactory(code="LEAVE", is_time_off=True)
    for day, minutes in ((2, 120), (3, 120), (4, 400), (6, 120)):  # beyond what was expected on its day none counts
        factories.TimeEntryFactory(member=carol, charge_code=leave, date=dt.date(2026, 6, day), minutes=minutes)
    words = {"from": "2026-06-01", "to": "2026-06-05"}
    for narrowed in ({}, {"client": str(ticket.client_id)}, {"agent": str(carol.pk)}):
        assert figure(report_of(report_address.read(alice, words | narrowed)), "Utilisation").value == "50%"


def test_a_deactivated_member_counts_where_they_worked(work, alice, carol):
    Membership.objects.filter(pk=carol.pk).update(is_active=False)
    report = report_of(report_address.read(alice, {"from": "2026-04-20", "to": "2026-06-18"}))
    assert "Carol Clark" in [bar.name for bar in report.charts.agents]
    later = report_of(report_address.read(alice, {"from": "2026-06-18", "to": "2026-06-18", "agent": str(alice.pk)}))
    assert later.charts is None or "Carol Clark" not in [bar.name for bar in later.charts.agents]


# --- From elsewhere ---------------------------------------------------------------------------------------------------


def test_project_and_member_pages_lead_to_their_report(work, as_alice, as_bob, as_carol, carol):
    project = TimeEntry.objects.filter(project__isnull=False).first().project
    project_page = reverse("project", args=["acme", project.code])
    member_page, members = reverse("member", args=["acme", carol.pk]), reverse("members", args=["acme"])
    for client, where in ((as_alice, project_page), (as_carol, project_page), (as_bob, member_page),
                          (as_alice, member_page), (as_bob, members)):  # fmt: skip
        page = body(client.get(where))
        link = re.search(r'href="(/o/acme/reports/\?(?:range|agent)[^"]*)"', page)
        assert link, where
        assert client.get(link[1].replace("&amp;", "&")).status_code == 200


def test_cost_in_queries_does_not_grow_with_groups(work, as_alice, count_queries):
    as_alice.get(REPORTS + QUARTER)
    few = count_queries(lambda: as_alice.get(f"{REPORTS}?from=2026-06-15&to=2026-06-18&by=ticket&then=agent"))
    many = count_queries(lambda: as_alice.get(f"{REPORTS}{QUARTER}&by=ticket&then=agent"))
    assert abs(many - few) <= 1  # budgets are only asked for where a project has one


@pytest.mark.parametrize(("used", "state"), [(79, "f-accent"), (80, "near"), (99, "near"), (100, "over")])
def test_a_budget_is_marked_from_80_and_from_100_percent(acme, as_bob, bob, used, state):
    project = factories.ProjectFactory(budget_minutes=100)
    factories.TimeEntryFactory(member=bob, project=project, minutes=used, date=dt.date(2026, 6, 15))
    page = body(as_bob.get(f"{REPORTS}{QUARTER}"))
    assert re.search(rf'<rect class="{state}"[^>]* width="{used}%"', page)
