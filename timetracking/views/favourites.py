"""Stars: a record becomes a favourite, or is none any more."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import requires
from accounts.permissions import Permission
from accounts.requests import Request
from accounts.views.destinations import next_path
from timesheets_site.lib.errors import OutOfReach, RuleViolation
from timesheets_site.lib.htmx import trigger, wants_fragment
from timetracking.selectors import picker
from timetracking.services import favourites


@requires(Permission.LOG_TIME, feature="timesheets")
@require_POST
def favourite(request: Request, slug: str) -> HttpResponse:
    """Stars `record` (`ticket:12`), or takes its star away with `on=0`; answers with the star as it is now."""
    actor = request.membership
    record = picker.find(request.POST.get("record") or request.GET.get("record", ""))
    if record is None:
        raise OutOfReach
    wanted = (request.POST.get("on") or request.GET.get("on", "1")) != "0"
    option = picker.option(record, actor)
    try:
        if wanted:
            favourites.add(actor, record)
            text = _("“%(name)s” is a favourite") % {"name": option.title}
        else:
            favourites.remove(actor, record)
            text = _("“%(name)s” is no favourite any more") % {"name": option.title}
    except RuleViolation as refusal:
        return _refused(request, refusal)
    undo_url = f"{reverse('favourite', args=[slug])}?{urlencode({'record': option.value, 'on': int(not wanted)})}"
    if not wants_fragment(request):
        messages.success(request, text, extra_tags=undo_url)
        return HttpResponseRedirect(next_path(request, reverse("pick", args=[slug])))
    context = {
        "record": option.value,
        "title": option.title,
        "on": wanted,
        "toast": {"text": text, "undo_url": undo_url},
        "in_dialog": "quiet" in request.POST,
    }
    response = render(request, "timetracking/repetition/_starred.html", context)
    return trigger(response, say={"text": f"{text}."}, favourites_changed={})


def _refused(request: Request, refusal: RuleViolation) -> HttpResponse:
    if not wants_fragment(request):
        messages.error(request, str(refusal))
        return HttpResponseRedirect(next_path(request, reverse("pick", args=[request.organisation.slug])))
    return trigger(HttpResponse(status=409, headers={"HX-Reswap": "none"}), toast={"text": str(refusal)})
