"""The product: time entries, timesheets and the catalogue they point to."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TimetrackingConfig(AppConfig):
    name = "timetracking"
    verbose_name = _("Timesheets")

    def ready(self) -> None:
        """Tell the platform what it asks of the apps above it."""
        from accounts import audit_words
        from accounts.services import organisations
        from timetracking.models import Timesheet

        organisations.calendar_in_use.append(Timesheet.objects.exists)
        audit_words.WORDS.update(
            {
                "time_entry.logged": _("Time logged"),
                "time_entry.updated": _("Entry changed"),
                "time_entry.deleted": _("Entry deleted"),
                "time_entry.restored": _("Entry restored"),
            }
        )
