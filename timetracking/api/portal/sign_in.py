"""POST /api/auth/login and /api/auth/logout: a token for e-mail address, password and code; and its end."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Router

from accounts import browsers
from accounts.api_shapes import Refusal
from accounts.middleware import memberships_of
from accounts.models import Membership, User
from accounts.services import access_tokens, second_factor
from timetracking.api.bodies import read_fields
from timetracking.api.callers import Unauthorised, bearer
from timetracking.api.portal.shapes import LoginIn, LoginOut, RefusalOut
from timetracking.api.portal.surface import SURFACE
from timetracking.api.refusals import BadRequest

LOCK_OUT_SECONDS = "900"
LONGEST = {"email": 254, "password": 1_024, "mfaCode": 40}
BODY = {"requestBody": {"required": True, "content": {"application/json": {"schema": LoginIn.model_json_schema()}}}}
router = Router(tags=["Signing in"])


@router.post(
    "/auth/login",
    response={200: LoginOut, 400: RefusalOut, 401: RefusalOut, 429: RefusalOut},
    auth=None,
    summary="A token for e-mail address, password and code",
    openapi_extra=BODY,
)
def login(request: HttpRequest) -> HttpResponse:
    """The same answer after the same work for an unknown address, a wrong password and an inactive account."""
    email, password, code = _sent(request)
    user: Any = authenticate(request, username=email, password=password)
    if user is None:
        if getattr(request, "locked_out", False):
            return _locked_out(request)
        raise Unauthorised("invalid_credentials", "That e-mail address and password do not match.")
    verified = False
    if second_factor.has_device(user):
        if not code:
            raise Unauthorised("mfa_required", "Send the 6-digit code of the authenticator as mfaCode.")
        try:
            device = second_factor.check_code(user, code, browser_id=browsers.recognise(request, user.pk))
        except second_factor.TooManyTries:
            return _locked_out(request)
        if device is None:
            raise Unauthorised("mfa_invalid", "That code does not match, or it was used before.")
        verified = True
    members = _open_to(user, verified=verified)
    issued = access_tokens.issue_to_person(user, verified=verified)
    return JsonResponse(
        {"accessToken": issued.token, "tokenType": "Bearer", "expiresIn": issued.seconds, "user": _shown(user, members)}
    )


@router.post("/auth/logout", response={204: None, 401: RefusalOut}, summary="End this token")
def logout(request: HttpRequest) -> HttpResponse:
    access_tokens.end(bearer(request))
    return HttpResponse(status=204)


def _sent(request: HttpRequest) -> tuple[str, str, str]:
    """Address, password and code, JSON or form fields. Raises BadRequest."""
    fields = read_fields(request)
    code = fields.get("mfaCode")
    if isinstance(code, int) and not isinstance(code, bool):
        fields["mfaCode"] = f"{code:06d}"
    elif code is None:
        fields["mfaCode"] = ""
    for name, longest in LONGEST.items():
        value = fields.get(name)
        if not isinstance(value, str) or len(value) > longest or (not value and name != "mfaCode"):
            raise BadRequest(f"{name} must be a text of at most {longest:,} characters.", field=name)
    return fields["email"], fields["password"], fields["mfaCode"]


def _open_to(user: User, *, verified: bool) -> list[Membership]:
    """What a token would open. Raises Unauthorised where every organisation demands the second factor first."""
    members = memberships_of(user)
    left = [member for member in members if verified or not member.organisation.require_second_factor]
    if members and not left:
        words = "Your organisation requires two-step sign-in. Sign in with a browser and set it up first."
        raise Unauthorised("mfa_required", words)
    return left


def _shown(user: User, members: list[Membership]) -> dict[str, Any]:
    return {
        "id": str(user.pk),
        "name": user.name,
        "email": user.email,
        "organisations": [
            {"id": str(m.organisation_id), "name": m.organisation.name, "slug": m.organisation.slug, "role": m.role}
            for m in members
        ],
    }


def _locked_out(request: HttpRequest) -> HttpResponse:
    words = "Too many tries. Wait 15 minutes."
    return SURFACE.refuse(request, Refusal(429, "too_many_tries", words, headers={"Retry-After": LOCK_OUT_SECONDS}))
