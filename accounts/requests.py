"""A request as views get it: the gate has put the member and the organisation on it."""

from __future__ import annotations

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from accounts.models import Membership, Organisation, User


class Request(HttpRequest):
    """Only for annotations: no object of this class is ever made."""

    user: User  # type: ignore[assignment]  # anonymous people get no further than the gate
    membership: Membership
    memberships: list[Membership]
    organisation: Organisation
    request_id: str
    htmx: HtmxDetails
