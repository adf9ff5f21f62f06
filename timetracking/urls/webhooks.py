"""Webhooks, among the organisation's settings."""

from django.urls import path

from timetracking.views import webhooks

_ROOT = "o/<slug:slug>/settings/webhooks/"
_ONE = f"{_ROOT}<int:hook_id>/"

urlpatterns = [
    path(_ROOT, webhooks.listing, name="webhooks"),
    path(f"{_ROOT}new/", webhooks.new, name="webhook-new"),
    path(_ONE, webhooks.show, name="webhook"),
    path(f"{_ONE}edit/", webhooks.edit, name="webhook-edit"),
    path(f"{_ONE}switch/", webhooks.switch, name="webhook-switch"),
    path(f"{_ONE}secret/", webhooks.renew_secret, name="webhook-secret"),
    path(f"{_ONE}test/", webhooks.send_test, name="webhook-test"),
    path(f"{_ONE}messages/<int:message_id>/replay/", webhooks.replay, name="webhook-replay"),
    path(f"{_ONE}delete/", webhooks.delete, name="webhook-delete"),
]
