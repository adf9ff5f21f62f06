"""The billing words that several nouns share."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class BillableOption(models.TextChoices):
    """What was asked for an entry (or by an agreement or a work type)."""

    BILLABLE = "Billable", _("Billable")
    DO_NOT_BILL = "DoNotBill", _("Do not bill")
    NO_CHARGE = "NoCharge", _("No charge")
    NO_DEFAULT = "NoDefault", _("Decide for me")


class Rounding(models.TextChoices):
    """How minutes become billed minutes, by a billing increment."""

    UP = "up", _("Up")
    NEAREST = "nearest", _("To the nearest")


class Flag(models.TextChoices):
    """A flag that may be left open, so that the next question decides."""

    YES = "yes", _("Yes")
    NO = "no", _("No")
    UNSET = "", _("Not set")


def flag_value(flag: str) -> bool | None:
    """
    >>> flag_value("yes"), flag_value("no"), flag_value("")
    (True, False, None)
    """
    return {"yes": True, "no": False}.get(flag)
