"""What is sent to the portal's addresses and what they answer, for reading it strictly and for the description."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from ninja import Field, Schema
from pydantic import AfterValidator, BeforeValidator, ConfigDict, StrictBool, StrictInt, StrictStr
from pydantic.alias_generators import to_camel

from timetracking.api import values

MOST_MINUTES = 1_500
"""The longest day there is: 25 hours, when clocks are set back. What a day really holds is asked later."""


class Camel(Schema):
    """Names as the portal writes them. What it does not know is ignored."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


def _day(value: object) -> object:
    if not isinstance(value, str) or len(value) > 40 or (day := values.day(value)) is None:
        raise ValueError("Enter a day like 2026-06-02.")
    return day


def _text_of_id(value: object) -> object:
    """Ids are texts here; numbers are understood."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError("Enter an id as text.")
    return str(value)


def _filled(text: str) -> str:
    if not text.strip():
        raise ValueError("Enter a subject.")
    return text


Kind = Literal["TICKET", "PROJECT", "GENERAL"]
Day = Annotated[dt.date, BeforeValidator(_day)]
Id = Annotated[str, BeforeValidator(_text_of_id), Field(max_length=40)]
Minutes = Annotated[StrictInt, Field(ge=1, le=MOST_MINUTES)]
Subject = Annotated[StrictStr, AfterValidator(_filled), Field(max_length=200)]
Description = Annotated[StrictStr, Field(max_length=10_000)]


class LoginIn(Camel):
    """The code is needed where the person has two-step sign-in."""

    email: str
    password: str
    mfa_code: str | None = None


class LoginOut(Camel):
    """`expires_in` in seconds."""

    access_token: str
    expires_in: int
    user: UserOut


class OrganisationOut(Camel):
    id: str
    name: str
    slug: str
    role: str


class UserOut(Camel):
    id: str
    name: str
    email: str
    organisations: list[OrganisationOut]


class RefusalOut(Camel):
    """`errors` names the fields at fault."""

    message: str
    code: str
    errors: dict[str, list[str]] | None = None


class EntryIn(Camel):
    """A ticket for TICKET, a project for PROJECT, neither for GENERAL, which is never billed."""

    kind: Kind
    date: Day
    minutes: Minutes
    subject: Subject
    description: Description | None = None
    billable: StrictBool | None = None
    """Left out or null: as the ticket or the project says."""
    ticket_id: Id | None = None
    project_id: Id | None = None
    agent_id: Id | None = None
    organisation_id: Id | None = None
    """Needed where neither a ticket nor a project says it and the person belongs to several."""


class EntryPatch(Camel):
    """Only what is sent changes. `version`, where it is sent, is the one that was read."""

    kind: Kind = "GENERAL"
    date: Day = dt.date.min
    minutes: Minutes = 1
    subject: Subject = "-"
    description: Description | None = None
    billable: StrictBool | None = None
    ticket_id: Id | None = None
    project_id: Id | None = None
    agent_id: Id | None = None
    version: StrictInt | None = None


class AgentOut(Camel):
    id: str
    name: str
    email: str


class TicketOut(Camel):
    id: str
    subject: str


class ProjectOut(Camel):
    id: str
    name: str


class EntryOut(Camel):
    """Minutes are whole; instants are UTC; `date` is the agent's local day."""

    id: str
    date: dt.date
    agent_id: str
    agent: AgentOut
    kind: Kind
    subject: str
    description: str | None
    billable: bool
    minutes: int
    ticket_id: str | None
    ticket: TicketOut | None
    project_id: str | None
    project: ProjectOut | None
    created_at: dt.datetime
    updated_at: dt.datetime
    organisation_id: str
    version: int
