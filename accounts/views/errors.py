"""Refusals as pages and as fragments, in one look; they work when templates or the database do not."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import TemplateDoesNotExist, TemplateSyntaxError
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import api_shapes
from accounts.access import public
from accounts.permissions import Permission, can
from accounts.requests import Request
from timesheets_site.lib.htmx import trigger, wants_fragment


def _as_data(request: HttpRequest, status: int, message: str) -> HttpResponse | None:
    """On an address of an API: the refusal in that API's own shape."""
    shape = api_shapes.shape_of(request.path_info)
    return shape(request, api_shapes.Refusal(status, message=message)) if shape else None


def _page(request: HttpRequest, status: int, **context: Any) -> HttpResponse:
    context["request_id"] = getattr(request, "request_id", "")
    try:
        return render(request, f"{status}.html", context, status=status)
    except (TemplateDoesNotExist, TemplateSyntaxError):
        return HttpResponse(f"{status}\n{context['request_id']}\n", status=status, content_type="text/plain")


def _refuse(request: HttpRequest, status: int, message: str, **context: Any) -> HttpResponse:
    if (answer := _as_data(request, status, message)) is not None:
        return answer
    if wants_fragment(request):
        return trigger(HttpResponse(status=status), toast={"text": message, "tone": "danger"})
    return _page(request, status, message=message, **context)


def forbidden(request: HttpRequest, message: str = "") -> HttpResponse:
    return _refuse(request, 403, message or _("Your role does not allow this. Ask an admin of your organisation."))


def conflict(request: HttpRequest, message: str) -> HttpResponse:
    return _refuse(request, 409, message)


def unavailable(request: HttpRequest) -> HttpResponse:
    response = _refuse(request, 503, _("Not saved. Nothing was changed. Try again in a moment."))
    response["Retry-After"] = "5"
    return response


def feature_off(request: Request, feature: str) -> HttpResponse:
    """A feature that is off answers like what never existed; an admin reads where to turn it on."""
    if can(request.membership, Permission.MANAGE_ORGANISATION):
        message = _("Timesheets is turned off. Turn it on in Settings.")
        return _page(
            request, 404, message=message, settings_url=reverse("settings-general", args=[request.organisation.slug])
        )
    return not_found(request)


@public
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _as_data(request, 400, _("The request can't be read.")) or _page(request, 400)


def unreadable(request: HttpRequest) -> HttpResponse:
    """For null bytes, which no part of the product is asked about."""
    answer = _as_data(request, 400, _("Null bytes are not accepted."))
    return answer or HttpResponse("Null bytes are not accepted.", status=400, content_type="text/plain")


@public
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _refuse(request, 404, _("It was moved or deleted."))


@public
def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return forbidden(request)


@public
def server_error(request: HttpRequest) -> HttpResponse:
    """Depends on nothing: no context processor, no database."""
    if (answer := _as_data(request, 500, "Something went wrong. Nothing was changed.")) is not None:
        return answer
    from django.template.loader import render_to_string

    try:
        body: str = render_to_string("500.html", {"request_id": getattr(request, "request_id", "")})
    except Exception:  # the last page of all must come, whatever is broken
        body = "Something went wrong. Nothing was changed."
    return HttpResponse(body, status=500)


@public
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    message = _("This page was open for too long. Go back, reload it and send the form again.")
    if wants_fragment(request):
        return trigger(HttpResponse(status=403), toast={"text": message, "tone": "danger"})
    try:
        return render(request, "403_csrf.html", {"message": message}, status=403)
    except TemplateDoesNotExist:
        return HttpResponse(message, status=403, content_type="text/plain")
