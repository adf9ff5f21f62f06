"""The nouns that set rates, declared: work types, work roles with their dated rates, and the rates of an agreement."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission
from timesheets_site.lib import dates
from timetracking.forms import catalogue as forms
from timetracking.models import AgreementRate, WorkRole, WorkRoleRate, WorkType
from timetracking.models.billing import BillableOption
from timetracking.rules import amounts, rates
from timetracking.selectors.records import Listing, Worked
from timetracking.views.catalogue import CatalogueViews
from timetracking.views.catalogue_parts import Cell, Column, Words

SHOWN_RATES = 3
FROM_NOW_ON = _("Applies to entries saved from now on.")
SETTINGS: dict[str, Any] = {
    "in_settings": True,
    "view": Permission.MANAGE_RATES,
    "change": Permission.MANAGE_RATES,
}


# --- Cells ------------------------------------------------------------------------------------------------------------


def times(multiplier: Any) -> str:
    """`× 1.5`, in the language's own way of writing it."""
    return f"× {amounts.factor(multiplier)}"


def in_force(rows: Any, organisation: Any) -> WorkRoleRate | None:
    """Of a role's rates the one that counts for work done today, where the organisation is."""
    today = timezone.now().astimezone(organisation.zone).date()
    return rates.in_force((row for row in rows if not row.is_archived), today)


def _rate(row: Any) -> str:
    return amounts.rate(row.hourly_rate, row.organisation.currency)


def _multiplier(record: Any, worked: Worked, slug: str) -> Cell:
    return Cell(times(record.multiplier))


def _billing(record: Any, worked: Worked, slug: str) -> Cell:
    is_set = record.billable_option != BillableOption.NO_DEFAULT
    return Cell(record.get_billable_option_display() if is_set else _now("Not set"))


def _default(record: Any, worked: Worked, slug: str) -> Cell:
    return Cell(_now("Where none is named"), tone="accent") if record.is_default else Cell()


def _type_name(record: Any, worked: Worked, slug: str) -> Cell:
    return Cell(record.name, reverse("work-type-edit", args=[slug, record.pk]))


def _role_name(record: Any, worked: Worked, slug: str) -> Cell:
    return Cell(record.name, reverse("work-role-rates", args=[slug, record.pk]))


def _role_rates(record: Any, worked: Worked, slug: str) -> Cell:
    """The role's rates, latest first, as far as they tell what counts today and what is to come; or that none is."""
    now = in_force(record.rates.all(), record.organisation)
    latest = sorted((row for row in record.rates.all() if not row.is_archived), key=lambda row: row.starts_on)[::-1]
    coming = [row for row in latest if now is None or row.starts_on > now.starts_on]
    if not latest:
        return Cell(_now("No rate yet"), tone="outline")
    return Cell(
        lines=tuple(_line(row, record.organisation, now) for row in latest[: max(SHOWN_RATES, len(coming) + 1)])
    )


def _line(row: Any, organisation: Any, now: WorkRoleRate | None) -> tuple[str, str]:
    values = {"rate": amounts.rate(row.hourly_rate, organisation.currency), "day": dates.full(row.starts_on)}
    text = _now("%(rate)s from %(day)s") % values
    return text, _now("In force today") if now is not None and row.pk == now.pk else ""


def _rate_day(record: Any, worked: Worked, slug: str) -> Cell:
    address = reverse("work-role-rate-edit", args=[slug, record.work_role_id, record.pk])
    return Cell(dates.full(record.starts_on), "" if record.is_archived else address)


def _hourly(record: Any, worked: Worked, slug: str) -> Cell:
    return Cell(_rate(record))


def _standing(record: Any, worked: Worked, slug: str) -> Cell:
    if record.is_archived:
        return Cell(_now("Removed"), tone="outline")
    now = in_force(record.work_role.rates.all(), record.organisation)
    if now is not None and now.pk == record.pk:
        return Cell(_now("In force today"), tone="ok")
    if now is None or record.starts_on > now.starts_on:
        return Cell(_now("To come"), tone="accent")
    return Cell(_now("Until its next one began"), tone="outline")


def _of_role(record: Any, worked: Worked, slug: str) -> Cell:
    return Cell(record.work_role.name if record.work_role else _now("Every role"))


def _of_type(record: Any, worked: Worked, slug: str) -> Cell:
    return Cell(record.work_type.name if record.work_type else _now("Every work type"))


def comes_to(record: Any, worked: Worked, slug: str) -> Cell:
    """What an hour of an entry costs by this rate, where the type that it is for multiplies it."""
    if record.work_type is None or record.work_type.multiplier == rates.ONE:
        return Cell(_rate(record))
    hourly = rates.Rate(record.hourly_rate, record.work_type.multiplier, rates.Source.AGREEMENT).hourly
    values = {
        "rate": amounts.rate(hourly, record.organisation.currency),  # type: ignore[arg-type]  # its base is set
        "times": times(record.work_type.multiplier),
    }
    return Cell(_now("%(rate)s (%(times)s)") % values)


# --- Nouns ------------------------------------------------------------------------------------------------------------

WORK_TYPES = CatalogueViews(
    name="work-type",
    plural="work-types",
    path="settings/work-types/",
    one="<int:pk>",
    lookup={"pk": "pk"},
    args=lambda work_type: [work_type.pk],
    form=forms.WorkTypeForm,
    listing=Listing(
        model=WorkType,
        search=("name",),
        sorts={"name": ("name",), "multiplier": ("multiplier", "name")},
        default_sort="name",
    ),
    columns=(
        Column(_("Name"), _type_name, "name"),
        Column(_("Multiplier"), _multiplier, "multiplier", number=True),
        Column(_("Billing"), _billing),
        Column(_("Used"), _default),
    ),
    words=Words(
        _("Work types"),
        _("New work type"),
        _("Edit work type"),
        _("No work types yet"),
        _("No work types match"),
        note=FROM_NOW_ON,
        list_note=_("The nature of work. Its multiplier applies to whichever rate is found for an entry."),
    ),
    icon="sliders",
    **SETTINGS,
)

WORK_ROLES = CatalogueViews(
    name="work-role",
    plural="work-roles",
    path="settings/work-roles/",
    one="<int:pk>",
    lookup={"pk": "pk"},
    args=lambda role: [role.pk],
    form=forms.WorkRoleForm,
    listing=Listing(
        model=WorkRole,
        search=("name",),
        sorts={"name": ("name",)},
        default_sort="name",
        related=("organisation",),
        prefetch=("rates",),
    ),
    columns=(
        Column(_("Role"), _role_name, "name"),
        Column(_("Rates"), _role_rates),
    ),
    words=Words(
        _("Work roles and rates"),
        _("New work role"),
        _("Edit work role"),
        _("No work roles yet"),
        _("No work roles match"),
        list_note=_("Counts where neither an agreement nor the project sets a rate, by the date of the work."),
    ),
    icon="users",
    **SETTINGS,
)

WORK_ROLE_RATES = CatalogueViews(
    name="work-role-rate",
    plural="work-role-rates",
    path="settings/work-roles/<int:role_id>/rates/",
    one="<int:pk>",
    lookup={"work_role": "role_id", "pk": "pk"},
    args=lambda rate: [rate.work_role_id, rate.pk],
    form=forms.WorkRoleRateForm,
    listing=Listing(
        model=WorkRoleRate,
        search=("work_role__name",),
        sorts={"from": ("starts_on",)},
        default_sort="-from",
        related=("organisation", "work_role"),
        prefetch=("work_role__rates",),
    ),
    columns=(
        Column(_("In force from"), _rate_day, "from"),
        Column(_("Hourly rate"), _hourly, number=True),
        Column(_("State"), _standing),
    ),
    words=Words(
        _("Rates"),
        _("New rate"),
        _("Edit rate"),
        _("No rates yet"),
        _("No rates match"),
        put_away=_("Remove"),
        was_put_away=_("Removed %(name)s."),
        note=FROM_NOW_ON,
    ),
    icon="users",
    parent="work_role",
    parent_lookup={"pk": "role_id"},
    above=lambda slug, role: reverse("work-role-edit", args=[slug, role.pk]),
    settings_page="work-roles",
    **SETTINGS,
)

AGREEMENT_RATES = CatalogueViews(
    name="agreement-rate",
    plural="agreement-rates",
    path="agreements/<int:agreement_id>/rates/",
    one="<int:pk>",
    lookup={"agreement": "agreement_id", "pk": "pk"},
    args=lambda rate: [rate.agreement_id, rate.pk],
    form=forms.AgreementRateForm,
    listing=Listing(
        model=AgreementRate,
        search=("work_role__name", "work_type__name"),
        sorts={"role": ("work_role__name", "work_type__name"), "type": ("work_type__name", "work_role__name")},
        default_sort="role",
        related=("organisation", "agreement", "work_role", "work_type"),
    ),
    columns=(
        Column(_("Work role"), _of_role, "role"),
        Column(_("Work type"), _of_type, "type"),
        Column(_("Hourly rate"), _hourly, number=True),
        Column(_("Comes to"), comes_to, number=True),
    ),
    words=Words(
        _("Rates"),
        _("New rate"),
        _("Edit rate"),
        _("No rates yet"),
        _("No rates match"),
        put_away=_("Remove"),
        was_put_away=_("Removed %(name)s."),
        note=FROM_NOW_ON,
        list_note=_("The most particular rate counts. The work type's multiplier applies to it as to every other."),
    ),
    icon="clipcheck",
    view=Permission.MANAGE_RATES,
    change=Permission.MANAGE_RATES,
    parent="agreement",
    parent_lookup={"pk": "agreement_id"},
    above=lambda slug, agreement: reverse("agreement", args=[slug, agreement.pk]),
    lands_above=True,
)

ALL = (WORK_TYPES, WORK_ROLES, WORK_ROLE_RATES, AGREEMENT_RATES)
