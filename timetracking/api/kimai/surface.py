"""The token and the shape of refusals of the Kimai format."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse

from accounts.api_shapes import Refusal
from timetracking.api.callers import Caller, Kind, Unauthorised, bearer, of_token_key
from timetracking.api.surface import Surface

MESSAGES = {401: "Invalid credentials", 403: "Access denied.", 404: "Not Found"}


def shape(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    status = 400 if refusal.status in (409, 412, 422) else refusal.status
    body: dict[str, object] = {"code": status, "message": MESSAGES.get(status, refusal.message)}
    if refusal.errors:
        body["message"] = "Validation Failed"
        body["errors"] = {"children": {name: {"errors": list(texts)} for name, texts in refusal.errors.items()}}
    return JsonResponse(body, status=status)


def authenticate(request: HttpRequest) -> Caller:
    """`Authorization: Bearer`, or the two headers of older clients, whose user is the member's e-mail address."""
    if token := bearer(request):
        return of_token_key(Kind.KIMAI, token)
    user = request.headers.get("X-AUTH-USER", "").strip().lower()
    caller = of_token_key(Kind.KIMAI, request.headers.get("X-AUTH-TOKEN", ""))
    if caller.user is None or user not in (caller.user.email, caller.user.name.lower()):
        raise Unauthorised
    return caller


SURFACE = Surface("kimai", ("/kimai/",), shape, authenticate)
