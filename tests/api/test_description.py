"""The one description of all surfaces: whole, sound, kept in step, and readable."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver

from accounts.access import Door
from accounts.api_shapes import Refusal
from tests.architecture.test_doors import doors
from timetracking.api.native.problems import CODES
from timetracking.api.native.surface import MEANINGS, problem_of
from timetracking.api.openapi.document import document, names
from timetracking.api.openapi.reference import titles
from timetracking.api.refusals import PERSON_CODES, STATE_CODES

CONTRACTS = Path(__file__).parents[1] / "contracts"
FOLDERS = {"api": "native"}
PAGE, DESCRIPTION = "/api/docs", "/api/openapi.json"
PART = re.compile(r"<(?:\w+:)?(\w+)>")


@pytest.fixture(scope="module")
def whole() -> dict[str, Any]:
    return document()


def operations(told: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in told["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for each in value.values():
            yield from references(each)
    elif isinstance(value, list):
        for each in value:
            yield from references(each)


def test_every_address_is_described(whole):
    paths = {
        "/" + PART.sub(r"{\1}", path).strip("/")
        for path, door in doors(get_resolver())
        if door.callback.access.door is Door.API
    }
    assert sorted(paths - set(whole["paths"])) == []


def test_every_reference_leads_somewhere_and_every_operation_has_one_name(whole):
    components = {f"#/components/{kind}/{name}" for kind, found in whole["components"].items() for name in found}
    assert sorted(set(references(whole)) - components) == []
    ids = [operation["operationId"] for _method, _path, operation in operations(whole)]
    assert len(ids) == len(set(ids))


def test_every_operation_says_how_it_refuses(whole):
    for method, path, operation in operations(whole):
        answers = set(operation["responses"])
        if operation["security"]:
            assert {"401", "404", "429", "503"} <= answers, (method, path)
        assert operation["summary"], (method, path)
        if method != "get" and path.startswith("/api/v1/"):
            assert {"409", "412", "422"} <= answers, (method, path)


def test_repeatable_calls_say_so(whole):
    for method, path, operation in operations(whole):
        named = {parameter.get("name") for parameter in operation.get("parameters", ())}
        assert ("Idempotency-Key" in named) or method != "post" or not operation["security"], path


def test_writes_to_one_record_say_that_they_take_its_version(whole):
    silent = set()
    for method, path, operation in operations(whole):
        if method != "get" and path.startswith("/api/v1/") and "}" in path:
            named = {parameter.get("name") for parameter in operation.get("parameters", ())}
            if "If-Match" not in named:
                silent.add(operation["operationId"])
    assert silent == set()


@pytest.mark.parametrize("surface", names())
def test_the_description_is_the_one_that_was_agreed(surface):
    """RENEW_OPENAPI=1 writes it anew; what a client could miss is then seen in the diff."""
    file, now = CONTRACTS / FOLDERS.get(surface, surface) / "openapi.json", document(surface)
    if os.environ.get("RENEW_OPENAPI"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(now, indent=1, ensure_ascii=False, sort_keys=True) + "\n")
    assert json.loads(file.read_text()) == now, f"run RENEW_OPENAPI=1 pytest {Path(__file__).name}, and read the diff"


def test_it_is_open_to_everybody_and_asked_for_once(client):
    first = client.get(DESCRIPTION)
    assert first.json()["openapi"] == "3.1.0"
    for tag in (first["ETag"], f"W/{first['ETag']}", f'"other", {first["ETag"]}'):
        assert client.get(DESCRIPTION, headers={"If-None-Match": tag}).status_code == 304
    assert client.get(f"{DESCRIPTION}/").json() == first.json()
    assert set(client.get(f"{DESCRIPTION}?surface=api").json()["paths"]) < set(first.json()["paths"])


@pytest.mark.parametrize("query", ["surface=nothing", "surface=%00", f"surface={'x' * 999}"])
def test_an_unknown_surface_is_refused(client, query):
    assert client.get(f"{DESCRIPTION}?{query}").status_code == 400
    assert client.get(f"{PAGE}?{query}").status_code in (400, 404)
    assert client.post(DESCRIPTION).status_code == 405


@pytest.mark.parametrize("surface", names())
def test_it_can_be_read_as_a_page(client, surface, whole):
    answer = client.get(f"{PAGE}?surface={surface}")
    text = answer.content.decode()
    told = document(surface)
    assert [path for path in told["paths"] if path not in text] == []
    assert "<script" not in text and " style=" not in text
    assert titles()[surface][0] in text


def test_the_type_of_a_problem_leads_to_its_meaning(client):
    ids = re.findall(r'\bid="([^"]+)"', client.get(PAGE).content.decode())
    assert len(ids) == len(set(ids))
    assert set(MEANINGS) <= set(ids)
    for code, status in (("week_submitted", 409), ("of no list", 409), ("", 404)):
        path, _, anchor = problem_of(Refusal(status, code))["type"].partition("#")
        assert (path, anchor in ids) == (PAGE, True)


REFUSE = re.compile(r'(?:RuleViolation|Locked|NotAllowed|Verdict|_refused|Missing)\((?:False, )?\s*"(\w+)"')
ASKED = (
    "api/native/*.py", "rules/locking.py", "rules/approval.py", "rules/required_fields.py", "rules/local_time.py",
    "services/time_entries.py",
    "services/entry_*.py", "services/many_entries.py", "services/timers.py", "services/timesheets.py",
    "services/approv*.py", "services/catalogue*.py", "services/webhooks.py", "services/budgets.py",
    "selectors/report_*.py",
)  # fmt: skip
"""Where the own API's refusals come from, in `timetracking`."""


def test_every_code_has_a_meaning():
    root = Path(__file__).parents[2] / "timetracking"
    files = [file for pattern in ASKED for file in sorted(root.glob(pattern))]
    raised = {code for file in files for code in REFUSE.findall(file.read_text())}
    assert len(raised) > 60
    assert sorted((raised | STATE_CODES | PERSON_CODES) - set(CODES)) == []


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.tour
@pytest.mark.parametrize("surface", names())
def test_the_page_has_no_fault_in_a_browser(watched_page, surface, db):
    from axe_playwright_python.sync_playwright import Axe

    from tests.site.test_in_browser import IN_THEME, NARROWEST, OVERFLOW, RUN_AXE, TAGS

    tab = watched_page(Client())
    tab.add_init_script(Axe().axe_script)
    tab.goto(f"{PAGE}?surface={surface}")
    tab.evaluate("document.querySelectorAll('details').forEach((each, n) => { each.open = n % 9 === 0; })")
    for theme in ("light", "dark"):
        tab.evaluate(IN_THEME, theme)
        assert tab.evaluate(RUN_AXE, {"runOnly": {"type": "tag", "values": TAGS}}) == []
    tab.set_viewport_size(NARROWEST)
    assert tab.evaluate(OVERFLOW) == ""
    assert tab.problems == []
