"""What every answer carries, errors, fragments and exports too; and what is said when the database is away."""

import gzip

import pytest
from django.db import OperationalError

from timetracking.services import time_entries
from timetracking.views import week

WEEK = "/o/acme/timesheets/2026-06-15/"
PATHS = [
    WEEK,
    f"{WEEK}export.csv",
    "/o/acme/timesheets/2026-06-16/",
    "/o/acme/nowhere/",
    "/o/globex/timesheets/",
    f"{WEEK}?kind=LUNCH",
    "/o/acme/members/",
    "/me/",
    "/livez",
]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_every_answer_carries_the_browsers_orders(as_carol, path, headers):
    response = as_carol.get(path, headers=headers)
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    for part in ("frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'", "script-src 'self'"):
        assert part in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in response.headers["Permissions-Policy"]
    assert "no-store" in response.headers["Cache-Control"]
    assert response.headers["X-Request-ID"]


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_a_database_that_is_away_is_a_503_and_never_a_false_success(as_carol, monkeypatch, headers):
    def locked(*args, **kwargs):
        raise OperationalError("database is locked")

    monkeypatch.setattr(time_entries, "log", locked)
    monkeypatch.setattr(week, "week_page", locked)
    typed = {"kind": "GENERAL", "duration": "30m", "date": "2026-06-15", "subject": "Stand-up"}
    for response in (
        as_carol.post("/o/acme/entries/new/", typed, headers=headers),
        as_carol.get(WEEK, headers=headers),
    ):
        assert response.status_code == 503
        assert response.headers["Retry-After"]
        assert "database is locked" not in response.content.decode()


@pytest.mark.parametrize(
    "path",
    [
        "/%00",
        "/o/acme/timesheets/?q=%00",
        "/%ff%fe/",
        "/o/%F0%28%8C%28/timesheets/",
        "/o/acme/pick/?q=%ED%A0%80",
        "/" + "a" * 8000,
    ],
)
def test_broken_encodings_are_never_a_500(as_carol, path):
    assert as_carol.get(path).status_code in (200, 400, 404)


def test_an_unknown_method_is_a_405_that_names_the_known(as_carol):
    response = as_carol.put(WEEK)
    assert response.status_code == 405 and "GET" in response.headers["Allow"]


def test_a_page_comes_packed_where_that_is_wanted(as_carol):
    plain = as_carol.get(WEEK)
    response = as_carol.get(WEEK, headers={"Accept-Encoding": "gzip, br"})
    assert (response.headers["Content-Encoding"], plain.has_header("Content-Encoding")) == ("gzip", False)
    assert "Accept-Encoding" in response.headers["Vary"] and "Accept-Encoding" in plain.headers["Vary"]
    assert b'id="kpis"' in gzip.decompress(response.content)
