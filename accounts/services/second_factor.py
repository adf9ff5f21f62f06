"""The second factor: an authenticator's codes by django-otp, and recovery codes that stand in for it."""

from __future__ import annotations

import hashlib
import logging
import re
import secrets
import time
from binascii import unhexlify

import django_otp
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_otp.util import random_hex

from accounts import audit, throttle
from accounts.models import Membership, RecoveryCode, User
from timesheets_site.lib.errors import RuleViolation
from timesheets_site.lib.logs import REMOTE_ADDRESS

log = logging.getLogger("accounts.sign_in")
RECOVERY_CODES = 10
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # 32 signs, none that looks like another; 16 of them are 80 bits
LOOKALIKES = str.maketrans({"o": "0", "i": "1", "l": "1"})


class TooManyTries(RuleViolation):
    """The counter of this account, browser or address is full."""

    def __init__(self) -> None:
        super().__init__("too_many_tries", _("Too many tries. Wait 15 minutes, then try again."))


# --- Codes ------------------------------------------------------------------------------------------------------------


def has_device(user: User) -> bool:
    return TOTPDevice.objects.filter(user=user, confirmed=True).exists()


def check_code(user: User, code: str, *, browser_id: int | None) -> TOTPDevice | None:
    """The device whose present code this is, None for a wrong or used one. Raises TooManyTries.

    django-otp verifies in a transaction that holds the device's row (SQLite: the write lock), and takes only codes of a
    later time step than the last: the same code sent several times at once works once.
    """
    counters = _count_try(user, browser_id)
    digits = "".join(code.split())
    if re.fullmatch(r"[0-9]{6}", digits):
        for device in TOTPDevice.objects.filter(user=user, confirmed=True).order_by("pk"):
            if verified := django_otp.verify_token(user, device.persistent_id, digits):
                throttle.give_back(counters)
                return verified
    log.warning("wrong code: user %s", user.pk)
    return None


def use_recovery_code(user: User, code: str, *, browser_id: int | None) -> TOTPDevice | None:
    """Use one recovery code up: the device it stands in for, None for a wrong or used one. Raises TooManyTries."""
    counters = _count_try(user, browser_id)
    device = TOTPDevice.objects.filter(user=user, confirmed=True).order_by("pk").first()
    if device is not None:
        with transaction.atomic():
            # One statement, so that of two at once only one finds the code unused.
            unused = RecoveryCode.objects.filter(user=user, code_hash=_hash(user, code), used_at__isnull=True)
            if unused.update(used_at=timezone.now()):
                audit.record_account(user, "user.recovery_code_used")
                throttle.give_back(counters)
                return device
    log.warning("wrong recovery code: user %s", user.pk)
    return None


def _count_try(user: User, browser_id: int | None) -> list[str]:
    counters = throttle.code_counters(user.pk, browser_id, REMOTE_ADDRESS.get())
    if not throttle.take_all(counters):
        log.warning("locked out of codes: user %s", user.pk)
        raise TooManyTries
    return [counter for counter, _ in counters]


# --- Devices ----------------------------------------------------------------------------------------------------------


def new_key() -> str:
    """A secret for a device that is about to be set up, in hexadecimal: 160 bits."""
    return random_hex(20)


def address_for_app(user: User, key: str) -> str:
    """The `otpauth:` address that an authenticator reads from a QR code."""
    return TOTPDevice(user=user, key=key).config_url


@transaction.atomic
def add_device(user: User, *, key: str, name: str, code: str) -> TOTPDevice:
    """Add an authenticator, proved by its present code, which is thereby used.

    Raises RuleViolation: wrong_code, device_known.
    """
    User.objects.select_for_update().get(pk=user.pk)  # two of the same form at once
    if TOTPDevice.objects.filter(user=user, key=key).exists():
        raise RuleViolation("device_known", _("This authenticator is already set up."))
    totp = TOTP(unhexlify(key))
    totp.time = time.time()
    digits = "".join(code.split())
    if not re.fullmatch(r"[0-9]{6}", digits) or not totp.verify(int(digits), 1):
        raise RuleViolation("wrong_code", _("That code does not match. Type the one the app shows now."), "code")
    device = TOTPDevice.objects.create(
        user=user, key=key, name=name or _("Authenticator"), confirmed=True, last_t=totp.t(), drift=totp.drift
    )
    audit.record_account(user, "user.device_added")
    return device


@transaction.atomic
def remove_device(user: User, device_id: int) -> None:
    """Remove an authenticator; with the last one the recovery codes go as well.

    Raises RuleViolation: device_unknown; device_demanded, if it is the last and an organisation demands one.
    """
    User.objects.select_for_update().get(pk=user.pk)
    devices = TOTPDevice.objects.filter(user=user, confirmed=True)
    if not devices.filter(pk=device_id).exists():
        raise RuleViolation("device_unknown", _("This authenticator was removed before."))
    if devices.count() == 1:
        if demanding := demanded_by(user):
            text = _("%(organisation)s requires two-step sign-in. Add another authenticator first.")
            raise RuleViolation("device_demanded", text % {"organisation": demanding})
        RecoveryCode.objects.filter(user=user).delete()
    devices.filter(pk=device_id).delete()
    audit.record_account(user, "user.device_removed")


def demanded_by(user: User) -> str | None:
    """Name of an organisation of the user's that demands a second factor; None if none does."""
    found = Membership.unscoped.filter(
        user=user, is_active=True, organisation__is_active=True, organisation__require_second_factor=True
    )
    return found.values_list("organisation__name", flat=True).order_by("organisation__name").first()


# --- Recovery codes ---------------------------------------------------------------------------------------------------


@transaction.atomic
def make_recovery_codes(user: User) -> list[str]:
    """Ten new codes, as they are shown this once; those from before no longer work."""
    User.objects.select_for_update().get(pk=user.pk)
    RecoveryCode.objects.filter(user=user).delete()
    codes = ["".join(secrets.choice(ALPHABET) for _sign in range(16)) for _code in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create(RecoveryCode(user=user, code_hash=_hash(user, code)) for code in codes)
    audit.record_account(user, "user.recovery_codes_made")
    return ["-".join(code[at : at + 4] for at in range(0, 16, 4)) for code in codes]


def are_codes_of(user: User, codes: list[str]) -> bool:
    """Whether these are the user's present recovery codes, all of them."""
    hashes = {_hash(user, code) for code in codes[:RECOVERY_CODES]}
    return RecoveryCode.objects.filter(user=user, code_hash__in=hashes).count() == RECOVERY_CODES


def codes_left(user: User) -> int:
    return RecoveryCode.objects.filter(user=user, used_at__isnull=True).count()


def _hash(user: User, code: str) -> str:
    """80 random bits need no slow hash; the look-up by hash takes the same time however much of a guess is right."""
    plain = re.sub(r"[^0-9a-z]", "", code.lower()).translate(LOOKALIKES)
    return hashlib.sha256(f"{user.pk}:{plain}".encode()).hexdigest()
