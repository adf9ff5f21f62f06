"""Programs that are members, their API keys, and the keys of everybody, for admins."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import key_rows, once, selectors, sessions
from accounts.access import requires
from accounts.forms.conflicts import show_stored
from accounts.forms.keys import ChangedIntegrationForm, NewIntegrationForm
from accounts.models import ApiKey, Membership
from accounts.permissions import Permission
from accounts.requests import Request
from accounts.services import api_keys
from accounts.services import members as memberships
from accounts.views import keys
from timesheets_site.lib.errors import Conflict
from timesheets_site.lib.forms import refusals_on

METHODS = keys.METHODS
FRAME, PAGE = "accounts/settings/base_settings.html", "settings-integrations"


@requires(Permission.MANAGE_MEMBERS)
@require_safe
def integrations(request: Request, slug: str) -> HttpResponse:
    """The programs, and the keys of all members, whose they may be."""
    now = timezone.now()
    live = Q(api_keys__revoked_at__isnull=True) & (
        Q(api_keys__expires_at__isnull=True) | Q(api_keys__expires_at__gt=now)
    )
    programs = Membership.objects.filter(is_integration=True).annotate(live_keys=Count("api_keys", filter=live))
    found = selectors.api_keys(request.membership)
    page = Paginator(found, selectors.PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": PAGE,
        "programs": programs.order_by("-is_active", "display_name", "pk"),
        "page_of_rows": page,
        "rows": key_rows.organisation_rows(page.object_list),
    }
    return render(request, "accounts/keys/integrations.html", context)


@requires(Permission.MANAGE_MEMBERS)
@require_http_methods(METHODS)
@sessions.fresh_sign_in
def new(request: Request, slug: str) -> HttpResponse:
    form = NewIntegrationForm(request.POST if request.method == "POST" else None, initial={"key": once.new_key()})
    if form.is_valid():
        with refusals_on(form):
            name, role = form.cleaned_data["display_name"], form.cleaned_data["role"]
            pk, _earlier = once.once(
                request.membership,
                form.cleaned_data["key"],
                "integration.create",
                lambda: api_keys.create_integration(request.membership, name=name, role=role),
                fingerprint=once.fingerprint({"name": name, "role": role}),
            )
            messages.success(request, _("%(name)s is a member now. Make a key for it.") % {"name": name})
            return redirect("integration", slug=slug, member_id=pk)
    context = {"form": form, "page": PAGE}
    return render(request, "accounts/keys/integration_new.html", context, status=422 if form.errors else 200)


@requires(Permission.MANAGE_MEMBERS)
@require_http_methods(METHODS)
@sessions.fresh_sign_in
def integration(request: Request, slug: str, member_id: int) -> HttpResponse:
    """One program: its name and role, and its keys."""
    found = _program(request, member_id)
    form = ChangedIntegrationForm(request.POST if request.method == "POST" else None, member=found)
    status = 200
    if form.is_valid():
        sent = form.cleaned_data
        try:
            with refusals_on(form):
                name, role = sent["display_name"], sent["role"]
                memberships.edit(request.membership, found.pk, version=sent["version"], display_name=name, role=role)
                messages.success(request, _("%(name)s: changes saved.") % {"name": name})
                return redirect("integration", slug=slug, member_id=member_id)
        except Conflict as conflict:
            show_stored(form, conflict.current)
            status = 409
    rows = key_rows.organisation_rows(selectors.api_keys(request.membership).filter(member=found))
    live, ended = [row for row in rows if not row.ended], [row for row in rows if row.ended]
    context = {"form": form, "member": found, "page": PAGE, "live": live, "ended": ended[: key_rows.ENDED_SHOWN]}
    shown = 422 if form.errors and status == 200 else status
    return render(request, "accounts/keys/integration.html", context, status=shown)


@requires(Permission.MANAGE_MEMBERS)
@require_http_methods(METHODS)
@sessions.fresh_sign_in
def new_key(request: Request, slug: str, member_id: int) -> HttpResponse:
    found = _program(request, member_id)
    return keys.make(request, [found], request.membership, _around(request, found))


@requires(Permission.MANAGE_MEMBERS)
@require_http_methods(METHODS)
@sessions.fresh_sign_in
def edit_key(request: Request, slug: str, key_id: int) -> HttpResponse:
    """Of a program's key; people limit their own."""
    key = _key(request, key_id)
    if not key.member.is_integration:
        raise Http404
    return keys.limit(request, request.membership, key, _around(request, key.member))


@requires(Permission.MANAGE_MEMBERS)
@require_http_methods(METHODS)
def revoke_key(request: Request, slug: str, key_id: int) -> HttpResponse:
    """Of anybody's key."""
    key = _key(request, key_id)
    return keys.end(request, request.membership, key, _around(request, key.member))


def _program(request: Request, member_id: int) -> Membership:
    found: Membership | None = (
        Membership.objects.filter(pk=member_id, is_integration=True).select_related("user").first()
    )
    if found is None:
        raise Http404
    found.organisation = request.organisation
    return found


def _key(request: Request, key_id: int) -> ApiKey:
    key: ApiKey | None = selectors.api_keys(request.membership).filter(pk=key_id).first()
    if key is None:
        raise Http404
    key.organisation = key.member.organisation = request.organisation
    return key


def _around(request: Request, member: Membership) -> keys.Around:
    slug = request.organisation.slug
    back = reverse("integration", args=[slug, member.pk]) if member.is_integration else reverse(PAGE, args=[slug])
    return keys.Around(FRAME, PAGE, back)
