"""A request as views get it: the gate has put the member and the organisation on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest

from accounts.models import Membership, Organisation, User

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

    class SignedInUser(User):
        """A user as django-otp hands them on."""

        otp_device: Any
        totpdevice_set: Any

        def is_verified(self) -> bool: ...


class Request(HttpRequest):
    """Only for annotations: no object of this class is ever made. Anonymous people get no further than the gate."""

    user: SignedInUser
    membership: Membership
    memberships: list[Membership]
    organisation: Organisation
    request_id: str
    htmx: HtmxDetails
