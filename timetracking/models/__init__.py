"""The product's facts."""

from timetracking.models.agreements import Agreement
from timetracking.models.catalogue import Activity, ChargeCode, Client, Project, Task, Ticket, WorkRole, WorkType
from timetracking.models.time_entries import TimeEntry
from timetracking.models.timesheets import Timesheet

__all__ = [
    "Activity",
    "Agreement",
    "ChargeCode",
    "Client",
    "Project",
    "Task",
    "Ticket",
    "TimeEntry",
    "Timesheet",
    "WorkRole",
    "WorkType",
]
