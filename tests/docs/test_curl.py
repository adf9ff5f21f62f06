"""The examples of docs/api are run as they stand, one after the other, against a server with the demo's data.

Each page starts with the demo as it was filled. An example answers JSON, unless it says "# no body" or "# text".
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from accounts import rate_limits
from timetracking.demo import api_examples, load
from timetracking.demo.harbourside import HARBOURSIDE

PAGES = Path(__file__).parents[2] / "docs" / "api"
CURL = shutil.which("curl")
WEDNESDAY = "2026-11-18T10:00:00Z"
SECONDS = 10
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)

pytestmark = [
    pytest.mark.skipif(CURL is None and not os.environ.get("REQUIRE_BROWSER"), reason="no curl"),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="no database decides what an example says"),
]


def examples() -> dict[str, list[str]]:
    """{page: its examples}"""
    found = {page.name: BLOCK.findall(page.read_text()) for page in sorted(PAGES.glob("*.md"))}
    return {page: [block for block in blocks if block.startswith("curl ")] for page, blocks in found.items()}


@pytest.fixture
def demo(transactional_db: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[sqlite3.Connection]:
    """Harbourside's records and the entries that examples name, without everybody's twelve weeks; a copy of it all."""
    settings.DEVELOPMENT = True
    monkeypatch.setattr(load, "FIRMS", (HARBOURSIDE,))
    monkeypatch.setattr(load, "_work", lambda *args, **options: None)
    rate_limits.forget_blocks()
    with time_machine.travel(WEDNESDAY, tick=True):
        assert load.load(timezone.now()).lacking == []
        copy = sqlite3.connect(":memory:")
        connection.connection.backup(copy)
        yield copy
        copy.close()


def run(block: str, site: str) -> str:
    """What is wrong with an example's answer; empty if nothing is."""
    named = {"SITE": site, "PORTAL_CODE": api_examples.code(timezone.now()), **api_examples.variables(load.PASSWORD)}
    environment = {"PATH": os.environ["PATH"], **named}
    done = subprocess.run(
        ["bash", "-c", block], env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    if done.returncode:
        again = re.sub(r"\bcurl -sf\b", "curl -s", block)
        said = subprocess.run(
            ["bash", "-c", again], env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
        )
        return f"curl says {done.returncode} {done.stderr}\n{said.stdout[:600]}"
    if "# no body" in block:
        return f"has a body: {done.stdout[:200]}" if done.stdout else ""
    if "# text" in block:
        return "" if done.stdout else "is empty"
    try:
        json.loads(done.stdout)
    except ValueError:
        return f"is no JSON: {done.stdout[:200]}"
    return ""


def test_every_example_works(demo, live_server):
    from django_otp.plugins.otp_totp.models import TOTPDevice

    wrong = []
    for page, blocks in examples().items():
        demo.backup(connection.connection)
        for block in blocks:
            TOTPDevice.objects.update(last_t=-1, throttling_failure_count=0)  # the same code, once more
            if problem := run(block, live_server.url):
                wrong.append(f"{page}: {block.strip()}\n  {problem}")
    assert wrong == [], "\n\n".join(wrong)


def test_the_examples_are_found():
    assert len(examples()["grow.md"]) > 8
