"""The people and records of the stories, and a hand that counts what it does."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Locator, Page

from accounts.models import Membership
from tests import factories
from timetracking.models import Client, Project, Ticket, TimeEntry
from timetracking.rules import weeks
from timetracking.services import time_entries


@dataclass
class Work:
    """One client with a ticket and a project; Carol worked on both yesterday, so the picker offers them as recent."""

    today: dt.date
    week: dt.date
    client: Client
    ticket: Ticket
    project: Project

    @property
    def week_url(self) -> str:
        return "/o/acme/timesheets/"

    @property
    def day(self) -> str:
        """The id of today's card."""
        return f"#day-{self.today}"


@pytest.fixture
def work(acme, carol) -> Work:
    today = carol.today()
    client = factories.ClientFactory(name="Harbourside")
    ticket = factories.TicketFactory(client=client, number=4846, title="Backup job failed", assignee=carol)
    project = factories.ProjectFactory(client=client, code="PRJ-112", name="Network refresh")
    for record in ({"kind": "TICKET", "ticket": ticket}, {"kind": "PROJECT", "project": project}):
        log(carol, date=today - dt.timedelta(days=1), subject="Yesterday", **record)
    week = weeks.week_containing(today, first_weekday=acme.first_weekday)
    return Work(today, week, client, ticket, project)


def log(member: Membership, **fields: Any) -> TimeEntry:
    return time_entries.log(
        member, **{"kind": "GENERAL", "date": member.today(), "minutes": 30, "subject": "Stand-up", **fields}
    )


class Hand:
    """Uses a page as a person does, and counts: an interaction is a click, a key or one run of typing."""

    def __init__(self, page: Page) -> None:
        self.page, self.interactions, self.keystrokes = page, 0, 0

    def click(self, target: Locator) -> None:
        self.interactions += 1
        target.click()

    def tap(self, target: Locator) -> None:
        self.interactions += 1
        target.tap()

    def press(self, key: str) -> None:
        self.interactions += 1
        self.keystrokes += 1
        self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        self.interactions += 1
        self.keystrokes += len(text)
        self.page.keyboard.type(text)


def named(text: str) -> re.Pattern[str]:
    """A name that has this text in it."""
    return re.compile(re.escape(text))


def focused(page: Page) -> str:
    """The id of what has the focus."""
    return page.evaluate("document.activeElement.id")


def focus_comes_to(page: Page, element_id: str) -> None:
    """Waits, as a person does who looks for the ring; "" is the page itself, or what has no id."""
    for _look in range(100):
        if focused(page) == element_id:
            return
        page.wait_for_timeout(50)
    assert focused(page) == element_id
