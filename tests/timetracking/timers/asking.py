"""How the tests of timers ask the pages and services, and read what they say."""

import datetime as dt
import json

import pytest

from accounts.models import AuditEvent
from timesheets_site.lib.errors import RuleViolation

NINE = dt.datetime(2026, 6, 18, 8, tzinfo=dt.UTC)  # a Thursday, in London
MINUTE, HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)
WEEK = "http://testserver/o/acme/timesheets/"
HTMX = {"HX-Request": "true", "HX-Current-URL": WEEK}
TIMER = "/o/acme/timer/"


def start(browser, headers=HTMX, **fields):
    return browser.post(f"{TIMER}start/", fields, headers=headers)


def stop(browser, headers=HTMX, **fields):
    return browser.post(f"{TIMER}stop/", fields, headers=headers)


def said(response):
    return json.loads(response["HX-Trigger"])["say"]["text"]


def text(response):
    return response.content.decode()


class Clock:
    """Stands still until it is told how much time passes."""

    def __init__(self, travelled):
        self.travelled = travelled

    @property
    def now(self):
        return dt.datetime.now(dt.UTC)

    def goes_to(self, moment):
        self.travelled.move_to(moment)

    def passes(self, **length):
        self.travelled.shift(dt.timedelta(**length))


def code_of(call, *args, **kwargs):
    with pytest.raises(RuleViolation) as refusal:
        call(*args, **kwargs)
    return refusal.value.code


def actions(timer):
    events = AuditEvent.objects.filter(object_type="timer", object_id=timer.pk).order_by("pk")
    return list(events.values_list("action", flat=True))
