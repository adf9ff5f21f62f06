"""The whole state machine against a simple reference: any steps in any order, by the agent and a manager."""

from __future__ import annotations

import itertools
from collections import Counter

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts.tenancy import organisation_scope
from tests.cast import MONDAY, _member
from timesheets_site.lib.errors import DomainError
from timetracking.models import ApprovalEvent, ApprovalLine, TimeEntry, Timesheet
from timetracking.services import approval_reversals, approvals, time_entries, timesheets

CLOSED = ("submitted", "partiallyApproved", "approved")
places = st.integers(0, 5)
people = st.sampled_from(["carol", "bob"])


class Reference:
    """What the rules say, in as few words as possible: statuses of entries, the week's state, what can be undone."""

    def __init__(self) -> None:
        self.state = "draft"
        self.entries: dict[int, str] = {}
        self.deleted: dict[int, str] = {}
        self.was_rejected: set[int] = set()
        self.decisions = 0
        self.undoable: tuple[str, dict[int, str]] | None = None

    def derive(self) -> None:
        found = Counter(self.entries.values())
        if self.state in ("draft", "saved") or not found:
            return
        kinds = set(found)
        if kinds & {"REJECTED", "OPEN"}:
            self.state = "declined" if kinds <= {"REJECTED", "OPEN"} else "partiallyDeclined"
        elif kinds == {"APPROVED"}:
            self.state = "approved"
        else:
            self.state = "partiallyApproved" if "APPROVED" in kinds else "submitted"

    def happened(self) -> None:
        """Anything that happens to the week ends the chance of undoing the decision before."""
        self.undoable = None
        self.derive()

    def may_write(self, who: str, status: str) -> bool:
        if who == "bob" or status == "REJECTED":
            return True
        return status == "OPEN" and self.state not in CLOSED

    def fresh(self) -> str:
        return "SUBMITTED" if self.state in CLOSED else "OPEN"

    def back(self, status: str) -> str:
        if self.state in CLOSED:
            return "SUBMITTED" if status in ("OPEN", "REJECTED") else status
        return "OPEN" if status == "SUBMITTED" else status

    def decide(self, changes: dict[int, str], state: str | None = None) -> None:
        before = self.state, {pk: self.entries[pk] for pk in changes}
        self.entries |= changes
        self.state = state or self.state
        self.happened()
        self.decisions += 1
        self.undoable = before


class Machine(RuleBasedStateMachine):
    organisation = None

    def __init__(self) -> None:
        super().__init__()
        self.scope = organisation_scope(self.organisation)
        self.scope.__enter__()
        self.carol = _member(self.organisation, f"Carol{_next()} Clark", "AGENT")
        self.bob = _member(self.organisation, f"Bob{_next()} Brown", "MANAGER")
        self.ref = Reference()

    def teardown(self) -> None:
        self.scope.__exit__(None, None, None)

    def who(self, name):
        return self.carol if name == "carol" else self.bob

    @property
    def sheet(self):
        return Timesheet.objects.filter(member=self.carol).first()

    def pick(self, place, among=None):
        ids = sorted(self.ref.entries if among is None else among)
        return ids[place % len(ids)]

    def attempt(self, allowed, call):
        """Do it; the product and the reference must agree on whether it may be done."""
        try:
            result, refusal = call(), None
        except DomainError as error:
            result, refusal = None, error.code
        assert (refusal is None) == allowed, refusal or "it should have been refused"
        return result

    @initialize(count=st.integers(0, 3), sent=st.booleans(), split=st.booleans())
    def begin(self, count, sent, split):
        """Somewhere in the middle: most of what is interesting happens after a submission."""
        for _n in range(count):
            self.log("carol")
        if count and sent:
            self.submit()
        if count > 1 and split:
            self.decide(0, True)
            self.decide(1, False)

    # Entries

    @rule(name=people)
    def log(self, name):
        allowed = name == "bob" or self.ref.state not in CLOSED
        fields = {"kind": "GENERAL", "date": MONDAY, "minutes": 1, "subject": "Work"}
        entry = self.attempt(allowed, lambda: time_entries.log(self.who(name), member=self.carol, **fields))
        if entry:
            self.ref.entries[entry.pk] = self.ref.fresh()
            self.ref.happened()

    @precondition(lambda self: self.ref.entries)
    @rule(name=people, place=places)
    def edit(self, name, place):
        pk = self.pick(place)
        minutes = TimeEntry.objects.get(pk=pk).minutes + 1
        allowed = self.ref.may_write(name, self.ref.entries[pk])
        if self.attempt(allowed, lambda: time_entries.edit(self.who(name), pk, minutes=minutes)):
            self.ref.happened()

    @precondition(lambda self: self.ref.entries)
    @rule(name=people, place=places)
    def delete(self, name, place):
        pk = self.pick(place)
        if self.attempt(
            self.ref.may_write(name, self.ref.entries[pk]), lambda: time_entries.delete(self.who(name), pk)
        ):
            self.ref.deleted[pk] = self.ref.entries.pop(pk)
            self.ref.happened()

    @precondition(lambda self: self.ref.deleted)
    @rule(name=people, place=places)
    def restore(self, name, place):
        pk = self.pick(place, self.ref.deleted)
        status = self.ref.back(self.ref.deleted[pk])
        if self.attempt(self.ref.may_write(name, status), lambda: time_entries.restore(self.who(name), pk)):
            del self.ref.deleted[pk]
            self.ref.entries[pk] = status
            self.ref.happened()

    # The member's steps

    @precondition(lambda self: self.sheet)
    @rule()
    def submit(self):
        ref = self.ref
        repeated = ref.state in ("submitted", "partiallyApproved")
        allowed = repeated or (ref.state != "approved" and bool(ref.entries))
        sheet = self.sheet
        if (
            self.attempt(allowed, lambda: timesheets.submit(self.carol, self.carol, MONDAY, version=sheet.version))
            and not repeated
        ):
            ref.was_rejected = {pk for pk, status in ref.entries.items() if status == "REJECTED"}
            ref.entries = {pk: s if s == "APPROVED" else "SUBMITTED" for pk, s in ref.entries.items()}
            ref.state, ref.decisions = "submitted", 0
            ref.happened()

    @precondition(lambda self: self.sheet)
    @rule(ready=st.booleans())
    def mark(self, ready):
        to, step = ("saved", timesheets.mark_ready) if ready else ("draft", timesheets.back_to_draft)
        before = self.ref.state
        allowed = before in ("draft", "saved")
        if self.attempt(allowed, lambda: step(self.carol, self.carol, MONDAY)) and before != to:
            self.ref.state = to
            self.ref.happened()

    @precondition(lambda self: self.sheet)
    @rule()
    def recall(self):
        ref, sheet = self.ref, self.sheet
        allowed = ref.state in ("submitted", "partiallyApproved") and not ref.decisions
        if self.attempt(allowed, lambda: timesheets.recall(self.carol, sheet.pk, version=sheet.version)):
            for pk, status in ref.entries.items():
                if status == "SUBMITTED":
                    ref.entries[pk] = "REJECTED" if pk in ref.was_rejected else "OPEN"
            ref.state = "draft"
            ref.happened()

    # The manager's steps

    @precondition(lambda self: self.sheet)
    @rule()
    def approve(self):
        ref, sheet = self.ref, self.sheet
        allowed = ref.state not in ("draft", "saved")
        done = self.attempt(allowed, lambda: approvals.approve(self.bob, sheet.pk, version=sheet.version))
        if done and ref.state != "approved":
            changes = {pk: "APPROVED" for pk, status in ref.entries.items() if status != "APPROVED"}
            ref.decide(changes, "approved" if not ref.entries else None)

    @precondition(lambda self: self.sheet)
    @rule()
    def reject(self):
        ref, sheet = self.ref, self.sheet
        waiting = {pk: "REJECTED" for pk, status in ref.entries.items() if status in ("OPEN", "SUBMITTED")}
        allowed = ref.state == "declined" or (
            ref.state not in ("draft", "saved", "approved") and bool(waiting or not ref.entries)
        )
        done = self.attempt(allowed, lambda: approvals.reject(self.bob, sheet.pk, version=sheet.version, reason="No"))
        if done and ref.state != "declined":
            ref.decide(waiting, "declined" if not ref.entries else None)

    @precondition(lambda self: self.ref.entries)
    @rule(place=places, yes=st.booleans())
    def decide(self, place, yes):
        ref, sheet, pk = self.ref, self.sheet, self.pick(place)
        to, now_is = "APPROVED" if yes else "REJECTED", ref.entries[pk]
        choice = {"approve": [pk]} if yes else {"reject": {pk: "No"}}
        allowed = yes or now_is != "APPROVED"
        done = self.attempt(allowed, lambda: approvals.decide(self.bob, sheet.pk, version=sheet.version, **choice))
        if done and now_is != to:
            ref.decide({pk: to})

    @precondition(lambda self: self.sheet)
    @rule()
    def undo(self):
        ref, sheet = self.ref, self.sheet
        if self.attempt(
            ref.undoable is not None, lambda: approval_reversals.undo(self.bob, sheet.pk, version=sheet.version)
        ):
            state, statuses = ref.undoable
            ref.entries |= statuses
            ref.state, ref.undoable = state, None
            ref.decisions -= 1

    @precondition(lambda self: self.sheet)
    @rule()
    def reopen(self):
        ref, sheet = self.ref, self.sheet
        if self.attempt(
            ref.state == "approved",
            lambda: approval_reversals.reopen(self.bob, sheet.pk, version=sheet.version, reason="Asked"),
        ):
            for statuses in (ref.entries, ref.deleted):
                statuses |= {pk: "OPEN" for pk, status in statuses.items() if status == "APPROVED"}
            ref.state, ref.decisions = "draft", 0
            ref.happened()

    # What is always so

    @invariant()
    def agrees(self):
        stored = dict(TimeEntry.objects.filter(member=self.carol).values_list("pk", "status"))
        assert stored == self.ref.entries
        if self.sheet:
            assert self.sheet.state == self.ref.state

    @invariant()
    def every_rejection_has_its_reason(self):
        found = TimeEntry.objects.filter(member=self.carol, status="REJECTED")
        assert set(found.values_list("rejection_reason", flat=True)) <= {"No"}

    @invariant()
    def the_history_is_one_chain(self):
        events = list(ApprovalEvent.objects.filter(timesheet__member=self.carol).order_by("pk"))
        for earlier, later in itertools.pairwise(events):
            assert later.from_state == earlier.to_state and later.version > earlier.version
        if events:
            assert events[-1].to_state == self.ref.state

    @invariant()
    def every_decided_entry_says_by_which_step(self):
        last = dict(
            ApprovalLine.objects.filter(event__timesheet__member=self.carol)
            .order_by("pk")
            .values_list("entry", "to_status")
        )
        for pk, status in self.ref.entries.items():
            if status != "OPEN":
                assert last[pk] == status


_numbers = iter(range(1_000_000))


def _next() -> int:
    return next(_numbers)


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("examples", [8, pytest.param(50, marks=pytest.mark.thorough)])
def test_the_state_machine(acme_organisation, monkeypatch, examples):
    monkeypatch.setattr(Machine, "organisation", acme_organisation)
    suppressed = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=suppressed,
        ),
    )
