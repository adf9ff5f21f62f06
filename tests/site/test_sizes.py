"""What a first visit loads stays small: 16 KB of style and 8 KB of own script for any page, packed."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings

from tests.cast import browser_of

STATIC = Path(settings.BASE_DIR) / "static"
PAGES = [
    "/o/acme/timesheets/",
    "/o/acme/timesheets/2026-06-15/grid/",
    "/o/acme/approvals/",
    "/o/acme/reports/",
    "/o/acme/tickets/",
    "/me/security/",
]


def packed(names) -> int:
    return sum(len(gzip.compress((STATIC / name).read_bytes(), 9)) for name in names)


@pytest.mark.django_db
@pytest.mark.parametrize("path", PAGES)
def test_styles_of_a_page_are_small(path, alice):
    page = browser_of(alice).get(path).content.decode()
    own = re.findall(r'<link rel="stylesheet" href="/static/([\w.-]+\.css)"', page)
    assert own and packed(own) <= 16 * 1024


@pytest.mark.django_db
@pytest.mark.parametrize("path", PAGES)
def test_scripts_of_a_page_are_small(path, alice):
    page = browser_of(alice).get(path).content.decode()
    own = [name for name in re.findall(r'<script src="/static/([\w.-]+\.js)"', page) if (STATIC / name).exists()]
    assert own and packed(own) <= 8 * 1024
