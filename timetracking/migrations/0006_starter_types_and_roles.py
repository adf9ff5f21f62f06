"""Organisations that have no work types or no work roles get the usual ones.

What they are is written out here: a migration does the same whenever it runs. Going back leaves them.
"""

from django.db import migrations
from django.utils import timezone

WORK_TYPES = (
    ("Regular", "1", "NoDefault", True),
    ("Overtime", "1.5", "NoDefault", False),
    ("Training", "1", "DoNotBill", False),
    ("Travel", "1", "NoDefault", False),
    ("Remote", "1", "NoDefault", False),
    ("On-site", "1", "NoDefault", False),
    ("Administrative", "1", "DoNotBill", False),
)
WORK_ROLES = ("Level 1 Tech", "Level 2 Tech", "Level 3 Tech", "Engineer", "Consultant", "Project Manager")


def equip(apps, schema_editor):
    Organisation = apps.get_model("accounts", "Organisation")
    WorkType = apps.get_model("timetracking", "WorkType")
    WorkRole = apps.get_model("timetracking", "WorkRole")
    now = timezone.now()
    times = {"created_at": now, "updated_at": now}
    without_types = Organisation.objects.exclude(pk__in=WorkType.objects.values("organisation"))
    WorkType.objects.bulk_create(
        WorkType(
            organisation_id=pk, name=name, multiplier=multiplier, billable_option=option, is_default=default, **times
        )
        for pk in without_types.values_list("pk", flat=True)
        for name, multiplier, option, default in WORK_TYPES
    )
    without_roles = Organisation.objects.exclude(pk__in=WorkRole.objects.values("organisation"))
    WorkRole.objects.bulk_create(
        WorkRole(organisation_id=pk, name=name, **times)
        for pk in without_roles.values_list("pk", flat=True)
        for name in WORK_ROLES
    )


class Migration(migrations.Migration):
    dependencies = [
        ("timetracking", "0005_billing"),
    ]

    operations = [migrations.RunPython(equip, migrations.RunPython.noop)]
