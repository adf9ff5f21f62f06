"""The key and the shape of refusals of the Grow CRM format."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse

from accounts.api_shapes import Refusal
from accounts.permissions import Role
from timetracking.api.callers import Caller, Kind, Unauthorised, bearer, of_token_key
from timetracking.api.surface import Surface

MESSAGE_401 = "Unauthorized. A valid API key is required."
MESSAGE_422 = "The given data was invalid."
STATUSES = {400: 422, 403: 401}
"""The format has neither: what can't be read is data that is invalid, and a key that may not do it opens nothing."""
FIELDS = {
    "duration": "minutes", "date": "timer_created", "member": "user_id", "record": "task_id", "": "timesheet",
    "minutes": "minutes", "subject": "task_id",
}  # fmt: skip
"""Our names of fields → the format's."""


def shape(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    status = STATUSES.get(refusal.status, refusal.status)
    if status != 422:
        return JsonResponse({"message": refusal.message}, status=status)
    errors: dict[str, list[str]] = {}
    for name, texts in (refusal.errors or {"": [refusal.message]}).items():
        errors.setdefault(FIELDS.get(name, name), []).extend(texts)
    return JsonResponse({"message": MESSAGE_422, "errors": errors}, status=422)


def authenticate(request: HttpRequest) -> Caller:
    """The admin behind the key. Raises Unauthorised, also for the key of somebody who is no admin any more."""
    try:
        caller = of_token_key(Kind.GROW, bearer(request))
    except Unauthorised as error:
        raise Unauthorised("unauthorized", MESSAGE_401) from error
    if caller.member is None or caller.member.role != Role.ADMIN:
        raise Unauthorised("unauthorized", MESSAGE_401)
    return caller


SURFACE = Surface(
    "grow",
    ("/api/timesheets/", "/api/tasks/", "/api/projects/", "/api/clients/", "/api/team/"),
    shape,
    authenticate,
)
