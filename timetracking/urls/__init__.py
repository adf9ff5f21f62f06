"""The product's addresses: all under /o/<slug>/, one list per noun."""

from timetracking.urls import (
    approvals,
    calendar,
    catalogue,
    exports,
    grid,
    invoices,
    periods,
    rates,
    repetition,
    reports,
    search,
    time,
    timer,
    webhooks,
    working_time,
)

urlpatterns = [
    *time.urlpatterns,
    *grid.urlpatterns,
    *timer.urlpatterns,
    *approvals.urlpatterns,
    *catalogue.urlpatterns,
    *periods.urlpatterns,
    *exports.urlpatterns,
    *invoices.urlpatterns,
    *rates.urlpatterns,
    *repetition.urlpatterns,
    *reports.urlpatterns,
    *search.urlpatterns,
    *working_time.urlpatterns,
    *calendar.urlpatterns,
    *webhooks.urlpatterns,
]
