"""The product: time entries, timesheets and the catalogue they point to."""

import datetime as dt
from collections.abc import Callable

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

EVENTS = {
    "time_entry.logged": _("Time logged"),
    "time_entry.updated": _("Entry changed"),
    "time_entry.deleted": _("Entry deleted"),
    "time_entry.restored": _("Entry restored"),
    "time_entry.split": _("Entry split"),
    "time_entry.split_off": _("Entry split off from another"),
    "favourite.added": _("Record starred"),
    "favourite.removed": _("Star removed"),
    "week_template.created": _("Template of a week made"),
    "week_template.changed": _("Template of a week changed"),
    "week_template.deleted": _("Template of a week deleted"),
    "week_template.restored": _("Template of a week restored"),
    "entry_batch.undone": _("Entries that were written together taken back"),
    "time_entry.rerated": _("Entry re-rated"),
    "time_entry.coverage_changed": _("Included hours shared out again"),
    "timer.started": _("Timer started"),
    "timer.changed": _("Timer changed"),
    "timer.stopped": _("Timer stopped"),
    "timer.discarded": _("Timer discarded"),
    "timer.resumed": _("Timer taken up again"),
    "timer.piece_placed": _("Time of a timer placed"),
    "timer.piece_dropped": _("Time of a timer dropped"),
    "timer.piece_brought_back": _("Dropped time brought back"),
    "grid_row.added": _("Row added to a week's grid"),
    "grid_row.removed": _("Row removed from a week's grid"),
    "rates.rerated": _("Entries re-rated"),
    "time_entry.billed": _("Entry billed"),
    "time_entry.unbilled": _("Entry no longer billed"),
    "invoice.drafted": _("Invoice drafted"),
    "invoice.updated": _("Draft invoice changed"),
    "invoice.issued": _("Invoice issued"),
    "invoice.voided": _("Invoice voided"),
    "invoice.discarded": _("Draft invoice discarded"),
    "timesheet.marked_ready": _("Week marked as ready"),
    "timesheet.back_to_draft": _("Week back to draft"),
    "timesheet.submitted": _("Week submitted"),
    "timesheet.recalled": _("Week recalled"),
    "timesheet.first_approval": _("First approval given"),
    "timesheet.approved": _("Week approved"),
    "timesheet.rejected": _("Week rejected"),
    "timesheet.decided": _("Week approved in part, rejected in part"),
    "timesheet.undone": _("Decision taken back"),
    "timesheet.reopened": _("Week reopened"),
    "timesheet.reopening_asked": _("Asked to reopen a week"),
    "timesheet.changed": _("Week changed after submission"),
    "timesheet.reminded": _("Reminder of a week sent"),
    "approvals.handed_over": _("Approvals handed over"),
    "approvals.handover_ended": _("Handover ended"),
    "client.created": _("Client created"),
    "client.updated": _("Client changed"),
    "client.archived": _("Client archived"),
    "client.restored": _("Client restored"),
    "agreement.created": _("Agreement created"),
    "agreement.updated": _("Agreement changed"),
    "agreement.archived": _("Agreement archived"),
    "agreement.restored": _("Agreement restored"),
    "project.created": _("Project created"),
    "project.updated": _("Project changed"),
    "project.archived": _("Project archived"),
    "project.restored": _("Project restored"),
    "task.created": _("Task created"),
    "task.updated": _("Task changed"),
    "task.archived": _("Task archived"),
    "task.restored": _("Task restored"),
    "ticket.created": _("Ticket created"),
    "ticket.updated": _("Ticket changed"),
    "ticket.archived": _("Ticket archived"),
    "ticket.restored": _("Ticket restored"),
    "charge_code.created": _("Charge code created"),
    "charge_code.updated": _("Charge code changed"),
    "charge_code.archived": _("Charge code archived"),
    "charge_code.restored": _("Charge code restored"),
    "activity.created": _("Activity created"),
    "activity.updated": _("Activity changed"),
    "activity.archived": _("Activity archived"),
    "activity.restored": _("Activity restored"),
    "work_type.created": _("Work type created"),
    "work_type.updated": _("Work type changed"),
    "work_type.archived": _("Work type archived"),
    "work_type.restored": _("Work type restored"),
    "work_role.created": _("Work role created"),
    "work_role.updated": _("Work role changed"),
    "work_role.archived": _("Work role archived"),
    "work_role.restored": _("Work role restored"),
    "work_role_rate.created": _("Rate of a work role added"),
    "work_role_rate.updated": _("Rate of a work role changed"),
    "work_role_rate.archived": _("Rate of a work role removed"),
    "work_role_rate.restored": _("Rate of a work role restored"),
    "agreement_rate.created": _("Rate of an agreement added"),
    "agreement_rate.updated": _("Rate of an agreement changed"),
    "agreement_rate.archived": _("Rate of an agreement removed"),
    "agreement_rate.restored": _("Rate of an agreement restored"),
    "report.saved": _("Report saved"),
    "report.changed": _("Saved report changed"),
    "report.deleted": _("Saved report deleted"),
    "webhook.created": _("Webhook made"),
    "webhook.changed": _("Webhook changed"),
    "webhook.secret_renewed": _("New secret for a webhook"),
    "webhook.deleted": _("Webhook deleted"),
    "webhook.tested": _("Test message of a webhook"),
    "webhook.replayed": _("Message of a webhook sent again"),
    "webhook.switched_off": _("Webhook switched off by the product"),
    "export.asked": _("Export asked for"),
    "export.cancelled": _("Export cancelled"),
    "export.deleted": _("Export deleted"),
    "period.reopened": _("Period reopened for a member"),
    "period.reopening_ended": _("Reopened period closed again"),
}
LABELS = {
    "piece": _("Time"),
    "lines": _("Lines"),
    "split_into": _("Split into"),
    "split_from": _("Split off from"),
    "query": _("Choices"),
    "shared": _("Shared with"),
    "billable_decided_by": _("Billable decided by"),
    "rate_decided_by": _("Rate decided by"),
    "entries": _("Entries"),
    "reason": _("Reason"),
    "note": _("Note"),
    "week_start": _("Week"),
    "invoice": _("Invoice"),
    "currency": _("Currency"),
    "taken_in": _("Taken in"),
    "left_out": _("Left out"),
    "taken_over": _("Changes taken over"),
}
REMINDERS_EVERY = dt.timedelta(minutes=10)
BUDGETS_EVERY = dt.timedelta(minutes=10)
TIMERS_EVERY = dt.timedelta(minutes=5)
EXPORTS_TIDIED_EVERY = dt.timedelta(hours=1)
BATCHES_TIDIED_EVERY = dt.timedelta(days=1)
WEBHOOKS_TIDIED_EVERY = dt.timedelta(hours=6)


class TimetrackingConfig(AppConfig):
    name = "timetracking"
    verbose_name = _("Timesheets")

    def ready(self) -> None:
        """Tell the platform what it asks of the apps above it."""
        from accounts import audit_words, jobs, navigation, notice_kinds, policy_examples
        from accounts.services import organisations
        from timetracking import notices
        from timetracking.exports import entry_exports, report_entries
        from timetracking.models import TimeEntry, Timesheet
        from timetracking.rules import rounding
        from timetracking.selectors.approval_routing import waiting_count
        from timetracking.services import (
            budget_warnings,
            export_files,
            export_jobs,
            export_runs,
            forgotten_timers,
            money_settings,
            old_batches,
            reminders,
            starter_records,
            webhook_queue,
        )

        organisations.settling.append(money_settings.check)
        organisations.founding.append(starter_records.equip)
        policy_examples.billed = rounding.billed_by
        organisations.calendar_in_use.append(Timesheet.objects.exists)
        navigation.counts["approvals"] = waiting_count
        audit_words.WORDS.update(EVENTS)
        audit_words.LABELS.update(LABELS)
        audit_words.SHOWN["lines"] = lambda lines: "; ".join(line["subject"] for line in lines if line.get("subject"))
        audit_words.STATES.update((status.value, status.label) for status in TimeEntry.Status)
        notice_kinds.register(notices.KINDS)
        jobs.JOBS.append(jobs.Job("reminders of missing weeks", REMINDERS_EVERY, reminders.remind_missing))
        jobs.JOBS.append(jobs.Job("budgets", BUDGETS_EVERY, budget_warnings.warn))
        jobs.JOBS.append(jobs.Job("forgotten timers", TIMERS_EVERY, forgotten_timers.flag))
        jobs.JOBS.append(jobs.Job("exports", dt.timedelta(), export_runs.run_waiting, takes_long=True))
        jobs.JOBS.append(jobs.Job("old files of exports", EXPORTS_TIDIED_EVERY, export_files.tidy))
        jobs.JOBS.append(jobs.Job("old batches of entries", BATCHES_TIDIED_EVERY, old_batches.forget))
        jobs.JOBS.append(jobs.Job("webhooks", dt.timedelta(), _tell_webhooks, takes_long=True))
        jobs.JOBS.append(jobs.Job("old messages of webhooks", WEBHOOKS_TIDIED_EVERY, webhook_queue.forget_old))
        export_jobs.register(entry_exports.KIND)
        export_jobs.register(report_entries.KIND)


def _tell_webhooks(stop: Callable[[], bool]) -> int:
    """Loaded when it is first run: the words of the API take a second, and only the worker needs them."""
    from timetracking import webhook_round

    return webhook_round.run(stop)
