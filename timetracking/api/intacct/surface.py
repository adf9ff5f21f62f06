"""The token and the envelope of refusals of the Sage Intacct format."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse

from accounts.api_shapes import Refusal
from accounts.models import AccessToken
from accounts.services import access_tokens, api_keys
from timetracking.api.callers import Caller, Unauthorised, bearer, of_key
from timetracking.api.surface import Surface


def shape(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    error: dict[str, object] = {
        "code": refusal.code or "invalidRequest",
        "message": refusal.message,
        "errorId": f"REST-{1000 + refusal.status % 1000}",
        "additionalInfo": {},
        "supportId": getattr(request, "request_id", ""),
    }
    if refusal.errors:
        error["details"] = [
            {
                "code": refusal.code,
                "message": text,
                "errorId": "REST-1043",
                "target": f"/{name.replace('.', '/')}",
                "additionalInfo": {},
            }
            for name, texts in refusal.errors.items()
            for text in texts
        ]
    meta = {"totalCount": 1, "totalSuccess": 0, "totalError": 1}
    return JsonResponse({"ia::result": {"ia::error": error}, "ia::meta": meta}, status=refusal.status)


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
