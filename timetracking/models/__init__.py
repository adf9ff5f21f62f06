"""The product's facts."""

from timetracking.models.agreements import Agreement
from timetracking.models.catalogue import Activity, ChargeCode, Client, Project, Task, Ticket, WorkRole, WorkType
from timetracking.models.invoices import Invoice, InvoiceLine
from timetracking.models.partner_values import PartnerValues
from timetracking.models.periods import PeriodReopening
from timetracking.models.rates import AgreementRate, BudgetWarning, WorkRoleRate
from timetracking.models.repetition import EntryBatch, Favourite, GridRow, WeekTemplate, WeekTemplateLine
from timetracking.models.reports import ExportJob, SavedReport
from timetracking.models.time_entries import TimeEntry
from timetracking.models.timers import Timer, UnplacedPiece
from timetracking.models.timesheets import ApprovalEvent, ApprovalHandover, ApprovalLine, Timesheet
from timetracking.models.webhooks import Webhook, WebhookMessage
from timetracking.models.week_reminders import WeekReminder

__all__ = [
    "Activity",
    "Agreement",
    "AgreementRate",
    "ApprovalEvent",
    "ApprovalHandover",
    "ApprovalLine",
    "BudgetWarning",
    "ChargeCode",
    "Client",
    "EntryBatch",
    "ExportJob",
    "Favourite",
    "GridRow",
    "Invoice",
    "InvoiceLine",
    "PartnerValues",
    "PeriodReopening",
    "Project",
    "SavedReport",
    "Task",
    "Ticket",
    "TimeEntry",
    "Timer",
    "Timesheet",
    "UnplacedPiece",
    "Webhook",
    "WebhookMessage",
    "WeekReminder",
    "WeekTemplate",
    "WeekTemplateLine",
    "WorkRole",
    "WorkRoleRate",
    "WorkType",
]
