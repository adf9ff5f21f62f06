"""The mails to a person as such: invitation, new password, password changed. They belong to no organisation.

Their values may hold a secret link, so they are emptied when the mail is sent. The link that sets a new password is not
even stored: it is made when the mail is sent, and works from then on. So the page that asks for it does the same work
for every address, and its time does not tell whether there is an account.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.letters import Letter
from accounts.models import Membership, User
from accounts.notice_kinds import Values, Words

INVITATION, PASSWORD_RESET, PASSWORD_CHANGED = (
    "account.invitation",
    "account.password_reset",
    "account.password_changed",
)


def letter_for(kind: str, to: str, values: Values) -> Letter | None:
    """The mail to this address; None where there is nobody, or nobody any more, to send it to."""
    user = User.objects.filter(email=to.lower()).first()
    if user is not None and (user.is_program or not user.is_active):
        return None
    return LETTERS[kind](user, values)


def _invitation(user: User | None, values: Values) -> Letter:
    names = {"name": values["inviter"], "organisation": values["organisation"]}
    role = Membership.Role(values["role"]).label
    days = values["days"]
    words = Words(
        _("%(name)s invites you to %(organisation)s") % names,
        (_("You are to log and look at time on Timesheets, as %(role)s.") % {"role": role},),
        action=_("Join %(organisation)s") % names,
        after=(
            ngettext("The link works once, for %(days)d day.", "The link works once, for %(days)d days.", days)
            % {"days": days},
            _("If you did not expect this, do nothing."),
        ),
    )
    return Letter(words, values["link"])


def _password_reset(user: User | None, values: Values) -> Letter | None:
    if user is None:
        return None
    minutes = settings.PASSWORD_RESET_TIMEOUT // 60
    words = Words(
        _("Set a new password"),
        (_("Somebody, you we hope, asked to set a new password for this address."),),
        action=_("Set a new password"),
        after=(
            ngettext(
                "The link works once, for %(minutes)d minute.", "The link works once, for %(minutes)d minutes.", minutes
            )
            % {"minutes": minutes},
            _("If it was not you, do nothing: your password stays as it is."),
        ),
    )
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    path = reverse("password-reset-confirm", args=[uid, default_token_generator.make_token(user)])
    return Letter(words, values["site"] + path)


def left_open_words(keys: int, calendar: bool) -> str:
    """What still opens somebody's time beside a password that is new; empty for nothing."""
    found = [ngettext("%(count)d API key", "%(count)d API keys", keys) % {"count": keys}] if keys else []
    if calendar:
        found.append(_("a calendar address"))
    return (_("Still open with what they were given: %(what)s.") % {"what": ", ".join(found)}) if found else ""


def _password_changed(user: User | None, values: Values) -> Letter:
    left = left_open_words(values.get("keys", 0), values.get("calendar", False))
    words = Words(
        _("Your password was changed"),
        (
            _("If it was you who changed the password of this address on Timesheets, there is nothing to do."),
            _(
                "If it was not you, set a new password now (“Forgot your password?” on the sign-in page) and tell an "
                "admin of your organisation."
            ),
            *((left, _("End those that you don’t know.")) if left else ()),
        ),
        action=_("What is still open"),
    )
    return Letter(words, values["site"] + reverse("me-security") if left else "")


LETTERS: dict[str, Callable[[User | None, Values], Letter | None]] = {
    INVITATION: _invitation,
    PASSWORD_RESET: _password_reset,
    PASSWORD_CHANGED: _password_changed,
}
