"""Members: all of them for who may see them, else oneself."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from django.http import JsonResponse
from ninja import Query, Router, Schema
from pydantic import Field

from accounts.models import Membership
from accounts.permissions import Permission, can
from accounts.requests import Request
from timetracking.api import values
from timetracking.api.native import versions
from timetracking.api.native.named import one
from timetracking.api.native.paging import Paged, PageOut, answer, check_query, take
from timetracking.selectors.matching import LONGEST_QUERY, matching, words_of

router = Router(tags=["Members"])


class MemberFilters(Paged):
    q: str | None = Field(None, max_length=LONGEST_QUERY, description="Part of a name or of an e-mail address.")
    active: Literal["true", "false", "all"] = "true"


class MemberOut(Schema):
    """A user in an organisation. `capacity` is what they are expected to work until it changed first."""

    id: int
    name: str
    email: str
    role: Literal["AGENT", "MANAGER", "ADMIN"]
    is_active: bool
    is_integration: bool = Field(description="A program, not a person.")
    employee_number: str
    time_zone: str
    weekly_capacity_minutes: int
    default_work_role_id: int | None
    line_manager_id: int | None
    joined_at: dt.datetime
    version: int


class MembersOut(PageOut):
    items: list[MemberOut]


def rows_for(member: Membership) -> Any:
    rows = Membership.objects.select_related("user")
    return rows if can(member, Permission.VIEW_MEMBERS) else rows.filter(pk=member.pk)


@router.get("/members", response=MembersOut, summary="The members that one sees")
def list_members(request: Request, filters: Query[MemberFilters]) -> JsonResponse:
    check_query(request, MemberFilters)
    rows = rows_for(request.membership)
    if filters.active != "all":
        rows = rows.filter(is_active=filters.active == "true")
    if filters.q:
        rows = rows.filter(matching(Membership, words_of(filters.q), ("display_name", "user__email")))
    page = take(rows, filters, of="members")
    return answer([_out(request, member) for member in page.rows], page.next)


@router.get("/members/{int:member_id}", response=MemberOut, summary="One member")
def get_member(request: Request, member_id: int) -> JsonResponse:
    return versions.answer(_out(request, one(rows_for(request.membership), member_id)))


def _out(request: Request, member: Membership) -> dict[str, Any]:
    return {
        "id": member.pk,
        "name": member.display_name,
        "email": member.user.email,
        "role": member.role,
        "is_active": member.is_active,
        "is_integration": member.is_integration,
        "employee_number": member.employee_number,
        "time_zone": member.user.time_zone or request.organisation.time_zone,
        "weekly_capacity_minutes": member.weekly_capacity_minutes,
        "default_work_role_id": member.default_work_role_id,
        "line_manager_id": member.line_manager_id,
        "joined_at": values.utc(member.joined_at),
        "version": member.version,
    }
