"""No page costs more queries when there is more to show, and none more than it did before.

The counts are kept in tests/query_counts.json. A page that rises above its count fails; where that is wanted, or where
a page got cheaper, renew the file and look at the difference:

    RENEW_QUERY_COUNTS=1 .venv/bin/python -m pytest tests/site/test_query_counts.py
"""

import json
import os
import re
from collections import Counter
from pathlib import Path

import pytest

from tests import filled, pages
from tests.marks import on_sqlite_alone

BASELINE = Path(__file__).parent.parent / "query_counts.json"
LITERAL = re.compile(r"'[^']*'|\b\d+\b|\(\?(?:, \?)+\)")


@pytest.fixture
def counts(site, count_queries):
    """Queries of each page, quiet and busy. All were opened once before: what is only done once is not their cost."""

    def count_all():
        return {
            page.label: count_queries(lambda page=page: site.client(page.who).get(page.path))
            for page in pages.all_pages(site)
        }

    count_all()
    quiet = count_all()
    filled.make_busy(site)
    return quiet, count_all()


def more(quiet, busy):
    """The shapes of the queries that only a busy page makes."""
    before, after = (Counter(LITERAL.sub("?", sql) for sql in count.queries) for count in (quiet, busy))
    return [sql[:500] for sql in after - before] if busy != quiet else []


@on_sqlite_alone
def test_every_page_costs_the_same_however_busy_and_no_more_than_before(site, counts):
    quiet, busy = counts
    if os.environ.get("RENEW_QUERY_COUNTS"):
        BASELINE.write_text(json.dumps(dict(sorted(busy.items())), indent=2) + "\n")
    baseline = json.loads(BASELINE.read_text())
    grown = [f"{label}: {quiet[label]} quiet, {busy[label]} busy" for label in quiet if busy[label] != quiet[label]]
    risen = [
        f"{label}: {busy[label]}, was {baseline[label]}" for label in baseline if busy.get(label, 0) > baseline[label]
    ]
    assert grown == [], "\n".join(f"{label}: {sql}" for label in quiet for sql in more(quiet[label], busy[label]))
    assert risen == []
    assert set(baseline) == set(busy), "pages that came or went: renew tests/query_counts.json"
    weeks = [page for page in pages.all_pages(site) if page.name in ("week", "week-of")]
    assert max(busy[page.label] for page in weeks if page.who == "carol") <= 11  # an agent's, in every state
    assert max(busy[page.label] for page in weeks) <= 14
