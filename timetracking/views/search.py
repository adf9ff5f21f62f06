"""The search: what is found while somebody types, and the page of it."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.access import requires
from accounts.permissions import Permission
from accounts.requests import Request
from timesheets_site.lib.htmx import open_path, render_page, wants_fragment
from timetracking.selectors.search import AT_A_GLANCE, ON_A_PAGE, search

FOLDER = "timetracking/search"


@requires(Permission.VIEW_CATALOGUE, feature="timesheets")
@require_safe
def show(request: Request, slug: str) -> HttpResponse:
    """Under the field: the first few hits. As a page: more of them; a reference, or the only hit, opens by itself."""
    glance = wants_fragment(request)
    found = search(request.membership, request.GET.get("q", ""), AT_A_GLANCE if glance else ON_A_PAGE)
    if not glance and found.only is not None:
        return HttpResponseRedirect(found.only.url)
    here = open_path(request) if glance else request.get_full_path()
    context = {"found": found, "here": here, "start_url": reverse("timer-start", args=[slug])}
    return render_page(request, f"{FOLDER}/page.html", f"{FOLDER}/_glance.html", context)
