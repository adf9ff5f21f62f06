"""The few places that look across organisations, by name. Each is a place to be careful."""

from __future__ import annotations

import ast

from tests.architecture.source import modules

UNSCOPED = {
    "accounts/audit.py",  # what a person did to their account is told in each of their organisations
    "accounts/models/api_keys.py",  # names its managers again
    "accounts/models/membership.py",  # the same
    "accounts/services/api_keys.py",  # a key says itself which organisation it belongs to
    "accounts/middleware.py",  # in which organisations is this person?
    "accounts/services/audit_seals.py",  # every organisation's chain, sealed and verified by commands
    "accounts/services/invitations.py",  # a link from a mail names an invitation, not yet an organisation
    "accounts/services/profile.py",  # a new name shows in all of a person's organisations
    "accounts/services/second_factor.py",  # does any organisation of theirs demand one?
    "accounts/tenancy.py",  # where it is made
    "timetracking/models/catalogue.py",  # abstract models name their managers again
    "timetracking/models/periods.py",
    "timetracking/models/time_entries.py",
    "timetracking/models/timers.py",
    "timetracking/models/timesheets.py",
    "timetracking/services/export_files.py",  # files that have had their time, whosever
    "timetracking/models/webhooks.py",  # names its managers again
    "timetracking/services/webhook_queue.py",  # the queue: one worker for all organisations
    "timetracking/services/old_batches.py",  # what can be undone no more, whosever
    "timetracking/services/export_runs.py",  # the queue: one worker for all organisations
    "timetracking/selectors/timer_bar.py",  # a person's timers in all of their organisations, in one query
    "timetracking/selectors/integrity.py",  # looks for what slipped through the wall
    "timetracking/selectors/integrity_of_money.py",  # the same, of amounts and invoices
    "timetracking/selectors/integrity_of_timers.py",  # the same, of timers and what they wrote
    "timetracking/selectors/integrity_reading.py",  # the same, of the trail
    "accounts/management/commands/tidy.py",  # keys that nobody will send again, whosever
}
BEHIND_THE_MANAGERS = {
    "timetracking/selectors/integrity.py",  # tables between two models have no organisation of their own
}
RAW_SQL = {
    "accounts/views/home.py",  # "is the database there?"
    "accounts/management/commands/tidy.py",  # SQLite's statistics
    "timesheets_site/lib/numbers.py",  # ids that are given out before their rows exist
    "timesheets_site/lib/snapshots.py",  # all reads of a report at one moment
    "timesheets_site/lib/turns.py",  # PostgreSQL's locks that are on no row
}


def saying(*names: str) -> set[str]:
    found = set()
    for path, tree in modules().items():
        for node in ast.walk(tree):
            attribute = isinstance(node, ast.Attribute) and node.attr in names
            if attribute or (isinstance(node, ast.Name) and node.id in names):
                found.add(path)
    return found


def test_who_may_say_unscoped():
    assert saying("unscoped") == UNSCOPED


def test_who_goes_behind_the_managers():
    assert saying("_base_manager", "all_objects") == BEHIND_THE_MANAGERS


def test_who_writes_sql():
    assert saying("cursor", "RawSQL", "executemany") == RAW_SQL


def test_the_scope_is_opened_by_few():
    """Only what stands between a request, or a command, and the product opens an organisation's scope."""
    openers = saying("organisation_scope") | saying("enter")
    assert {path for path in openers if "/views/" in path or "/forms/" in path or "/selectors/" in path} == set()
