"""What the examples of the APIs find at Harbourside: time under known numbers, keys, and days that are open to them.

The secrets are known to everybody. They exist in the demo alone, which runs nowhere but in development.
"""

from __future__ import annotations

import datetime as dt
from binascii import unhexlify
from collections.abc import Mapping
from typing import Any

from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.key_areas import AREAS
from accounts.models import ApiKey, Membership
from accounts.permissions import Role
from accounts.services import api_keys
from timesheets_site.lib.errors import RuleViolation
from timetracking.demo import numbers
from timetracking.demo.days import Planned
from timetracking.demo.firms import Firm
from timetracking.demo.harbourside import ADA, HANNAH, HARBOURSIDE, NOOR, SAM
from timetracking.demo.rows import Writer
from timetracking.models import PeriodReopening
from timetracking.rules import weeks
from timetracking.services import periods

SECRET_BASE32 = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # noqa: S105  # the one of RFC 6238, known to everybody
SECRET_HEX = b"12345678901234567890".hex()
SECRETS = {
    ApiKey.Kind.API: ("ts_api_demo", "an-example-everybody-knows"),
    ApiKey.Kind.GROW: ("ts_grow_demo", "an-example-everybody-knows"),
    ApiKey.Kind.CONNECTWISE: ("ts_conn_demo", "an-example-everybody-knows"),
    ApiKey.Kind.INTACCT: ("ts_inta_demo", "an-example-everybody-knows"),
    ApiKey.Kind.KIMAI: ("ts_kima_demo", "an-example-everybody-knows"),
}
"""Public part and secret of Hannah's key of each kind."""
OPEN_FROM = dt.date(2024, 1, 1)
OPEN_DAYS = 31
FIRST_OF_JUNE, HOMEPAGE_ON = dt.date(2026, 6, 1), dt.date(2026, 6, 20)
EVENING = 17 * 60

HOMEPAGE = Planned("PROJECT", 90, "Design homepage", project="PRJ-125", task="Design homepage", logged=EVENING)
WAITING = (
    Planned("TICKET", 120, "Meeting room screen", ticket=4848, description="Mounted and cabled.", logged=EVENING),
    Planned(
        "PROJECT", 240, "Rack in the sports hall", project="PRJ-108", task="Timing system",
        description="Rack, switch and the two displays.", logged=EVENING,
    ),
    Planned("GENERAL", 45, "Weekly stand-up", charge_code="MTNG", logged=EVENING),
)  # fmt: skip
IN_JUNE = (
    Planned("TICKET", 45, "Meeting room screen", ticket=4848, description="It sleeps no more.", logged=EVENING),
    Planned(
        "PROJECT", 150, "Design homepage", project="PRJ-125", task="Design homepage",
        description="Two drafts for the start page.", logged=EVENING,
    ),
    Planned("GENERAL", 30, "Weekly stand-up", charge_code="MTNG", logged=EVENING),
)  # fmt: skip


def add_work(firm: Firm, writer: Writer) -> None:
    """The entries that the examples name: one of Sam's, three of Noor's that will wait, three of Ada's of June."""
    if firm is not HARBOURSIDE:
        return
    _add(writer, SAM, HOMEPAGE_ON, HOMEPAGE, numbers.HOMEPAGE)
    writer.rows[-1].recorded_by = writer.people[HANNAH]
    week_before_last = writer.week_of(writer.today) - 14 * weeks.DAY
    for n, (work, number) in enumerate(zip(WAITING, numbers.WAITING, strict=True)):
        _add(writer, NOOR, week_before_last + n * weeks.DAY, work, number)
    for n, work in enumerate(IN_JUNE):
        _add(writer, ADA, FIRST_OF_JUNE + n * weeks.DAY, work)


def _add(writer: Writer, email: str, day: dt.date, work: Planned, number: int | None = None) -> None:
    """On that day, or today if it is yet to come."""
    person = next(person for person in writer.firm.people if person.email == email)
    writer.add(person, writer.people[email], min(day, writer.today), [work])
    writer.rows[-1].pk = numbers.take(type(writer.rows[-1]), number)


def secure(firm: Firm, people: Mapping[str, Membership]) -> None:
    """Ada signs in with a second factor, whose secret is known."""
    if firm is HARBOURSIDE:
        TOTPDevice.objects.create(user=people[ADA].user, name="Demo", key=SECRET_HEX, confirmed=True)


def keep(firm: Firm, people: Mapping[str, Membership], now: dt.datetime) -> None:
    """Hannah's keys, as far as they are missing, and the closed period open for those whose time the examples write.

    On every run. What somebody revoked or closed stays so while it would hold; nothing where Hannah is no admin.
    """
    hannah = people.get(HANNAH)
    if firm is not HARBOURSIDE or hannah is None or hannah.role != Role.ADMIN or not hannah.is_active:
        return
    for kind, (public_id, secret) in SECRETS.items():
        if api_keys.is_free(public_id):
            api_keys.create(
                hannah, member=hannah, kind=kind, name="Examples", areas=list(AREAS), secret=secret,
                public_id=public_id,
            )  # fmt: skip
    opened = PeriodReopening.objects.in_force(hannah.organisation, now)
    for email in (HANNAH, SAM, ADA, NOOR):
        member = people.get(email)
        if member is None or member.pk in opened:
            continue
        try:
            until_at = now + OPEN_DAYS * weeks.DAY
            periods.reopen_for(hannah, member, first_on=OPEN_FROM, until_at=until_at, reason="Examples of the APIs")
        except RuleViolation:  # no period is closed any more
            return


def code(now: dt.datetime) -> str:
    """Ada's code of this half-minute.

    >>> code(dt.datetime(1970, 1, 1, 0, 0, 59, tzinfo=dt.UTC))
    '287082'
    """
    clock = TOTP(unhexlify(SECRET_HEX))
    clock.time = now.timestamp()
    return f"{clock.token():06d}"


def variables(password: str) -> dict[str, str]:
    """What the examples of docs/api call keys and sign-ins, without the code, which changes."""
    tokens: dict[str, Any] = {kind: f"{public_id}_{secret}" for kind, (public_id, secret) in SECRETS.items()}
    connectwise, intacct = SECRETS[ApiKey.Kind.CONNECTWISE], SECRETS[ApiKey.Kind.INTACCT]
    return {
        "COMPANY": HARBOURSIDE.slug,
        "API_KEY": tokens[ApiKey.Kind.API],
        "GROW_KEY": tokens[ApiKey.Kind.GROW],
        "KIMAI_KEY": tokens[ApiKey.Kind.KIMAI],
        "CW_PUBLIC": connectwise[0],
        "CW_PRIVATE": connectwise[1],
        "INTACCT_CLIENT": intacct[0],
        "INTACCT_SECRET": intacct[1],
        "INTACCT_USER": f"H-001@{HARBOURSIDE.slug}",
        "PORTAL_EMAIL": ADA,
        "PORTAL_PASSWORD": password,
    }
