"""Forgetting the organisation must crash, never leak."""

import pytest

from accounts.tenancy import ForeignRecord, ScopeRequired, organisation_scope
from tests import factories
from timetracking.models import Client, Project


def test_a_query_without_a_scope_raises(db):
    with pytest.raises(ScopeRequired):
        list(Client.objects.all())
    with pytest.raises(ScopeRequired):
        Client.objects.create(name="Nobody's")


def test_rows_of_another_organisation_do_not_exist(acme_organisation, globex):
    with organisation_scope(globex):
        theirs = factories.ClientFactory()
    with organisation_scope(acme_organisation):
        assert not Client.objects.filter(pk=theirs.pk).exists()
        assert Client.objects.update(notes="mine") == 0


def test_a_reference_into_another_organisation_is_refused(acme_organisation, globex):
    with organisation_scope(globex):
        theirs = factories.ClientFactory()
    with organisation_scope(acme_organisation):
        for values in ({"client": theirs}, {"client_id": theirs.pk}):
            with pytest.raises(ForeignRecord):
                Project(code="P", name="P", **values).save()
            with pytest.raises(ForeignRecord):
                Project.objects.bulk_create([Project(code="P", name="P", **values)])
        with pytest.raises(ForeignRecord):
            theirs.save()
        with pytest.raises(ForeignRecord):
            Project.objects.update(client=theirs)


def test_the_organisation_is_looked_up_late(acme_organisation, globex):
    everything = Client.objects.all()  # as in a form class that was imported during another request
    with organisation_scope(globex):
        theirs = factories.ClientFactory()
        assert list(everything.all()) == [theirs]
    with organisation_scope(acme_organisation):
        assert list(everything.all()) == []
