"""Members and invitations: managers read, admins change."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import once, selectors, sessions, working_time_rows
from accounts.access import requires
from accounts.forms.conflicts import show_stored
from accounts.forms.members import InvitationForm, MemberForm
from accounts.models import Invitation, Membership
from accounts.permissions import Permission, can
from accounts.requests import Request
from accounts.services import invitations as inviting
from accounts.services import members as memberships
from timesheets_site.lib.errors import Conflict, RuleViolation
from timesheets_site.lib.forms import refusals_on

LONGEST_QUERY = 200


@requires(Permission.VIEW_MEMBERS)
@require_safe
def members(request: Request, slug: str) -> HttpResponse:
    query = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST_QUERY]
    page = Paginator(selectors.members(query), selectors.PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": "members",
        "page_of_rows": page,
        "q": query,
        "may_manage": can(request.membership, Permission.MANAGE_MEMBERS),
    }
    return render(request, "accounts/members/list.html", context)


@requires(Permission.VIEW_MEMBERS)
@require_http_methods(["GET", "HEAD", "POST"])
def member(request: Request, slug: str, member_id: int) -> HttpResponse:
    """One member: to read for managers, to change for admins (who are asked for their password first)."""
    found = selectors.members().filter(pk=member_id).first()
    if found is None:
        raise Http404
    if can(request.membership, Permission.MANAGE_MEMBERS):
        if found.is_integration:
            return redirect("integration", slug=slug, member_id=member_id)
        return _edit(request, found)
    if request.method == "POST":
        memberships.edit(request.membership, found.pk, version=found.version)  # refuses: the role does not allow it
    context = {"member": found, "page": "members", "time": _time_of(request, found)}
    return render(request, "accounts/members/detail.html", context)


@sessions.fresh_sign_in
def _edit(request: Request, found: Membership) -> HttpResponse:
    name, active, version, time = found.display_name, found.is_active, found.version, _time_of(request, found)
    country = request.GET.get("holiday_country")
    form = MemberForm(request.POST if request.method == "POST" else None, instance=found, country=country)
    status = 200
    if form.is_valid():
        try:
            with refusals_on(form):
                memberships.edit(request.membership, found.pk, version=form.cleaned_data["version"], **form.values())
                messages.success(request, _("%(name)s: changes saved.") % {"name": name})
                return redirect("members", slug=request.organisation.slug)
        except Conflict as conflict:
            show_stored(form, conflict.current)
            status = 409
    if form.errors and status == 200:
        status = 422
    context = {"form": form, "member": found, "active": active, "version": version, "page": "members", "time": time}
    return render(request, "accounts/members/edit.html", context, status=status)


def _time_of(request: Request, found: Membership) -> working_time_rows.MembersTime:
    """The member's hours and days off as they are stored."""
    found.organisation = request.organisation
    return working_time_rows.time_of(found, found.today())


@requires(Permission.MANAGE_MEMBERS)
@require_POST
def deactivate(request: Request, slug: str, member_id: int) -> HttpResponse:
    try:
        found = memberships.deactivate(request.membership, member_id)
    except RuleViolation as refusal:
        messages.error(request, refusal.message)
        return redirect("member", slug=slug, member_id=member_id)
    undo = reverse("member-reactivate", args=[slug, member_id])
    messages.success(request, _("Deactivated %(name)s.") % {"name": found.display_name}, extra_tags=undo)
    return _after_membership_change(request, found)


@requires(Permission.MANAGE_MEMBERS)
@require_POST
def reactivate(request: Request, slug: str, member_id: int) -> HttpResponse:
    found = memberships.reactivate(request.membership, member_id)
    messages.success(request, _("%(name)s is active again.") % {"name": found.display_name})
    return _after_membership_change(request, found)


def _after_membership_change(request: Request, changed: Membership) -> HttpResponse:
    """Back to the list, or to the program; who has just shut themselves out goes home instead."""
    if changed.pk == request.membership.pk and not changed.is_active:
        return redirect("home")
    if changed.is_integration:
        return redirect("integration", slug=request.organisation.slug, member_id=changed.pk)
    return redirect("members", slug=request.organisation.slug)


@requires(Permission.MANAGE_MEMBERS)
@require_http_methods(["GET", "HEAD", "POST"])
def invitations(request: Request, slug: str) -> HttpResponse:
    """The open invitations, and the form that sends one."""
    posted = request.POST if request.method == "POST" else None
    form = InvitationForm(posted, initial={"key": once.new_key()})
    if form.is_valid():
        with refusals_on(form):
            _send(request, form.cleaned_data)
            messages.success(request, _("Invitation sent to %(email)s.") % {"email": form.cleaned_data["email"]})
            return redirect("invitations", slug=slug)
    open_ones = Invitation.objects.filter(accepted_at__isnull=True, revoked_at__isnull=True)
    page = Paginator(open_ones.select_related("invited_by"), selectors.PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"form": form, "page": "invitations", "page_of_rows": page, "now": timezone.now()}
    return render(request, "accounts/members/invitations.html", context, status=422 if form.errors else 200)


def _send(request: Request, values: dict[str, Any]) -> None:
    email, role = values["email"], values["role"]
    once.once(
        request.membership,
        values["key"],
        "invitation.send",
        lambda: inviting.send(request.membership, email=email, role=role, address=request.build_absolute_uri),
        fingerprint=once.fingerprint({"email": email, "role": role}),
    )


@requires(Permission.MANAGE_MEMBERS)
@require_POST
def resend_invitation(request: Request, slug: str, invitation_id: int) -> HttpResponse:
    try:
        sent = inviting.resend(request.membership, invitation_id, address=request.build_absolute_uri)
    except RuleViolation as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("Invitation sent to %(email)s.") % {"email": sent.email})
    return redirect("invitations", slug=slug)


@requires(Permission.MANAGE_MEMBERS)
@require_POST
def revoke_invitation(request: Request, slug: str, invitation_id: int) -> HttpResponse:
    try:
        revoked = inviting.revoke(request.membership, invitation_id)
    except RuleViolation as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("Invitation to %(email)s revoked.") % {"email": revoked.email})
    return redirect("invitations", slug=slug)
