"""Timers: clocks that run for members, and what they became."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import JsonResponse
from django.utils import timezone
from ninja import Query, Router
from pydantic import Field

from accounts.models import Membership
from accounts.permissions import Permission, require
from accounts.requests import Request
from timetracking.api.native import versions
from timetracking.api.native.named import LINKS, member_of, one, record_of, seen_member
from timetracking.api.native.paging import Paged, PageOut, answer, check_query, take
from timetracking.api.native.schemas import Body, Id, Instant, Version
from timetracking.api.native.timer_shapes import StoppedOut, TimerOut, stopped_out, timer_out
from timetracking.models import Timer
from timetracking.services import timers

router = Router(tags=["Timers"])


class TimerFilters(Paged):
    member_id: int | None = Field(None, ge=1, description="Whose; left out: everybody's that one sees.")
    state: Literal["RUNNING", "STOPPED", "DISCARDED", "ALL"] = "RUNNING"


class TimersOut(PageOut):
    items: list[TimerOut]


class TimerIn(Body):
    """At most one record; none is general time."""

    ticket_id: Id | None = None
    project_id: Id | None = None
    task_id: Id | None = None
    charge_code_id: Id | None = None
    activity_id: Id | None = None
    subject: str = Field("", max_length=200, description="Left out: the record's name.")
    description: str = Field("", max_length=10_000)
    billable_option: Literal["Billable", "DoNotBill", "NoCharge", "NoDefault"] = "NoDefault"


class TimerStartIn(TimerIn):
    member_id: Id | None = Field(None, description="For whom; left out: oneself.")


class TimerChangeIn(TimerIn):
    """What is left out stays. One of the record's ids as null, and no other: general time."""

    started_at: Instant | None = None
    version: Version | None = None


class VersionIn(Body):
    version: Version | None = None


class StopIn(VersionIn):
    ended_at: Annotated[Instant | None, Field(description="When the work really ended; left out: now.")] = None


class StartedOut(TimerOut):
    stopped: StoppedOut | None = Field(description="What ran before, stopped in the same instant.")


class AllStoppedOut(PageOut):
    items: list[StoppedOut]
    next: None = None


def rows_for(member: Membership) -> Any:
    return Timer.objects.visible_to(member).select_related("member", *Timer.RELATED)


@router.get("/timers", response=TimersOut, summary="Running timers of oneself, or of all whom one sees")
def list_timers(request: Request, filters: Query[TimerFilters]) -> JsonResponse:
    check_query(request, TimerFilters)
    require(request.membership, Permission.VIEW_TIME)
    rows = rows_for(request.membership)
    if filters.state != "ALL":
        rows = rows.filter(state=filters.state)
    if filters.member_id is not None:
        rows = rows.filter(member=seen_member(request.membership, filters.member_id))
    page, now = take(rows, filters, of="timers"), timezone.now()
    return answer([timer_out(timer, request.organisation, now) for timer in page.rows], page.next)


@router.post("/timers", response={200: StartedOut, 201: StartedOut}, summary="Start a timer")
def start_timer(request: Request, body: TimerStartIn) -> JsonResponse:
    """Stops the one that runs in the same instant. The same record and subject again: it runs on, answered 200."""
    sent = body.dict()
    started = timers.start(
        request.membership,
        member=member_of(request.membership, sent["member_id"]),
        record=record_of(sent),
        subject=sent["subject"],
        description=sent["description"],
        billable_option=sent["billable_option"],
    )
    told = timer_out(started.timer, request.organisation, timezone.now())
    told["stopped"] = stopped_out(started.stopped, request.organisation) if started.stopped else None
    status = 201 if started.is_news else 200
    return versions.answer(told, status=status, location=f"/api/v1/timers/{started.timer.pk}")


@router.post("/timers/stop-all", response=AllStoppedOut, summary="Stop every timer that one sees")
def stop_all_timers(request: Request) -> JsonResponse:
    """Managers and admins stop everybody's, an agent their own."""
    return answer([stopped_out(each, request.organisation) for each in timers.stop_all(request.membership)], None)


@router.get("/timers/{int:timer_id}", response=TimerOut, summary="One timer")
def get_timer(request: Request, timer_id: int) -> JsonResponse:
    require(request.membership, Permission.VIEW_TIME)
    return _told(request, one(rows_for(request.membership), timer_id))


@router.patch(
    "/timers/{int:timer_id}",
    response=TimerOut,
    summary="Change what one's running timer is for",
    openapi_extra=versions.IF_MATCH,
)
def change_timer(request: Request, timer_id: int, body: TimerChangeIn) -> JsonResponse:
    sent = body.dict(exclude_unset=True)
    version = versions.expected(request, sent.pop("version", None))
    fields: Any = {name: value for name, value in sent.items() if name not in LINKS}
    if any(name in sent for name in LINKS):
        fields["record"] = record_of(sent)
    if fields.get("started_at", ...) is None:
        del fields["started_at"]
    one(rows_for(request.membership), timer_id)
    return _told(request, timers.change(request.membership, timer_id, version=version, **fields))


@router.post(
    "/timers/{int:timer_id}/stop", response=StoppedOut, summary="Stop a timer", openapi_extra=versions.IF_MATCH
)
def stop_timer(request: Request, timer_id: int, body: StopIn | None = None) -> JsonResponse:
    """Answers the entries that were written, one for each day, and the pieces that wait to be placed by their member.

    A timer that had been stopped already answers the same again.
    """
    given = body or StopIn()
    one(rows_for(request.membership), timer_id)
    version = versions.expected(request, given.version)
    stopped = timers.stop(request.membership, timer_id, ended_at=given.ended_at, version=version)
    response = JsonResponse(stopped_out(stopped, request.organisation))
    response["ETag"] = versions.etag(stopped.timer.version)
    return response


@router.post(
    "/timers/{int:timer_id}/discard",
    response=TimerOut,
    summary="Throw one's timer away: nothing is written",
    openapi_extra=versions.IF_MATCH,
)
def discard_timer(request: Request, timer_id: int, body: VersionIn | None = None) -> JsonResponse:
    one(rows_for(request.membership), timer_id)
    version = versions.expected(request, (body or VersionIn()).version)
    return _told(request, timers.discard(request.membership, timer_id, version=version))


@router.post(
    "/timers/{int:timer_id}/resume",
    response=TimerOut,
    summary="Take back that one's timer was stopped",
    openapi_extra=versions.IF_MATCH,
)
def resume_timer(request: Request, timer_id: int, body: VersionIn | None = None) -> JsonResponse:
    """It runs on from its start, and what it wrote is deleted; as long as nothing else happened to either."""
    one(rows_for(request.membership), timer_id)
    version = versions.expected(request, (body or VersionIn()).version)
    return _told(request, timers.resume(request.membership, timer_id, version=version))


def _told(request: Request, timer: Timer) -> JsonResponse:
    return versions.answer(timer_out(timer, request.organisation, timezone.now()))
