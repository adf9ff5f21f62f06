"""Reports: the page, the entries behind it, its files, those under a name."""

from django.urls import URLPattern, path

from timetracking.urls.time import IdConverter  # noqa: F401  # `<id:…>` is known from there on
from timetracking.views import report_exports, reports, saved_reports

BASE = "o/<slug:slug>/reports/"

urlpatterns: list[URLPattern] = [
    path(BASE, reports.show, name="reports"),
    path(BASE + "export.csv", report_exports.table_csv, name="report-csv"),
    path(BASE + "export.xlsx", report_exports.table_xlsx, name="report-xlsx"),
    path(BASE + "entries/", reports.entries, name="report-entries"),
    path(BASE + "entries/export.csv", report_exports.entries_csv, name="report-entries-csv"),
    path(BASE + "entries/export.xlsx", report_exports.entries_xlsx, name="report-entries-xlsx"),
    path(BASE + "saved/", saved_reports.listing, name="reports-saved"),
    path(BASE + "save/", saved_reports.save, name="report-save"),
    path(BASE + "<id:report_id>/", saved_reports.open_saved, name="report-saved"),
    path(BASE + "<id:report_id>/edit/", saved_reports.edit, name="report-saved-edit"),
    path(BASE + "<id:report_id>/delete/", saved_reports.delete, name="report-saved-delete"),
]
