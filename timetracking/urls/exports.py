"""Files made in the background: one's own list, asking, fetching."""

from django.urls import URLPattern, path

from timetracking.urls.time import IdConverter  # noqa: F401  # `<id:…>` is known from there on
from timetracking.views import exports

BASE = "o/<slug:slug>/data/exports/"

urlpatterns: list[URLPattern] = [
    path(BASE, exports.show, name="exports"),
    path(BASE + "ask/", exports.ask, name="export-ask"),
    path(BASE + "<id:job_id>/file/", exports.fetch, name="export-file"),
    path(BASE + "<id:job_id>/cancel/", exports.cancel, name="export-cancel"),
    path(BASE + "<id:job_id>/delete/", exports.delete, name="export-delete"),
    path(BASE + "<id:job_id>/again/", exports.again, name="export-again"),
]
