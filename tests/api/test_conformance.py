"""What is answered is what is described: generated calls of every operation, right ones and wrong ones.

Runs with `-m thorough`. Nothing leaves the process.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import hypothesis
import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests import filled
from tests.marks import on_sqlite_alone
from timetracking.api.openapi.document import document

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = 8
RIGHT, WRONG = GenerationMode.POSITIVE, GenerationMode.NEGATIVE


@pytest.fixture
def site(acme, alice, bob, carol) -> filled.Site:
    return filled.fill(acme, alice, bob, carol)


def known(ids: dict[str, Any], path: str) -> dict[str, Any]:
    """Records that are there, by the names of parts of a path."""
    noun = path.removeprefix("/api/v1/").partition("/")[0]
    keys = {"tasks": "task", "clients": "client", "projects": "project_id", "tickets": "ticket_id",
            "charge-codes": "charge-code", "activities": "activity", "work-types": "work-type",
            "work-roles": "work-role", "agreements": "agreement"}  # fmt: skip
    return {
        "timer_id": ids["timer_id"],
        "timesheet_id": ids["sheet_id"],
        "member_id": ids["member_id"],
        "entry_id": ids["entry_id"],
        "invoice_id": ids["invoice_id"],
        "record_id": ids.get(keys.get(noun, "")),
        "webhook_id": ids.get("hook_id"),
    }


@contextmanager
def one_connection() -> Iterator[None]:
    """The server's habit of closing old connections would close the test's, as Django's own test client knows."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def ask_everything(surface: str, headers: dict[str, str], ids: dict[str, Any]) -> int:
    """Calls every operation of a surface; each call is undone. How many calls there were."""
    schema = schemathesis.openapi.from_dict(document(surface))
    schema.app = get_wsgi_application()
    headers = {**headers, "Accept-Encoding": "identity"}
    calls, wrong = 0, []
    for found, mode in itertools.product(schema.get_all_operations(), (RIGHT, WRONG)):
        operation = found.ok()
        if operation.path == "/api/openapi.json" or (mode is WRONG and not takes_anything(operation)):
            continue

        @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
        @hypothesis.settings(
            max_examples=EXAMPLES,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def call(case: Any) -> None:
            nonlocal calls
            calls += 1
            for name, value in known(ids, case.path).items():
                if name in case.path_parameters and value is not None and calls % 4:
                    case.path_parameters[name] = value
            with one_connection(), transaction.atomic():
                response = case.call(headers=headers)
                transaction.set_rollback(True)
            case.validate_response(response, checks=CHECKS)

        try:
            call()
        except FailureGroup as failures:
            wrong += [f"{operation.label}: {each}" for each in failures.exceptions]
    assert not wrong, "\n\n".join(wrong)
    return calls


def takes_anything(operation: Any) -> bool:
    return bool(operation.body or operation.query or operation.path_parameters)


def callers(program: Any, portal: Any, alice: Any) -> dict[str, dict[str, str]]:
    return {
        "api": program("api", alice, requests_per_minute=100_000).headers,
        "portal": portal(alice).headers,
    }


@on_sqlite_alone
@pytest.mark.thorough
@pytest.mark.parametrize("surface", ["api", "portal"])
def test_generated_calls_are_answered_as_described(site, program, portal, alice, surface, settings):
    settings.API_REQUESTS_PER_KEY = settings.API_REQUESTS_PER_ORGANISATION = 1_000_000
    assert ask_everything(surface, callers(program, portal, alice)[surface], site.ids) > 100
