"""Tickets are found along the index of their numbers, from the newest on: nothing is sorted."""

import pytest
from django.db import connection

from tests import factories
from timetracking.selectors import picker
from timetracking.selectors.search import search

pytestmark = pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL decides by statistics of real data")


def plans(queries):
    with connection.cursor() as cursor:
        for query in queries:
            if 'FROM "timetracking_ticket"' in query:
                cursor.execute(f"EXPLAIN QUERY PLAN {query}")
                yield [row[-1] for row in cursor.fetchall()]


@pytest.mark.parametrize("find", [search, picker.search], ids=["search", "picker"])
def test_tickets_are_walked_once_by_their_numbers(acme, carol, count_queries, find):
    factories.TicketFactory(title="Backup job failed")
    found = list(plans(count_queries(lambda: find(carol, "backup failed")).queries))
    assert len(found) == (2 if find is search else 1)
    for plan in found:
        assert plan[0].startswith("SEARCH timetracking_ticket USING INDEX"), plan
        assert "(organisation_id=?" in plan[0], plan
        assert not any("TEMP B-TREE" in step or "CORRELATED" in step for step in plan), plan
