"""The product's facts."""

from timetracking.models.agreements import Agreement
from timetracking.models.catalogue import Activity, ChargeCode, Client, Project, Task, Ticket, WorkRole, WorkType
from timetracking.models.periods import PeriodReopening
from timetracking.models.time_entries import TimeEntry
from timetracking.models.timesheets import ApprovalEvent, ApprovalHandover, ApprovalLine, Timesheet
from timetracking.models.week_reminders import WeekReminder

__all__ = [
    "Activity",
    "Agreement",
    "ApprovalEvent",
    "ApprovalHandover",
    "ApprovalLine",
    "ChargeCode",
    "Client",
    "PeriodReopening",
    "Project",
    "Task",
    "Ticket",
    "TimeEntry",
    "Timesheet",
    "WeekReminder",
    "WorkRole",
    "WorkType",
]
