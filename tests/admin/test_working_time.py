"""Changes of hours and days off in the admin: added and removed by their services."""

from __future__ import annotations

from accounts.models import AuditEvent, CapacityChange, DayOff
from tests.admin.conftest import form_of

ROOT = "/o/acme/admin/accounts/"


def test_hours_and_days_off_are_added_and_removed(admin, acme, carol):
    for model, sent in (
        ("capacitychange", {"member": carol.pk, "starts_on": "2026-06-01", "weekly_capacity_minutes": "1800",
                            "working_weekdays": ["0", "1"]}),
        ("dayoff", {"member": carol.pk, "name": "Leave", "first_on": "2026-06-01", "last_on": "2026-06-02",
                    "part": "whole"}),
    ):  # fmt: skip
        path = f"{ROOT}{model}/"
        form = form_of(admin.get(f"{path}add/"))
        assert admin.post(f"{path}add/", {**form, **sent}).status_code == 302
        row = (CapacityChange if model == "capacitychange" else DayOff).objects.get()
        assert row.member == carol
        assert admin.post(f"{path}{row.pk}/change/", sent).status_code == 403
        assert admin.get(f"{path}{row.pk}/change/").status_code == 200
        admin.post(path, {"action": "remove", "_selected_action": [row.pk]})
    assert not CapacityChange.objects.exists() and not DayOff.objects.exists()
    actions = list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))
    assert actions == ["working_time.added", "working_time.removed", "day_off.added", "day_off.removed"]


def test_what_the_service_refuses_is_said(admin, acme, carol):
    form = form_of(admin.get(f"{ROOT}dayoff/add/"))
    sent = {**form, "name": "Leave", "first_on": "2026-06-02", "last_on": "2026-06-01", "part": "whole"}
    response = admin.post(f"{ROOT}dayoff/add/", sent)
    assert response.status_code == 422 and "on or after the first" in response.content.decode()
    assert not DayOff.objects.exists()
