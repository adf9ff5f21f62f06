"""What a new organisation finds there, and what the migration gives to those that were there before."""

from __future__ import annotations

import importlib

import pytest
from django.apps import apps

from accounts.models import AuditEvent
from accounts.services import organisations
from accounts.tenancy import organisation_scope
from tests import factories
from timetracking.models import ChargeCode, WorkRole, WorkType
from timetracking.services import catalogue, starter_records

USUAL_TYPES = {
    "Regular": (1, "NoDefault", True),
    "Overtime": (1.5, "NoDefault", False),
    "Training": (1, "DoNotBill", False),
    "Travel": (1, "NoDefault", False),
    "Remote": (1, "NoDefault", False),
    "On-site": (1, "NoDefault", False),
    "Administrative": (1, "DoNotBill", False),
}
USUAL_ROLES = {"Level 1 Tech", "Level 2 Tech", "Level 3 Tech", "Engineer", "Consultant", "Project Manager"}


def types() -> dict:
    rows = WorkType.objects.values_list("name", "multiplier", "billable_option", "is_default")
    return {name: tuple(rest) for name, *rest in rows}


def roles() -> set:
    return set(WorkRole.objects.values_list("name", flat=True))


def test_who_founds_an_organisation_finds_the_usual_records(db):
    organisation = organisations.found(
        name="Harbour", slug="harbour", time_zone="Europe/Rome", admin=factories.UserFactory()
    )
    with organisation_scope(organisation):
        assert types() == USUAL_TYPES
        assert roles() == USUAL_ROLES
        assert set(ChargeCode.objects.values_list("code", flat=True)) == {
            "MTNG", "TRNG", "ADMIN", "PTO", "ONCALL", "PROJ",
        }  # fmt: skip
        assert not ChargeCode.objects.filter(project__isnull=False).exists()
        assert AuditEvent.objects.filter(action="work_type.created").count() == len(USUAL_TYPES)


def test_twice_is_once_and_what_is_there_stays_as_it_is(acme, alice):
    mine = catalogue.create(alice, WorkType, name="Ordinary", is_default=True)
    catalogue.archive(alice, catalogue.create(alice, WorkType, name="Travel", multiplier=2))
    for _ in range(2):
        starter_records.equip(alice)
    assert list(WorkType.objects.filter(is_default=True)) == [mine]
    assert WorkType.objects.get(name="Travel").is_archived
    assert (WorkType.objects.count(), roles()) == (len(USUAL_TYPES) + 1, USUAL_ROLES)
    assert ChargeCode.objects.count() == 6


@pytest.mark.parametrize("has", ["nothing", "types", "roles"])
def test_the_migration_gives_them_to_who_has_none(acme, globex, has):
    migration = importlib.import_module("timetracking.migrations.0006_starter_types_and_roles")
    if has == "types":
        factories.WorkTypeFactory(name="Ordinary")
    if has == "roles":
        factories.WorkRoleFactory(name="Hand")
    for _ in range(2):
        migration.equip(Unscoped, None)
    assert types().keys() == ({"Ordinary"} if has == "types" else USUAL_TYPES.keys())
    assert roles() == ({"Hand"} if has == "roles" else USUAL_ROLES)
    with organisation_scope(globex):
        assert (types(), roles()) == (USUAL_TYPES, USUAL_ROLES)


class Unscoped:
    """The models as a migration sees them: across organisations."""

    @staticmethod
    def get_model(app: str, name: str):
        model = apps.get_model(app, name)
        if not hasattr(model, "unscoped"):
            return model

        class Historical:
            objects = model.unscoped

            def __new__(cls, **fields):
                return model(**fields)

        return Historical
