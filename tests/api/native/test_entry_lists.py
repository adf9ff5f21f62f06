"""Lists of the own API: filters that know what they can do, pages that skip and repeat nothing, a cost that stays."""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.tenancy import organisation_scope
from tests import factories
from timetracking.api.native import paging
from timetracking.api.refusals import BadRequest
from timetracking.models import ChargeCode, TimeEntry

ENTRIES = "/api/v1/entries"
DAY = dt.date(2026, 6, 15)


@pytest.fixture
def week(acme, carol, bob):
    """Entries of two members, each found by something else."""
    ticket = factories.TicketFactory()
    task = factories.TaskFactory()
    code = factories.ChargeCodeFactory()
    make = factories.TimeEntryFactory
    return {
        "ticket": make(member=carol, date=DAY, ticket=ticket, subject="VPN drops"),
        "task": make(member=carol, date=DAY + dt.timedelta(1), project=task.project, task=task, description="In drops"),
        "code": make(member=carol, date=DAY + dt.timedelta(2), charge_code=code, billable=False),
        "bobs": make(member=bob, date=DAY, status="APPROVED", billable=False),
    }


def names_of(answer, week):
    names = {entry.pk: name for name, entry in week.items()}
    return [names[each["id"]] for each in answer.json()["items"]]


def test_each_filter_finds_its_own(program, week, alice, carol, bob):
    caller = program("api", alice)
    ticket, task, code = week["ticket"].ticket, week["task"].task, week["code"].charge_code
    wanted = {
        "": ["ticket", "task", "code", "bobs"],
        "order=-id": ["bobs", "code", "task", "ticket"],
        "from=2026-06-16": ["task", "code"],
        "from=2026-06-15&to=2026-06-15": ["ticket", "bobs"],
        f"member_id={bob.pk}": ["bobs"],
        f"ticket_id={ticket.pk}": ["ticket"],
        f"client_id={ticket.client_id}": ["ticket"],
        f"project_id={task.project_id}": ["task"],
        f"task_id={task.pk}": ["task"],
        f"charge_code_id={code.pk}": ["code"],
        "kind=TICKET": ["ticket"],
        "status=APPROVED": ["bobs"],
        "billable=false&kind=GENERAL": ["code", "bobs"],
        "q=drops": ["ticket", "task"],
        "q=drops+vpn": ["ticket"],
        f"updated_since={timezone.now() + dt.timedelta(1):%Y-%m-%dT%H:%M:%SZ}": [],
    }
    assert {query: names_of(caller.get(f"{ENTRIES}?{query}"), week) for query in wanted} == wanted
    assert names_of(program("api", carol).get(ENTRIES), week) == ["ticket", "task", "code"]


def test_what_the_list_does_not_know_is_refused(program, week, carol, bob, mallory):
    with organisation_scope(mallory.organisation):
        foreign = factories.ProjectFactory().pk
    caller = program("api", carol)
    wanted = {
        "page=2": 400, "member__user__email=x": 400, "order=minutes": 400, "limit=0": 400, "limit=201": 400,
        "limit=x": 400, "cursor=": 400, "cursor=x": 400, "cursor=%00": 400, "cursor=" + "A" * 61: 400,
        "from=June": 400, "from=2026-02-30": 400, "kind=ticket": 400, "status=GONE": 400, "billable=perhaps": 400,
        "q=" + "x" * 201: 400, "q=%00": 400, "q=a&q=b": 400, "updated_since=soon": 400, "member_id=-1": 400,
        "from=2026-06-16&to=2026-06-15": 422, "from=2025-01-01&to=2026-01-02": 422,
        "from=2025-01-01&to=2026-01-01": 200, f"project_id={foreign}": 404, "project_id=999999": 404,
        f"project_id={2**70}": 404, f"member_id={bob.pk}": 404, f"member_id={carol.pk}": 200,
    }  # fmt: skip
    assert {query: caller.get(f"{ENTRIES}?{query}").status_code for query in wanted} == wanted


def test_a_cursor_is_good_for_its_own_list_and_order(program, week, alice):
    caller = program("api", alice)
    cursor = caller.get(f"{ENTRIES}?limit=2").json()["next"]
    assert names_of(caller.get(f"{ENTRIES}?limit=2&cursor={cursor}"), week) == ["code", "bobs"]
    for path in (f"{ENTRIES}?order=-id&", f"{ENTRIES}/deleted?", "/api/v1/changes?"):
        assert caller.get(f"{path}cursor={cursor}&after={cursor}").status_code == 400


def test_a_list_costs_the_same_however_long(program, week, alice, carol, count_queries):
    caller = program("api", alice)
    factories.TimeEntryFactory(member=carol, date=DAY, status="BILLED")
    caller.get(ENTRIES)
    quiet = count_queries(lambda: caller.get(f"{ENTRIES}?limit=200"))
    for status in TimeEntry.Status.values:
        factories.TimeEntryFactory.create_batch(6, member=carol, date=DAY, status=status, minutes=1)
    assert count_queries(lambda: caller.get(f"{ENTRIES}?limit=200")) == quiet
    assert quiet <= 4


@given(st.text(max_size=80))
def test_no_text_breaks_the_reading_of_a_cursor(text):
    with contextlib.suppress(BadRequest):
        assert paging.read_cursor(text, "entries", "+") >= 0


@given(st.integers(0, 2**63 - 1), st.sampled_from("+-"))
def test_a_cursor_comes_back(number, direction):
    assert paging.read_cursor(paging.cursor_of(number, "x", direction), "x", direction) == number


class TestPagesWhileRowsChange(TestCase):
    """Rows come, change and go between pages: what was there all the time is seen once, nothing is seen twice."""

    numbers = itertools.count()

    def setUp(self):
        organisation = factories.OrganisationFactory()
        scope = organisation_scope(organisation)
        scope.__enter__()
        self.addCleanup(scope.__exit__, None, None, None)

    def row(self):
        return ChargeCode(code=f"C{next(self.numbers)}", name="Code")

    @settings(max_examples=25)
    @given(
        st.integers(0, 9), st.integers(1, 4), st.sampled_from(["id", "-id"]),
        st.lists(st.tuples(st.sampled_from(["add", "change", "remove"]), st.integers(0, 30)), max_size=12),
    )  # fmt: skip
    def test_nothing_is_skipped_or_repeated(self, count, limit, order, happenings):
        ChargeCode.objects.bulk_create([self.row() for _each in range(count)])
        stayed = set(ChargeCode.objects.values_list("pk", flat=True))
        seen, cursor, waiting = [], None, iter(happenings)
        while True:
            asked = paging.Paged(cursor=cursor, limit=limit, order=order)
            page = paging.take(ChargeCode.objects.values("id", "name"), asked, of="codes", key="id")
            assert len(page.rows) <= limit
            seen += [row["id"] for row in page.rows]
            cursor = page.next
            if cursor is None:
                break
            for what, which in itertools.islice(waiting, 2):
                there = list(ChargeCode.objects.order_by("pk"))
                if what == "add":
                    ChargeCode.objects.bulk_create([self.row()])
                elif there and what == "change":
                    ChargeCode.objects.filter(pk=there[which % len(there)].pk).update(
                        name="Changed", code=self.row().code
                    )
                elif there:
                    gone = there[which % len(there)]
                    stayed.discard(gone.pk)
                    gone.delete()
        assert len(seen) == len(set(seen))
        assert stayed <= set(seen)
