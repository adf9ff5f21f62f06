"""/objects/time/timesheet-line: list, read, create, change, delete."""

from __future__ import annotations

from django.http import HttpResponse
from ninja import Router

from accounts.requests import Request
from timetracking.api.intacct import answers, batches, lists, showing, writing
from timetracking.api.intacct.bodies import documented, payload
from timetracking.api.intacct.mapping import LINES
from timetracking.api.intacct.schemas import TimesheetLineIn

router = Router(tags=["Timesheet lines"])
PATH = LINES.path


@router.get(PATH, response=answers.Several, summary="Timesheet lines", openapi_extra=lists.PARAMETERS)
def list_lines(request: Request) -> HttpResponse:
    return lists.references(request, LINES)


@router.post(
    PATH,
    response={201: answers.One, 207: answers.Several},
    summary="Create a line of a timesheet, or an array of them",
    openapi_extra=documented(TimesheetLineIn, many=True),
)
def create_line(request: Request) -> HttpResponse:
    return batches.create(request, lambda value, at: writing.create_line(request.membership, value, at))


@router.get(f"{PATH}/{{named}}", response=answers.One, summary="A line, or several (keys with commas)")
def get_line(request: Request, named: str) -> HttpResponse:
    return batches.show(request, named, lambda wanted: showing.lines(request.membership, wanted))


@router.patch(
    f"{PATH}/{{named}}", response=answers.One, summary="Change a line", openapi_extra=documented(TimesheetLineIn)
)
def update_line(request: Request, named: str) -> HttpResponse:
    return answers.one(writing.change_line(request.membership, named, payload(request)))


@router.delete(f"{PATH}/{{named}}", response={204: None, 207: answers.Several}, summary="Delete lines")
def delete_line(request: Request, named: str) -> HttpResponse:
    return batches.delete(request, named, lambda key: writing.delete_line(request.membership, key))
