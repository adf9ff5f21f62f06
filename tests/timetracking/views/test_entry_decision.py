"""The decision in the log-time form: what saving stores, what is missing, money only for who may see it."""

from __future__ import annotations

import html
import re
from decimal import Decimal

import pytest

from tests import factories
from tests.cast import MONDAY
from tests.timetracking.views.helpers import HTMX, NEW, logged, typed, url
from timetracking.models import TimeEntry, WorkRole, WorkType
from timetracking.services import catalogue

DECISION = "/o/acme/entries/decision/"
MONEY = re.compile(r"£|€|an hour|Comes to|included hours")


@pytest.fixture(autouse=True)
def terms(acme):
    acme.default_hourly_rate, acme.billing_increment_minutes, acme.currency = Decimal(80), 15, "GBP"
    acme.save()


@pytest.fixture
def ticket(acme):
    client = factories.ClientFactory(billing_increment_minutes=30)
    return factories.TicketFactory(client=client, number=4851, title="VPN")


def ask(browser, **values):
    response = browser.get(DECISION, typed(**values), headers=HTMX)
    assert response.status_code == 200
    return words_of(response.content.decode())


def words_of(page):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def box(browser, **values):
    """What the box is set to: (decided, what it would be without the box)."""
    page = browser.get(DECISION, typed(**values), headers=HTMX).content.decode()
    found = re.search(r'data-decided="(.)" data-shown="(.)"', page)
    return (found[1], found[2]) if found else None


def on(ticket, **values):
    return {"kind": "TICKET", "record": f"ticket:{ticket.pk}", "duration": "52m", **values}


def test_it_says_billable_rounding_rate_and_amount(as_alice, ticket):
    text = ask(as_alice, **on(ticket))
    assert "52m, billed as 1h (client: steps of 30 minutes, up)" in text
    assert "£80.00 an hour (the organisation's rate)" in text and "Comes to £80.00" in text
    assert "Your organisation's default." in text


def test_the_multiplier_and_what_included_hours_cover_are_said(as_alice, ticket):
    agreement = factories.AgreementFactory(client=ticket.client, included_minutes_a_month=40)
    ticket.agreement = agreement
    ticket.save()
    kind = WorkType.objects.create(name="Overtime", multiplier="1.5")
    text = ask(as_alice, **on(ticket, work_type=kind.pk))
    assert "£80.00 × 1.5 = £120.00 an hour" in text
    assert "40m are covered by the included hours of June 2026 (0h of 40m used before)" in text
    assert "Comes to £40.00" in text


@pytest.mark.parametrize(
    "values",
    [
        {"duration": "52m"},
        {"duration": "9-10:10"},
        {"duration": "1h", "billable_option": "NoCharge"},
        {"duration": "1h", "billable_shown": "1"},  # the box was unticked
        {"duration": "10m", "date": "2026-06-10", "work_type": "none", "work_role": "none"},
        {"duration": "", "start": "09:00", "end": "10:20", "break_minutes": "5"},
        {"duration": "40m", "work_type": "own", "work_role": "own"},
    ],
)
def test_saving_stores_what_was_shown(as_alice, alice, ticket, values):
    kind, role = WorkType.objects.create(name="Travel", multiplier="0.5"), WorkRole.objects.create(name="Senior")
    agreement = factories.AgreementFactory(client=ticket.client, included_minutes_a_month=100)
    ticket.agreement = agreement
    ticket.save()
    logged(alice, kind="TICKET", ticket=ticket, minutes=60)
    own = {"work_type": kind.pk, "work_role": role.pk}
    values = {name: own[name] if value == "own" else value for name, value in values.items()}
    shown = ask(as_alice, **on(ticket, **values))
    response = as_alice.post(NEW, typed(**on(ticket, **values)))
    assert response.status_code == 302, response.content.decode()
    entry = TimeEntry.objects.order_by("-pk").first()
    stored = as_alice.get(url(entry, "edit")).content.decode()
    text = words_of(stored[stored.index('id="id_billable_why"') :].split("</div></div></div>")[0])
    assert text.endswith(shown) and shown


@pytest.mark.parametrize(
    ("values", "missing"),
    [
        ({"kind": "TICKET"}, "Choose a ticket"),
        ({"kind": ""}, "Choose a ticket or project"),
        ({"duration": ""}, "Enter a duration"),
        ({"duration": "soon"}, "Use a format like 1h 30m, 1:30, 1.5 or 90m"),
        ({"date": "tomorrow"}, "Enter a date like 2026-06-18"),
        ({"work_type": "999"}, "Select a valid choice"),
        ({"duration": "", "start": "09:00", "end": "09:10", "break_minutes": "30"}, "The break is as long as the work"),
    ],
)
def test_what_is_missing_is_said_and_never_an_error(as_alice, ticket, values, missing):
    WorkType.objects.create(name="Travel")
    base = typed(**values) if "kind" in values else on(ticket, **values)
    assert missing in ask(as_alice, **base)


@pytest.mark.parametrize("junk", ["\x00", "9" * 3000, "\u202e", "-1", "1e9", "ticket:99999999999999999999"])
def test_junk_is_answered_too(as_alice, ticket, junk):
    for name in ("record", "duration", "date", "member", "work_role", "start", "entry", "billable_option"):
        response = as_alice.get(DECISION, typed(**on(ticket, **{name: junk})), headers=HTMX)
        assert response.status_code in ((400,) if junk == "\x00" else (200, 404)), name


def test_general_time_says_nothing_beside_the_box(as_carol):
    assert ask(as_carol) == ""
    assert "General time is never billable." in as_carol.get(DECISION, typed()).content.decode()


def test_without_the_permission_there_is_no_money(as_carol, as_bob, carol, ticket):
    ticket.agreement = factories.AgreementFactory(client=ticket.client, included_minutes_a_month=40)
    ticket.save()
    for browser in (as_carol, as_bob):
        text = ask(browser, **on(ticket))
        assert "billed as 1h" in text and not MONEY.search(text), text
    carol.sees_rates = True
    carol.save()
    assert MONEY.search(ask(as_carol, **on(ticket)))


def test_the_box_follows_the_decision_until_it_is_changed(as_carol, ticket):
    free = WorkType.objects.create(name="Goodwill", billable_option="DoNotBill")
    ticked = {"billable": "on", "billable_shown": "1"}
    assert box(as_carol, **on(ticket, **ticked)) == ("1", "1")
    assert box(as_carol, **on(ticket, **ticked, work_type=free.pk)) == ("0", "0")
    assert box(as_carol, **on(ticket, billable="on", billable_shown="0", work_type=free.pk)) == ("1", "0")
    assert box(as_carol, **on(ticket, billable_shown="1")) == ("0", "1")
    assert box(as_carol, **on(ticket, **ticked, billable_option="NoCharge")) == ("0", "0")
    assert box(as_carol, kind="TICKET") is None


def test_anothers_entry_can_not_be_asked_about(as_carol, bob, as_mallory, ticket):
    entry = logged(bob)
    for browser in (as_carol, as_mallory):
        assert browser.get(DECISION, typed(entry=entry.pk), headers=HTMX).status_code == 404


def test_the_decision_is_about_the_person_who_is_chosen(as_alice, bob, ticket):
    role = WorkRole.objects.create(name="Senior")
    catalogue_rate = role.rates.model(work_role=role, starts_on=MONDAY, hourly_rate=150)
    catalogue_rate.save()
    bob.default_work_role = role
    bob.save()
    assert "£150.00 an hour (the work role's rate)" in ask(as_alice, **on(ticket, member=bob.pk))
    assert "£80.00 an hour" in ask(as_alice, **on(ticket))


# --- The form itself --------------------------------------------------------------------------------------------------


def test_the_form_opens_with_the_decision_and_the_box_of_the_default_work_type(as_alice, ticket):
    WorkType.objects.filter(is_default=True).update(is_default=False)
    kind = WorkType.objects.create(name="Goodwill", billable_option="DoNotBill", is_default=True)
    page = as_alice.get(f"{NEW}?ticket={ticket.pk}").content.decode()
    assert "Set by the work type." in page and 'name="billable_shown" value="0"' in page
    assert not re.search(r'<input[^>]*name="billable"[^>]*checked', page)
    assert f"Default: {kind}" in page


def test_type_and_role_are_stored_kept_and_taken_away(as_carol, ticket):
    kind, role = WorkType.objects.create(name="Travel"), WorkRole.objects.create(name="Senior")
    as_carol.post(NEW, typed(**on(ticket, work_type=kind.pk, work_role=role.pk)))
    entry = TimeEntry.objects.get()
    assert (entry.work_type, entry.work_role) == (kind, role)
    page = as_carol.get(url(entry, "edit")).content.decode()
    assert f'<option value="{kind.pk}" selected>Travel</option>' in page
    sent = typed(**on(ticket, version=1, subject="New", billable="on", billable_shown="1"))
    as_carol.post(url(entry, "edit"), sent)  # a form without the two fields changes neither
    entry.refresh_from_db()
    assert (entry.subject, entry.work_type, entry.work_role) == ("New", kind, role)
    as_carol.post(url(entry, "edit"), {**sent, "version": 2, "work_type": "none", "work_role": "none"})
    entry.refresh_from_db()
    assert (entry.work_type, entry.work_role) == (None, None)


def test_an_archived_type_is_offered_only_where_it_is_in_use(as_carol, alice, ticket):
    kind = WorkType.objects.create(name="Faxing")
    as_carol.post(NEW, typed(**on(ticket, work_type=kind.pk)))
    catalogue.archive(alice, kind)
    assert "Faxing" not in as_carol.get(NEW).content.decode()
    assert "Faxing" in as_carol.get(url(TimeEntry.objects.get(), "edit")).content.decode()


def test_the_toast_says_what_is_billed_where_rounding_changed_it(as_carol, ticket):
    answer = as_carol.post(NEW, typed(**on(ticket)), headers=HTMX)
    assert "Logged 52m to TKT-4851, billed as 1h" in answer.content.decode()
    answer = as_carol.post(NEW, typed(**on(ticket, duration="1h", billable="on")), headers=HTMX)
    assert "Logged 1h to TKT-4851 on Monday" in answer.content.decode()


def test_a_conflict_shows_what_differs_in_type_and_role(as_carol, carol, ticket):
    kinds = [WorkType.objects.create(name=name) for name in ("Travel", "Desk work")]
    entry = logged(carol, kind="TICKET", ticket=ticket, work_type=kinds[0])
    sent = on(ticket, version=7, work_type=kinds[1].pk)
    answer = as_carol.post(url(entry, "edit"), typed(**sent))
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "<td>Desk work</td><td>Travel</td>" in page and not MONEY.search(page)
