"""Every sum of a report against a naive reference in Python, for any filters and groups; and against other pages."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections import defaultdict
from urllib.parse import parse_qsl

import pytest
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.timetracking.reports.conftest import FIRST, LAST
from timesheets_site.lib import workbooks
from timesheets_site.lib.spreadsheets import stream_csv
from timetracking.exports import report_table
from timetracking.exports.report_entries import EntriesFile
from timetracking.rules import weeks
from timetracking.selectors import report_address, report_sums
from timetracking.selectors.report_dimensions import DIMENSIONS, starts
from timetracking.selectors.report_entries import entries_of
from timetracking.selectors.report_query import RECORDS, STATUSES
from timetracking.selectors.report_values import computed
from timetracking.selectors.reports import report_of
from timetracking.selectors.week_totals import totals_of
from timetracking.views import week_address

DAYS = (LAST - FIRST).days
ANY_TIME = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
choices = st.fixed_dictionaries(
    {
        "by": st.sampled_from(list(DIMENSIONS)),
        "then": st.sampled_from([*DIMENSIONS, ""]),
        "days": st.tuples(st.integers(0, DAYS), st.integers(0, DAYS)).map(sorted),
        "filters": st.dictionaries(
            st.sampled_from([*RECORDS, "agent", "kind", "billable", "status"]), st.integers(0, 7), max_size=2
        ),
    }
)


def value_of(fact, name):
    if name == "billable":
        return "yes" if fact.billable else "free" if fact.no_charge else "no"
    if name == "week":
        return weeks.week_containing(fact.date, first_weekday=0)
    return fact.date.replace(day=1) if name == "month" else getattr(fact, name)


def words_for(work, choice):
    """An address with values that stand in the data, so that something is found."""
    words = {"by": choice["by"], "then": choice["then"]}
    words["from"], words["to"] = (str(FIRST + dt.timedelta(days=n)) for n in choice["days"])
    for name, number in choice["filters"].items():
        if name == "status":
            words[name] = list(STATUSES)[number]
        else:
            value = value_of(work[number], name)
            words[name] = "none" if value is None else str(value)
    return words


def matching(work, words):
    found = [fact for fact in work if words["from"] <= str(fact.date) <= words["to"]]
    for name in {"agent", "kind", "billable", *RECORDS} & set(words):
        wanted = words[name]
        found = [fact for fact in found if ("none" if (v := value_of(fact, name)) is None else str(v)) == wanted]
    return [fact for fact in found if fact.status in STATUSES[words["status"]]] if "status" in words else found


def csv_of(columns, rows, **options):
    text = b"".join(stream_csv(workbooks.csv_columns(columns), rows, **options)).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


@ANY_TIME
@given(choice=choices)
def test_every_sum_is_that_of_the_naive_reference(work, alice, choice):
    words = words_for(work, choice)
    query, facts = report_address.read(alice, words), matching(work, words)
    expected = defaultdict(lambda: [0, 0, 0, 0, 0])
    for fact in facts:
        sums = expected[tuple(value_of(fact, level) for level in query.levels)]
        for place, part in enumerate((1, fact.minutes, fact.minutes * fact.billable, fact.billed, fact.amount)):
            sums[place] += part

    def shown(level, key):
        return starts(level, query)[key] if level in ("week", "month") else key

    found = {
        tuple(shown(level, key) for level, key in zip(query.levels, keys, strict=True)): [
            sums.entries, sums.minutes, sums.billable, sums.billed, sums.amount
        ]
        for keys, sums in report_sums.by_groups(query)
    }  # fmt: skip
    assert found == dict(expected)

    total, values = sum(fact.minutes for fact in facts), computed(query)
    table = values.table
    assert table.total.minutes == total == sum(group.sums.minutes for group in table.groups)
    assert all(
        group.sums.minutes == sum(child.sums.minutes for child in group.inner) for group in table.groups if query.then
    )
    assert sum(day.minutes for day in values.days if day.date >= query.days.first) == total
    assert sum(person.minutes for person in values.people.members) == total
    assert sum(share.minutes for share in values.clients.values()) == total
    assert sum(share.minutes for share in values.projects.values()) == total
    file = EntriesFile(query)
    lines = csv_of(file.columns, file.rows(), lines=file.lines)
    assert sum(int(line["Minutes"]) for line in lines) == total
    assert lines == csv_of(file.columns, file.rows())  # the quick way writes what the columns say
    grouped = report_table.grouped_for_file(query)
    rows = csv_of(report_table.columns_of(query), report_table.rows_of(grouped))
    assert sum(int(row["Minutes"]) for row in rows) == total
    assert sum(int(row["Entries"]) for row in rows) == entries_of(query).count == len(facts)


@pytest.mark.parametrize("by", list(DIMENSIONS))
def test_behind_each_row_are_the_entries_that_it_adds_up(work, alice, by):
    """The links of the table, of the charts and of the figures, opened one by one."""
    then = "month" if by == "week" else "agent" if by != "agent" else "client"
    report = report_of(report_address.read(alice, {"from": str(FIRST), "to": str(LAST), "by": by, "then": then}))
    lines = [*report.table.lines, report.table.total]
    assert len(lines) > 3
    for line in lines:
        if "/reports/entries/" not in line.url:
            continue  # what is not shown, by its own group
        query = report_address.read(alice, QueryDict(line.url.partition("?")[2]))
        sums = report_sums.total_of(part for _keys, part in report_sums.by_groups(query))
        assert report_table_line(sums) == (line.hours, line.billable), line.label


def report_table_line(sums):
    from timetracking.selectors.marked_up import hm

    return hm(sums.minutes), hm(sums.billable)


def test_what_is_left_out_of_a_group_has_a_line_that_adds_up(work, alice, monkeypatch):
    monkeypatch.setattr("timetracking.selectors.report_table.INNER_SHOWN", 1)
    monkeypatch.setattr("timetracking.selectors.report_lines.INNER_SHOWN", 1)
    words = {"from": str(FIRST), "to": str(LAST), "by": "agent", "then": "ticket"}
    table = report_of(report_address.read(alice, words)).table
    rest = [line for line in table.lines if "more" in line.label]
    assert len(rest) == 3
    for line in rest:
        query = report_address.read(alice, dict(parse_qsl(line.url.partition("?")[2])))
        assert query.by == "ticket" and query.member is not None


def test_bars_of_the_trend_and_cells_of_the_heat_map_add_up(work, alice):
    for first, last in ((FIRST, LAST), (dt.date(2026, 6, 1), LAST), (dt.date(2025, 9, 1), LAST)):
        report = report_of(report_address.read(alice, {"from": str(first), "to": str(last)}))
        total = sum(fact.minutes for fact in work if first <= fact.date <= last)
        assert sum(bar.total for bar in report.charts.trend.bars) == total
        assert sum(part.minutes for part in report.charts.kinds) == total
        assert sum(part.minutes for part in report.charts.billing) == total
        assert sum(row.total for row in report.charts.heat.rows) == total
        assert sum(week.total for week in report.charts.heat.weeks) == total


def test_the_week_page_says_the_same(work, alice, carol):
    monday = dt.date(2026, 6, 8)
    page = totals_of(week_address.read(alice, monday, {"agent": str(carol.pk)}))
    words = {"from": str(monday), "to": "2026-06-14", "agent": str(carol.pk)}
    total = computed(report_address.read(alice, words)).table.total
    assert page.total > 0
    assert (total.minutes, total.billable) == (page.total, page.billable)
