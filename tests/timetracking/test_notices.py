"""What the product tells its members: every kind has words, a page, a choice, and something to show for it."""

import datetime as dt
import zoneinfo

import pytest
from django.urls import resolve

from accounts.notice_kinds import KINDS, offered_to, words_of
from tests.notice_samples import DECIDED, ENTRY, MISSING, SAMPLES, SENT
from timetracking import notices

LONDON, TOKYO = (zoneinfo.ZoneInfo(name) for name in ("Europe/London", "Asia/Tokyo"))
WEEK = "8 – 14 June 2026"


def line(kind, values, zone=LONDON):
    return words_of(kind, values, zone).line


def test_there_is_a_sample_of_every_kind():
    assert {kind for kind, _values in SAMPLES} == {kind.code for kind in notices.KINDS} == set(KINDS)


@pytest.mark.parametrize(("kind", "values"), SAMPLES)
def test_every_kind_has_a_line_a_link_and_a_page(kind, values):
    words = words_of(kind, values, dt.UTC)
    assert words.line and "\n" not in words.line and "%(" not in words.line + "".join(words.more)
    assert words.action
    path = KINDS[kind].path("acme", values)
    assert path.startswith("/o/acme/")
    assert resolve(path.partition("#")[0]).kwargs["slug"] == "acme"


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({}, f"Bob Brown approved your week {WEEK}"),
        ({"approved": 2, "rejected": 0}, f"Bob Brown approved your week {WEEK}"),  # the last two of a week
        ({"approved": 0, "rejected": 3, "state": "declined"}, f"Bob Brown rejected your week {WEEK}"),
        ({"approved": 0, "rejected": 0, "state": "declined"}, f"Bob Brown rejected your week {WEEK}"),
        (
            {"rejected": 1, "state": "partiallyDeclined"},
            f"Bob Brown rejected 1 entry of your week {WEEK} and approved 9",
        ),
        (
            {"approved": 0, "rejected": 2, "state": "partiallyDeclined"},
            f"Bob Brown rejected 2 entries of your week {WEEK}",
        ),
        ({"approved": 1, "state": "partiallyApproved"}, f"Bob Brown approved 1 entry of your week {WEEK}"),
        ({"approved": 0, "rejected": 1, "state": "draft"}, f"Bob Brown rejected 1 entry of your week {WEEK}"),
    ],
)
def test_a_decision_says_what_was_decided(values, text):
    assert line("timesheet.decided", {**DECIDED, **values}) == text


def test_who_got_something_back_is_told_what_to_do_and_why():
    back = words_of("timesheet.decided", {**DECIDED, "rejected": 2, "state": "partiallyDeclined"}, LONDON)
    assert back.more == ("Correct what was rejected and submit the week again.",)
    assert words_of("timesheet.decided", DECIDED, LONDON).more == ()
    whole = {**DECIDED, "approved": 0, "rejected": 0, "state": "declined", "reason": "Thursday is missing"}
    assert words_of("timesheet.decided", whole, LONDON).quote == "Thursday is missing"


def test_a_week_that_was_sent():
    assert line("timesheet.submitted", SENT) == f"Carol Clark submitted the week {WEEK}: 37h 30m"
    assert line("timesheet.submitted", {**SENT, "again": True}).startswith(
        f"Carol Clark submitted the week {WEEK} again"
    )
    assert words_of("timesheet.submitted", SENT, LONDON).quote == "Quarry 9"


def test_a_deadline_is_told_by_the_readers_clock():
    assert line("timesheet.missing", MISSING) == (
        f"Your week {WEEK} was due on Mon 15 June, 10:00 and is not submitted yet"
    )
    assert "Mon 15 June, 18:00" in line("timesheet.missing", MISSING, TOKYO)
    ahead = {**MISSING, "overdue": False, "by": "Bob Brown"}
    assert line("timesheet.missing", ahead) == f"Your week {WEEK} is due on Mon 15 June, 10:00"
    assert words_of("timesheet.missing", ahead, LONDON).more == (
        "Bob Brown reminds you of it.",
        "Logged so far: 14h 10m",
    )
    assert line("timesheet.missing", {**ahead, "due": None}) == f"Your week {WEEK} is not submitted yet"


def test_a_change_after_approval_leads_to_the_entry():
    kind = KINDS["time_entry.changed_after_approval"]
    values = {**ENTRY, "what": "changed"}
    assert line(kind.code, values) == "Bob Brown changed an approved entry of yours, “Gizmo 5” on Thu 11 June"
    assert kind.path("acme", values) == "/o/acme/timesheets/2026-06-08/#entry-5"


def test_what_only_approvers_are_told_is_offered_to_approvers(acme, bob, carol):
    theirs = {"timesheet.submitted", "timesheet.reopening_asked", "approvals.handed_over"}
    for_bob, for_carol = ({choice.code for choice in offered_to([member])} for member in (bob, carol))
    assert for_bob - for_carol == theirs
    assert for_carol == {kind.choice.code for kind in notices.KINDS} - theirs
    assert "timesheet.undone" not in for_bob  # goes with timesheet.decided


def test_without_the_module_nothing_is_offered(acme, bob):
    acme.features = []
    bob.organisation = acme
    assert offered_to([bob]) == []
