"""Every name of every object can be read and, where it may, filtered and sorted by, in one query."""

from __future__ import annotations

import pytest

from tests import filled
from timetracking.api.intacct.mapping import LINES, OBJECTS, Kind, nested, read
from timetracking.models import TimeEntry


@pytest.fixture
def site(acme, alice, bob, carol):
    return filled.fill(acme, alice, bob, carol)


def test_every_field_of_every_object_is_read_in_one_query(site, alice, count_queries):
    for each in OBJECTS.values():
        rows = each.rows(alice).order_by(each.order)
        assert count_queries(lambda each=each, rows=rows: read(each, alice, rows)) == 1, each.name
        first = read(each, alice, rows)[0]
        assert set(first) == set(each.fields)
        assert first["href"] == f"{each.path}/{first['key']}"


def test_every_field_that_filters_does(site, alice):
    for each in OBJECTS.values():
        for name, field in each.fields.items():
            if field.filters and field.kind is not Kind.HREF:
                rows = each.rows(alice).annotate(wanted=field.expression(alice)).order_by("wanted", "pk")
                stored = rows.exclude(wanted=None).values_list("wanted", flat=True).first()
                if stored is not None:
                    assert rows.filter(wanted=stored).exists(), (each.name, name)
                    assert rows.filter(wanted__gte=stored).exists(), (each.name, name)


def test_an_agent_reads_only_their_own(site, carol):
    own = {name: {row["key"] for row in read(each, carol, each.rows(carol), ["key"])} for name, each in OBJECTS.items()}
    assert own["company-config/employee"] == {str(carol.pk)}
    assert own["time/timesheet-line"] == {
        str(pk) for pk in TimeEntry.objects.filter(member=carol).values_list("pk", flat=True)
    }


def test_a_line_says_what_counts_where(site, alice):
    billed = TimeEntry.objects.filter(member=alice, status="BILLED").first()
    [line] = [nested(row) for row in read(LINES, alice, LINES.rows(alice).filter(pk=billed.pk))]
    hours = {name: value for name, value in line["hours"].items() if value}
    assert (line["state"], line["isBilled"], line["quantity"]) == ("approved", "true", 1.5)
    assert hours == {
        "nonBillable": 1.5, "approved": 1.5, "approvedNonBillable": 1.5, "utilized": 1.5, "approvedUtilized": 1.5,
    }  # fmt: skip
