"""Is this entry billable, and which question decided? The first that decides, in the order of `decide`."""

from __future__ import annotations

from dataclasses import dataclass

from timetracking.models.billing import BillableOption
from timetracking.models.time_entries import TimeEntry

DecidedBy = TimeEntry.DecidedBy


@dataclass(frozen=True)
class Decision:
    """`no_charge` is on the invoice at 0 and counts as not billable."""

    billable: bool
    no_charge: bool
    decided_by: str


def decide(
    *,
    kind: str,
    option: str = BillableOption.NO_DEFAULT,
    ticket_flag: bool | None = None,
    project_flag: bool | None = None,
    agreement_option: str = BillableOption.NO_DEFAULT,
    work_type_option: str = BillableOption.NO_DEFAULT,
    organisation_default: bool = True,
) -> Decision:
    """The decision for one entry. A flag of None and the option NoDefault leave it to the next question.

    >>> decide(kind="GENERAL", option="Billable")
    Decision(billable=False, no_charge=False, decided_by='general')
    >>> decide(kind="TICKET", option="NoCharge", ticket_flag=True)
    Decision(billable=False, no_charge=True, decided_by='entry')
    >>> decide(kind="TICKET", ticket_flag=False, agreement_option="Billable")
    Decision(billable=False, no_charge=False, decided_by='ticket')
    >>> decide(kind="PROJECT", agreement_option="DoNotBill")
    Decision(billable=False, no_charge=False, decided_by='agreement')
    >>> decide(kind="PROJECT", work_type_option="Billable", organisation_default=False)
    Decision(billable=True, no_charge=False, decided_by='work_type')
    >>> decide(kind="TICKET", organisation_default=False)
    Decision(billable=False, no_charge=False, decided_by='organisation')
    """
    if kind == TimeEntry.Kind.GENERAL:
        return _answer(BillableOption.DO_NOT_BILL, DecidedBy.GENERAL)
    if option != BillableOption.NO_DEFAULT:
        return _answer(option, DecidedBy.ENTRY)
    if ticket_flag is not None:
        return _flagged(ticket_flag, DecidedBy.TICKET)
    if project_flag is not None:
        return _flagged(project_flag, DecidedBy.PROJECT)
    if agreement_option != BillableOption.NO_DEFAULT:
        return _answer(agreement_option, DecidedBy.AGREEMENT)
    if work_type_option != BillableOption.NO_DEFAULT:
        return _answer(work_type_option, DecidedBy.WORK_TYPE)
    return _flagged(organisation_default, DecidedBy.ORGANISATION)


def _answer(option: str, decided_by: DecidedBy) -> Decision:
    return Decision(option == BillableOption.BILLABLE, option == BillableOption.NO_CHARGE, decided_by.value)


def _flagged(flag: bool, decided_by: DecidedBy) -> Decision:
    return Decision(flag, False, decided_by.value)
