"""Terms with a client."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from timetracking.models.billing import BillableOption, Rounding
from timetracking.models.catalogue import CatalogueRecord, Client


class Agreement(CatalogueRecord):
    """Terms with a client and their dates; rates and included hours hang on it."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="agreements", verbose_name=_("client"))
    name = models.CharField(_("name"), max_length=150)
    starts_on = models.DateField(_("starts"))
    ends_on = models.DateField(_("ends"), null=True, blank=True)
    billable_option = models.CharField(
        _("billing"), max_length=10, choices=BillableOption.choices, default=BillableOption.NO_DEFAULT
    )
    billing_increment_minutes = models.PositiveSmallIntegerField(
        _("billing increment in minutes"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    billing_rounding = models.CharField(_("rounding"), max_length=7, choices=Rounding.choices, default=Rounding.UP)
    billing_minimum_minutes = models.PositiveSmallIntegerField(
        _("minimum in minutes"), default=0, validators=[MaxValueValidator(480)]
    )
    included_minutes_a_month = models.PositiveIntegerField(_("included minutes a month"), null=True, blank=True)

    class Meta:
        verbose_name = _("agreement")
        verbose_name_plural = _("agreements")
        ordering = ["client__name", "name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["client", "name"], name="agreement_name_once"),
            models.CheckConstraint(
                condition=models.Q(ends_on__isnull=True) | models.Q(ends_on__gte=models.F("starts_on")),
                name="agreement_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return self.name
