"""The product: time entries, timesheets and the catalogue they point to."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TimetrackingConfig(AppConfig):
    name = "timetracking"
    verbose_name = _("Timesheets")
