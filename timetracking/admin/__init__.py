"""The product's records in Django's admin; absent where the organisation has turned timesheets off."""

from timetracking.admin import catalogue, time_entries

__all__ = ["catalogue", "time_entries"]
