"""Sums over a ticket or a project are read from the index alone, however many entries there are elsewhere."""

import pytest
from django.db import connection
from django.db.models import Sum

from tests import factories
from timetracking.selectors import record_time

pytestmark = [
    pytest.mark.usefixtures("acme"),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL decides by statistics of real data"),
]


@pytest.mark.parametrize(
    ("factory", "index"),
    [(factories.TicketFactory, "entry_by_ticket"), (factories.ProjectFactory, "entry_by_project")],
)
def test_reads_use_the_records_index(factory, index):
    entries = record_time.on(factory()).order_by()
    sums = [entries.values(name).annotate(total=Sum("minutes")) for name in ("date", "billable")]
    for query in (*sums, record_time.per_member(entries)):
        plan = query.explain()
        assert f"COVERING INDEX {index} (organisation_id=?" in plan, plan
    plan = entries.order_by("-date", "-created_at", "-pk")[:25].explain()
    assert f"INDEX {index} (organisation_id=?" in plan, plan
