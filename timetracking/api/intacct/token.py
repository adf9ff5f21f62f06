"""POST /oauth2/token: an access and a refresh token for a client id and secret, or for a refresh token."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Router, Schema

from accounts.models import AccessToken, ApiKey
from accounts.services import access_tokens, api_keys
from accounts.tenancy import organisation_scope
from timetracking.api.bodies import read_fields
from timetracking.api.callers import Unauthorised, basic, of_key
from timetracking.api.intacct.bodies import documented
from timetracking.api.intacct.surface import SURFACE
from timetracking.api.refusals import BadRequest
from timetracking.api.surface import over_limit

router = Router(tags=["Signing in"])
LONGEST = 500


class TokenIn(Schema):
    """`username` is user@company: the key's member by employee number, e-mail address or name, and the organisation's
    short name; |entity may follow."""

    grant_type: Literal["client_credentials", "refresh_token"]
    client_id: str = ""
    client_secret: str = ""
    username: str = ""
    refresh_token: str = ""


class TokenOut(Schema):
    token_type: str
    access_token: str
    refresh_token: str
    expires_in: int
    """Seconds."""


@router.post(
    "/oauth2/token",
    response=TokenOut,
    auth=None,
    summary="Get an access token",
    openapi_extra=documented(TokenIn, "application/json", "application/x-www-form-urlencoded"),
)
def token(request: HttpRequest) -> HttpResponse:
    fields = read_fields(request)
    grant = _text(fields, "grant_type")
    if grant == "client_credentials":
        key = _of_client(request, fields)
    elif grant == "refresh_token":
        key = _of_refresh(request, fields)
    else:
        raise BadRequest("grant_type is client_credentials or refresh_token.", field="grant_type")
    if (full := over_limit(of_key(key))) is not None:
        return SURFACE.refuse(request, full)
    with organisation_scope(key.organisation):
        issued = access_tokens.issue_for_key(key)
    answer = {
        "token_type": "Bearer",
        "access_token": issued.token,
        "refresh_token": issued.refresh,
        "expires_in": issued.seconds,
    }
    return JsonResponse(answer, headers={"Cache-Control": "no-store"})


def _of_client(request: HttpRequest, fields: dict[str, Any]) -> ApiKey:
    key = _client(request, fields)
    if key is None or not _is_user(key, _text(fields, "username")):
        raise _wrong_client()
    return key


def _client(request: HttpRequest, fields: dict[str, Any]) -> ApiKey | None:
    """The key of the id and secret in the body, or in the header as HTTP Basic."""
    public_id, secret = _text(fields, "client_id"), _text(fields, "client_secret")
    if not public_id and not secret:
        public_id, secret = basic(request)
    return api_keys.find(ApiKey.Kind.INTACCT, public_id, secret)


def _of_refresh(request: HttpRequest, fields: dict[str, Any]) -> ApiKey:
    """The key behind a refresh token, which works once. A client that names itself has to be the one it is for."""
    refresh = _text(fields, "refresh_token")
    found = access_tokens.find(AccessToken.Use.OAUTH_REFRESH, refresh) if refresh else None
    key = api_keys.find_by_id(found.key_id) if found is not None and found.key_id is not None else None
    if key is None or key.kind != ApiKey.Kind.INTACCT:
        raise Unauthorised("invalidToken", "The refresh token is unknown, expired or used up.")
    if _text(fields, "client_id") or _text(fields, "client_secret") or basic(request)[0]:
        client = _client(request, fields)
        if client is None or client.pk != key.pk:
            raise _wrong_client()
    if access_tokens.use_up(refresh) is None:
        raise Unauthorised("invalidToken", "The refresh token is unknown, expired or used up.")
    return key


def _is_user(key: ApiKey, username: str) -> bool:
    """Does `user@company` name the key's member and organisation?"""
    user, at, company = username.partition("|")[0].rpartition("@")
    member = key.member
    names = {member.employee_number, member.user.email, member.display_name, str(member.pk)} - {""}
    known = user.casefold() in {name.casefold() for name in names}
    return bool(at) and known and company.casefold() == key.organisation.slug.casefold()


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name, "")
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > LONGEST:
        raise BadRequest(f"{name} is a text of at most {LONGEST} characters.", field=name)
    return value


def _wrong_client() -> Unauthorised:
    return Unauthorised("invalidClient", "Client id, client secret or user name is wrong.")
