"""A kind of export for tests, and a folder for each of them."""

from pathlib import Path

import pytest

from accounts.permissions import Permission
from tests.timetracking.exports.making import Numbers
from timetracking.services import export_jobs
from timetracking.services.export_jobs import ExportKind


@pytest.fixture
def numbers(monkeypatch) -> Numbers:
    """The kind "numbers", for who may export time."""
    made = Numbers()
    monkeypatch.setitem(export_jobs.KINDS, "numbers", ExportKind("numbers", Permission.EXPORT_TIME, made.opened))
    return made


@pytest.fixture(autouse=True)
def folder(settings, tmp_path) -> Path:
    """Where the files are: empty at first."""
    exports = {**settings.STORAGES["exports"], "OPTIONS": {"location": tmp_path}}
    settings.EXPORTS_DIR, settings.STORAGES = tmp_path, {**settings.STORAGES, "exports": exports}
    return tmp_path
