"""Short ways to what tests of time entries begin with."""

from __future__ import annotations

import datetime as dt

ENTRIES, VENDOR = "/time/entries", "/v4_6_release/apis/3.0/time/entries"
NOW = dt.datetime(2026, 3, 2, 10, 16, 2, tzinfo=dt.UTC)


def new(ticket, member, **fields):
    return {"chargeToId": ticket.pk, "member": {"id": member.pk}, "timeStart": "2026-03-02T09:00:00Z", **fields}


def logged(caller, body):
    answer = caller.post(ENTRIES, body)
    assert answer.status_code == 201, answer.content
    return answer.json()


def words_of(answer):
    """The messages of an answer's errors."""
    assert answer.status_code == 400, answer.content
    assert (answer.json()["code"], answer.json()["message"]) == ("InvalidObject", "timeEntry object is invalid")
    return [each["message"] for each in answer.json()["errors"]]
