"""/time/workTypes, /time/workRoles and /time/chargeCodes: what entries refer to. They are only read here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import JsonResponse
from ninja import Router, Schema
from pydantic import Field as Named

from accounts.models import Membership
from accounts.permissions import Permission, can, require
from accounts.requests import Request
from timetracking.api import values as wire
from timetracking.api.connectwise import filtering, listing
from timetracking.api.connectwise.entry_schemas import LISTED, parameters
from timetracking.api.connectwise.filtering import Field, Fields, Kind
from timetracking.api.connectwise.path_ids import by_path
from timetracking.api.connectwise.references import company_reference
from timetracking.api.connectwise.shapes import Chosen
from timetracking.models import ChargeCode, WorkRole, WorkRoleRate, WorkType
from timetracking.models.billing import BillableOption

NEVER, ALWAYS = filtering.NOTHING, filtering.EVERYTHING
NOTHING_SET = Field(Kind.TEXT)
"""A field of the format for which we have no use."""


@dataclass(frozen=True)
class Lookup:
    """One kind of record: whose rows a member may see, what conditions may name, and how one is written."""

    noun: str
    summary: str
    shape: type[Schema]
    rows: Callable[[Membership], QuerySet[Any]]
    fields: Callable[[Membership], Fields]
    out: Callable[[Any, Membership], dict[str, Any]]

    @property
    def router(self) -> Router:
        """Its list, its count and one of it. All raise NotAllowed for keys that may not see records."""

        def listed(request: Request) -> JsonResponse:
            rows, fields = self._asked(request)
            return listing.answer(request, rows, fields, lambda page: self._written(page, request.membership))

        def counted(request: Request) -> JsonResponse:
            rows, fields = self._asked(request)
            return listing.count(request, rows, fields)

        def got(request: Request, lookup_id: str) -> JsonResponse:
            rows, _fields = self._asked(request)
            whole = self.out(by_path(rows, lookup_id), request.membership)
            return JsonResponse(listing.only(whole, listing.read(request).chosen))

        listed.__name__, counted.__name__ = f"list_{self.noun}s", f"count_{self.noun}s"
        got.__name__ = f"get_{self.noun}"
        several: Any = list[self.shape]  # type: ignore[name-defined]  # a class at run time
        router = Router(tags=["Lookups"], by_alias=True)
        router.get("", response=several, summary=self.summary, openapi_extra=parameters(*LISTED))(listed)
        router.get(
            "/count", response=dict[str, int], summary="How many there are", openapi_extra=parameters("conditions")
        )(counted)
        router.get("/{lookup_id}", response=self.shape, summary="One of them", openapi_extra=parameters("fields"))(got)
        return router

    def _asked(self, request: Request) -> tuple[QuerySet[Any], Fields]:
        require(request.membership, Permission.VIEW_CATALOGUE)
        return self.rows(request.membership), self.fields(request.membership)

    def _written(self, rows: Iterable[Any], member: Membership) -> list[dict[str, Any]]:
        return [self.out(each, member) for each in rows]


def _flag(when: Q) -> Field:
    """A flag that is true of the rows that `when` finds."""

    def found(compared: str, value: object) -> Q:
        if compared != "=" or value is None:
            return NEVER
        return when if value else ~when

    return Field(Kind.FLAG, own=found)


# --- Work types -------------------------------------------------------------------------------------------------------


class WorkTypeOut(Chosen):
    id: int
    name: str
    billTime: str
    rateType: str
    rate: float
    hoursMin: float | None
    hoursMax: float | None
    roundBillHoursTo: float | None
    accrualType: str | None
    inactiveFlag: bool
    overallDefaultFlag: bool
    activityDefaultFlag: bool
    utilizationFlag: bool
    costMultiplier: float | None
    integrationXRef: str | None
    info: dict[str, str] = Named(alias="_info")


def _unset(member: Membership) -> BillableOption:
    """What a work type that leaves it open comes to: the format knows no "open"."""
    return BillableOption.BILLABLE if member.organisation.billable_by_default else BillableOption.DO_NOT_BILL


def _work_type_fields(member: Membership) -> Fields:
    options: dict[str, Q] = {
        option.value.lower(): Q(billable_option=option)
        for option in BillableOption
        if option != BillableOption.NO_DEFAULT
    }
    options[_unset(member).value.lower()] |= Q(billable_option=BillableOption.NO_DEFAULT)
    return {
        "id": filtering.number("pk"),
        "name": filtering.text("name"),
        "billtime": filtering.words(options, "billable_option", order=(filtering.by_words(options),)),
        "ratetype": filtering.words({"multiplier": ALWAYS, "adjamount": NEVER, "custom": NEVER}),
        "rate": Field(Kind.AMOUNT, "multiplier"),
        "inactiveflag": Field(Kind.FLAG, own=_flag(~Q(archived_at=None)).own, order=("archived_at",)),
        "overalldefaultflag": filtering.flag("is_default"),
        "activitydefaultflag": _flag(NEVER),
        "utilizationflag": _flag(ALWAYS),
        "_info/lastupdated": filtering.moment("updated_at"),
        **dict.fromkeys(
            ("hoursmin", "hoursmax", "roundbillhoursto", "accrualtype", "costmultiplier", "integrationxref"),
            NOTHING_SET,
        ),
    }


def _work_type(record: WorkType, member: Membership) -> dict[str, Any]:
    option = record.billable_option
    return {
        "id": record.pk,
        "name": record.name,
        "billTime": _unset(member).value if option == BillableOption.NO_DEFAULT else option,
        "rateType": "Multiplier",
        "rate": float(record.multiplier),
        "hoursMin": None,
        "hoursMax": None,
        "roundBillHoursTo": None,
        "accrualType": None,
        "inactiveFlag": record.is_archived,
        "overallDefaultFlag": record.is_default,
        "activityDefaultFlag": False,
        "utilizationFlag": True,
        "costMultiplier": None,
        "integrationXRef": None,
        "_info": {"lastUpdated": wire.utc(record.updated_at)},
    }


WORK_TYPES = Lookup(
    "work_type", "Work types", WorkTypeOut, lambda member: WorkType.objects.all(), _work_type_fields, _work_type
)

# --- Work roles -------------------------------------------------------------------------------------------------------


class WorkRoleOut(Chosen):
    id: int
    name: str
    hourlyRate: float | None
    inactiveFlag: bool
    locationIds: list[int]
    integrationXref: str | None
    info: dict[str, str] = Named(alias="_info")


def _roles(member: Membership) -> QuerySet[WorkRole]:
    """Each with the rate that is in force today."""
    rates = WorkRoleRate.objects.active().filter(work_role=OuterRef("pk"), starts_on__lte=member.today())
    rows: QuerySet[WorkRole] = WorkRole.objects.annotate(
        hourly=Subquery(rates.order_by("-starts_on").values("hourly_rate")[:1])
    )
    return rows


def _role_fields(member: Membership) -> Fields:
    sees = can(member, Permission.SEE_RATES)
    return {
        "id": filtering.number("pk"),
        "name": filtering.text("name"),
        "hourlyrate": Field(Kind.AMOUNT, "hourly" if sees else ""),
        "inactiveflag": Field(Kind.FLAG, own=_flag(~Q(archived_at=None)).own, order=("archived_at",)),
        "integrationxref": NOTHING_SET,
        "_info/lastupdated": filtering.moment("updated_at"),
    }


def _work_role(record: Any, member: Membership) -> dict[str, Any]:
    sees = can(member, Permission.SEE_RATES)
    return {
        "id": record.pk,
        "name": record.name,
        "hourlyRate": float(record.hourly) if sees and record.hourly is not None else None,
        "inactiveFlag": record.is_archived,
        "locationIds": [],
        "integrationXref": None,
        "_info": {"lastUpdated": wire.utc(record.updated_at)},
    }


WORK_ROLES = Lookup("work_role", "Work roles, with the rate of today", WorkRoleOut, _roles, _role_fields, _work_role)

# --- Charge codes -----------------------------------------------------------------------------------------------------


class CompanyOut(Chosen):
    id: int
    identifier: str
    name: str
    info: dict[str, str] = Named(alias="_info")


class ChargeCodeOut(Chosen):
    id: int
    name: str
    company: CompanyOut | None
    location: None
    department: None
    billTime: str
    timeEntryFlag: bool
    expenseEntryFlag: bool
    workType: None
    workRole: None
    expenseTypeIds: list[int]
    info: dict[str, str] = Named(alias="_info")


BOUND = Q(project__isnull=False)


def _charge_codes(member: Membership) -> QuerySet[ChargeCode]:
    rows: QuerySet[ChargeCode] = ChargeCode.objects.select_related("project__client")
    return rows


def _charge_code_fields(member: Membership) -> Fields:
    return {
        "id": filtering.number("pk"),
        "name": filtering.text("code"),
        **filtering.reference(
            "company", "project__client", identifier="project__client__identifier", name="project__client__name"
        ),
        "billtime": filtering.words(
            {"donotbill": ~BOUND, "nodefault": BOUND, "billable": NEVER, "nocharge": NEVER},
            order=(filtering.by_words({"donotbill": ~BOUND, "nodefault": BOUND}),),
        ),
        "timeentryflag": _flag(Q(archived_at=None)),
        "expenseentryflag": _flag(NEVER),
        "_info/lastupdated": filtering.moment("updated_at"),
        "_info/description": filtering.text("name"),
        **dict.fromkeys(("location", "department", "worktype", "workrole"), NOTHING_SET),
        **dict.fromkeys(
            (f"{name}/id" for name in ("location", "department", "worktype", "workrole")), Field(Kind.NUMBER)
        ),
    }


def _charge_code(record: ChargeCode, member: Membership) -> dict[str, Any]:
    """Time on a code is billed only where the code is bound to a project."""
    client = None if record.project is None else record.project.client
    return {
        "id": record.pk,
        "name": record.code,
        "company": None if client is None else company_reference(client.pk, client.identifier, client.name),
        "location": None,
        "department": None,
        "billTime": (BillableOption.DO_NOT_BILL if client is None else BillableOption.NO_DEFAULT).value,
        "timeEntryFlag": not record.is_archived,
        "expenseEntryFlag": False,
        "workType": None,
        "workRole": None,
        "expenseTypeIds": [],
        "_info": {"lastUpdated": wire.utc(record.updated_at), "description": record.name},
    }


CHARGE_CODES = Lookup(
    "charge_code", "Charge codes, by their short names", ChargeCodeOut, _charge_codes, _charge_code_fields, _charge_code
)
