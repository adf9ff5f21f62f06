"""The page of re-rating: its preview, what it says of the rest, applying exactly what was shown, CSV."""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal

import pytest

from tests import factories
from tests.timetracking.views.helpers import logged
from timetracking.models import TimeEntry

RERATE = "/o/acme/settings/rates/rerate/"


@pytest.fixture(autouse=True)
def entries(acme, carol):
    """Three at the old rate: an open one, an approved one, and one of an earlier year."""
    acme.default_hourly_rate, acme.currency = Decimal(60), "GBP"
    acme.save()
    ticket = factories.TicketFactory(number=4851)
    common = {"kind": "TICKET", "ticket": ticket, "minutes": 60}
    made = [logged(carol, subject=subject, **common) for subject in ("=Desk", "Approved")]
    made.append(logged(carol, date=made[0].date.replace(year=2025), subject="Old", **common))
    TimeEntry.objects.filter(pk=made[1].pk).update(status="APPROVED")
    acme.default_hourly_rate = Decimal(90)
    acme.save()
    return made


def hidden(page):
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page[page.index("dlg-f incard") :]))


def test_the_preview_says_what_would_change_and_what_stays(as_alice, entries):
    page = as_alice.get(RERATE).content.decode()
    assert "1 entry can be decided anew. 1 would change." in page and "1 approved entry stays as it is." in page
    assert "£60.00" in page and "£90.00" in page and "+£30.00" in page
    assert "=Desk" in page and "Old" not in page.split("preview-title", 1)[1]
    assert TimeEntry.objects.filter(hourly_rate=90).count() == 0
    whole = as_alice.get(RERATE, {"first": "2025-06-01", "last": "2025-12-31"}).content.decode()
    assert "Old" in whole


def test_it_applies_what_was_shown_and_leads_back(as_alice, entries):
    sent = hidden(as_alice.get(RERATE).content.decode())
    response = as_alice.post(RERATE, sent, follow=True)
    page = response.content.decode()
    assert "1 entry re-rated." in page and "Nothing would change." in page
    assert list(TimeEntry.objects.order_by("pk").values_list("hourly_rate", flat=True)) == [90, 60, 60]
    again = as_alice.post(RERATE, sent)
    assert again.status_code == 409 and "Something changed in the meantime." in again.content.decode()


def test_something_else_meanwhile_shows_the_new_preview(as_alice, acme, entries):
    sent = hidden(as_alice.get(RERATE).content.decode())
    acme.default_hourly_rate = Decimal(100)
    acme.save()
    response = as_alice.post(RERATE, sent)
    page = response.content.decode()
    assert response.status_code == 409 and "£100.00" in page
    assert hidden(page)["fingerprint"] != sent["fingerprint"]
    assert TimeEntry.objects.filter(hourly_rate=60).count() == 3
    assert as_alice.post(RERATE, hidden(page)).status_code == 302


@pytest.mark.parametrize(
    "scope",
    [
        {"first": "soon"},
        {"first": "2026-06-10", "last": "2026-06-01"},
        {"first": "2020-01-01", "last": "2026-06-01"},
        {"client": "999"},
        {"member": "x\u202e"},
    ],
)
def test_a_scope_that_can_not_be_read_is_refused_beside_its_field(as_alice, scope):
    for response in (as_alice.get(RERATE, scope), as_alice.post(RERATE, scope)):
        page = response.content.decode()
        assert response.status_code == 422 and 'id="errors"' in page and "What would change" not in page


def test_only_who_manages_rates_opens_it(as_bob, as_carol, bob):
    bob.sees_rates = True
    bob.save()
    for browser in (as_bob, as_carol):
        assert browser.get(RERATE).status_code == browser.get(f"{RERATE}changes.csv").status_code == 403


def test_the_csv_has_every_change_and_starts_no_formula(as_alice, entries):
    answer = as_alice.get(f"{RERATE}changes.csv")
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert len(rows) == 1
    assert (rows[0]["subject"], rows[0]["linked ticket / project"], rows[0]["status"]) == ("'=Desk", "TKT-4851", "OPEN")
    assert [Decimal(rows[0][name]) for name in ("amount before", "amount after")] == [60, 90]
    assert "re-rating_acme_2026-04-01_2026-06-18.csv" in answer["Content-Disposition"]
    assert as_alice.get(f"{RERATE}changes.csv", {"first": "soon"}).status_code == 302


def test_the_preview_is_paged_and_costs_the_same(as_alice, carol, count_queries):
    few = count_queries(lambda: as_alice.get(RERATE))
    for number in range(60):
        client = factories.ClientFactory()
        agreement = factories.AgreementFactory(client=client, included_minutes_a_month=30)
        ticket = factories.TicketFactory(client=client, agreement=agreement)
        factories.TimeEntryFactory(
            member=carol, ticket=ticket, agreement=agreement, minutes=60, subject=f"More {number}"
        )
    many = count_queries(lambda: as_alice.get(RERATE))
    assert many <= few + 1  # who else draws from the agreements' hours
    page = as_alice.get(RERATE, {"page": "2"}).content.decode()
    assert "61 would change." in page and "51–61 of 61" in page
