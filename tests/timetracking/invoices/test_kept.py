"""What an issued invoice says is kept: the database refuses to change it, whoever asks."""

from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from tests.timetracking.invoices.billing import FIRST, LAST, billed_entry
from timetracking.models import Invoice, InvoiceLine
from timetracking.services import invoices

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(alice, client_, entries):
    return invoices.draft(alice, client=client_, first_on=FIRST, last_on=LAST)


@pytest.fixture
def issued(alice, draft):
    return invoices.issue(alice, draft.pk, version=draft.version)


def refused(sql):
    sql = sql.replace("LINE", InvoiceLine._meta.db_table).replace("BILL", Invoice._meta.db_table)
    told = pytest.raises(DatabaseError, match="an issued invoice is not changed")
    with told, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE LINE SET amount = amount + 1",
        "UPDATE LINE SET text = 'Other'",
        "UPDATE LINE SET hourly_rate = NULL",
        "DELETE FROM LINE",
        "UPDATE BILL SET number = 7",
        "UPDATE BILL SET net = net + 1, total = total + 1",
        "UPDATE BILL SET sender = '{}'",
        "UPDATE BILL SET due_on = '2020-01-01'",
        "UPDATE BILL SET status = 'draft', number = NULL",
        "DELETE FROM BILL",
    ],
)
def test_what_was_issued_stays(alice, issued, sql):
    refused(sql)
    invoices.void(alice, issued.pk, version=None, reason="Wrong")
    refused(sql)


def test_nothing_is_added_to_an_issued_invoice(carol, project, issued):
    late = billed_entry(carol, project=project)
    line = InvoiceLine(
        invoice=issued, entry=late, entry_version=1, date=late.date, group="G", agent="A", text="T", minutes=60,
        amount=Decimal(80),
    )  # fmt: skip
    with pytest.raises(DatabaseError, match="an issued invoice is not changed"), transaction.atomic():
        line.save()


def test_a_void_one_stays_void(alice, issued):
    invoices.void(alice, issued.pk, version=None, reason="Wrong")
    refused("UPDATE BILL SET status = 'issued'")


def test_a_draft_and_the_names_of_people_stay_open_to_change(draft, alice):
    InvoiceLine.objects.update(amount=1)
    Invoice.objects.update(note="Hello")
    InvoiceLine.objects.update(amount=80)
    draft = invoices.discard(alice, draft.pk, version=None)
    assert not Invoice.objects.exists()


def test_an_erased_name_is_replaced(issued):
    assert InvoiceLine.objects.update(agent="Former member") == 2
