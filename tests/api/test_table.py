"""Every address of every API, asked by everybody: the answers are those of the rows, and no address is without one."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.urls import get_resolver

from accounts.access import Door
from accounts.models import Membership
from tests import filled
from tests.api.conftest import Program
from tests.api.connectwise import rows as connectwise
from tests.api.grow import rows as grow
from tests.api.intacct import rows as intacct
from tests.api.kimai import rows as kimai
from tests.api.native import rows as native
from tests.api.portal import rows as portal_rows
from tests.api.table import CALLERS, Row
from tests.architecture.test_doors import doors

SURFACES = {
    "api": native.ROWS,
    "portal": portal_rows.ROWS,
    "connectwise": connectwise.ROWS,
    "grow": grow.ROWS,
    "intacct": intacct.ROWS,
    "kimai": kimai.ROWS,
}


def named() -> set[str]:
    return {str(door.name) for _path, door in doors(get_resolver()) if door.callback.access.door is Door.API}


def test_every_address_has_a_row_and_every_row_an_address():
    rows = {row.name for rows in SURFACES.values() for row in rows}
    assert (named() - rows, rows - named()) == (set(), set())


@pytest.fixture
def site(acme, alice, bob, carol, mallory) -> filled.Site:
    site = filled.fill(acme, alice, bob, carol)
    site.people["mallory"] = mallory
    return site


def caller_of(
    surface: str, who: str, people: dict[str, Membership], program: Callable[..., Any], portal: Any
) -> Program:
    if who == "nobody":
        return Program({})
    if surface == "portal":
        return portal(people[who])
    member = people[who]
    if surface == "grow" and member.role != "ADMIN":  # keys of this format are an admin's
        return Program({})
    return program(surface, member)


def answer(caller: Program, row: Row, ids: dict[str, Any]) -> int:
    """The status; whatever it changed is undone."""
    with transaction.atomic():
        body = copy.deepcopy(row.body)
        if callable(body):
            body = body(ids)
        response = caller.ask(row.method, row.path.format(**ids), body, **dict(row.headers))
        if response.streaming:
            list(response.streaming_content)
        transaction.set_rollback(True)
    return response.status_code


@pytest.mark.parametrize("surface", SURFACES)
def test_every_address_answers_everybody_as_the_row_says(site, program, portal, surface):
    people = {**site.people, "carol": site.people["carol"]}
    wrong = []
    for column, who in enumerate(CALLERS):
        caller = caller_of(surface, who, people, program, portal)
        for row in SURFACES[surface]:
            expected, found = int(row.answers.split()[column]), answer(caller, row, site.ids)
            if found != expected:
                wrong.append(f"{row.method} {row.path} ({row.name}): {who} gets {found}, not {expected}")
    assert wrong == []
