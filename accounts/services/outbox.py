"""The queue of mails: written with the change that they tell of, sent later by `manage.py work`.

A mail is claimed in one short transaction, sent outside of any, and marked in another. A worker that dies in between
leaves a claim that runs out, and the mail is sent again: delivery is at least once, and a mail that came twice carries
the same Message-ID. What was sent, or given up, keeps no values.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import traceback
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils import timezone, translation

from accounts import account_mails, letters, notice_kinds
from accounts.letters import Letter
from accounts.models import OutgoingMail

log = logging.getLogger("accounts.mail")

BATCH = 10
CLAIM = dt.timedelta(minutes=10)  # longer than a batch takes with a slow server
GAPS = [dt.timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 480)]  # after each failure but the last
NOBODY = "nobody to send it to"


def put(to: str, kind: str, values: dict[str, Any]) -> None:
    """Queue a mail to a person as such, in the transaction of the change that it tells of."""
    now = timezone.now()
    OutgoingMail.objects.create(to=to, kind=kind, values=values, created_at=now, next_try_at=now)


def send_waiting(site: str, *, stop: Callable[[], bool] = lambda: False) -> int:
    """Send what waits and is due; how many were sent. `site` is this installation's address, for the links.

    Ends early when `stop()` says so, and when no connection to the mail server can be had: what was tried waits for
    its next turn, the rest stays as it is. Several workers can run at once.
    """
    sent = 0
    while not stop() and (mails := claim()):
        with _server() as server:
            for place, mail in enumerate(mails):
                if stop():
                    _give_back(mails[place:])
                    break
                try:
                    server.open()
                except OSError as error:  # smtplib's errors are OSErrors: no server, refused, wrong password
                    _away(mails[place:], error)
                    return sent
                sent += _send(server, mail, site)
    return sent


# --- Claiming ---------------------------------------------------------------------------------------------------------


def waiting(now: dt.datetime) -> QuerySet[OutgoingMail]:
    """What is to be sent now, first come first: neither sent, nor given up, nor claimed."""
    mails = OutgoingMail.objects.filter(sent_at__isnull=True, failed_at__isnull=True, next_try_at__lte=now)
    return mails.order_by("next_try_at", "pk")


def claim() -> list[OutgoingMail]:
    """Some mails that nobody else will send until the claim runs out. The claim counts as an attempt."""
    now = timezone.now()
    if not waiting(now).exists():  # so that an idle worker takes no lock
        return []
    with transaction.atomic():
        # PostgreSQL passes over what another worker is claiming; on SQLite only one transaction writes at a time.
        mails = list(
            waiting(now)
            .select_for_update(of=("self",), skip_locked=True)
            .select_related("member__user", "member__organisation")[:BATCH]
        )
        ids = [mail.pk for mail in mails]
        OutgoingMail.objects.filter(pk__in=ids).update(attempts=F("attempts") + 1, next_try_at=now + CLAIM)
    for mail in mails:
        mail.attempts += 1
    return mails


def _give_back(mails: list[OutgoingMail]) -> None:
    """Undo a claim of what was not tried."""
    ids = [mail.pk for mail in mails]
    OutgoingMail.objects.filter(pk__in=ids).update(attempts=F("attempts") - 1, next_try_at=timezone.now())


# --- Sending one ------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _server() -> Any:
    """One connection for many mails."""
    server = get_connection()
    try:
        yield server
    finally:
        _hang_up(server)


def _hang_up(server: Any) -> None:
    with contextlib.suppress(OSError):
        server.close()


def _send(server: Any, mail: OutgoingMail, site: str) -> bool:
    """Send one mail and mark it. Whatever goes wrong is this mail's alone: the others are sent all the same."""
    if mail.attempts > len(GAPS) + 1:
        _give_up(mail, "every worker that claimed it ended before it was sent")
        return False
    try:
        message = _written(mail, site)
        if message is None:
            _give_up(mail, NOBODY)
            return False
        message.connection = server
        message.send()
    except Exception as error:
        _put_off(mail, error)
        _hang_up(server)  # the next one begins afresh
        return False
    OutgoingMail.objects.filter(pk=mail.pk).update(sent_at=timezone.now(), failed_at=None, values={}, last_error="")
    return True


def _written(mail: OutgoingMail, site: str) -> EmailMessage | None:
    """The mail in words, for its reader's clock; None where its reader has left, or has lost the right to know."""
    with translation.override(settings.LANGUAGE_CODE):
        if mail.member is None:
            letter = account_mails.letter_for(mail.kind, mail.to, {"site": site, **mail.values})
        else:
            letter = _notice(mail, site)
        if letter is None:
            return None
        host = urlsplit(site).hostname or "localhost"
        return letters.message(letter, mail.to, f"<{mail.pk}.{mail.created_at:%Y%m%d%H%M%S%f}@{host}>")


def _notice(mail: OutgoingMail, site: str) -> Letter | None:
    member = mail.member
    if member is None or not (member.is_active and member.user.is_active and member.organisation.is_active):
        return None
    kind = notice_kinds.KINDS[mail.kind]
    if not kind.choice.concerns(member):  # no approver any more, or the module was switched off
        return None
    with timezone.override(member.zone):
        words = kind.words(mail.values, member.zone)
    organisation = member.organisation
    return Letter(
        words,
        link=site + kind.path(organisation.slug, mail.values),
        organisation=organisation.name,
        choices_url=site + reverse("me-notifications"),
    )


# --- Marking ----------------------------------------------------------------------------------------------------------


def _away(mails: list[OutgoingMail], error: OSError) -> None:
    log.error("no connection to the mail server, %s mails wait: %s", len(mails), _name(error))
    for mail in mails:
        _put_off(mail, error)


def _put_off(mail: OutgoingMail, error: Exception) -> None:
    """After a failure: the next try, or none."""
    what = _name(error)
    if mail.attempts > len(GAPS):
        _give_up(mail, what)
        return
    log.warning("mail %s (%s) not sent, attempt %s: %s", mail.pk, mail.kind, mail.attempts, what)
    _still_mine(mail).update(next_try_at=timezone.now() + GAPS[mail.attempts - 1], last_error=what)


def _give_up(mail: OutgoingMail, what: str) -> None:
    log.log(logging.INFO if what == NOBODY else logging.ERROR, "mail %s (%s) given up: %s", mail.pk, mail.kind, what)
    _still_mine(mail).update(failed_at=timezone.now(), values={}, last_error=what)


def _still_mine(mail: OutgoingMail) -> QuerySet[OutgoingMail]:
    """The mail, unless the claim ran out meanwhile and somebody else has claimed or sent it."""
    return OutgoingMail.objects.filter(pk=mail.pk, attempts=mail.attempts, sent_at__isnull=True)


def _name(error: Exception) -> str:
    """What went wrong, for the log and the row: never the error's own text, which may quote the mail."""
    code = getattr(error, "smtp_code", None) or getattr(error, "errno", None)
    if code or isinstance(error, OSError):
        return f"{type(error).__name__} {code or ''}".strip()
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {frame.name}, line {frame.lineno}"
