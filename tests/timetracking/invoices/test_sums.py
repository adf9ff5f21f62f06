"""The total of the parts is the total shown, to the last digit, in every currency and grouping."""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import factories
from tests.timetracking.invoices.billing import FIRST, LAST, billed_entry
from timetracking.models import InvoiceLine
from timetracking.rules import amounts
from timetracking.selectors.invoice_paper import groups_of, totals_of
from timetracking.services import invoice_lines, invoices

pytestmark = pytest.mark.django_db
ENTRIES = st.lists(
    st.tuples(
        st.integers(1, 600),
        st.decimals(Decimal("0.0001"), Decimal(999), places=4),
        st.booleans(),  # at no charge
        st.integers(0, 2),  # which project, or the ticket
    ),
    min_size=1,
    max_size=6,
)


@given(
    entries=ENTRIES,
    currency=st.sampled_from(["JPY", "GBP", "KWD"]),
    percent=st.decimals(0, 100, places=2),
    grouping=st.sampled_from(["project", "ticket", "role"]),
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_parts_add_up(alice, carol, client_, entries, currency, percent, grouping):
    organisation = alice.organisation
    organisation.currency = carol.organisation.currency = currency
    organisation.tax_percent = percent
    organisation.save()
    client = factories.ClientFactory()
    places = [{"project": factories.ProjectFactory(client=client)} for _ in range(2)]
    places.append({"ticket": factories.TicketFactory(client=client)})
    for minutes, rate, no_charge, place in entries:
        billed_entry(carol, minutes=minutes, hourly_rate=rate, no_charge=no_charge, **places[place])
    draft = invoices.draft(alice, client=client, first_on=FIRST, last_on=LAST, grouping=grouping)
    draft = invoices.issue(alice, draft.pk, version=draft.version)
    draft.refresh_from_db()
    lines = list(InvoiceLine.objects.filter(invoice=draft))
    groups = groups_of(draft)
    assert draft.net == sum(line.amount for line in lines) == sum(group.amount for group in groups)
    assert draft.minutes == sum(line.minutes for line in lines) == sum(group.minutes for group in groups)
    assert all(line.amount == 0 for line in lines if line.no_charge)
    assert draft.tax == amounts.tax(draft.net, percent, currency)
    assert draft.total == draft.net + draft.tax
    for _label, shown in totals_of(draft):
        assert shown == shown.quantize(amounts.minor_unit(currency))


def test_sums_of_what_is_left_out_and_taken_in_come_back(alice, client_, entries):
    draft = invoices.draft(alice, client=client_, first_on=FIRST, last_on=LAST)
    for entry in entries:
        less = invoice_lines.change(alice, draft.pk, version=None, leave_out=[entry.pk])
        assert less.net == draft.net - entry.amount
        more = invoice_lines.change(alice, draft.pk, version=None, take_in=[entry.pk])
        assert more.net == draft.net
