"""Commands: found an organisation, seal the audit trail, and find whoever touched it."""

import datetime as dt
import io

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from accounts import audit
from accounts.models import (
    AuditEvent,
    AuditSeal,
    GuessCount,
    Membership,
    OneTimeKey,
    Organisation,
    User,
    UserSession,
)
from accounts.services import audit_seals
from accounts.tenancy import organisation_scope
from tests.accounts.helpers import sign_in
from tests.mails import deliver

FOUND = ("create_organisation", "Harbour", "harbour", "Ada@harbour.test", "--time-zone", "Europe/Rome")


def test_an_organisation_is_founded_and_its_admin_gets_a_link(db):
    call_command(*FOUND, "--address", "https://elsewhere.example.com/")
    organisation = Organisation.objects.get(slug="harbour")
    with organisation_scope(organisation):
        member = Membership.objects.get()
        assert (member.role, member.user.email) == ("ADMIN", "ada@harbour.test")
        told = list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))
        assert told[:2] == ["organisation.founded", "member.joined"]
        assert {name.partition(".")[0] for name in told[2:]} == {"work_type", "work_role", "charge_code"}
    assert "https://elsewhere.example.com/password/reset/" in deliver()[0].body
    assert not member.user.has_usable_password()


def test_the_password_can_be_typed(db, monkeypatch):
    module = "accounts.management.commands.create_organisation.getpass"
    monkeypatch.setattr(module, lambda prompt: "short")
    with pytest.raises(CommandError, match="too short"):
        call_command(*FOUND, "--ask-password")
    monkeypatch.setattr(module, lambda prompt: prompt)
    with pytest.raises(CommandError, match="not the same"):
        call_command(*FOUND, "--ask-password")
    monkeypatch.setattr(module, lambda prompt: "correct horse battery")
    call_command(*FOUND, "--ask-password")
    browser = Client()
    sign_in(browser, "ada@harbour.test")
    assert browser.get("/o/harbour/settings/").status_code == 200


def test_somebody_known_becomes_its_admin(mallory):
    call_command("create_organisation", "Harbour", "harbour", mallory.user.email, "--address", "https://x.test")
    assert deliver() == []
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("Harbour", "not a slug", "ada@harbour.test"),
        ("Harbour", "harbour", "no address"),
        ("Harbour", "harbour", "ada@harbour.test", "--time-zone", "Mars/Olympus"),
        ("Acme two", "acme", "ada@harbour.test"),
    ],
)
def test_what_cannot_be_is_refused_whole(acme_organisation, arguments):
    with pytest.raises(CommandError):
        call_command("create_organisation", *arguments, "--address", "https://x.test")
    assert Organisation.objects.count() == 1
    assert not User.objects.exists()


# --- The chain over the audit trail -----------------------------------------------------------------------------------


@pytest.fixture
def sealed(acme, alice, globex, monkeypatch, capsys):
    """Seven events, sealed in batches of three; the ids by position."""
    monkeypatch.setattr(audit_seals, "BATCH", 3)
    with transaction.atomic():
        for n in range(7):
            audit.record(alice, "member.updated", alice, changes={"weekly_capacity_minutes": (n, n + 1)})
    call_command("seal_audit")
    capsys.readouterr()
    return list(AuditSeal.objects.order_by("position").values_list("event_id", flat=True))


def tamper(sql, *values):
    """Change rows behind the product's back, with the triggers taken away."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET session_replication_role = replica")
            cursor.execute(sql, values)
            cursor.execute("SET session_replication_role = origin")
            return
        cursor.execute("PRAGMA defer_foreign_keys=ON")
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = cursor.fetchall()
        for name, _ in triggers:
            cursor.execute(f"DROP TRIGGER {name}")
        cursor.execute(sql, values)
        for _, trigger in triggers:
            cursor.execute(trigger)


def findings():
    with pytest.raises(CommandError) as found:
        call_command("verify_audit")
    assert found.value.returncode == 1
    return str(found.value)


def test_an_untouched_trail_is_whole(sealed, capsys, alice):
    assert len(sealed) == 7
    with transaction.atomic():
        audit.record(alice, "member.updated", alice)
    call_command("verify_audit")
    said = capsys.readouterr().out
    assert "acme: 7 whole" in said
    assert "1 not sealed yet" in said
    assert "globex: 0 whole" in said


def test_sealing_again_adds_only_what_is_new(sealed, alice, capsys):
    before = list(AuditSeal.objects.order_by("position").values_list("digest", flat=True))
    with transaction.atomic():
        audit.record(alice, "member.updated", alice)
    call_command("seal_audit")
    after = list(AuditSeal.objects.order_by("position").values_list("digest", flat=True))
    assert after[:7] == before
    assert len(after) == 8
    assert f"acme: 8 sealed, head {after[-1]}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("column", "value"),
    [("action", "member.joined"), ("address", "192.0.2.1"), ("at", "2020-01-01 00:00:00+00:00"), ("object_id", 77)],
)
def test_an_altered_row_is_named(sealed, column, value):
    tamper(f"UPDATE accounts_auditevent SET {column} = %s WHERE id = %s", value, sealed[4])  # noqa: S608
    tamper("UPDATE accounts_auditevent SET action = 'x' WHERE id = %s", sealed[5])
    assert findings() == f"acme: altered at position 5: event {sealed[4]}"


def test_a_missing_row_is_named(sealed):
    tamper("DELETE FROM accounts_auditseal WHERE position = 3")
    assert findings() == "acme: missing at position 3: its event and its seal"


def test_a_missing_event_is_named(sealed):
    tamper("DELETE FROM accounts_auditevent WHERE id = %s", sealed[1])
    assert findings() == f"acme: missing at position 2: event {sealed[1]}"
    tamper("DELETE FROM accounts_auditseal WHERE event_id = %s", sealed[1])  # so that the test leaves no loose key


def test_a_moved_row_is_named(sealed, globex):
    tamper("UPDATE accounts_auditevent SET organisation_id = %s WHERE id = %s", globex.pk, sealed[6])
    assert findings() == f"acme: moved at position 7: event {sealed[6]}"


def test_rows_that_changed_places_are_named(sealed):
    tamper("UPDATE accounts_auditseal SET position = 100 WHERE position = 2")
    tamper("UPDATE accounts_auditseal SET position = 2 WHERE position = 3")
    tamper("UPDATE accounts_auditseal SET position = 3 WHERE position = 100")
    assert findings() == f"acme: altered at position 2: event {sealed[2]}"


def test_tidy_throws_away_what_has_had_its_time(acme, carol, as_carol):
    now = timezone.now()
    old, new = (OneTimeKey.objects.create(member=carol, key=key, purpose="test") for key in ("old", "new"))
    OneTimeKey.objects.filter(pk=old.pk).update(created_at=now - dt.timedelta(days=8))
    GuessCount.objects.create(key="forgotten", tries=3, last_at=now - dt.timedelta(minutes=16))
    GuessCount.objects.create(key="fresh", tries=3, last_at=now)
    UserSession.objects.create(user=carol.user, session_key="gone", last_seen_at=now)
    UserSession.objects.create(user=carol.user, session_key=as_carol.session.session_key, last_seen_at=now)
    call_command("tidy", stdout=io.StringIO())
    assert list(OneTimeKey.objects.all()) == [new]
    assert [row.key for row in GuessCount.objects.all()] == ["fresh"]
    assert [row.session_key for row in UserSession.objects.all()] == [as_carol.session.session_key]
    assert as_carol.get("/me/").status_code == 200
