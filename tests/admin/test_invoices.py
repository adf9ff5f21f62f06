"""Invoices in the admin: read with their lines, issued by the service, and changed in no way."""

import pytest

from tests import factories
from tests.timetracking.invoices.billing import FIRST, LAST, billed_entry
from timetracking.models import Invoice, TimeEntry
from timetracking.services import invoices

LIST = "/o/acme/admin/timetracking/invoice/"


@pytest.fixture
def draft(acme, alice, carol):
    project = factories.ProjectFactory(client__name="Harbourside", code="BCN-1", name="Beacon")
    billed_entry(carol, project=project, subject="Rollout")
    return invoices.draft(alice, client=project.client, first_on=FIRST, last_on=LAST)


def test_an_invoice_is_read_with_its_lines(admin, draft):
    page = admin.get(f"{LIST}{draft.pk}/change/").content.decode()
    for words in ("Harbourside", "BCN-1 Beacon", "Rollout", "Carol Clark"):
        assert words in page
    assert 'name="_save"' not in page and "deletelink" not in page
    assert "Harbourside" in admin.get(LIST, {"q": "harbour"}).content.decode()


def test_nothing_is_written_past_the_service(admin, draft):
    assert admin.get(f"{LIST}add/").status_code == 403
    assert admin.post(f"{LIST}{draft.pk}/change/", {"note": "More"}).status_code == 403
    assert admin.post(f"{LIST}{draft.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Invoice.objects.get().note == ""


def test_drafts_are_issued_by_the_service(admin, draft):
    values = {"action": "issue", "_selected_action": [draft.pk], "index": 0}
    page = admin.post(LIST, values, follow=True).content.decode()
    assert "1 invoice issued." in page
    assert (Invoice.objects.get().reference, TimeEntry.objects.get().status) == ("INV-1", "BILLED")


def test_what_the_service_refuses_is_told(admin, draft):
    TimeEntry.objects.update(status="OPEN", version=2)
    values = {"action": "issue", "_selected_action": [draft.pk], "index": 0}
    page = admin.post(LIST, values, follow=True).content.decode()
    assert "changed since" in page
    assert Invoice.objects.get().status == "draft"
