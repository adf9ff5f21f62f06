"""The approvals inbox, the review of a week, decisions on many, handovers."""

from django.urls import URLPattern, path

from timetracking.urls.time import IdConverter  # noqa: F401  # `<id:…>` is known from there on
from timetracking.views import approvals, approvals_bulk, handovers

BASE = "o/<slug:slug>/approvals/"

urlpatterns: list[URLPattern] = [
    path(BASE, approvals.inbox, name="approvals"),
    path(BASE + "bulk/", approvals_bulk.decide, name="approvals-bulk"),
    path(BASE + "undo/", approvals_bulk.undo, name="approvals-undo"),
    path(BASE + "remind/", approvals_bulk.remind, name="approvals-remind"),
    path(BASE + "handovers/", handovers.show, name="handovers"),
    path(BASE + "handovers/<id:handover_id>/end/", handovers.end, name="handover-end"),
    path(BASE + "<id:sheet_id>/", approvals.review, name="approval"),
    path(BASE + "<id:sheet_id>/decide/", approvals.decide, name="approval-decide"),
    path(BASE + "<id:sheet_id>/undo/", approvals.undo, name="approval-undo"),
    path(BASE + "<id:sheet_id>/reopen/", approvals.reopen, name="approval-reopen"),
]
