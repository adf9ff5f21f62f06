"""The copy of the duration parser in the page's script reads and refuses exactly what the server's does."""

import json

import pytest
from django.conf import settings

pytestmark = pytest.mark.browser

CASES = json.loads((settings.BASE_DIR / "tests" / "timetracking" / "duration_cases.json").read_text())
REFUSALS = {
    "duration_required": "Enter a duration",
    "duration_format": "Use a format like 1h 30m, 1:30, 1.5 or 90m",
    "duration_too_short": "Enter at least 1 minute",
    "duration_minutes": "Minutes go up to 59.",
    "duration_too_long": "Enter 24h or less.",
    "duration_backwards": "The end is before the start.",
}
READ_ALL = """cases => cases.map(({text, current}) => {
    const reading = readDuration(text, {current: current ?? 0});
    return reading.code ? reading : {minutes: reading.minutes, words: inWords(reading)};
})"""


@pytest.fixture
def script(page):
    page.set_content("<!doctype html><html lang='en-GB'><title>Durations</title>")
    page.add_script_tag(path=settings.BASE_DIR / "static" / "entry-form.js")
    return page


def test_reads_what_the_server_reads(script):
    readings = script.evaluate(READ_ALL, CASES["readings"])

    expected = [{"minutes": case["minutes"], "words": case["words"]} for case in CASES["readings"]]
    assert readings == expected


def test_refuses_what_the_server_refuses(script):
    refusals = script.evaluate(READ_ALL, CASES["refusals"])

    for case, refusal in zip(CASES["refusals"], refusals, strict=True):
        assert refusal["code"] == case["code"], case
        said = REFUSALS[refusal["code"]]
        if refusal.get("meant"):
            said += f" Did you mean {refusal['meant']}?"
        assert said == case["message"], case


def test_writes_durations_as_the_server_does(script):
    from timetracking.rules import durations

    minutes = [1, 45, 60, 65, 90, 425, 1440]
    assert script.evaluate("all => all.map(m => shortTime(m))", minutes) == [
        durations.format_minutes(m) for m in minutes
    ]
