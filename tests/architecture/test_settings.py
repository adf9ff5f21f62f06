"""The settings that data and safety hang on, read back from a live connection and from real starts."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys

import pytest
from django.db import OperationalError
from django.db.utils import ConnectionHandler

from tests.architecture.source import ROOT
from timesheets_site.settings import database

KEY = secrets.token_urlsafe(64)
SAFE = {"DEVELOPMENT": "0", "SECRET_KEY": KEY, "ALLOWED_HOSTS": "time.example.org"}


@pytest.fixture
def fresh(tmp_path, django_db_blocker):
    """Makes connections to a new SQLite file, each with the product's own settings."""
    made = []

    def connect():
        handler = ConnectionHandler({"default": database(f"sqlite:///{tmp_path / 'fresh.sqlite3'}")})
        made.append(handler["default"])
        return made[-1]

    with django_db_blocker.unblock():
        yield connect
        for connection in made:
            connection.close()


def pragma(connection, name):
    with connection.cursor() as cursor:
        return cursor.execute(f"PRAGMA {name}").fetchone()[0]


def test_an_accepted_write_survives_a_power_cut(fresh):
    connection = fresh()
    assert pragma(connection, "journal_mode") == "wal"
    assert pragma(connection, "synchronous") == 2  # FULL
    assert pragma(connection, "foreign_keys") == 1
    assert pragma(connection, "busy_timeout") >= 10_000


def test_a_transaction_takes_its_write_lock_at_the_start(fresh):
    first, second = fresh(), fresh()
    pragma(second, "busy_timeout=0")
    first.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    with pytest.raises(OperationalError, match="locked"):
        second.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    first.rollback()


def start(tmp_path, **environment: str) -> subprocess.CompletedProcess[str]:
    keep = {name: os.environ[name] for name in ("PATH", "HOME", "SYSTEMROOT", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", "import timesheets_site.settings"],
        env={**keep, "VAR_DIR": str(tmp_path), **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_safe_start(tmp_path):
    result = start(tmp_path, **SAFE)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(
    ("unsafe", "message"),
    [
        ({"DEBUG": "1"}, "DEBUG is for development only"),
        ({"SECRET_KEY": ""}, "SECRET_KEY must be"),
        ({"SECRET_KEY": KEY[:49]}, "SECRET_KEY must be"),
        ({"SECRET_KEY": "ab" * 40}, "SECRET_KEY must be"),
        ({"SECRET_KEY": f"django-insecure-{KEY}"}, "SECRET_KEY must be"),
        ({"SECRET_KEY": f"change-me-{KEY}"}, "SECRET_KEY must be"),
        ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS must name"),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS must name"),
        ({"ALLOWED_HOSTS": "time.example.org,*"}, "ALLOWED_HOSTS must name"),
    ],
)
def test_an_unsafe_start_is_refused(tmp_path, unsafe, message):
    result = start(tmp_path, **{**SAFE, **unsafe})
    assert result.returncode != 0
    assert message in result.stderr
    assert KEY not in result.stderr


def test_a_laptop_needs_no_settings(tmp_path):
    assert start(tmp_path).returncode == 0
    assert (tmp_path / "development-key").stat().st_mode & 0o077 == 0
