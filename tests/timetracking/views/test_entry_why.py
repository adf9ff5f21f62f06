"""Why an entry is billed as it is: every question with its answer, and money nowhere for who may not see rates."""

from __future__ import annotations

import html
import re
from decimal import Decimal

import pytest

from tests import factories
from tests.cast import MONDAY
from tests.timetracking.views.helpers import HTMX, logged, url
from timetracking.models import AgreementRate, TimeEntry, WorkRole, WorkRoleRate, WorkType
from timetracking.services import rerating, time_entries, timesheets

MONEY = re.compile(r"£|60\.00|80[.,]00|Amount|Hourly rate|Rate decided|ncluded hours|Which rate")


@pytest.fixture(autouse=True)
def terms(acme):
    acme.default_hourly_rate, acme.billing_increment_minutes, acme.currency = Decimal(80), 15, "GBP"
    acme.save()


@pytest.fixture
def ticket(acme):
    return factories.TicketFactory(number=4851)


def on(ticket, actor, **fields):
    return logged(actor, **{"kind": "TICKET", "ticket": ticket, "minutes": 52, **fields})


def read(browser, entry, action="why", **headers):
    response = browser.get(url(entry, action), headers=headers)
    assert response.status_code == 200
    page = response.content.decode()
    page = page[page.index("<main") :] if "<main" in page else page
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


# --- The answers ------------------------------------------------------------------------------------------------------


def test_what_decided_and_what_was_asked_before_it(as_alice, carol, ticket):
    text = read(as_alice, on(ticket, carol))
    assert "What was asked on the entry? Decide for me What does the ticket say? Nothing" in text
    assert "What is the organisation's default? Billable Decides" in text and "project say" not in text
    asked = read(as_alice, on(ticket, carol, billable_option="DoNotBill"))
    assert "What was asked on the entry? Do not bill Decides" in asked
    assert "What does the ticket say? Not asked" in asked and "£" not in asked
    general = read(as_alice, logged(carol))
    assert "Yes: general time is never billed Decides" in general


def test_rounding_rate_and_amount_by_the_numbers(as_alice, carol, ticket):
    text = read(as_alice, on(ticket, carol))
    assert "52m worked, 1h billed" in text and "organisation: steps of 15 minutes, up" in text
    assert "The agreement's rate No agreement The project's rate No project The work role's rate No work role" in text
    assert "The organisation's rate £80.00 Decides" in text
    assert "60 minutes ÷ 60 × £80.00 = £80.00" in text and "No hours are included." in text


def test_which_of_the_agreements_rates_and_which_month_covered_how_much(as_alice, carol, ticket):
    role, kind = (
        WorkRole.objects.create(name="Senior"),
        WorkType.objects.create(name="Overtime", multiplier=Decimal("1.5")),
    )
    agreement = factories.AgreementFactory(client=ticket.client, name="Support", included_minutes_a_month=90)
    for values in ({}, {"work_role": role}):
        AgreementRate.objects.create(agreement=agreement, hourly_rate=100, **values)
    ticket.agreement = agreement
    ticket.save()
    on(ticket, carol)
    text = read(as_alice, on(ticket, carol, work_role=role, work_type=kind))
    assert "£100.00 (Support: for Senior) Decides" in text
    assert "£100.00 × 1.5 (Overtime) = £150.00" in text
    assert "30m are covered by the included hours of June 2026 (1h of 1h 30m used before)." in text
    assert "(60 \u2212 30) minutes ÷ 60 × £150.00 = £75.00" in text


def test_what_a_later_day_was_billed_before_counts_as_used(as_alice, carol, ticket):
    ticket.agreement = factories.AgreementFactory(client=ticket.client, included_minutes_a_month=90)
    ticket.save()
    later = on(ticket, carol, minutes=75)
    TimeEntry.objects.filter(pk=later.pk).update(status="BILLED")
    early = {"kind": "TICKET", "record": f"ticket:{ticket.pk}", "date": "2026-06-08", "duration": "1h"}
    typed = " ".join(as_alice.get("/o/acme/entries/decision/", early, headers=HTMX).content.decode().split())
    words = "15m are covered by the included hours of June 2026 (1h 15m of 1h 30m used before)"
    assert words in typed
    assert words in read(as_alice, on(ticket, carol, minutes=60, date=MONDAY.replace(day=8)))
    assert "1h 15m are covered" in (text := read(as_alice, later)) and "(15m of 1h 30m used before)" in text


def test_a_roles_rate_says_since_when_it_is_in_force(as_alice, carol, ticket):
    role = WorkRole.objects.create(name="Senior")
    for start, rate in ((MONDAY, 70), (MONDAY.replace(year=2025), 65)):
        WorkRoleRate.objects.create(work_role=role, starts_on=start, hourly_rate=rate)
    text = read(as_alice, on(ticket, carol, work_role=role))
    assert "£70.00 (Senior, in force from 15 June 2026) Decides" in text


def test_earlier_terms_are_named_with_the_way_to_re_rating(as_alice, as_bob, bob, carol, ticket, acme):
    entry = on(ticket, carol)
    assert "earlier terms" not in read(as_alice, entry)
    acme.default_hourly_rate = Decimal(95)
    acme.save()
    page = as_alice.get(url(entry, "why")).content.decode()
    assert "Saved under earlier terms. Today it would be:" in page
    assert f"/settings/rates/rerate/?first=2026-06-15&amp;last=2026-06-15&amp;member={carol.pk}" in page
    bob.sees_rates = True
    bob.save()
    assert "Today it would be" in read(as_bob, entry) and "re-rating" not in read(as_bob, entry)
    TimeEntry.objects.filter(pk=entry.pk).update(status="BILLED")
    assert "re-rating" not in read(as_alice, entry), "it would not touch it"


def test_of_what_was_never_rated_it_says_so(as_alice, carol, ticket):
    entry = factories.TimeEntryFactory(member=carol, ticket=ticket, date=MONDAY)
    assert "Saved before rates were decided." in read(as_alice, entry)


@pytest.mark.parametrize("status", TimeEntry.Status.values)
def test_every_entry_can_be_asked_whatever_its_status(as_carol, carol, ticket, status):
    entry = on(ticket, carol)
    TimeEntry.objects.filter(pk=entry.pk).update(status=status)
    assert "Is it billed?" in read(as_carol, entry)
    assert f'href="/o/acme/entries/{entry.pk}/why/"' in as_carol.get(url(entry, "history")).content.decode()


def test_a_deleted_one_too_and_as_a_dialog(as_carol, carol, ticket):
    entry = on(ticket, carol)
    time_entries.delete(carol, entry.pk)
    assert "Is it billed?" in read(as_carol, entry)
    fragment = as_carol.get(url(entry, "why"), headers=HTMX).content.decode()
    assert 'id="dialog-title"' in fragment and "<html" not in fragment


def test_others_never_see_it(as_carol, as_mallory, bob, carol, ticket):
    assert as_carol.get(url(on(ticket, bob), "why")).status_code == 404
    assert as_mallory.get(url(on(ticket, carol), "why")).status_code == 404


# --- No money for who may not see it ----------------------------------------------------------------------------------


@pytest.fixture
def rich(alice, carol, ticket, acme):
    """An entry with everything in its history: logged, edited, shared out, re-rated, submitted, approved."""
    ticket.agreement = factories.AgreementFactory(client=ticket.client, included_minutes_a_month=60)
    ticket.save()
    entry = on(ticket, carol, date=MONDAY)
    entry = time_entries.edit(carol, entry.pk, version=entry.version, minutes=80)
    on(ticket, carol, date=MONDAY.replace(day=1), minutes=60)
    acme.default_hourly_rate = Decimal(60)
    acme.save()
    alice.organisation = acme
    scope = rerating.Scope(MONDAY, MONDAY)
    rerating.apply(alice, scope, fingerprint=rerating.plan(alice, scope).fingerprint)
    timesheets.submit(carol, carol, MONDAY)
    return entry


@pytest.mark.parametrize("action", ["why", "history"])
def test_rates_and_amounts_are_hidden_from_agents_and_managers(as_carol, as_bob, rich, action):
    for browser in (as_carol, as_bob):
        text = read(browser, rich, action)
        assert not MONEY.search(text), text
        assert "80m" in text or "1h 20m" in text


def test_the_history_tells_who_sees_rates_everything(as_alice, as_carol, carol, rich):
    for browser in (as_alice, as_carol):
        carol.sees_rates = True
        carol.save()
        text = read(browser, rich, "history")
        assert "re-rated this entry" in text and "changed what included hours cover of this entry" in text
        assert "Hourly rate £80.00 → £60.00" in text and "Covered by included hours 1h → 0h" in text
        assert "Rate decided by The organisation's rate" in text


def test_pages_around_an_entry_show_no_money_to_a_manager(as_bob, rich):
    sheet = rich.timesheet_id
    for path in (
        "/o/acme/timesheets/2026-06-15/?agent=all",
        "/o/acme/timesheets/2026-06-15/export.csv?agent=all",
        f"/o/acme/approvals/{sheet}/",
        f"/o/acme/entries/{rich.pk}/edit/",
        "/o/acme/tickets/TKT-4851/",
    ):
        response = as_bob.get(path)
        body = b"".join(response.streaming_content) if response.streaming else response.content
        assert response.status_code == 200 and not re.search(r"£|60\.00|80\.00", body.decode()), path


def test_a_locked_row_leads_to_it(as_carol, rich):
    page = as_carol.get("/o/acme/timesheets/2026-06-15/").content.decode()
    assert f'href="/o/acme/entries/{rich.pk}/why/"' in page
