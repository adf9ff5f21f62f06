"""Closed periods, among the organisation's settings."""

from django.urls import path

from timetracking.views import periods

urlpatterns = [
    path("o/<slug:slug>/settings/periods/", periods.show, name="periods"),
    path("o/<slug:slug>/settings/periods/lock-date/", periods.lock_date, name="period-lock-date"),
    path("o/<slug:slug>/settings/periods/reopen/", periods.reopen, name="period-reopen"),
    path("o/<slug:slug>/settings/periods/<int:reopening_id>/end/", periods.end_reopening, name="period-reopening-end"),
]
