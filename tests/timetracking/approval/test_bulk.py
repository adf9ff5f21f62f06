"""Many weeks at once: decided in the versions shown, answered one by one, taken back together. And reminders."""

from __future__ import annotations

import json
import re

import pytest
import time_machine

from accounts.models import Notification
from tests.cast import MONDAY, browser_of
from tests.factories import TimeEntryFactory
from tests.timetracking.approval.inbox import INBOX, NOON, SCRIPT, WEEK, colleague, state, submitted, ticked, url, value
from timetracking.models import ApprovalEvent, Timesheet
from timetracking.selectors import approvals as inbox_selector
from timetracking.services import approvals, time_entries

pytestmark = [pytest.mark.django_db]
BULK, UNDO, REMIND = f"{INBOX}bulk/", f"{INBOX}undo/", f"{INBOX}remind/"


@pytest.fixture(autouse=True)
def now(acme):
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def three(acme):
    """Weeks of three people, 37h 15m in all but one."""
    return [submitted(colleague(acme, name), minutes=m) for name, m in (("Ann", 2250), ("Ben", 2205), ("Cid", 2250))]


def states(sheets) -> list[str]:
    return [state(sheet) for sheet in sheets]


def undo_field(html: str) -> str:
    form = html[html.index(f'action="{UNDO}') :]
    return re.search(r'name="weeks" value="([\d:,]+)"', form)[1]


# --- Decide -----------------------------------------------------------------------------------------------------------


def test_selected_weeks_are_approved_together_and_taken_back_together(as_bob, three):
    pairs = [value(sheet) for sheet in three]
    response = as_bob.post(BULK, {"approve": "1", "week": pairs}, headers=SCRIPT)
    html = response.content.decode()
    assert states(three) == ["approved"] * 3
    assert "3 weeks approved, 111h 45m" in html and "data-toast" in html
    assert json.loads(response["HX-Trigger"])["say"] == {"text": "3 weeks approved, 111h 45m."}
    response = as_bob.post(UNDO, {"weeks": undo_field(html)}, headers=SCRIPT)
    assert states(three) == ["submitted"] * 3
    assert "Decisions on 3 weeks taken back" in response.content.decode()


def test_ticked_here_and_named_from_other_pages(as_bob, three):
    data = {"approve": "1", "week": [value(three[0])], "weeks": f"{value(three[1])},{value(three[2])}"}
    response = as_bob.post(BULK, data)
    assert response.status_code == 200 and states(three) == ["approved"] * 3
    assert "3 weeks approved, 111h 45m" in response.content.decode()


def test_one_reason_rejects_all(as_bob, three):
    data = {"reject": "Reject 2", "week": [value(sheet) for sheet in three[:2]], "reason": "This looks like last week"}
    response = as_bob.post(BULK, data)
    assert states(three) == ["declined", "declined", "submitted"]
    assert "2 weeks rejected" in response.content.decode()
    assert set(three[0].entries.values_list("rejection_reason", flat=True)) == {"This looks like last week"}


def test_without_a_reason_nothing_is_rejected_and_all_stay_selected(as_bob, three):
    pairs = [value(sheet) for sheet in three]
    response = as_bob.post(BULK, {"reject": "Reject 3", "week": pairs, "reason": " "}, headers=SCRIPT)
    assert response.status_code == 422 and states(three) == ["submitted"] * 3
    assert ticked(response) == set(pairs) and "Say why" in response.content.decode()


@pytest.mark.parametrize("data", [{}, {"week": "x"}, {"weeks": ""}, {"weeks": "1:", "week": "-1:2"}])
def test_nothing_selected_is_said(as_bob, three, data):
    response = as_bob.post(BULK, {"approve": "1", **data})
    assert response.status_code == 422 and "Select at least one week." in response.content.decode()
    assert states(three) == ["submitted"] * 3


# --- One refusal does not stop the rest -------------------------------------------------------------------------------


def test_a_week_that_changed_is_left_and_stays_selected(as_bob, bob, three):
    pairs = [value(sheet) for sheet in three]
    time_entries.edit(bob, three[1].entries.first().pk, minutes=1)
    response = as_bob.post(BULK, {"approve": "1", "week": pairs}, headers=SCRIPT)
    html = response.content.decode()
    assert states(three) == ["approved", "submitted", "approved"]
    assert "2 approved. 1 changed while you were looking; review it." in html
    assert "Ben, week 25: This week changed while you were looking." in html
    assert ticked(response) == {value(three[1])}, "the version that this answer shows"
    as_bob.post(UNDO, {"weeks": undo_field(html)})
    assert states(three) == ["submitted"] * 3


def test_each_refusal_has_its_words(acme, as_bob, bob, alice, three):
    own = submitted(bob)
    approvals.approve(alice, three[0].pk, version=None)
    Timesheet.objects.filter(pk=three[1].pk).update(state="draft")
    pairs = [value(sheet) for sheet in (*three, own)]
    html = as_bob.post(BULK, {"approve": "1", "week": pairs}).content.decode()
    assert states([*three, own]) == ["approved", "draft", "approved", "submitted"]
    assert "2 approved. 2 could not be decided on." in html
    assert "Another manager must approve your week." in html and "This week is not submitted." in html


def test_foreign_and_unknown_weeks_are_answered_alike(globex, mallory, as_bob, three):
    from accounts.tenancy import organisation_scope

    with organisation_scope(globex):
        theirs = submitted(mallory)
    unknown = "999999999:1"
    pairs = [f"{theirs.pk}:{theirs.version}", value(three[0]), unknown]
    html = as_bob.post(BULK, {"approve": "1", "week": pairs}).content.decode()
    assert html.count("One of the weeks is not there any more.") == 2
    assert "Mallory" not in html and state(three[0]) == "approved"
    with organisation_scope(globex):
        assert state(theirs) == "submitted"


def test_an_outsider_s_bulk_does_nothing(globex, mallory, three):
    as_mallory = browser_of(mallory)
    pairs = [value(sheet) for sheet in three]
    assert as_mallory.post(BULK, {"approve": "1", "week": pairs}).status_code == 404
    html = as_mallory.post("/o/globex/approvals/bulk/", {"approve": "1", "week": pairs}).content.decode()
    assert html.count("One of the weeks is not there any more.") == 3 and states(three) == ["submitted"] * 3
    as_mallory.post("/o/globex/approvals/undo/", {"weeks": ",".join(pairs)})
    assert states(three) == ["submitted"] * 3


def test_an_agent_s_bulk_does_nothing(as_carol, three):
    response = as_carol.post(BULK, {"approve": "1", "week": [value(sheet) for sheet in three]})
    assert response.status_code == 403 and states(three) == ["submitted"] * 3


def test_what_happened_since_is_not_undone_with_the_rest(as_bob, alice, three):
    html = as_bob.post(BULK, {"approve": "1", "week": [value(sheet) for sheet in three]}).content.decode()
    time_entries.edit(alice, three[2].entries.first().pk, subject="Something else")
    html = as_bob.post(UNDO, {"weeks": undo_field(html)}).content.decode()
    assert states(three) == ["submitted", "submitted", "approved"]
    assert "Decisions on 2 weeks taken back" in html and "1 stays as it is" in html


# --- All without checks -----------------------------------------------------------------------------------------------


@pytest.fixture
def small_pages(monkeypatch):
    monkeypatch.setattr(inbox_selector, "A_PAGE", 2)


def test_all_without_checks_decides_on_exactly_what_was_shown(small_pages, as_bob, bob, acme, carol):
    """Weeks that came, or changed, after the answer was given are not decided on."""
    shown = [submitted(carol, MONDAY - n * WEEK) for n in range(5)]
    answer = as_bob.get(f"{INBOX}?select=clean")
    later = submitted(carol, MONDAY - 5 * WEEK)
    time_entries.edit(bob, shown[0].entries.first().pk, minutes=600)  # is on another page
    weeks = ticked(answer)
    assert len(weeks) == 5
    html = as_bob.post(BULK, {"approve": "1", "weeks": ",".join(weeks)}).content.decode()
    assert states([*shown, later]) == ["submitted", *["approved"] * 4, "submitted"]
    assert "4 approved. 1 changed while you were looking; review it." in html


def test_a_repeated_bulk_is_harmless(as_bob, three):
    data = {"approve": "1", "week": [value(sheet) for sheet in three]}
    as_bob.post(BULK, data)
    html = as_bob.post(BULK, data).content.decode()
    assert "3 weeks approved" in html and f'action="{UNDO}' not in html
    assert ApprovalEvent.objects.filter(action="approved").count() == 3


def test_over_a_thousand_are_refused_before_anything_is_done(monkeypatch, as_bob, three):
    pairs = ",".join([value(sheet) for sheet in three] + [f"{10**9 + n}:1" for n in range(998)])
    response = as_bob.post(BULK, {"approve": "1", "weeks": pairs})
    assert response.status_code == 422 and states(three) == ["submitted"] * 3
    assert "Choose at most 1,000 weeks at once." in response.content.decode()


def test_the_week_that_is_open_beside_the_list_follows(as_bob, three):
    data = {"approve": "1", "week": [value(three[0])], "open": str(three[0].pk)}
    html = as_bob.post(BULK, data, headers=SCRIPT).content.decode()
    review = html[html.index('id="review"') :]
    assert 'hx-swap-oob="true"' in review[:200] and "Undo my decision" in review


def test_deciding_one_week_leaves_the_others_ticked(as_bob, three):
    version = Timesheet.objects.get(pk=three[0].pk).version
    data = {"version": version, "shown": "", "week": [value(three[2])]}
    response = as_bob.post(url(three[0], "decide/"), data, headers=SCRIPT)
    assert state(three[0]) == "approved" and ticked(response) == {value(three[2])}


# --- Not submitted ----------------------------------------------------------------------------------------------------


@pytest.fixture
def missing(acme, carol, dora, now):
    """Carol began the week of the cast, Dora did nothing, both since before it; Eve came when it was over."""
    for member in (carol, dora):
        type(member).objects.filter(pk=member.pk).update(joined_at=NOON - 5 * WEEK)
    TimeEntryFactory(member=carol, date=MONDAY, minutes=90)
    eve = colleague(acme, "Eve Evans")
    type(eve).objects.filter(pk=eve.pk).update(joined_at=NOON)


def shown(response) -> list[str]:
    return re.findall(r'agent=\d+">([^<]+)</a>', response.content.decode())


def test_who_has_not_sent_the_last_week_is_listed(as_bob, missing):
    response = as_bob.get(f"{INBOX}?status=missing")
    assert shown(response) == ["Carol Clark", "Dora Diaz"]
    html = response.content.decode()
    assert "15 – 21 June 2026" in html and "1<i>h</i> 30<i>m</i>" in html
    assert html.count("Overdue") == 2, "it was due today at ten"
    assert html.count("Submit for them") == 1, "there is nothing of Dora's to submit"


def test_a_week_before_its_deadline_is_a_draft(as_bob, missing, now):
    now.move_to(NOON.replace(hour=8))
    html = as_bob.get(f"{INBOX}?status=missing").content.decode()
    assert "Overdue" not in html and "Draft" in html and "Nothing logged" in html


def test_sent_weeks_and_one_s_own_are_not_missing(as_bob, bob, carol, missing):
    type(bob).objects.filter(pk=bob.pk).update(joined_at=NOON - 5 * WEEK)
    submitted(carol)
    assert shown(as_bob.get(f"{INBOX}?status=missing")) == ["Dora Diaz"]


def test_another_week_can_be_asked_for_and_earlier_ones_are_linked(as_bob, carol, missing):
    TimeEntryFactory(member=carol, date=MONDAY - WEEK)
    html = as_bob.get(f"{INBOX}?status=missing").content.decode()
    assert f"?status=missing&amp;week={MONDAY - WEEK}" in html and "Week 24 · 8 – 14 Jun: 1" in html
    response = as_bob.get(f"{INBOX}?status=missing&week={MONDAY - WEEK}")
    assert shown(response) == ["Carol Clark", "Dora Diaz"]


def test_one_or_all_are_reminded(as_bob, carol, dora, missing):
    data = {"week_start": str(MONDAY), "member": carol.pk, "members": f"{carol.pk},{dora.pk}"}
    assert "Carol Clark reminded" in as_bob.post(REMIND, data, headers=SCRIPT).content.decode()
    assert list(Notification.objects.values_list("member", flat=True)) == [carol.pk]
    html = as_bob.post(REMIND, {"week_start": str(MONDAY), "members": f"{carol.pk},{dora.pk}"}).content.decode()
    assert "Dora Diaz reminded" in html and "Carol Clark was reminded on" in html, "not twice within an hour"
    assert Notification.objects.count() == 2
    assert as_bob.get(f"{INBOX}?status=missing").content.decode().count("Reminded Mon 22 June, 13:00") == 2


@pytest.mark.parametrize(
    "data", [{}, {"member": "1"}, {"week_start": "2026-06-15"}, {"week_start": "x", "member": "1"}]
)
def test_a_reminder_needs_somebody_and_a_week(as_bob, missing, data):
    response = as_bob.post(REMIND, data)
    assert response.status_code == 422 and "Choose whom to remind." in response.content.decode()


def test_nobody_of_another_organisation_is_reminded(globex, mallory, as_bob, missing):
    html = as_bob.post(REMIND, {"week_start": str(MONDAY), "member": mallory.pk}).content.decode()
    assert "Somebody of them is not here any more." in html and not Notification.unscoped.exists()
    assert browser_of(mallory).post(REMIND, {"week_start": str(MONDAY), "member": "1"}).status_code == 404
