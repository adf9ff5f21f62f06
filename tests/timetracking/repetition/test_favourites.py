"""Favourites: everybody's own, harmless twice, at the top of the picker."""

import datetime as dt

import pytest
from django.utils import timezone

from accounts.models import AuditEvent
from tests import factories
from timesheets_site.lib.errors import RuleViolation
from timetracking.models import Favourite
from timetracking.services import favourites


def test_each_kind_of_record_once_and_removed_again(carol, bob):
    records = [factories.TicketFactory(), factories.ProjectFactory(), factories.TaskFactory(),
               factories.ChargeCodeFactory(), factories.ActivityFactory()]  # fmt: skip
    for record in records:
        assert (favourites.add(carol, record), favourites.add(carol, record)) == (True, False)
    assert [f.record for f in Favourite.objects.filter(member=carol)] == records
    assert favourites.add(bob, records[0])
    assert (favourites.remove(carol, records[0]), favourites.remove(carol, records[0])) == (True, False)
    assert Favourite.objects.filter(member=bob).count() == 1
    told = AuditEvent.objects.filter(object_type="favourite").values_list("action", "actor")
    assert list(told).count(("favourite.added", carol.pk)) == 5 and ("favourite.removed", carol.pk) in told


def test_there_is_an_end_to_it(carol, monkeypatch):
    monkeypatch.setattr(favourites, "MOST", 1)
    favourites.add(carol, factories.TicketFactory())
    with pytest.raises(RuleViolation) as refusal:
        favourites.add(carol, factories.TicketFactory())
    assert refusal.value.code == "too_many"


def groups(client, query=""):
    response = client.get(f"/o/acme/pick/{query}")
    return {g.label: [o.title for o in g.options] for g in response.context["groups"]}


def test_the_picker_begins_with_them_and_names_each_record_once(as_carol, carol, bob, count_queries):
    client = factories.ClientFactory()
    both = factories.TicketFactory(title="Both", client=client, assignee=carol)
    project = factories.ProjectFactory(name="Plans", client=client)
    closed = factories.TicketFactory(title="Closed", client=client)
    factories.TimeEntryFactory(member=carol, ticket=both)
    favourites.add(bob, factories.ProjectFactory(name="Bob's"))
    groups(as_carol)
    before = count_queries(lambda: groups(as_carol))
    for record in (project, both, closed):
        favourites.add(carol, record)
    type(closed).objects.filter(pk=closed.pk).update(status="closed", closed_at=timezone.now() - dt.timedelta(days=90))
    assert groups(as_carol) == {"Favourites": ["Plans", "Both"]}
    assert groups(as_carol, "?kind=TICKET") == {"Favourites": ["Both"]}
    few = count_queries(lambda: groups(as_carol))
    assert few == before
    for _ in range(5):
        favourites.add(carol, factories.TaskFactory(project=project))
    assert count_queries(lambda: groups(as_carol)) == few
