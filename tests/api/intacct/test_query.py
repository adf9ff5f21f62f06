"""The query service: every operator on rows that differ, words for dates, expressions, groups and sums, pages."""

from __future__ import annotations

import contextlib
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.tenancy import organisation_scope
from tests import factories
from timetracking.api.intacct.mapping import TIMESHEETS
from timetracking.api.intacct.query import conditions, expressions, macros
from timetracking.api.intacct.query.run import answer
from timetracking.api.refusals import BadRequest
from timetracking.models import TimeEntry

MONDAY = dt.date(2026, 6, 15)
DAY = dt.timedelta(days=1)
LINE = "time/timesheet-line"


@pytest.fixture
def lines(acme, alice, carol):
    """Three lines of Carol's and one of Alice's: 30, 60 and 90 minutes, and 20."""
    client = factories.ClientFactory(name="Harbourside")
    project = factories.ProjectFactory(client=client, code="BCN-1", name="Beacon")
    made = [
        factories.TimeEntryFactory(member=carol, date=MONDAY, minutes=30, subject="alpha"),
        factories.TimeEntryFactory(member=carol, date=MONDAY + DAY, minutes=60, subject="Beta"),
        factories.TimeEntryFactory(
            member=carol, date=MONDAY + 2 * DAY, minutes=90, subject="100% gamma", kind="PROJECT",
            project=project, client=client,
        ),
        factories.TimeEntryFactory(member=alice, date=MONDAY, minutes=20, subject="delta"),
    ]  # fmt: skip
    return [str(each.pk) for each in made]


def ask(member, **body):
    return answer(member, {"object": LINE, "fields": ["key"], **body})


def places(lines, found):
    return [lines.index(row["key"]) for row in found["ia::result"]]


@pytest.mark.parametrize(
    ("operator", "name", "value", "expected"),
    [
        ("$eq", "quantity", 1, [1]),
        ("$eq", "quantity", "0.33", [3]),
        ("$ne", "quantity", 1.0, [0, 2, 3]),
        ("$lt", "quantity", 0.5, [3]),
        ("$lte", "quantity", 0.5, [0, 3]),
        ("$gt", "quantity", 1, [2]),
        ("$gte", "quantity", 1, [1, 2]),
        ("$in", "quantity", [0.5, 1.5], [0, 2]),
        ("$in", "quantity", [], []),
        ("$notIn", "quantity", [0.5, 1.5], [1, 3]),
        ("$between", "quantity", [0.5, 1], [0, 1]),
        ("$notBetween", "quantity", [0.5, 1], [2, 3]),
        ("$contains", "description", "a", [0, 1, 2, 3]),
        ("$contains", "description", "%", [2]),
        ("$notContains", "description", "et", [0, 2, 3]),
        ("$contains", "description", "b", []),
        ("$startsWith", "description", "Be", [1]),
        ("$startsWith", "description", "be", []),
        ("$notStartsWith", "description", "al", [1, 2, 3]),
        ("$endsWith", "description", "ta", [1, 3]),
        ("$notEndsWith", "description", "ta", [0, 2]),
        ("$eq", "dimensions.project.key", None, [0, 1, 3]),
        ("$ne", "dimensions.project.key", None, [2]),
        ("$eq", "entryDate", "2026-06-15", [0, 3]),
        ("$gt", "entryDate", "2026-06-15", [1, 2]),
        ("$eq", "entryDate", "yesterday", [0, 3]),
        ("$eq", "entryDate", "currentWeek", [0, 1, 2, 3]),
        ("$lt", "entryDate", "currentWeek", []),
        ("$gte", "entryDate", "today", [1, 2]),
    ],
)
def test_each_operator(lines, alice, operator, name, value, expected):
    found = ask(alice, filters=[{operator: {name: value}}], filterParameters={"asOfDate": "2026-06-16"})
    assert places(lines, found) == expected
    assert found["ia::meta"]["totalCount"] == len(expected)


def test_case_counts_unless_it_is_told_not_to(lines, alice):
    insensitive = {"caseSensitiveComparison": False}
    found = ask(alice, filters=[{"$eq": {"description": "ALPHA"}}], filterParameters=insensitive)
    assert places(lines, found) == [0]
    assert places(lines, ask(alice, filters=[{"$eq": {"description": "ALPHA"}}])) == []


def test_states_are_words_like_others(lines, alice):
    asked = {"filters": [{"$eq": {"state": "DRAFT"}}]}
    assert len(ask(alice, filterParameters={"caseSensitiveComparison": False}, **asked)["ia::result"]) == 4
    with pytest.raises(BadRequest):
        ask(alice, **asked)


def test_no_notes_are_found_as_they_are_shown(lines, alice):
    TimeEntry.objects.filter(pk=lines[1]).update(description="Some")
    assert [row["notes"] for row in ask(alice, fields=["notes"])["ia::result"]] == [None, "Some", None, None]
    assert places(lines, ask(alice, filters=[{"$eq": {"notes": None}}])) == [0, 2, 3]
    assert places(lines, ask(alice, filters=[{"$ne": {"notes": None}}])) == [1]


def test_a_moment_is_found_as_it_is_shown(lines, alice):
    """It is stored more exactly than it is sent."""
    moment = dt.datetime(2026, 6, 15, 9, 0, 7, 250_000, tzinfo=dt.UTC)
    TimeEntry.objects.filter(pk=lines[1]).update(updated_at=moment)
    name = "audit.modifiedDateTime"
    shown = ask(alice, fields=[name], filters=[{"$eq": {"key": lines[1]}}])["ia::result"][0][name]
    only = [{"$eq": {"key": lines[1]}}]
    found = {op: places(lines, ask(alice, filters=[*only, {op: {name: shown}}])) for op in ("$eq", "$lte", "$gte")}
    assert found == {"$eq": [1], "$lte": [1], "$gte": [1]}
    for operator, value in (("$lt", shown), ("$gt", shown), ("$ne", shown), ("$gt", "9999-12-31T23:59:59Z")):
        assert places(lines, ask(alice, filters=[*only, {operator: {name: value}}])) == []
    assert places(lines, ask(alice, filters=[*only, {"$eq": {name: "2026-06-15T09:00:07.25Z"}}])) == [1]


def test_filters_are_combined_as_the_expression_says(lines, alice):
    filters = [{"$eq": {"quantity": 0.5}}, {"$eq": {"quantity": 1}}, {"$startsWith": {"description": "B"}}]
    assert places(lines, ask(alice, filters=filters, filterExpression="(1 or 2) and 3")) == [1]
    assert places(lines, ask(alice, filters=filters, filterExpression="or")) == [0, 1]
    assert places(lines, ask(alice, filters=filters)) == []
    assert len(ask(alice, filters=[{"$eq": {}}], filterExpression=None, orderBy=[])["ia::result"]) == 4


def test_an_agent_reads_own_lines_and_an_outsider_none(lines, carol, mallory):
    assert places(lines, ask(carol)) == [0, 1, 2]
    with organisation_scope(mallory.organisation_id):
        assert ask(mallory)["ia::result"] == []


def test_rows_have_the_names_that_were_asked_for(lines, alice):
    found = ask(alice, fields=["entryDate", "quantity", "dimensions.project.id", "href"], size=1, start=3)
    assert found["ia::result"] == [
        {
            "entryDate": "2026-06-17",
            "quantity": 1.5,
            "dimensions.project.id": "BCN-1",
            "href": f"/objects/time/timesheet-line/{lines[2]}",
        }
    ]
    assert found["ia::meta"] == {"totalCount": 4, "start": 3, "pageSize": 1, "next": 4, "previous": 2}


def test_a_line_tells_of_its_timesheet(lines, alice):
    filters = [{"$eq": {"timesheet.employee.key": str(alice.pk)}}]
    found = ask(alice, fields=["key", "timesheet.beginDate"], filters=filters)
    assert found["ia::result"] == [{"key": lines[3], "timesheet.beginDate": "2026-06-15"}]
    assert all(ask(alice, fields=[f"timesheet.{name}"])["ia::result"] for name in TIMESHEETS.fields)
    ends = [{"$eq": {"timesheet.endDate": "2026-06-21"}}]
    found = ask(alice, fields=["timesheet.endDate", "timesheet.employee.id", "sum:quantity"], filters=ends)
    assert sorted(row["sum:quantity"] for row in found["ia::result"]) == [0.33, 3]


def test_pages_hold_each_row_once(lines, alice):
    pages = [ask(alice, orderBy=[{"quantity": "desc"}], size=1, start=start) for start in range(1, 5)]
    assert [places(lines, page) for page in pages] == [[2], [1], [0], [3]]
    assert pages[-1]["ia::meta"]["next"] is None
    assert ask(alice, start=9)["ia::result"] == []


def test_sums_of_groups_and_of_all(lines, alice):
    found = ask(alice, fields=["entryDate", "sum:quantity", "count:key"], orderBy=[{"entryDate": "asc"}])
    assert found["ia::result"] == [
        {"entryDate": "2026-06-15", "sum:quantity": 0.83, "count:key": 2},
        {"entryDate": "2026-06-16", "sum:quantity": 1, "count:key": 1},
        {"entryDate": "2026-06-17", "sum:quantity": 1.5, "count:key": 1},
    ]
    whole = ask(alice, fields=["sum:quantity", "avg:quantity", "min:entryDate", "max:quantity"])
    assert whole["ia::result"] == [
        {"sum:quantity": 3.33, "avg:quantity": 0.83, "min:entryDate": "2026-06-15", "max:quantity": 1.5}
    ]
    nothing = ask(alice, fields=["sum:quantity", "count:key"], filters=[{"$eq": {"key": "0"}}])
    assert nothing["ia::result"] == [{"sum:quantity": 0, "count:key": 0}]


def test_a_known_object_without_rows(acme, alice):
    found = answer(alice, {"object": "accounts-payable/vendor", "fields": ["id"], "filters": [{"$eq": {}}]})
    assert found["ia::result"] == []


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {"fields": ["key"]},
        {"object": "gl/account", "fields": ["key"]},
        {"object": LINE},
        {"object": LINE, "fields": []},
        {"object": LINE, "fields": ["nothing"]},
        {"object": LINE, "fields": ["sum:description"]},
        {"object": LINE, "fields": ["steal:quantity"]},
        {"object": LINE, "fields": [["key"]]},
        {"object": LINE, "fields": ["key"], "else": 1},
        {"object": LINE, "fields": ["key"], "start": 0},
        {"object": LINE, "fields": ["key"], "size": 4001},
        {"object": LINE, "fields": ["key"], "start": "٣"},
        {"object": LINE, "fields": ["key"], "filters": {}},
        {"object": LINE, "fields": ["key"], "filters": [{"$eq": {"key": "1"}, "$ne": {"key": "2"}}]},
        {"object": LINE, "fields": ["key"], "filters": [{"$regex": {"key": "1"}}]},
        {"object": LINE, "fields": ["key"], "filters": [{"$eq": {"member__user__password": "x"}}]},
        {"object": LINE, "fields": ["key"], "filters": [{"$eq": {"href": "x"}}]},
        {"object": LINE, "fields": ["key"], "filters": [{"$eq": {"quantity": "much"}}]},
        {"object": LINE, "fields": ["key"], "filters": [{"$eq": {"quantity": [1]}}]},
        {"object": LINE, "fields": ["key"], "filters": [{"$in": {"quantity": 1}}]},
        {"object": LINE, "fields": ["key"], "filters": [{"$between": {"quantity": [1]}}]},
        {"object": LINE, "fields": ["key"], "filters": [{"$eq": {"entryDate": "2026-02-30"}}]},
        {"object": LINE, "fields": ["key"], "filters": [{"$eq": {"state": "maybe"}}]},
        {"object": LINE, "fields": ["key"], "filters": [{"$contains": {"quantity": "1"}}]},
        {"object": LINE, "fields": ["key"], "filterExpression": "1"},
        {"object": LINE, "fields": ["key"], "filterExpression": ["and"]},
        {"object": LINE, "fields": ["key"], "filterParameters": {"asOfDate": "soon"}},
        {"object": LINE, "fields": ["key"], "orderBy": [{"href": "asc"}]},
        {"object": LINE, "fields": ["key"], "orderBy": [{"key": "up"}]},
        {"object": LINE, "fields": ["sum:quantity"], "orderBy": [{"entryDate": "asc"}]},
        {"object": LINE, "fields": ["key"], "orderBy": [{"sum:quantity": "asc"}]},
        {"object": LINE, "fields": ["key"], "filters": [{"$in": {"description": [None, "alpha"]}}]},
    ],
)
def test_what_is_wrong_is_refused(acme, alice, body):
    with pytest.raises(BadRequest):
        answer(alice, body)


def test_a_query_costs_two_statements(lines, alice, carol, count_queries):
    fields = ["key", "quantity", "dimensions.project.id", "dimensions.employee.id", "state"]
    quiet = count_queries(lambda: ask(alice, fields=fields))
    factories.TimeEntryFactory.create_batch(20, member=carol, date=MONDAY)
    assert count_queries(lambda: ask(alice, fields=fields)) == quiet == 2


def test_it_answers_over_the_wire_a_key_that_only_reads(lines, program, carol):
    caller = program("intacct", carol, read_only=True)
    sent = {
        "object": LINE,
        "fields": ["key", "quantity"],
        "filters": [{"$gte": {"quantity": 1}}],
        "filterExpression": None,
        "orderBy": [],
        "filterParameters": {},
    }
    answered = caller.post("/ia/api/v1/services/core/query", sent)
    assert answered.status_code == 200
    assert answered.json() == {
        "ia::result": [{"key": lines[1], "quantity": 1}, {"key": lines[2], "quantity": 1.5}],
        "ia::meta": {"totalCount": 2, "start": 1, "pageSize": 100, "next": None, "previous": None},
    }
    wrong = caller.post("/ia/api/v1/services/core/query", {**sent, "object": "gl/account"})
    assert (wrong.status_code, wrong.json()["ia::result"]["ia::error"]["details"][0]["target"]) == (400, "/object")
    assert caller.post("/ia/api/v1/services/core/query").status_code == 400


@given(st.text(alphabet="12345() andor", max_size=60))
def test_an_expression_is_read_or_refused(text):
    with contextlib.suppress(expressions.Unreadable):
        expressions.combined(text, [conditions.NEVER] * 4)


@given(st.dates(), st.integers(0, 6))
def test_the_words_for_dates_are_spans_that_follow_each_other(day, first_weekday):
    for now, before in (("currentWeek", "lastWeek"), ("currentMonth", "priorMonth"), ("currentQuarter", "priorQuarter"),
                        ("currentYear", "priorYear"), ("today", "yesterday")):  # fmt: skip
        this = macros.span_of(now, day, first_weekday=first_weekday)
        last = macros.span_of(before, day, first_weekday=first_weekday)
        if this is not None:
            assert this[0] <= day <= this[1]
        if this is not None and last is not None:
            assert last[1] + DAY == this[0]


@pytest.mark.parametrize("name", ["key", "description", "quantity", "dimensions.class.id"])
def test_lists_may_be_long(lines, alice, name):
    """SQLite takes no thousand conditions joined by "or"."""
    values = [str(number) for number in range(-500, 500)] if name == "quantity" else [f"9{n:09}" for n in range(1_000)]
    assert ask(alice, filters=[{"$notIn": {"notes": values}}, {"$notIn": {"state": []}}])["ia::meta"]["totalCount"] == 4
    found = ask(alice, filters=[{"$in": {name: values}}] * 2, filterExpression="or")["ia::meta"]["totalCount"]
    assert found == {"quantity": 1}.get(name, 0)


@pytest.mark.parametrize("name", ["entryDate", "audit.createdDateTime"])
def test_long_lists_of_dates_are_refused(lines, alice, name):
    """Each may be a span: a condition of its own."""
    days = ["currentMonth"] * 40
    assert ask(alice, filters=[{"$in": {name: days}}] * 20, filterExpression="or")
    with pytest.raises(BadRequest, match="at most 40"):
        ask(alice, filters=[{"$in": {name: [*days, "today"]}}])
