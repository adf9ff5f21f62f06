"""What a member was told in the product: the list, and the pages that it leads to. Reading the list marks nothing."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import notice_kinds, selectors
from accounts.access import requires
from accounts.forms.notifications import ReadUpToForm
from accounts.permissions import Permission
from accounts.requests import Request
from accounts.services import notices


@requires(Permission.READ_NOTIFICATIONS)
@require_safe
def notifications(request: Request, slug: str) -> HttpResponse:
    return _list(request)


def _list(request: Request, form: ReadUpToForm | None = None) -> HttpResponse:
    page, rows = selectors.notifications_page(request.membership, request.GET.get("page"))
    newest = rows[0].pk if rows and page.number == 1 else None
    context = {"rows": rows, "page_of_rows": page, "newest": newest, "form": form}
    return render(request, "accounts/notifications/list.html", context, status=422 if form else 200)


@requires(Permission.READ_NOTIFICATIONS)
@require_POST
def open_one(request: Request, slug: str, notification_id: int) -> HttpResponse:
    """To the page that it is about, noting on the way that it was read."""
    notification = notices.mark_read(request.membership, notification_id)
    kind = notice_kinds.KINDS.get(notification.kind)
    if kind is None:
        return redirect("notifications", slug=slug)
    return HttpResponseRedirect(kind.path(slug, notification.values))


@requires(Permission.READ_NOTIFICATIONS)
@require_POST
def read(request: Request, slug: str, notification_id: int) -> HttpResponse:
    notices.mark_read(request.membership, notification_id)
    page = request.POST.get("page", "")
    query = f"?page={page}" if page.isascii() and page.isdigit() and page != "1" else ""
    return redirect(reverse("notifications", args=[slug]) + query)


@requires(Permission.READ_NOTIFICATIONS)
@require_POST
def read_all(request: Request, slug: str) -> HttpResponse:
    """Mark everything as read up to the newest that was shown; what came since stays new."""
    form = ReadUpToForm(request.POST)
    if not form.is_valid():
        return _list(request, form)
    if notices.mark_all_read(request.membership, up_to=form.cleaned_data["up_to"]):
        messages.success(request, _("All marked as read."))
    return redirect("notifications", slug=slug)
