"""Handing approvals over: the page, the form's refusals, ending one; who may do it for whom."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from accounts.models import AuditEvent, Notification
from tests.cast import browser_of
from tests.timetracking.approval.inbox import INBOX, NOON, colleague
from timetracking.models import ApprovalHandover
from timetracking.services import handovers

pytestmark = [pytest.mark.django_db]
PAGE = f"{INBOX}handovers/"
TODAY = NOON.date()
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def now(acme):
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def frida(acme):
    """A second manager."""
    return colleague(acme, "Frida Falk", role="MANAGER")


def days(stand_in, first=TODAY, last=TODAY + DAY, **more):
    return {"stand_in": stand_in.pk, "first_on": str(first), "last_on": str(last), **more}


def test_a_manager_hands_over_and_the_colleague_is_told(as_bob, bob, frida):
    response = as_bob.post(PAGE, days(frida))
    handover = ApprovalHandover.objects.get()
    assert (handover.approver, handover.stand_in, handover.last_on) == (bob, frida, TODAY + DAY)
    assert (response.status_code, response.url) == (302, PAGE)
    html = as_bob.get(PAGE).content.decode()
    assert "Frida Falk stands in: 22 – 23 June 2026" in html and "Holds today" in html
    assert Notification.objects.get().member == frida
    assert AuditEvent.objects.filter(action="approvals.handed_over").count() == 1


def test_sent_twice_it_is_handed_over_once(as_bob, frida):
    key = as_bob.get(PAGE).context["form"]["key"].value()
    for _time in range(2):
        assert as_bob.post(PAGE, days(frida, key=key)).status_code == 302
    assert ApprovalHandover.objects.count() == 1


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (TODAY + DAY, TODAY, "The last day comes before the first."),
        (TODAY - 3 * DAY, TODAY - DAY, "Choose days from today on."),
        (TODAY, TODAY + 400 * DAY, "Choose at most 366 days."),
    ],
)
def test_days_that_do_not_fit_are_refused_at_their_field(as_bob, frida, first, last, words):
    response = as_bob.post(PAGE, days(frida, first, last))
    assert response.status_code == 422 and response.context["form"].errors["last_on"] == [words]
    assert not ApprovalHandover.objects.exists()


def test_nobody_is_stood_in_for_by_two(as_bob, bob, alice, frida):
    handovers.hand_over(bob, stand_in=alice, first_on=TODAY, last_on=TODAY)
    response = as_bob.post(PAGE, days(frida))
    assert response.status_code == 422 and "has handed over on some of these days" in response.content.decode()


def test_agents_and_strangers_can_not_be_chosen(as_bob, carol, mallory):
    for person in (carol, mallory):
        response = as_bob.post(PAGE, days(person))
        assert response.status_code == 422 and "stand_in" in response.context["form"].errors
    assert not ApprovalHandover.objects.exists()


def test_a_manager_hands_over_nobody_else_s_approvals(as_bob, bob, alice, frida):
    as_bob.post(PAGE, days(frida, approver=alice.pk))
    assert ApprovalHandover.objects.get().approver == bob
    assert "Whose approvals" not in as_bob.get(PAGE).content.decode()


def test_an_admin_hands_over_for_others(as_alice, bob, frida):
    as_alice.post(PAGE, days(frida, approver=bob.pk))
    assert ApprovalHandover.objects.get().approver == bob


def test_managers_see_their_own_admins_all(as_alice, as_bob, alice, frida, acme):
    handovers.hand_over(frida, stand_in=alice, first_on=TODAY, last_on=TODAY)
    assert "Frida Falk" not in as_bob.get(PAGE).content.decode().partition("live-heading")[2]
    assert "Frida Falk" in as_alice.get(PAGE).content.decode().partition("live-heading")[2]
    assert "Frida Falk" in browser_of(frida).get(PAGE).content.decode().partition("live-heading")[2]


def test_ending_one(as_bob, as_carol, bob, frida):
    handover = handovers.hand_over(bob, stand_in=frida, first_on=TODAY, last_on=TODAY + DAY)
    assert as_carol.post(f"{PAGE}{handover.pk}/end/").status_code == 403
    assert browser_of(frida).post(f"{PAGE}{handover.pk}/end/").status_code == 403, "who stands in does not end it"
    response = as_bob.post(f"{PAGE}{handover.pk}/end/", follow=True)
    handover.refresh_from_db()
    assert handover.ended_at == NOON
    html = response.content.decode()
    assert "Frida Falk does not stand in any more." in html and "Earlier ones" in html


def test_those_that_are_over_are_listed_apart(as_bob, bob, frida, now):
    handovers.hand_over(bob, stand_in=frida, first_on=TODAY, last_on=TODAY)
    now.move_to(NOON + 2 * DAY)
    html = as_bob.get(PAGE).content.decode()
    assert "You have handed nothing over" in html and "22 June 2026" in html.partition("past-heading")[2]


def test_a_handover_of_another_organisation_is_unknown(globex, mallory, bob, frida):
    handover = handovers.hand_over(bob, stand_in=frida, first_on=TODAY, last_on=TODAY)
    assert browser_of(mallory).post(f"/o/globex/approvals/handovers/{handover.pk}/end/").status_code == 404
    assert ApprovalHandover.objects.get().ended_at is None
