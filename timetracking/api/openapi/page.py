"""GET /api/docs: the description to be read by people. Open to everybody, without any script."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import public
from timetracking.api.openapi.document import ABOUT
from timetracking.api.openapi.reference import reference, titles

USUAL = "api"


@public
@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """The page of one surface, our own unless `surface` names another."""
    surfaces = titles()
    chosen = request.GET.get("surface", USUAL)
    if chosen not in surfaces:
        raise Http404
    context = {"reference": reference(chosen), "surfaces": surfaces, "about": ABOUT}
    return render(request, "timetracking/api/reference.html", context)
