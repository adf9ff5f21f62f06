"""What is done again: weeks, entries, templates, favourites."""

from django.urls import URLPattern, path

from timetracking.urls.time import DayConverter, IdConverter  # noqa: F401  # `<day:…>`, `<id:…>` are known from there on
from timetracking.views import entry_repeats, favourites, week_filling, week_templates

WEEK = "o/<slug:slug>/timesheets/<day:day>/"
ENTRY = "o/<slug:slug>/entries/<id:entry_id>/"
TEMPLATES = "o/<slug:slug>/timesheets/templates/"

urlpatterns: list[URLPattern] = [
    path(WEEK + "copy-last-week/", week_filling.copy, name="week-copy"),
    path(WEEK + "templates/<id:template_id>/", week_filling.use_template, name="week-template-use"),
    path(ENTRY + "duplicate/", entry_repeats.duplicate, name="entry-duplicate"),
    path(ENTRY + "move/", entry_repeats.move, name="entry-move"),
    path(ENTRY + "split/", entry_repeats.split, name="entry-split"),
    path(TEMPLATES, week_templates.listing, name="week-templates"),
    path(TEMPLATES + "new/", week_templates.new, name="week-template-new"),
    path(TEMPLATES + "<id:template_id>/", week_templates.edit, name="week-template-edit"),
    path(TEMPLATES + "<id:template_id>/delete/", week_templates.delete, name="week-template-delete"),
    path(TEMPLATES + "<id:template_id>/restore/", week_templates.restore, name="week-template-restore"),
    path("o/<slug:slug>/favourites/", favourites.favourite, name="favourite"),
]
