"""The platform's facts: who is who, in which organisation, and what was done."""

from accounts.models.api_keys import AccessToken, ApiKey, ApiReply, CalendarFeed, RequestCount
from accounts.models.audit_event import AuditEvent, AuditSeal
from accounts.models.guess_count import GuessCount
from accounts.models.invitation import Invitation
from accounts.models.membership import Membership
from accounts.models.notification import Notification, OutgoingMail
from accounts.models.one_time_key import OneTimeKey
from accounts.models.organisation import Organisation
from accounts.models.recovery_code import RecoveryCode
from accounts.models.sign_in import TrustedBrowser, UserSession
from accounts.models.user import User
from accounts.models.working_time import CapacityChange, DayOff

__all__ = [
    "AccessToken",
    "ApiKey",
    "ApiReply",
    "AuditEvent",
    "AuditSeal",
    "CalendarFeed",
    "CapacityChange",
    "DayOff",
    "GuessCount",
    "Invitation",
    "Membership",
    "Notification",
    "OneTimeKey",
    "Organisation",
    "OutgoingMail",
    "RecoveryCode",
    "RequestCount",
    "TrustedBrowser",
    "User",
    "UserSession",
]
