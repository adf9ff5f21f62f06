"""What a demo firm is made of. The firms themselves are in `harbourside` and `larch_street`."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

WEEKS = 12
"""Full weeks of work before the current one."""
RISE_WEEKS_AGO = 5
"""When the rates of work roles rose."""


@dataclass(frozen=True)
class Person:
    """Somebody who signs in. `works_minutes` is what they log on an ordinary day; nothing with 0."""

    name: str
    email: str
    role: str
    works_minutes: int = 450
    capacity_minutes: int = 2250
    share_on_tickets: float = 0.5
    notes_times: bool = False
    """Logs with start and end."""
    line_manager: str = ""
    employee_number: str = ""
    left_after_weeks: int | None = None
    """Deactivated; logged nothing after this many of the twelve weeks."""
    work_role: str = ""
    """What their time counts as; empty for none."""
    issues_invoices: bool = False
    working_weekdays: int = 0b0011111
    """A bit for each, the lowest is Monday."""
    in_examples: bool = False
    """The examples of the APIs write their time, so the demo leaves their weeks alone."""


@dataclass(frozen=True)
class Increment:
    """Steps in which entries are billed."""

    minutes: int
    rounding: str = "up"
    minimum: int = 0


@dataclass(frozen=True)
class DemoAgreement:
    client: str
    name: str
    billable_option: str = "NoDefault"
    included_minutes_a_month: int | None = None
    increment: Increment | None = None
    rates: tuple[tuple[str, str, Decimal], ...] = ()
    """Work role (or ""), work type (or "") and an hour's rate."""


@dataclass(frozen=True)
class DemoInvoice:
    """What became of last month's invoice for a client. `becomes` is draft, issued or void."""

    client: str
    becomes: str
    grouping: str = "project"
    note: str = ""
    void_reason: str = ""


@dataclass(frozen=True)
class DemoProject:
    """`works_until` counts in weeks from the first of the twelve; None goes on. `used_percent` sets the budget."""

    code: str
    name: str
    client: str
    manager: str
    tasks: dict[str, tuple[str, ...]]
    """Task names, each with the subjects of its work."""
    billable: str = "yes"
    status: str = "active"
    agreement: str = ""
    works_until: int | None = None
    used_percent: int | None = None
    archived: bool = False
    weight: int = 2
    hourly_rate: Decimal | None = None
    used_money_percent: int | None = None
    """Sets the budget in money."""


@dataclass(frozen=True)
class DemoTicket:
    number: int
    title: str
    client: str
    billable: str = ""
    agreement: str = ""
    estimate_minutes: int | None = None


@dataclass(frozen=True)
class Firm:
    """An organisation. People who appear in several firms are one user with the same e-mail address."""

    name: str
    slug: str
    time_zone: str
    first_weekday: int
    currency: str
    hourly_rate: Decimal
    people: tuple[Person, ...]
    clients: tuple[str, ...]
    agreements: tuple[DemoAgreement, ...]
    projects: tuple[DemoProject, ...]
    tickets: tuple[DemoTicket, ...]
    """Oldest first: one after the other they are worked on during the twelve weeks."""
    activities: dict[str, str]
    """Names, each with its client (or "")."""
    bound_code: tuple[str, str, str] = ("PROJ", "Internal project", "")
    """A charge code whose time is a project's: code, name, project."""
    role_rates: dict[str, tuple[Decimal, Decimal]] = field(default_factory=dict)
    """By work role: an hour before and since the rise that was some weeks ago."""
    increments: dict[str, Increment] = field(default_factory=dict)
    """By client."""
    addresses: dict[str, str] = field(default_factory=dict)
    """Of clients, for invoices."""
    billing: dict[str, Any] = field(default_factory=dict)
    """What its admin has settled about money from the start."""
    invoices: tuple[DemoInvoice, ...] = ()
    holiday_calendar: str = ""
    """Country and part; empty for no public holidays."""
    described_share: float = 0.4
    """Of its client work, how much has a description."""
    policies: dict[str, Any] = field(default_factory=dict)
    """What its admin has settled since the work was done."""
