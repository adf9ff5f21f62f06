"""The week, its entries and their forms."""

import datetime as dt

from django.urls import URLPattern, path, register_converter

from timetracking.views import batch_answers, entries, entry_why, many_entries, week, week_history, week_steps


class DayConverter:
    """`2026-06-15`, of a week with a day of the years 2000 to 2099. The weeks beside those can be named, not opened."""

    regex = r"(?:20[0-9]{2}-[0-9]{2}|1999-12|2100-01)-[0-9]{2}"
    FIRST, LAST = dt.date(1999, 12, 26), dt.date(2100, 1, 6)

    def to_python(self, value: str) -> dt.date:
        day = dt.date.fromisoformat(value)
        if not self.FIRST <= day <= self.LAST:
            raise ValueError
        return day

    def to_url(self, value: dt.date) -> str:
        return value.isoformat()


class IdConverter:
    """A record's number, never longer than a database can hold."""

    regex = "[0-9]{1,18}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


register_converter(DayConverter, "day")
register_converter(IdConverter, "id")

urlpatterns: list[URLPattern] = [
    path("o/<slug:slug>/timesheets/", week.show, name="week"),
    path("o/<slug:slug>/timesheets/deleted/", entries.deleted, name="entries-deleted"),
    path("o/<slug:slug>/timesheets/<day:day>/", week.show, name="week-of"),
    path("o/<slug:slug>/timesheets/<day:day>/export.csv", week.export, name="week-export"),
    path("o/<slug:slug>/timesheets/<day:day>/submit/", week_steps.submit, name="week-submit"),
    path("o/<slug:slug>/timesheets/<day:day>/recall/", week_steps.recall, name="week-recall"),
    path("o/<slug:slug>/timesheets/<day:day>/ready/", week_steps.ready, name="week-ready"),
    path("o/<slug:slug>/timesheets/<day:day>/draft/", week_steps.draft, name="week-draft"),
    path("o/<slug:slug>/timesheets/<day:day>/ask-to-reopen/", week_steps.ask, name="week-ask"),
    path("o/<slug:slug>/timesheets/<day:day>/history/", week_history.show, name="week-history"),
    path("o/<slug:slug>/entries/new/", entries.new, name="entry-new"),
    path("o/<slug:slug>/entries/decision/", entry_why.decision, name="entry-decision"),
    path("o/<slug:slug>/entries/<id:entry_id>/edit/", entries.edit, name="entry-edit"),
    path("o/<slug:slug>/entries/<id:entry_id>/delete/", entries.delete, name="entry-delete"),
    path("o/<slug:slug>/entries/<id:entry_id>/undo/", entries.undo, name="entry-undo"),
    path("o/<slug:slug>/entries/<id:entry_id>/restore/", entries.restore, name="entry-restore"),
    path("o/<slug:slug>/entries/many/", many_entries.bulk, name="entries-bulk"),
    path("o/<slug:slug>/entries/batches/<id:batch_id>/undo/", batch_answers.undo, name="batch-undo"),
    path("o/<slug:slug>/entries/<id:entry_id>/history/", entries.history, name="entry-history"),
    path("o/<slug:slug>/entries/<id:entry_id>/why/", entry_why.why, name="entry-why"),
    path("o/<slug:slug>/pick/", entries.pick, name="pick"),
]
