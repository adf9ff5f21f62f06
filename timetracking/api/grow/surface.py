"""The key and the shape of refusals of the Grow CRM format."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse

from accounts.api_shapes import Refusal
from timetracking.api.callers import Caller, Kind, Unauthorised, bearer, of_token_key
from timetracking.api.surface import Surface

MESSAGE_401 = "Unauthorized. A valid API key is required."


def shape(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    body: dict[str, object] = {"message": refusal.message}
    if refusal.status == 422:
        body = {
            "message": "The given data was invalid.",
            "errors": {name: list(texts) for name, texts in refusal.errors.items()} or {"": [refusal.message]},
        }
    return JsonResponse(body, status=refusal.status)


def authenticate(request: HttpRequest) -> Caller:
    try:
        return of_token_key(Kind.GROW, bearer(request))
    except Unauthorised as error:
        raise Unauthorised("unauthorized", MESSAGE_401) from error


SURFACE = Surface(
    "grow",
    ("/api/timesheets/", "/api/tasks/", "/api/projects/", "/api/clients/", "/api/team/"),
    shape,
    authenticate,
)
