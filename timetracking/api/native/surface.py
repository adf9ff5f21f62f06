"""The own API's key and shape: Bearer keys or a portal token, refusals as problems (RFC 9457)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from accounts.api_shapes import Refusal
from accounts.models import Membership
from timetracking.api.callers import Caller, Kind, Unauthorised, bearer, of_person, of_token_key
from timetracking.api.native.problems import CODES
from timetracking.api.refusals import BadRequest
from timetracking.api.surface import Surface

TITLES = {
    400: "Not readable", 401: "Not signed in", 403: "Not allowed", 404: "Not found", 405: "Method not possible",
    409: "Conflict", 412: "Changed meanwhile", 413: "Too large", 422: "Not acceptable",
    429: "Too many requests", 500: "Something went wrong", 503: "Not available",
}  # fmt: skip
ORGANISATION_HEADER = "X-Organisation"
FIELDS = {"duration": "minutes", "start": "started_at", "end": "ended_at", "member": "member_id"}
"""Fields as the pages call them → as they are called here."""


def problem(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """`application/problem+json`, with the refusal's code and the fields at fault.

    An old version is 412 where it came in `If-Match`.
    """
    if refusal.code == "stale_version" and "If-Match" in request.headers:
        refusal = replace(refusal, status=412)
    body = {**problem_of(refusal), "request_id": getattr(request, "request_id", "")}
    return JsonResponse(body, status=refusal.status, content_type="application/problem+json")


def problem_of(refusal: Refusal) -> dict[str, Any]:
    """What a refusal says, also of one item among many. `type` leads to its place on the page of this API."""
    return {
        "type": f"/api/docs#{refusal.code if refusal.code in CODES else refusal.status}",
        "title": TITLES.get(refusal.status, "Refused"),
        "status": refusal.status,
        "detail": refusal.message,
        "code": refusal.code or str(refusal.status),
        "errors": {FIELDS.get(name, name): list(texts) for name, texts in refusal.errors.items()},
    }


def authenticate(request: HttpRequest) -> Caller:
    """A key of the own API; or a portal token, beside which its person names one of several organisations."""
    token = bearer(request)
    if not token:
        raise Unauthorised
    if token.startswith("ts_"):
        return of_token_key(Kind.API, token)
    caller = of_person(token)
    member = _member_of(caller, request.headers.get(ORGANISATION_HEADER, ""))
    # What is remembered of a call (its first answer, above all) is remembered for this organisation alone.
    return replace(caller, member=member, credential=f"{caller.credential}/{member.organisation_id}")


def _member_of(caller: Caller, slug: str) -> Membership:
    members = [member for member in caller.memberships if not slug or member.organisation.slug == slug]
    if not members:
        raise Unauthorised
    if len(members) > 1:
        raise BadRequest(f"Name the organisation in the header {ORGANISATION_HEADER}.", "organisation_needed")
    return members[0]


MEANINGS = {**CODES, **{str(status): f"{title}. `detail` says more." for status, title in TITLES.items()}}
SURFACE = Surface("api", ("/api/",), problem, authenticate, challenge="Bearer", codes=MEANINGS)
