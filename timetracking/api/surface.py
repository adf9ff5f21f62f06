"""A surface: one wire format with its key, its shape of errors and its addresses. Every call comes in through `door`.

The door asks for the key, counts the request, opens the organisation's scope, refuses what the key may not do, gives a
repeated call its first answer, and turns every refusal into the surface's own words.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.errors import HttpError
from ninja.errors import ValidationError as UnreadableInput
from ninja.security import APIKeyHeader

from accounts import access, audit, rate_limits, tenancy
from accounts.api_shapes import SHAPES, Refusal, Shape
from accounts.models import Organisation
from accounts.services import api_keys, api_replies
from timesheets_site.lib.logs import REMOTE_ADDRESS
from timetracking.api.bodies import StrictParser
from timetracking.api.callers import Caller
from timetracking.api.refusals import LARGEST_BODY, refusal_of

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
View = Callable[..., HttpResponse]
MOUNTED: list[tuple[Surface, NinjaAPI, str]] = []
"""What `mount` was given, in its order: the description of all surfaces is joined from these."""
PUBLIC: set[str] = set()
"""Names of the addresses that are open without a key."""


@dataclass(frozen=True)
class Surface:
    """`name` is also the channel in the audit trail. `shape` writes a refusal; `authenticate` raises Unauthorised."""

    name: str
    prefixes: tuple[str, ...]
    shape: Shape
    authenticate: Callable[[HttpRequest], Caller] | None = None
    challenge: str = "Bearer"
    """For `WWW-Authenticate`."""
    reused_key_status: int = 422
    """Answer to another request under a used Idempotency-Key."""
    replays_patch: bool = False
    """Is an Idempotency-Key heard on PATCH as well?"""
    reading_posts: frozenset[str] = field(default_factory=frozenset)
    """Ends of paths whose POST changes nothing: open to keys that only read."""

    codes: Mapping[str, str] = field(default_factory=dict)
    """What the codes of its refusals mean, for the page that describes it; each is an anchor there."""

    def __post_init__(self) -> None:
        for prefix in self.prefixes:
            SHAPES[prefix] = self.shape

    def refuse(self, request: HttpRequest, refusal: Refusal) -> HttpResponse:
        response = self.shape(request, refusal)
        if refusal.status == 401:
            response.headers.setdefault("WWW-Authenticate", self.challenge)
        for name, value in refusal.headers.items():
            response[name] = value
        return response


def new_api(surface: Surface, *, title: str, description: str, scheme: Any = None, **options: Any) -> NinjaAPI:
    """A NinjaAPI that reads strictly and refuses in the surface's shape. The door asks for the key, not ninja.

    `scheme` is the ninja security object that its description names.
    """
    api = NinjaAPI(
        title=title,
        version="1",
        description=description,
        urls_namespace=f"api-{surface.name}",
        docs_url=None,
        openapi_url=None,
        parser=StrictParser(),
        auth=scheme,
        **options,
    )

    @api.exception_handler(UnreadableInput)
    def unreadable(request: HttpRequest, error: Any) -> HttpResponse:
        return surface.refuse(request, unreadable_input(error.errors))

    @api.exception_handler(HttpError)
    def http_error(request: HttpRequest, error: Any) -> HttpResponse:
        return surface.refuse(request, Refusal(error.status_code, "unreadable", str(error)))

    return api


class AtTheDoor(APIKeyHeader):
    """For the description alone: who gets as far as ninja was asked at the door."""

    param_name = "Authorization"

    def authenticate(self, request: HttpRequest, key: str | None) -> Any:
        return True


def unreadable_input(errors: Iterable[dict[str, Any]]) -> Refusal:
    """What pydantic refused, by field; 422, or 400 where the place of the value is the query."""
    named: dict[str, list[str]] = {}
    in_query = False
    for each in errors:
        place = [str(part) for part in each["loc"]]
        in_query = in_query or place[0] in ("query", "path")
        parts = place[1:] if place[0] in ("query", "path", "header") else place[2:]
        words = each["msg"].removeprefix("Value error, ")  # pydantic's, before our own words
        named.setdefault(".".join(parts) or place[-1], []).append(words)
    return Refusal(400 if in_query else 422, "invalid", "Some values can't be accepted.", named)


def mount(surface: Surface, api: NinjaAPI, prefix: str, *, public: Collection[str] = ()) -> list[URLPattern]:
    """The addresses of a NinjaAPI below `prefix` ("api/v1/"), each behind the surface's door.

    `public` names the operations that are open without a key.
    """
    MOUNTED.append((surface, api, prefix))
    patterns: list[Any] = api.urls[0]
    mounted = []
    for pattern in patterns:
        if pattern.name == "api-root":  # where ninja would have its pages
            continue
        route = f"{prefix}{pattern.pattern}".strip("/")
        name = f"{surface.name}.{pattern.name}"
        if pattern.name in public:
            PUBLIC.add(name)
        view = door(surface, pattern.callback, public=name in PUBLIC)
        mounted.append(path(route, view, name=name))
    return mounted


def door(surface: Surface, view: View, *, public: bool = False) -> View:
    """The view as an address of this surface; `public` for what is open without a key (sign-in, discovery)."""

    @csrf_exempt
    @functools.wraps(view)
    def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        channel = audit.CHANNEL.set(surface.name)
        token = audit.TOKEN_ID.set(None)
        head = request.method == "HEAD"
        if head:
            request.method = "GET"  # the server leaves the body out
        try:
            return _answered(surface, view, request, args, kwargs, public=public)
        finally:
            if head:
                request.method = "HEAD"
            audit.CHANNEL.reset(channel)
            audit.TOKEN_ID.reset(token)

    return access.api(opened)


def _answered(
    surface: Surface, view: View, request: HttpRequest, args: Any, kwargs: Any, *, public: bool
) -> HttpResponse:
    try:
        if len(request.body) > LARGEST_BODY:
            return surface.refuse(request, Refusal(413, "too_large", f"At most {LARGEST_BODY:,} bytes."))
        if public or surface.authenticate is None:
            return _called(surface, view, request, args, kwargs)
        caller = surface.authenticate(request)
        if (full := over_limit(caller)) is not None:
            return surface.refuse(request, full)
        _enter(request, caller)
        if (closed := _closed(surface, request, caller)) is not None:
            return surface.refuse(request, closed)
        key = request.headers.get("Idempotency-Key", "")
        if key and (request.method == "POST" or (surface.replays_patch and request.method == "PATCH")):
            return api_replies.once(
                caller.credential, key, request, lambda: _called(surface, view, request, args, kwargs)
            )
        return _called(surface, view, request, args, kwargs)
    except Exception as error:
        refusal = refusal_of(error)
        if refusal is None:
            raise
        if refusal.code == "idempotency_key_reused":
            refusal = replace(refusal, status=surface.reused_key_status)
        return surface.refuse(request, refusal)


def _called(surface: Surface, view: View, request: HttpRequest, args: Any, kwargs: Any) -> HttpResponse:
    """The view's answer, refusals in the surface's shape."""
    try:
        response = view(request, *args, **kwargs)
    except Exception as error:
        refusal = refusal_of(error)
        if refusal is None:
            raise
        return surface.refuse(request, refusal)
    if response.status_code == 405:
        allowed = {"Allow": response.headers.get("Allow", "")}
        words = f"{request.method} is not possible here."
        return surface.refuse(request, Refusal(405, "method_not_allowed", words, headers=allowed))
    return response


def over_limit(caller: Caller) -> Refusal | None:
    """Why one more request of the caller is too many, for its key or an organisation that it reads; else None."""
    limits = [(caller.credential, caller.limit)]
    for member in (caller.member,) if caller.member is not None else caller.memberships:
        limits.append((f"organisation:{member.organisation_id}", rate_limits.limit_of_organisation()))
    for name, limit in limits:
        if not rate_limits.take(name, limit):
            words = f"At most {limit:,} requests a minute. Wait, then go on."
            wait = {"Retry-After": str(rate_limits.seconds_until_next())}
            return Refusal(429, "too_many_requests", words, headers=wait)
    return None


def _enter(request: Any, caller: Caller) -> None:
    """What the gate does for people: the member and the organisation on the request, its scope open."""
    request.caller = caller
    request.user = caller.user
    request.memberships = list(caller.memberships)
    if caller.key is not None:
        api_keys.note_use(caller.key, REMOTE_ADDRESS.get())
        audit.TOKEN_ID.set(caller.key.pk)
    if caller.member is not None:
        request.membership = caller.member
        request.organisation = caller.member.organisation
        tenancy.enter(caller.member.organisation_id)  # the gate leaves it
        timezone.activate(caller.member.zone)


def _closed(surface: Surface, request: HttpRequest, caller: Caller) -> Refusal | None:
    if caller.member is not None and not caller.member.organisation.has_feature(Organisation.Feature.TIMESHEETS):
        return Refusal(404, "not_found", "Not found.")
    reads = request.method in SAFE or (
        request.method == "POST" and request.path_info.rstrip("/").endswith(tuple(surface.reading_posts))
    )
    if caller.key is not None and caller.key.read_only and not reads:
        return Refusal(403, "read_only", "This key only reads.")
    return None


def per_minute() -> int:
    """The installation's limit for a key, for descriptions."""
    return settings.API_REQUESTS_PER_KEY
