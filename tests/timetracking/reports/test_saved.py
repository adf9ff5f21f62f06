"""Reports under a name: saved, shared, opened by others, changed and deleted; and two who do it at once."""

from __future__ import annotations

import datetime as dt
from contextlib import contextmanager

import pytest
import time_machine
from django.http import QueryDict

from accounts.models import AuditEvent
from tests.together import together
from timesheets_site.lib.errors import Conflict, OutOfReach, RuleViolation
from timetracking.models import SavedReport
from timetracking.selectors import report_address
from timetracking.selectors import saved_reports as selectors
from timetracking.services import saved_reports

SAVE = "/o/acme/reports/save/"


@contextmanager
def refusal(code):
    with pytest.raises(RuleViolation) as refused:
        yield
    assert refused.value.code == code


def last_event():
    return AuditEvent.objects.order_by("-pk").first()


def test_saving_keeps_the_choices_and_tells_the_history(acme, bob):
    saved = saved_reports.keep(bob, name="  By week ", query="range=last_month&by=week", shared="managers")
    assert (saved.name, saved.owner, saved.version) == ("By week", bob, 1)
    event = last_event()
    assert (event.action, event.object_id, event.actor) == ("report.saved", saved.pk, bob)


def test_what_is_refused_on_saving(acme, bob):
    saved_reports.keep(bob, name="Taken", query="")
    for values, code in (
        ({"name": " "}, "name_required"), ({"name": "x" * 81}, "name_too_long"), ({"name": "Taken"}, "taken"),
        ({"query": "x" * 2_001}, "query_too_long"), ({"shared": "world"}, "shared_unknown"),
    ):  # fmt: skip
        with refusal(code):
            saved_reports.keep(bob, **{"name": "New", "query": "", **values})


def test_an_agent_keeps_reports_but_shares_none(acme, carol, monkeypatch):
    saved_reports.keep(carol, name="Mine", query="by=week")
    with refusal("sharing_not_allowed"):
        saved_reports.keep(carol, name="Ours", query="", shared="everybody")
    monkeypatch.setattr(saved_reports, "MOST_OF_A_MEMBER", 1)
    with refusal("too_many"):
        saved_reports.keep(carol, name="One more", query="")


def test_who_finds_which(acme, alice, bob, carol):
    for shared in ("", "managers", "everybody"):
        saved_reports.keep(bob, name=f"Bob {shared or 'alone'}", query="", shared=shared)
    names = {who: [line.name for line in selectors.lines(who)] for who in (alice, bob, carol)}
    assert names[bob] == ["Bob alone", "Bob everybody", "Bob managers"]
    assert names[alice] == ["Bob everybody", "Bob managers"]
    assert names[carol] == ["Bob everybody"]
    hidden = SavedReport.objects.get(name="Bob alone")
    for who in (alice, carol):
        with pytest.raises(OutOfReach):
            selectors.found(who, hidden.pk)


def test_who_changes_and_deletes(acme, alice, bob, carol):
    shared = saved_reports.keep(bob, name="Shared", query="", shared="everybody")
    alone = saved_reports.keep(bob, name="Alone", query="")
    for who, pk in ((carol, shared.pk), (alice, alone.pk), (alice, 999_999)):
        with pytest.raises(OutOfReach):
            saved_reports.change(who, pk, version=1, name="Mine now")
        with pytest.raises(OutOfReach):
            saved_reports.delete(who, pk, version=1)
    changed = saved_reports.change(alice, shared.pk, version=1, name="Renamed", query="by=agent")
    assert (changed.version, last_event().action) == (2, "report.changed")
    assert last_event().changes == {"name": ["Shared", "Renamed"], "query": ["", "by=agent"]}
    with pytest.raises(Conflict):
        saved_reports.change(bob, shared.pk, version=1, name="Mine")
    with pytest.raises(Conflict):
        saved_reports.delete(bob, shared.pk, version=1)
    saved_reports.delete(alice, shared.pk, version=2)
    assert last_event().action == "report.deleted"
    assert not SavedReport.objects.filter(pk=shared.pk).exists()


def test_what_stayed_the_same_is_not_told(acme, bob):
    saved = saved_reports.keep(bob, name="Same", query="")
    before = AuditEvent.objects.count()
    saved_reports.change(bob, saved.pk, version=1, name="Same")
    assert AuditEvent.objects.count() == before


# --- Pages ------------------------------------------------------------------------------------------------------------


def test_saved_from_the_page_and_opened_again(work, as_bob, bob):
    page = as_bob.get(f"{SAVE}?range=last_month&by=week&then=agent&status=done&page=3").content.decode()
    assert "Last month (now 1 – 31 May 2026)" in page and "Week / Agent" in page
    sent = {"name": "Weeks", "shared": "managers", "query": "range=last_month&by=week&then=agent&status=done&page=3"}
    saved = as_bob.post(SAVE, sent)
    kept = SavedReport.objects.get()
    assert kept.query == "range=last_month&status=done&by=week&then=agent"
    opened = as_bob.get(saved.url, follow=True)
    assert "Saved report" in opened.content.decode() and opened.context["report"].title == "1 – 31 May 2026"
    assert as_bob.post(SAVE, {"name": ""}).status_code == 422
    assert as_bob.post(SAVE, sent).status_code == 422  # there is one of that name


def test_the_same_form_sent_twice_saves_once(work, as_bob):
    sent = {"name": "Once", "shared": "", "query": "", "key": "a-key"}
    assert as_bob.post(SAVE, sent).url == as_bob.post(SAVE, sent).url
    assert SavedReport.objects.count() == 1


def test_relative_dates_stay_relative(acme, bob):
    query = report_address.read(bob, {"range": "last_month"}).canonical
    saved = saved_reports.keep(bob, name="Month", query=query)
    with time_machine.travel(dt.datetime(2026, 9, 2, 12, tzinfo=dt.UTC)):
        later = report_address.read(bob, QueryDict(saved.query))
    assert (later.days.first, later.days.last) == (dt.date(2026, 8, 1), dt.date(2026, 8, 31))


def test_an_agent_who_opens_a_shared_one_sees_their_own_time(work, as_carol, alice, bob):
    query = f"from=2026-04-20&to=2026-06-18&agent={bob.pk}&by=agent&sort=-amount"
    saved = saved_reports.keep(alice, name="People", query=query, shared="everybody")
    opened = as_carol.get(f"/o/acme/reports/{saved.pk}/", follow=True)
    assert opened.status_code == 200
    text = opened.content.decode()
    assert "Carol Clark" in text and "Bob Brown" not in text and "€" not in text


def test_changing_and_deleting_on_the_page(work, as_bob, as_alice, bob):
    saved = saved_reports.keep(bob, name="Weeks", query="by=week", shared="managers")
    edit = f"/o/acme/reports/{saved.pk}/edit/"
    form = as_bob.get(f"{edit}?by=agent").context["form"]
    assert form.initial["query"] == "by=agent"
    sent = {"name": "People", "shared": "", "query": "by=agent", "version": "1"}
    assert as_bob.post(edit, sent).status_code == 302
    saved.refresh_from_db()
    assert (saved.name, saved.query, saved.shared, saved.version) == ("People", "by=agent", "", 2)
    stale = as_bob.post(edit, {**sent, "name": "Mine"})
    assert stale.status_code == 409 and "Mine" in stale.content.decode()
    assert as_bob.post(f"/o/acme/reports/{saved.pk}/delete/", {"version": "1"}).status_code == 409
    assert as_alice.post(f"/o/acme/reports/{saved.pk}/delete/", {"version": "2"}).status_code == 404
    assert as_bob.post(f"/o/acme/reports/{saved.pk}/delete/", {"version": "2"}).status_code == 302
    assert not SavedReport.objects.exists()


def test_a_deleted_one_leaves_its_address_readable(work, as_bob, bob):
    saved = saved_reports.keep(bob, name="Gone", query="by=week")
    saved_reports.delete(bob, saved.pk, version=1)
    page = as_bob.get(f"/o/acme/reports/?by=week&saved={saved.pk}")
    assert page.status_code == 200 and "Saved report" not in page.content.decode()


# --- At once ----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_of_one_name_at_once_are_one(acme, bob):
    def save():
        return saved_reports.keep(bob, name="Same", query="")

    answers = together(acme, save, save)
    assert sorted(type(answer).__name__ for answer in answers) == ["RuleViolation", "SavedReport"]
    assert SavedReport.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_change_one_at_once(acme, alice, bob):
    saved = saved_reports.keep(bob, name="Ours", query="", shared="managers")
    answers = together(
        acme,
        lambda: saved_reports.change(alice, saved.pk, version=1, name="Alice's"),
        lambda: saved_reports.change(bob, saved.pk, version=1, name="Bob's"),
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["Conflict", "SavedReport"]
    saved.refresh_from_db()
    assert saved.version == 2
