"""The weekly grid: the page, one cell, its rows."""

from django.urls import URLPattern, path

from timetracking.urls.time import DayConverter, IdConverter  # noqa: F401  # `<day:…>`, `<id:…>` are known from there on
from timetracking.views import grid_cell, week_grid

BASE = "o/<slug:slug>/timesheets/<day:day>/grid/"

urlpatterns: list[URLPattern] = [
    path(BASE, week_grid.show, name="week-grid"),
    path(BASE + "cell/", grid_cell.cell, name="grid-cell"),
    path(BASE + "rows/", week_grid.add_row, name="grid-rows"),
    path(BASE + "rows/<id:row_id>/remove/", week_grid.remove_row, name="grid-row-remove"),
]
