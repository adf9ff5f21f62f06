"""The nouns of the catalogue as data: what each may be given, what is there once, and what must fit together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.permissions import Permission
from timesheets_site.lib.errors import RuleViolation
from timetracking.models import (
    Activity,
    Agreement,
    AgreementRate,
    ChargeCode,
    Client,
    Project,
    Task,
    Ticket,
    WorkRole,
    WorkRoleRate,
    WorkType,
)
from timetracking.models.catalogue import CatalogueRecord
from timetracking.rules import rates, references

Check = Callable[[Any, Collection[str]], None]
FIRST_DAY, LAST_DAY = dt.date(2000, 1, 1), dt.date(2999, 12, 31)  # rates of days on which time may be logged, and more


@dataclass(frozen=True)
class Unique:
    """What must be there once: the field that carries the message, and what it is unique within (else everywhere)."""

    field: str
    within: tuple[str, ...]
    message: Any
    in_use: bool = False
    """Only among what is not archived: what was put away makes room for another."""


@dataclass(frozen=True)
class Noun:
    """What the one implementation needs to know of a kind of record."""

    name: str  # in the names of events
    fields: tuple[str, ...]  # what a person may set
    fixed: tuple[str, ...] = ()  # set once, at creation: other records rely on them
    money: tuple[str, ...] = ()  # only for those who may see rates
    people: tuple[str, ...] = ()  # lists of members
    unique: Unique | None = None
    permission: Permission = Permission.MANAGE_CATALOGUE
    closed: str = ""  # the status in which `closed_at` is set
    chosen: str = ""  # the flag that one record at most has: who gets it takes it from the other
    checks: tuple[Check, ...] = ()  # called with the record as it would be stored, and the names that were given


# --- What must fit together -------------------------------------------------------------------------------------------


def _agreement_is_the_clients(record: Any, given: Collection[str]) -> None:
    if record.agreement_id and record.agreement.client_id != record.client_id:
        raise RuleViolation(
            "agreement_of_another_client",
            _("This agreement is with another client. Choose one of this client."),
            "agreement",
        )


def _ends_after_start(record: Any, given: Collection[str]) -> None:
    if record.starts_on and record.ends_on and record.ends_on < record.starts_on:
        raise RuleViolation("ends_before_start", _("The end is before the start."), "ends_on")


def _code_fits_addresses(record: Any, given: Collection[str]) -> None:
    if "code" in given and not references.is_project_code(record.code):
        raise RuleViolation(
            "project_code_format",
            _("Use letters, digits, - _ and . and start with a letter or a digit. The word “new” is taken."),
            "code",
        )


def _number_fits_addresses(record: Any, given: Collection[str]) -> None:
    if not 1 <= record.number <= references.HIGHEST_TICKET_NUMBER:
        raise RuleViolation("ticket_number_range", _("Enter a number from 1 to 999999999."), "number")


def _multiplier_fits(record: Any, given: Collection[str]) -> None:
    if record.multiplier < 0:
        raise RuleViolation("negative_amount", _("Enter 0 or more."), "multiplier")
    if record.multiplier > rates.LARGEST_MULTIPLIER:
        raise RuleViolation("amount_too_large", _("Enter 10 or less."), "multiplier")


def _rate_fits_entries(record: Any, given: Collection[str]) -> None:
    if "hourly_rate" in given and record.hourly_rate is not None and record.hourly_rate > rates.LARGEST_RATE:
        raise RuleViolation("amount_too_large", _("Enter 9,999,999 or less."), "hourly_rate")


def _starts_in_a_year_that_counts(record: Any, given: Collection[str]) -> None:
    if "starts_on" in given and not FIRST_DAY <= record.starts_on <= LAST_DAY:
        raise RuleViolation("day_out_of_range", _("Choose a day from the year 2000 on."), "starts_on")


NOUNS: dict[type[CatalogueRecord], Noun] = {
    Client: Noun(
        name="client",
        fields=(
            "name",
            "identifier",
            "billing_increment_minutes",
            "billing_rounding",
            "billing_minimum_minutes",
            "billing_address",
            "billing_email",
            "tax_number",
            "notes",
        ),
        unique=Unique("name", (), gettext_lazy("There is a client with this name already.")),
    ),
    Agreement: Noun(
        name="agreement",
        fields=(
            "client",
            "name",
            "starts_on",
            "ends_on",
            "billable_option",
            "billing_increment_minutes",
            "billing_rounding",
            "billing_minimum_minutes",
            "included_minutes_a_month",
        ),
        fixed=("client",),
        unique=Unique("name", ("client",), gettext_lazy("This client has an agreement with this name already.")),
        checks=(_ends_after_start,),
    ),
    Project: Noun(
        name="project",
        fields=(
            "code",
            "name",
            "client",
            "agreement",
            "status",
            "billable",
            "manager",
            "budget_minutes",
            "budget_amount",
            "hourly_rate",
            "starts_on",
            "ends_on",
            "description",
        ),
        money=("budget_amount", "hourly_rate"),
        unique=Unique("code", (), gettext_lazy("There is a project with this code already.")),
        closed=Project.Status.CLOSED,
        checks=(_code_fits_addresses, _agreement_is_the_clients, _ends_after_start, _rate_fits_entries),
    ),
    Task: Noun(
        name="task",
        fields=("project", "name", "status", "assignees", "budget_minutes", "description"),
        fixed=("project",),
        people=("assignees",),
        unique=Unique("name", ("project",), gettext_lazy("This project has a task with this name already.")),
        closed=Task.Status.DONE,
    ),
    Ticket: Noun(
        name="ticket",
        fields=(
            "number",
            "title",
            "client",
            "agreement",
            "status",
            "billable",
            "assignee",
            "estimate_minutes",
            "description",
        ),
        unique=Unique("number", (), gettext_lazy("There is a ticket with this number already.")),
        closed=Ticket.Status.CLOSED,
        checks=(_number_fits_addresses, _agreement_is_the_clients),
    ),
    ChargeCode: Noun(
        name="charge_code",
        fields=("code", "name", "project", "is_time_off"),
        unique=Unique("code", (), gettext_lazy("There is a charge code like this already.")),
    ),
    Activity: Noun(name="activity", fields=("name", "client", "starts_on")),
    WorkType: Noun(
        name="work_type",
        fields=("name", "multiplier", "billable_option", "is_default"),
        chosen="is_default",
        permission=Permission.MANAGE_RATES,
        unique=Unique("name", (), gettext_lazy("There is a work type with this name already.")),
        checks=(_multiplier_fits,),
    ),
    WorkRole: Noun(
        name="work_role",
        fields=("name",),
        permission=Permission.MANAGE_RATES,
        unique=Unique("name", (), gettext_lazy("There is a work role with this name already.")),
    ),
    WorkRoleRate: Noun(
        name="work_role_rate",
        fields=("work_role", "starts_on", "hourly_rate"),
        fixed=("work_role",),
        money=("hourly_rate",),
        permission=Permission.MANAGE_RATES,
        unique=Unique(
            "starts_on", ("work_role",), gettext_lazy("This role has a rate from this day on already."), in_use=True
        ),
        checks=(_starts_in_a_year_that_counts, _rate_fits_entries),
    ),
    AgreementRate: Noun(
        name="agreement_rate",
        fields=("agreement", "work_role", "work_type", "hourly_rate"),
        fixed=("agreement",),
        money=("hourly_rate",),
        permission=Permission.MANAGE_RATES,
        unique=Unique(
            "work_role",
            ("agreement", "work_type"),
            gettext_lazy("This agreement has a rate for this role and type already."),
            in_use=True,
        ),
        checks=(_rate_fits_entries,),
    ),
}
