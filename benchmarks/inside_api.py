"""Keys for measuring the APIs, and events to keep a copy in step by. Started by `benchmarks.api`; prints JSON."""

from __future__ import annotations

import json
import sys
from typing import Any

import django

EVENTS = 10_000
NAME = "Measured"


def main() -> None:
    django.setup()
    print(json.dumps({"prepare": prepare, "queries": queries, "clean": clean}[sys.argv[1]](json.loads(sys.argv[2]))))


def prepare(facts: dict[str, Any]) -> dict[str, Any]:
    """Headers for each surface, as an admin; the id of the event after which there are 10,000."""
    import base64

    from accounts.key_areas import AREAS
    from accounts.models import AuditEvent, Membership
    from accounts.services import access_tokens, api_keys
    from accounts.tenancy import organisation_scope
    from timetracking.api.native.changes import place_of

    clean(facts)
    with organisation_scope(1):
        admin = Membership.objects.filter(role="ADMIN", is_active=True).select_related("user", "organisation").first()
        headers = {}
        for kind in ("api", "grow", "connectwise", "intacct", "kimai"):
            key, secret = api_keys.create(
                admin, member=admin, kind=kind, name=NAME, areas=list(AREAS), requests_per_minute=100_000
            )
            value = f"Bearer {secret}"
            if kind == "connectwise":
                pair = f"{admin.organisation.slug}+{key.public_id}:{secret}"
                value = f"Basic {base64.b64encode(pair.encode()).decode()}"
            if kind == "intacct":
                value = f"Bearer {access_tokens.issue_for_key(key).token}"
            headers[kind] = {"Authorization": value}
        issued = access_tokens.issue_to_person(admin.user, verified=True)
        headers["portal"] = {"Authorization": f"Bearer {issued.token}"}
        before = AuditEvent.objects.order_by("-pk").values_list("pk", flat=True).first()
        _tell(admin, facts)
        return {"headers": headers, "after": before, "place": place_of(before or 0, 0)}


def _tell(admin: Any, facts: dict[str, Any]) -> None:
    """One event for each of the last 10,000 entries: as if each had just been changed."""
    from django.db import transaction

    from accounts import audit
    from timetracking.models import TimeEntry

    entries = list(TimeEntry.objects.order_by("-pk")[:EVENTS])
    with transaction.atomic():
        audit.record_all(
            admin, "time_entry.updated", [audit.Told(entry, {"minutes": (1, entry.minutes)}) for entry in entries]
        )


def clean(facts: dict[str, Any]) -> dict[str, int]:
    """Take away what earlier measurements logged, and their keys. Their events stay: the trail forgets nothing."""
    from accounts.models import ApiKey
    from accounts.tenancy import organisation_scope
    from timetracking.models import TimeEntry

    with organisation_scope(1):
        removed = TimeEntry.with_deleted.filter(pk__gt=facts["size"]).delete()[0]
        ApiKey.objects.filter(name=NAME).delete()
        return {"removed": removed}


def queries(facts: dict[str, Any]) -> dict[str, int]:
    """Queries of each call, the look-up of the key included."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from benchmarks.api import calls_of

    made, found = prepare(facts), {}
    client = Client(headers={"host": "127.0.0.1"})
    for call in calls_of(facts, made["after"]):
        for _ in range(2):  # the first may note the use of the key
            with CaptureQueriesContext(connection) as captured:
                answer = client.generic(
                    call.method, call.path, call.body, "application/json", secure=True,
                    headers=made["headers"][call.surface],
                )  # fmt: skip
            if answer.status_code != call.expect:
                raise RuntimeError(f"{call.name}: {answer.status_code} {answer.content[:500]!r}")
        control = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")
        found[call.name] = sum(not query["sql"].startswith(control) for query in captured.captured_queries)
    clean(facts)
    return found


if __name__ == "__main__":
    main()
