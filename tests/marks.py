"""Marks that several tests share."""

import pytest
from django.conf import settings

on_sqlite_alone = pytest.mark.skipif(
    settings.DATABASES["default"]["ENGINE"].endswith("postgresql"),
    reason="what no database decides: asked on SQLite, so that the suite stays quick on both",
)
on_postgresql_alone = pytest.mark.skipif(
    not settings.DATABASES["default"]["ENGINE"].endswith("postgresql"),
    reason="SQLite lets one transaction write at a time, whatever the product does",
)
