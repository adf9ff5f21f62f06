"""Which fields of time entries conditions and `orderBy` may use, and where each of them is found."""

from __future__ import annotations

import datetime as dt
import math
from decimal import ROUND_CEILING, ROUND_FLOOR
from typing import Any

from django.db.models import (
    CharField,
    DateField,
    DateTimeField,
    DecimalField,
    ExpressionWrapper,
    F,
    IntegerField,
    OuterRef,
    Q,
    Subquery,
    Value,
)
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce, Concat
from django.db.models.lookups import Exact, GreaterThan, GreaterThanOrEqual, IExact, LessThan, LessThanOrEqual

from accounts.models import AuditEvent, Membership
from accounts.permissions import Permission, can
from timesheets_site.lib.numbers import LARGEST_ID
from timetracking.api.connectwise import filtering
from timetracking.api.connectwise.entry_rows import CENT, KEPT, KEPT_FLAGS, SURFACE
from timetracking.api.connectwise.entry_times import midnight
from timetracking.api.connectwise.filtering import NOTHING, SUFFIXES, Field, Fields, Kind, Own
from timetracking.api.connectwise.patterns import like
from timetracking.api.connectwise.references import identifier_field, member_fields
from timetracking.api.connectwise.vocabulary import Words, entry_statuses, shown_as
from timetracking.models import Invoice, InvoiceLine, PartnerValues, TimeEntry

KIND = TimeEntry.Kind
RATES = ("hourlyrate", "agreementamount", "overagerate")
LONGEST_STRETCH = dt.timedelta(days=3)
"""No entry's minutes and break together are longer."""
OPTIONS = {
    "billable": Q(billable=True),
    "nocharge": Q(no_charge=True),
    "donotbill": Q(billable=False, no_charge=False),
    "nodefault": NOTHING,
}
"""What was decided: every entry is one of the first three."""
CHARGE_TYPES = {
    "serviceticket": Q(kind=KIND.TICKET),
    "projectticket": Q(kind=KIND.PROJECT, charge_code__isnull=True),
    "chargecode": Q(charge_code__isnull=False) | Q(kind=KIND.GENERAL, activity__isnull=True),
    "activity": Q(kind=KIND.GENERAL, activity__isnull=False, charge_code__isnull=True),
}
CHARGED_TO = ("ticket", "charge_code", "task", "activity")
"""In this order the first that an entry has is what it is charged to."""
LOOKUPS: dict[str, Any] = {
    "=": Exact, "<": LessThan, "<=": LessThanOrEqual, ">": GreaterThan, ">=": GreaterThanOrEqual,
}  # fmt: skip
TOTAL = F("minutes") + F("break_minutes")


def fields_for(actor: Membership, words: Words) -> Fields:
    """The table for one caller: rates are no field for who may not see them."""
    sees = can(actor, Permission.SEE_RATES)
    statuses = {word: Q(status__in=sorted(found)) for word, found in entry_statuses(words).items()}
    shown = filtering.by_words({word: Q(status__in=found) for word, found in shown_as(words).items()})
    whole = {
        **PLAIN,
        "status": filtering.words(statuses, "status", order=(shown,)),
        "_info/updatedby": Field(Kind.TEXT, own=_updated_by, order=(_last_writer(),)),
    }
    return {name: found for name, found in whole.items() if sees or name not in RATES}


def _charged_to(operator: str, value: Any) -> Q:
    found, earlier = NOTHING, Q()
    for name in CHARGED_TO:
        if value is None:
            earlier &= Q(**{f"{name}__isnull": True})
            continue
        if abs(value) <= LARGEST_ID:
            found |= earlier & Q(**{f"{name}{SUFFIXES[operator]}": value})
        earlier &= Q(**{f"{name}__isnull": True})
    return earlier if value is None else found


def _ends(operator: str, value: Any) -> Q:
    """Ends that are not stored are 00:00 UTC of the day and all the minutes after it."""
    if not isinstance(value, dt.datetime):
        return NOTHING
    exact = Q(**{f"ended_at{SUFFIXES[operator]}": value})
    return exact | Q(ended_at__isnull=True) & _ends_by_minutes(operator, value)


def _ends_by_minutes(operator: str, value: dt.datetime) -> Q:
    try:
        days = [value.date() - dt.timedelta(days=back) for back in range(LONGEST_STRETCH.days + 1)]
    except OverflowError:  # in the year 1
        return Q() if ">" in operator else NOTHING
    found = Q(date__gt=days[0]) if ">" in operator else Q(date__lt=days[-1]) if "<" in operator else NOTHING
    for day in days:
        found |= Q(date=day) & Q(_minutes(operator, (value - midnight(day)).total_seconds() / 60))
    return found


def _minutes(operator: str, minutes: float) -> Any:
    match operator:
        case ">":
            return GreaterThan(TOTAL, math.floor(minutes))
        case ">=":
            return GreaterThanOrEqual(TOTAL, math.ceil(minutes))
        case "<":
            return LessThan(TOTAL, math.ceil(minutes))
        case "<=":
            return LessThanOrEqual(TOTAL, math.floor(minutes))
    return Exact(TOTAL, int(minutes) if minutes.is_integer() else -1)


def _notes(operator: str, value: Any) -> Q:
    """The description; where there is none the subject, unless that only repeats what its record is called."""
    repeats = Q(description="") & Q(Exact(F("subject"), TITLE))
    if value is None:
        return repeats
    if operator == "like":
        by_subject, described = like("subject", value), like("description", value)
    else:
        suffix = SUFFIXES[operator] or "__iexact"
        by_subject, described = Q(**{f"subject{suffix}": value}), Q(**{f"description{suffix}": value})
    return described & ~Q(description="") | by_subject & Q(description="") & ~repeats


def _shown(text: Combinable, shown: Q | None = None) -> Own:
    """A text that is not stored as it is shown; null but in the rows that `shown` finds."""
    within = Q() if shown is None else shown

    def found(operator: str, value: Any) -> Q:
        if value is None:
            return NOTHING if shown is None else ~shown
        if operator == "like":
            return within & like(text, value)
        return within & Q(LOOKUPS[operator](text, value) if operator != "=" else IExact(text, value))

    return found


def _invoice(path: str) -> Own:
    def found(operator: str, value: Any) -> Q:
        lines = InvoiceLine.objects.filter(live=True, invoice__status=Invoice.Status.ISSUED)
        if value is None:
            return ~BILLED
        if operator == "like":
            lines = lines.filter(like(path, value))
        elif isinstance(value, int) and abs(value) > LARGEST_ID:
            return NOTHING
        else:
            suffix = SUFFIXES[operator] or ("__iexact" if isinstance(value, str) else "")
            lines = lines.filter(**{f"{path}{suffix}": value})
        return Q(pk__in=lines.order_by().values("entry"))

    return found


def _kept(name: str) -> Own:
    """What is only kept: looked up in what is kept, by its name from our own list."""

    def found(operator: str, value: Any) -> Q:
        kept = PartnerValues.objects.filter(surface=SURFACE, entry__isnull=False).order_by()
        column = f"values__{name}"
        if value is None or value is False:
            return ~Q(pk__in=kept.filter(**{f"{column}__isnull": False}).exclude(**{column: False}).values("entry"))
        if operator == "like":
            return Q(pk__in=kept.filter(like(KT(column), value)).values("entry"))
        if isinstance(value, str) and operator != "=":
            return NOTHING  # JSON texts have no order that both databases share
        if isinstance(value, int) and abs(value) > LARGEST_ID:
            return NOTHING
        suffix = SUFFIXES[operator] or ("__iexact" if isinstance(value, str) else "")
        return Q(pk__in=kept.filter(**{f"{column}{suffix}": value}).values("entry"))

    return found


def _kept_fields() -> dict[str, Field]:
    kinds = {**dict.fromkeys(KEPT_FLAGS, Kind.FLAG), "locationId": Kind.NUMBER, "businessUnitId": Kind.NUMBER}
    return {name.lower(): Field(kinds.get(name, Kind.TEXT), own=_kept(name)) for name in KEPT if name != "customFields"}


def _calculated(expression: Combinable, shown: Q | None = None) -> Own:
    """A number that is not stored as it is shown; null but in the rows that `shown` finds."""
    within = Q() if shown is None else shown

    def found(operator: str, value: Any) -> Q:
        if value is None:
            return NOTHING if shown is None else ~shown
        if abs(value) > filtering.LARGEST_AMOUNT:
            return NOTHING
        return within & Q(LOOKUPS[operator](expression, value))

    return found


def _covered_amount(operator: str, value: Any) -> Q:
    """What included hours cover, as it is shown: rounded to cents, half up. Compared in sixtieths, without rounding."""
    if value is None:
        return ~COVERS
    if abs(value) > filtering.LARGEST_AMOUNT:
        return NOTHING
    down, up = value.quantize(CENT, ROUND_FLOOR), value.quantize(CENT, ROUND_CEILING)
    from_here = Q(GreaterThanOrEqual(COVERED_WORTH, 60 * (up - CENT / 2)))
    up_to_here = Q(LessThan(COVERED_WORTH, 60 * (down + CENT / 2)))
    conditions = {
        ">=": from_here, "<": ~from_here, "<=": up_to_here, ">": ~up_to_here, "=": from_here & up_to_here,
    }  # fmt: skip
    return COVERS & conditions[operator]


def _overage(operator: str, value: Any) -> Q:
    exceeds = Q(agreement__isnull=False, covered_minutes__gt=0, billed_minutes__gt=F("covered_minutes"))
    if value is None:
        return ~exceeds
    return exceeds & Q(**{f"hourly_rate{SUFFIXES[operator]}": min(value, filtering.LARGEST_AMOUNT)})


def _updated_by(operator: str, value: Any) -> Q:
    if operator not in ("=", "like") or not value:
        return NOTHING
    return like(_last_writer(), f"{value}@*")


def _last_writer() -> Coalesce:
    """The address of who changed an entry last, as the trail tells; of who entered it where that tells of nobody."""
    told = AuditEvent.objects.filter(object_type="timeentry", object_id=OuterRef("pk")).order_by("-pk")
    return Coalesce(Subquery(told.values("actor__user__email")[:1]), "recorded_by__user__email")


CHARGED_HOURS = ExpressionWrapper(F("billed_minutes") - F("covered_minutes"), output_field=IntegerField())
COVERED_WORTH = ExpressionWrapper(
    F("hourly_rate") * F("covered_minutes"), output_field=DecimalField(max_digits=20, decimal_places=4)
)
TITLE = Coalesce(
    "ticket__title", "task__name", "project__name", "charge_code__name", "activity__name", Value(""),
    output_field=CharField(),
)  # fmt: skip
"""What the record is called that the time is on, as `entry_rows.title_of` finds it."""
WEEK_STARTS = F("timesheet__week_start")
WEEK_ENDS = Cast(ExpressionWrapper(WEEK_STARTS + Value(6 * filtering.DAY), output_field=DateField()), DateField())
SHEET_NAME = Concat(Cast(WEEK_STARTS, CharField()), Value(" to "), Cast(WEEK_ENDS, CharField()))
"""As `entry_rows.sheet_name` writes it."""
BILLED = Q(status=TimeEntry.Status.BILLED)
ASKED_OTHERWISE = ~(
    Q(billable_option="Billable", billable=True)
    | Q(billable_option="NoCharge", billable=False, no_charge=True)
    | Q(billable_option="DoNotBill", billable=False, no_charge=False)
)
COVERS = Q(agreement__isnull=False, hourly_rate__isnull=False)
STARTS_AT = Coalesce("started_at", Cast("date", DateTimeField()))
PLAIN: dict[str, Field] = {
    "id": filtering.number("pk"),
    **filtering.reference("company", "client_id", identifier="client__identifier", name="client__name"),
    "chargetoid": Field(
        Kind.NUMBER, own=_charged_to, order=(Coalesce("ticket_id", "charge_code_id", "task_id", "activity_id"),)
    ),
    "chargetotype": filtering.words(CHARGE_TYPES, order=(filtering.by_words(CHARGE_TYPES),)),
    **member_fields("member", "member"),
    **filtering.reference("workType", "work_type_id", name="work_type__name"),
    **filtering.reference("workRole", "work_role_id", name="work_role__name"),
    **filtering.reference("agreement", "agreement_id", name="agreement__name"),
    "agreement/type": Field(Kind.TEXT),
    "timestart": Field(Kind.MOMENT, own=filtering.at_or_midnight("started_at", "date"), order=(STARTS_AT,)),
    "timeend": Field(Kind.MOMENT, own=_ends, order=(Coalesce("ended_at", STARTS_AT), TOTAL)),
    "hoursdeduct": filtering.hours("break_minutes"),
    "actualhours": filtering.hours("minutes"),
    "billableoption": filtering.words(OPTIONS, order=(filtering.by_words(OPTIONS),)),
    "notes": Field(Kind.TEXT, own=_notes, order=("description", "subject")),
    "internalnotes": filtering.text("internal_notes"),
    "hoursbilled": filtering.hours("billed_minutes"),
    "agreementhours": Field(
        Kind.HOURS, own=_calculated(F("covered_minutes"), Q(agreement__isnull=False)), order=("covered_minutes",)
    ),
    "invoicehours": Field(Kind.HOURS, own=_calculated(CHARGED_HOURS), order=(CHARGED_HOURS,)),
    "agreementamount": Field(Kind.AMOUNT, own=_covered_amount, order=(COVERED_WORTH,)),
    "overagerate": Field(Kind.AMOUNT, own=_overage, order=("hourly_rate",)),
    "hourlyrate": Field(Kind.AMOUNT, "hourly_rate"),
    "enteredby": identifier_field("recorded_by"),
    "dateentered": filtering.moment("created_at"),
    **filtering.reference("timeSheet", "timesheet_id"),
    "timesheet/name": Field(Kind.TEXT, own=_shown(SHEET_NAME), order=("timesheet__week_start",)),
    **filtering.reference("ticket", "ticket_id", summary="ticket__title"),
    **filtering.reference("project", "project_id", name="project__name"),
    **filtering.reference("phase", ""),
    "invoice": Field(Kind.NUMBER, own=_invoice("invoice_id")),
    "invoice/id": Field(Kind.NUMBER, own=_invoice("invoice_id")),
    "invoice/identifier": Field(Kind.TEXT, own=_invoice("invoice__reference")),
    "invoice/billingtype": Field(Kind.TEXT, own=_shown(Value("Standard"), BILLED), order=("status",)),
    "invoice/applytotype": Field(Kind.TEXT, own=_shown(Value("All"), BILLED), order=("status",)),
    "_info/askedbillableoption": Field(
        Kind.TEXT, own=_shown(F("billable_option"), ASKED_OTHERWISE), order=("billable_option",)
    ),
    "_info/lastupdated": filtering.moment("updated_at"),
    "_info/updatedby": Field(Kind.TEXT, own=_updated_by),
    "lastupdated": filtering.moment("updated_at"),
    **_kept_fields(),
}  # fmt: skip
