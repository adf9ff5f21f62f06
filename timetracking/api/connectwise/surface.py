"""The key pair and the shape of refusals of the ConnectWise format."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse

from accounts.api_shapes import Refusal
from accounts.services import api_keys
from timetracking.api.callers import Caller, Kind, Unauthorised, basic, of_key
from timetracking.api.surface import Surface

CODES = {400: "InvalidArgument", 401: "Unauthorized", 403: "Forbidden", 404: "NotFound", 405: "MethodNotAllowed",
         409: "ConflictingOperation", 413: "InvalidArgument", 429: "TooManyRequests", 500: "Unhandled",
         503: "ServiceUnavailable"}  # fmt: skip


def shape(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Their clients know 400, 401, 403, 404, 405, 409 and 500: what is not acceptable (422) is a 400 here."""
    status = 400 if refusal.status in (412, 422) else refusal.status
    errors = [
        {"code": refusal.code, "message": text, "resource": "timeEntry", "field": name}
        for name, texts in refusal.errors.items()
        for text in texts
    ]
    code = "InvalidObject" if refusal.status == 422 else CODES.get(status, "InvalidArgument")
    return JsonResponse({"code": code, "message": refusal.message, "errors": errors or None}, status=status)


def authenticate(request: HttpRequest) -> Caller:
    """`company+publicKey` and the private key; the company is the organisation's short name."""
    name, private = basic(request)
    company, _plus, public = name.partition("+")
    key = api_keys.find(Kind.CONNECTWISE, public, private)
    if key is not None and key.organisation.slug != company.lower():
        raise Unauthorised
    return of_key(key)


SURFACE = Surface(
    "connectwise",
    ("/time/", "/v4_6_release/", "/login/companyinfo/"),
    shape,
    authenticate,
    challenge='Basic realm="API"',
    reading_posts=frozenset({"/time/entries/defaults"}),
)
