"""Charge codes called PTO are time off; so far their code alone said it. Going back leaves them."""

from django.db import migrations


def mark(apps, schema_editor):
    apps.get_model("timetracking", "ChargeCode").objects.filter(code="PTO", project=None).update(is_time_off=True)


class Migration(migrations.Migration):
    dependencies = [
        ("timetracking", "0008_timers_and_repetition"),
    ]

    operations = [migrations.RunPython(mark, migrations.RunPython.noop)]
