"""The product's records in Django's admin; absent where the organisation has turned timesheets off."""

from timetracking.admin import approvals, catalogue, invoices, time_entries, timers, timesheets

__all__ = ["approvals", "catalogue", "invoices", "time_entries", "timers", "timesheets"]
