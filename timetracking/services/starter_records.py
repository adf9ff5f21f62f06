"""What a new organisation finds there: the usual work types, work roles and charge codes. All of it can be changed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from accounts.models import Membership
from timetracking.models import ChargeCode, WorkRole, WorkType
from timetracking.models.billing import BillableOption
from timetracking.models.catalogue import CatalogueRecord
from timetracking.services import catalogue

WORK_TYPES: dict[str, dict[str, Any]] = {
    "Regular": {"is_default": True},
    "Overtime": {"multiplier": Decimal("1.5")},
    "Training": {"billable_option": BillableOption.DO_NOT_BILL.value},
    "Travel": {},
    "Remote": {},
    "On-site": {},
    "Administrative": {"billable_option": BillableOption.DO_NOT_BILL.value},
}
WORK_ROLES = ("Level 1 Tech", "Level 2 Tech", "Level 3 Tech", "Engineer", "Consultant", "Project Manager")
CHARGE_CODES = {
    "MTNG": "Internal meeting",
    "TRNG": "Training",
    "ADMIN": "Administration",
    "PTO": "Paid time off",
    "ONCALL": "On call",
    "PROJ": "Project work",  # to be bound to a project once there is one
}


def equip(admin: Membership) -> None:
    """Create what is missing of the usual records, in the admin's organisation, whose scope is open.

    What is there under its name or code, archived or not, stays as it is; a second default is never set.
    """
    default_taken = WorkType.objects.filter(is_default=True).exists()
    for name, fields in WORK_TYPES.items():
        given = {key: value for key, value in fields.items() if key != "is_default" or not default_taken}
        _create(admin, WorkType, {"name": name}, given)
    for name in WORK_ROLES:
        _create(admin, WorkRole, {"name": name}, {})
    for code, name in CHARGE_CODES.items():
        _create(admin, ChargeCode, {"code": code}, {"name": name, "is_time_off": code == "PTO"})


def _create(admin: Membership, model: type[CatalogueRecord], key: dict[str, str], fields: dict[str, Any]) -> None:
    if not model.objects.filter(**key).exists():
        catalogue.create(admin, model, **key, **fields)
