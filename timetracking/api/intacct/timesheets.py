"""/objects/time/timesheet: list, read, create, change with line operations, delete."""

from __future__ import annotations

from django.http import HttpResponse
from ninja import Router

from accounts.requests import Request
from timetracking.api.intacct import answers, batches, lists, showing, writing
from timetracking.api.intacct.bodies import documented, payload
from timetracking.api.intacct.mapping import TIMESHEETS
from timetracking.api.intacct.schemas import TimesheetIn

router = Router(tags=["Timesheets"])
PATH = TIMESHEETS.path


@router.get(PATH, response=answers.Several, summary="Timesheets", openapi_extra=lists.PARAMETERS)
def list_timesheets(request: Request) -> HttpResponse:
    return lists.references(request, TIMESHEETS)


@router.post(
    PATH,
    response={201: answers.One, 207: answers.Several},
    summary="Create a timesheet, or an array of them",
    openapi_extra=documented(TimesheetIn, many=True),
)
def create_timesheet(request: Request) -> HttpResponse:
    """A week that has a timesheet is refused, but for one that is open and empty, which is taken over."""
    return batches.create(request, lambda value, at: writing.create(request.membership, value, at))


@router.get(f"{PATH}/{{named}}", response=answers.One, summary="A timesheet, or several (keys with commas)")
def get_timesheet(request: Request, named: str) -> HttpResponse:
    return batches.show(request, named, lambda wanted: showing.sheets(request.membership, wanted))


@router.patch(
    f"{PATH}/{{named}}",
    response=answers.One,
    summary="Change a timesheet and its lines",
    openapi_extra=documented(TimesheetIn),
)
def update_timesheet(request: Request, named: str) -> HttpResponse:
    """All of it, or nothing. Fields that are not sent stay."""
    return answers.one(writing.change(request.membership, named, payload(request)))


@router.delete(f"{PATH}/{{named}}", response={204: None, 207: answers.Several}, summary="Delete timesheets")
def delete_timesheet(request: Request, named: str) -> HttpResponse:
    """With their lines; in the product these can be restored for 30 days."""
    return batches.delete(request, named, lambda key: writing.delete(request.membership, key))
