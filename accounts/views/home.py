"""The way in: home, the organisation switcher, and whether the product is alive and ready."""

from __future__ import annotations

import shutil

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.access import public, signed_in
from accounts.context import last_used
from accounts.models import Organisation
from accounts.requests import Request

FREE_BYTES = 100_000_000  # less than this is as good as a full disk
_migrated = False  # once true it stays true for this process's code


@signed_in
@require_safe
def home(request: Request) -> HttpResponse:
    """To the current week of the organisation last used; to the switcher where there is none."""
    member = last_used(request)
    if member is None or not member.organisation.has_feature(Organisation.Feature.TIMESHEETS):
        return redirect("switch")
    return redirect("week", slug=member.organisation.slug)


@signed_in
@require_safe
def switch(request: Request) -> HttpResponse:
    return render(request, "accounts/switch.html", {"members": request.memberships})


@public
@require_safe
def livez(request: Request) -> HttpResponse:
    """The process answers; nothing else is asked."""
    return HttpResponse("ok\n", content_type="text/plain")


@public
@require_safe
def readyz(request: Request) -> HttpResponse:
    """Database, migrations and free disk. Says only yes or no."""
    ready = _has_room() and _database_is_ready()
    return HttpResponse("ok\n" if ready else "not ready\n", status=200 if ready else 503, content_type="text/plain")


def _has_room() -> bool:
    return shutil.disk_usage(settings.VAR).free >= FREE_BYTES


def _database_is_ready() -> bool:
    global _migrated
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        if not _migrated:
            executor = MigrationExecutor(connection)
            _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return False
    return _migrated
