"""One call about several objects: each is answered by itself, or all are done or none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from accounts.api_shapes import Refusal
from timesheets_site.lib.errors import OutOfReach
from timetracking.api.intacct import answers
from timetracking.api.intacct.bodies import MOST_AT_ONCE, one_or_many
from timetracking.api.intacct.finding import number
from timetracking.api.refusals import BadRequest, refusal_of

WHOLE = "X-IA-API-Param-Transaction"
"""The header that wants all or nothing."""


def keys_of(text: str) -> list[str]:
    """The keys of a path, "12" or "12,13". Raises BadRequest for too many."""
    keys = [key.strip() for key in text.split(",", MOST_AT_ONCE + 1)]
    if len(keys) > MOST_AT_ONCE:
        raise BadRequest(f"At most {MOST_AT_ONCE} keys at once.")
    return keys


def create(request: HttpRequest, act: Callable[[Any, str], dict[str, Any]]) -> HttpResponse:
    """201 with the reference of what was made, or with one for each object of an array. `act` gets its place too."""
    objects, is_array = one_or_many(request)
    if not is_array:
        return answers.one(act(objects[0], ""), 201)
    calls = [_call(act, value, str(place)) for place, value in enumerate(objects)]
    return answers.each_of(request, _outcomes(request, calls), 201)


def delete(request: HttpRequest, keys: str, act: Callable[[str], None]) -> HttpResponse:
    """204; with several keys 207 where only some could be deleted."""
    named = keys_of(keys)
    if len(named) == 1:
        act(named[0])
        return HttpResponse(status=204)
    outcomes = _outcomes(request, [_call(act, key) for key in dict.fromkeys(named)])
    if not any(isinstance(outcome, Refusal) for outcome in outcomes):
        return HttpResponse(status=204)
    return answers.each_of(request, outcomes, 204)


def show(request: HttpRequest, keys: str, find: Callable[[list[int]], Mapping[int, dict[str, Any]]]) -> HttpResponse:
    """The object, or one answer for each of several keys. Raises OutOfReach where a single one is not there."""
    named = keys_of(keys)
    numbers = [number(key) for key in named]
    found = find([key for key in numbers if key is not None])
    outcomes = [found.get(key) if key is not None else None for key in numbers]
    if len(named) == 1:
        if outcomes[0] is None:
            raise OutOfReach
        return answers.one(outcomes[0])
    missing = refusal_of(OutOfReach())
    return answers.each_of(request, [missing if outcome is None else outcome for outcome in outcomes], 200)


def _call(act: Callable[..., Any], *values: Any) -> Callable[[], Any]:
    return lambda: act(*values)


def _outcomes(request: HttpRequest, calls: list[Callable[[], Any]]) -> list[dict[str, Any] | Refusal | None]:
    """What each call answers, or its refusal; asked for all or nothing, the first refusal is raised."""
    if request.headers.get(WHOLE, "").lower() == "true":
        with transaction.atomic():
            return [call() for call in calls]
    outcomes: list[dict[str, Any] | Refusal | None] = []
    for call in calls:
        try:
            with transaction.atomic():
                outcomes.append(call())
        except Exception as error:
            refusal = refusal_of(error)
            if refusal is None:
                raise
            outcomes.append(refusal)
    return outcomes
