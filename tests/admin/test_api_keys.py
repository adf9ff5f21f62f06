"""API keys in the admin: found, read without anything that opens, revoked by the service."""

import pytest

from accounts.models import ApiKey, AuditEvent
from accounts.services import api_keys

LIST = "/o/acme/admin/accounts/apikey/"


@pytest.fixture
def key(acme, carol):
    return api_keys.create(carol, member=carol, kind="kimai", name="Phone", areas=["time"])[0]


def test_a_key_is_read_and_not_changed(admin, key):
    for path in (LIST, f"{LIST}?q=Carol", f"{LIST}{key.pk}/change/", f"{LIST}{key.pk}/history/"):
        html = admin.get(path).content.decode()
        assert "Phone" in html and key.digest not in html
    assert "Time entries and timers" in admin.get(f"{LIST}{key.pk}/change/").content.decode()
    assert admin.post(f"{LIST}{key.pk}/change/", {"name": "Mine"}).status_code == 403
    assert admin.get(f"{LIST}add/").status_code == 403
    assert admin.get(f"{LIST}?digest={key.digest}").status_code in (302, 400)


def test_chosen_keys_are_revoked(admin, alice, key):
    sent = {"action": "revoke", "_selected_action": [key.pk]}
    assert "1 key revoked" in admin.post(LIST, sent, follow=True).content.decode()
    assert ApiKey.objects.get().revoked_by_id == alice.pk
    assert AuditEvent.objects.get(action="api_key.revoked").channel == "admin"
