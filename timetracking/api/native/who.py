"""GET /me: as whom a key or token acts, and what it may do."""

from __future__ import annotations

from ninja import Router, Schema

from accounts.permissions import Permission, reach
from accounts.requests import Request

router = Router(tags=["Who am I"])


class OrganisationOut(Schema):
    slug: str
    name: str
    time_zone: str
    currency: str


class WhoOut(Schema):
    """The member behind the key."""

    member_id: int
    name: str
    role: str
    organisation: OrganisationOut
    permissions: dict[str, str]
    """Permission → over whose records it holds: own or all."""


@router.get("/me", response=WhoOut, summary="As whom this key acts")
def who_am_i(request: Request) -> dict[str, object]:
    member = request.membership
    held = {str(each): str(reach(member, each)) for each in Permission}
    return {
        "member_id": member.pk,
        "name": member.display_name,
        "role": member.role,
        "organisation": request.organisation,
        "permissions": {name: over for name, over in held.items() if over != "none"},
    }
