"""The duration grammar: a table of cases that the script copy passes too, and properties that hold for any input."""

import json
from contextlib import suppress
from pathlib import Path

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from timesheets_site.lib.errors import RuleViolation
from timetracking.rules import durations
from timetracking.selectors.marked_up import hm
from timetracking.templatetags.durations import duration

CASES = json.loads((Path(__file__).parents[1] / "duration_cases.json").read_text())

minutes_of_a_day = st.integers(1, durations.LONGEST)


@pytest.mark.parametrize("case", CASES["readings"], ids=lambda case: ascii(case["text"]))
def test_reads(case):
    reading = durations.parse(case["text"], current_minutes=case.get("current"))

    assert reading.minutes == case["minutes"]
    assert reading.words() == case["words"]
    assert [t and t.strftime("%H:%M") for t in (reading.started, reading.ended)] == [
        case.get("started"),
        case.get("ended"),
    ]


@pytest.mark.parametrize("case", CASES["refusals"], ids=lambda case: ascii(case["text"])[:40])
def test_refuses(case):
    with pytest.raises(RuleViolation) as refusal:
        durations.parse(case["text"], current_minutes=case.get("current"))

    assert refusal.value.code == case["code"]
    assert str(refusal.value) == case["message"]
    assert refusal.value.field == "duration"


@given(minutes_of_a_day)
def test_reads_back_what_it_writes(minutes):
    assert durations.parse(durations.format_minutes(minutes)).minutes == minutes
    assert durations.parse(durations.clock(minutes)).minutes == minutes
    assert durations.parse(durations.in_words(minutes)).minutes == minutes
    assert durations.parse(f"PT{minutes}M").minutes == minutes


def is_read_or_refused(text, current=None):
    with suppress(RuleViolation):
        return 1 <= durations.parse(text, current_minutes=current).minutes <= durations.LONGEST
    return True


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text):
    assert is_read_or_refused(text)


@given(st.text(alphabet="0123456789hm:.,+-ptin s", max_size=45), st.none() | minutes_of_a_day)
def test_texts_that_look_like_durations_are_read_or_refused(text, current):
    assert is_read_or_refused(text, current)


@given(minutes_of_a_day, st.integers(1, 59))
def test_adding_and_taking_away_cancel_out(current, change):
    if current + change > durations.LONGEST:
        return
    more = durations.parse(f"+{change}m", current_minutes=current).minutes

    assert durations.parse(f"-{change}m", current_minutes=more).minutes == current


def test_a_huge_text_is_refused_at_once():
    with pytest.raises(RuleViolation):
        durations.parse("9" * 5_000_000)


def test_minutes_after_hours_have_two_digits():
    assert hm(425) == '<time class="hm" datetime="PT7H5M">7<i>h</i> 05<i>m</i></time>'
    assert hm(None) == ""
    assert duration(425) == "7h 05m"


def test_english_words_work_in_other_languages():
    with override("fr"):
        assert durations.parse("1h 30min").minutes == 90
