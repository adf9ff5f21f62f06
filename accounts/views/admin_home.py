"""`/admin/` has no organisation in its path: it leads to the admin of one."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from accounts import admin_paths
from accounts.access import signed_in
from accounts.permissions import Permission, can
from accounts.requests import Request
from accounts.views import errors


@signed_in
@require_safe
def admin_home(request: Request) -> HttpResponse:
    """To the organisation that was used last, if the person is an admin there, else to one where they are."""
    members = [member for member in request.memberships if can(member, Permission.USE_ADMIN)]
    if not members:
        return errors.forbidden(request)
    last = request.user.last_organisation_id
    member = next((member for member in members if member.organisation_id == last), members[0])
    return redirect(admin_paths.index_of(member.organisation.slug))
