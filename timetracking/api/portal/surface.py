"""The portal's token and shape of refusals."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse

from accounts.api_shapes import Refusal
from timetracking.api.callers import Caller, Unauthorised, bearer, of_person
from timetracking.api.surface import Surface


def shape(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    body: dict[str, object] = {"message": refusal.message, "code": refusal.code or str(refusal.status)}
    if refusal.errors:
        body["errors"] = {name: list(texts) for name, texts in refusal.errors.items()}
    return JsonResponse(body, status=refusal.status)


def authenticate(request: HttpRequest) -> Caller:
    token = bearer(request)
    if not token:
        raise Unauthorised
    return of_person(token)


SURFACE = Surface("portal", ("/api/auth/", "/api/helpdesk/"), shape, authenticate)
