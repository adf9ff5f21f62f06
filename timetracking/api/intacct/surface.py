"""The token and the envelope of refusals of the Sage Intacct format."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from accounts.api_shapes import Refusal
from accounts.models import AccessToken
from accounts.services import access_tokens, api_keys
from timetracking.api.callers import Caller, Unauthorised, bearer, of_key
from timetracking.api.surface import Surface

CODES = {
    400: "invalidRequest", 401: "unauthorized", 403: "forbidden", 404: "notFound", 405: "methodNotAllowed",
    409: "idempotencyConflict", 413: "payloadTooLarge", 422: "operationFailed", 429: "tooManyRequests",
    503: "serviceUnavailable",
}  # fmt: skip
NO_PAYLOAD = "payload_required"
ERROR_IDS = {NO_PAYLOAD: "REST-1028"}
FIELD_ERROR = "REST-1043"
OF_KEYS = frozenset({"idempotency_key_reused", "idempotency_running"})
"""The only refusals that are a conflict in this format; a state that forbids something is a failed operation."""


def status_of(refusal: Refusal) -> int:
    """The status that this format answers."""
    return 422 if refusal.status == 409 and refusal.code not in OF_KEYS else refusal.status


def error_of(request: HttpRequest, refusal: Refusal) -> dict[str, Any]:
    """`ia::error`: the format's code, our own one as the reason, and the fields at fault as JSON pointers."""
    status = status_of(refusal)
    code = CODES.get(status, "invalidRequest")
    error: dict[str, Any] = {
        "code": code,
        "message": refusal.message,
        "errorId": ERROR_IDS.get(refusal.code, f"REST-{1000 + status}"),
        "additionalInfo": {"reason": refusal.code} if status in (403, 409, 422) and refusal.code else {},
        "supportId": getattr(request, "request_id", ""),
    }
    if refusal.errors:
        error["details"] = [
            {
                "code": code,
                "message": text,
                "errorId": FIELD_ERROR,
                "target": f"/{name.replace('.', '/')}",
                "additionalInfo": {},
            }
            for name, texts in refusal.errors.items()
            for text in texts
        ]
    return error


def shape(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    meta = {"totalCount": 1, "totalSuccess": 0, "totalError": 1}
    body = {"ia::result": {"ia::error": error_of(request, refusal)}, "ia::meta": meta}
    return JsonResponse(body, status=status_of(refusal))


def authenticate(request: HttpRequest) -> Caller:
    """An access token of OAuth 2, for as long as the key that it was issued for is live."""
    token = access_tokens.find(AccessToken.Use.OAUTH_ACCESS, bearer(request)) if bearer(request) else None
    if token is None or token.key_id is None:
        raise Unauthorised("invalidToken", "The access token is missing, unknown or expired.")
    return of_key(api_keys.find_by_id(token.key_id))


SURFACE = Surface(
    "intacct",
    ("/ia/",),
    shape,
    authenticate,
    reused_key_status=409,
    replays_patch=True,
    reading_posts=frozenset({"/services/core/query"}),
)
