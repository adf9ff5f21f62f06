"""What is measured inside a process of the product: sessions for the measurement, and queries per page.

Started by `benchmarks.run` on one database; prints JSON.
"""

from __future__ import annotations

import json
import sys
import uuid
from typing import Any

import django


def main() -> None:
    django.setup()
    facts = json.loads(sys.argv[2])
    print(json.dumps({"prepare": prepare, "queries": queries, "clean": clean}[sys.argv[1]](facts)))


def prepare(facts: dict[str, Any]) -> dict[str, str]:
    """Cookies of a signed-in agent, another agent and a manager. The agent's week becomes young enough to edit."""
    from django.utils import timezone

    from accounts.tenancy import organisation_scope
    from timetracking.models import TimeEntry

    clean(facts)
    with organisation_scope(1):
        week = TimeEntry.objects.filter(member_id=facts["agent"], date__gte=facts["monday"])
        if week.count() != 35:
            raise RuntimeError(f"The measured week has {week.count()} entries: fill the database anew.")
        week.update(created_at=timezone.now())
    return {name: cookie_of(facts[name]) for name in ("agent", "other_agent", "manager")}


def cookie_of(user_id: int) -> str:
    """The session cookie of somebody who has just signed in."""
    from django.conf import settings

    name = settings.SESSION_COOKIE_NAME
    return f"{name}={_client(user_id).cookies[name].value}"


def clean(facts: dict[str, Any]) -> dict[str, int]:
    """Take away what earlier measurements logged."""
    from accounts.models import OneTimeKey
    from accounts.tenancy import organisation_scope
    from timetracking.models import TimeEntry

    with organisation_scope(1):
        OneTimeKey.objects.all().delete()
        return {"removed": TimeEntry.with_deleted.filter(pk__gt=facts["size"]).delete()[0]}


def _client(user_id: int) -> Any:
    from django.test import Client

    from accounts.models import User

    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(User.objects.get(pk=user_id), backend="accounts.backends.SlowGuessingBackend")
    return client


def queries(facts: dict[str, Any]) -> dict[str, int]:
    """Queries of each page, with the session's and the user's; begin and end of a transaction are not counted."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from benchmarks.pages import pages_of

    found = {}
    for page in pages_of(facts):
        client = _client(facts[page.who])
        send = {"secure": True}
        for _ in range(2):  # the first request of a session may write that it was seen
            with CaptureQueriesContext(connection) as captured:
                if page.form is None:
                    answer = client.get(page.path, **send)
                else:
                    form = page.form | {"key": uuid.uuid4().hex}
                    answer = client.post(page.path, form, headers=page.headers, **send)
                    list(answer)
            if answer.status_code != page.expect:
                raise RuntimeError(f"{page.name}: {answer.status_code} {answer.content[:2000]!r}")
        words = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT", "ROLLBACK")
        found[page.name] = sum(not query["sql"].startswith(words) for query in captured.captured_queries)
    clean(facts)
    return found


if __name__ == "__main__":
    main()
