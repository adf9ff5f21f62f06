"""Lists of time entries: what conditions find, in which order, page by page, at a cost that does not grow."""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import re
from decimal import Decimal
from operator import eq, ge, gt, le, lt, ne
from operator import or_ as operator_or

import pytest

from accounts.tenancy import organisation_scope
from tests import factories
from tests.timetracking.invoices.billing import billed_entry
from timetracking.api.connectwise import entry_rows, filtering
from timetracking.api.connectwise.entry_fields import PLAIN, fields_for
from timetracking.api.connectwise.vocabulary import Words
from timetracking.api.refusals import BadRequest
from timetracking.models import TimeEntry
from timetracking.services import invoices, partner_values

ENTRIES, VENDOR = "/time/entries", "/v4_6_release/apis/3.0/time/entries"
NINE = dt.datetime(2024, 2, 13, 9, tzinfo=dt.UTC)
UNKNOWN = 10**25


@pytest.fixture
def some(acme, alice, bob, carol):
    """By name: a ticket's with instants, a project's (billed at nothing), a task's, a code's, an activity's."""
    client = factories.ClientFactory(name="Harbour_side", identifier="HARB")
    ticket = factories.TicketFactory(client=client, title="Office LAN")
    task = factories.TaskFactory(project=factories.ProjectFactory(client=client, name="Beacon"), name="Cabling")
    code, activity = factories.ChargeCodeFactory(code="MTNG", name="Meetings"), factories.ActivityFactory(name="Call")
    regular = factories.WorkTypeFactory(name="Regular")
    rows = {
        "ticket": {
            "member": carol, "ticket": ticket, "date": NINE.date(), "minutes": 75, "started_at": NINE,
            "ended_at": NINE + dt.timedelta(minutes=90), "break_minutes": 15, "subject": "VPN drops",
            "description": "VPN drops\nagain", "billed_minutes": 90, "hourly_rate": Decimal(80), "work_type": regular,
        },
        "project": {"member": carol, "project": task.project, "date": dt.date(2024, 2, 20), "status": "APPROVED",
                    "subject": "Plan 100%", "billable": False, "no_charge": True},
        "task": {"member": bob, "project": task.project, "task": task, "date": dt.date(2024, 2, 20), "minutes": 20,
                 "status": "SUBMITTED", "subject": "Sockets", "internal_notes": "Ask Ada"},
        "code": {"member": bob, "charge_code": code, "date": dt.date(2024, 3, 1), "subject": "Stand-up"},
        "activity": {"member": carol, "activity": activity, "date": dt.date(2024, 3, 1), "status": "REJECTED"},
    }  # fmt: skip
    found = {name: factories.TimeEntryFactory(**fields) for name, fields in rows.items()}
    partner_values.keep(
        "connectwise", found["task"], {"emailCc": "cc@example.test", "emailCcFlag": True, "locationId": 7}
    )
    return found


def names(some, answer):
    assert answer.status_code == 200, answer.content
    by_id = {entry.pk: name for name, entry in some.items()}
    return [by_id[each["id"]] for each in answer.json()]


def found(caller, some, conditions, path=ENTRIES, **more):
    answer = caller.client.get(path, {"conditions": conditions, **more}, headers=caller.headers)
    return names(some, answer)


FOUND = [
    # as clients ask
    ("member/id={carol} and timeStart>=[2024-02-01]", "ticket project activity"),
    ('chargeToId={ticket} and chargeToType="ServiceTicket"', "ticket"),
    ("company/id={client}", "ticket project task"),
    ('status="Open" and billableOption="Billable"', "ticket task"),
    ('status="Approved" and billableOption="NoCharge"', "project"),
    # times, with instants and without
    ("timeStart = [2024-02-13T09:00:00Z]", "ticket"),
    ("timeStart = [2024-02-13T10:00:00+01:00]", "ticket"),
    ("timeStart < [2024-02-20]", "ticket"),
    ("timeStart <= '2024-02-20'", "ticket project task"),
    ("timeStart > [2024-02-20] and timeStart != [2024-03-01]", ""),
    ("timeStart >= [2024-02-20T00:00:01Z]", "code activity"),
    ("timeEnd = [2024-02-13T10:30:00Z] or timeEnd = [2024-02-20T00:20:00Z]", "ticket task"),
    ("timeEnd > [2024-02-20T00:20:00Z] and timeEnd < [2024-03-01T00:30:01Z]", "project code activity"),
    ("timeEnd <= [2024-02-20T00:20:30Z]", "ticket task"),
    ("timeEnd > [0001-01-01] and timeStart < [9999-12-31] and project = null", "ticket code activity"),
    # hours are minutes
    ("actualHours=0.33", "task"),
    ("actualHours>=1.25 and hoursDeduct=0.25", "ticket"),
    ("hoursBilled > 1", "ticket"),
    ("invoiceHours = 1.5 and overageRate = null and agreementAmount = null and agreementHours = null", "ticket"),
    # texts
    ('notes="*drops*again"', "ticket"),
    ('notes = "sockets" or internalNotes contains "ADA"', "task"),
    ("notes like '%100\\%' or notes like 'plan 100%'", "project"),
    ('company/name = "harbour*side" and company/identifier="harb"', "ticket project task"),
    ("notes like 'harbour_side'", ""),
    ("member/identifier = 'bob' or enteredBy like 'b%'", "task code"),
    ("ticket/summary = 'office lan' or project/name not like 'X%'", "ticket project task"),
    ("_info/updatedBy = 'bob'", "task code"),
    ("notes = null or notes = 'cabling'", ""),
    ("timeSheet/name = '2024-02-12 to 2024-02-18' or timeSheet/name like '%2024-03-03'", "ticket code activity"),
    ("timeSheet/name < '2024-02-13' and timeSheet/name != null", "ticket"),
    ("invoice/billingType = 'standard' or invoice/applyToType like 'a*' or invoice/billingType != null", ""),
    ("_info/askedBillableOption = null", ""),
    ("_info/askedBillableOption like 'no*' and id = {ticket_entry}", "ticket"),
    # words and patterns of words
    ("chargeToType in ('ChargeCode', 'activity')", "code activity"),
    ("chargeToType like '%Ticket' and not (chargeToType = 'ServiceTicket')", "project task"),
    ("status != 'Open' and status not in ('Rejected')", "project"),
    ("status = 'Submitted'", "task"),
    ("status = 'ReadyToBill'", "project"),
    # null, and what is kept
    ("workType = null and ticket != null", ""),
    ("workType/name = 'regular' and invoice = null and agreement/id = null and phase = null", "ticket"),
    ("chargeToId = null", "project"),
    ("emailCc like '*@example.test' and emailCcFlag = true and locationId > 6", "task"),
    ("emailCcFlag = false and mobileGuid = null and member/id = {bob}", "code"),
    # numbers that no column holds
    (f"id = {UNKNOWN} or chargeToId = {UNKNOWN} or member/id > {UNKNOWN}", ""),
    (f"id < {UNKNOWN} and id in ({UNKNOWN}, {{ticket_entry}})", "ticket"),
    ("", "ticket project task code activity"),
]  # fmt: skip


def test_conditions_find(program, some, alice, bob, carol):
    ticket, caller = some["ticket"], program("connectwise", alice)
    values = {"carol": carol.pk, "bob": bob.pk, "ticket": ticket.ticket_id, "client": ticket.client_id,
              "ticket_entry": ticket.pk}  # fmt: skip
    for conditions, expected in FOUND:
        assert found(caller, some, conditions.format(**values)) == expected.split(), conditions


def test_a_subject_that_repeats_its_record_is_no_note(program, some, alice):
    TimeEntry.objects.filter(pk__in=(some["task"].pk, some["code"].pk)).update(subject="Cabling")
    caller = program("connectwise", alice)
    assert [each["id"] for each in caller.get(ENTRIES).json() if each["notes"] is None] == [some["task"].pk]
    assert found(caller, some, "notes = null") == ["task"]
    assert found(caller, some, "notes = 'cabling' or notes like 'cab%'") == ["code"]


def shown_in(value, path=""):
    """The names of all fields of an object, the parts of its references included."""
    for name, inner in value.items():
        if isinstance(inner, list):
            continue
        if name != "_info":
            yield f"{path}{name}"
        if isinstance(inner, dict):
            yield from shown_in(inner, f"{path}{name}/")


def test_what_is_shown_may_be_asked_and_sorted_by(program, some, acme, alice, carol):
    factories.WorkTypeFactory()
    factories.WorkRoleFactory()
    factories.ChargeCodeFactory(project=some["project"].project)
    agreement = factories.AgreementFactory(client=some["ticket"].client)
    entry = billed_entry(carol, ticket=some["ticket"].ticket, agreement=agreement, date=NINE.date())
    draft = invoices.draft(alice, client=entry.client, first_on=entry.date, last_on=entry.date)
    invoices.issue(alice, draft.pk, version=draft.version)
    caller, names = program("connectwise", alice), set()
    for noun in ("entries", "sheets", "workTypes", "workRoles", "chargeCodes"):
        objects = caller.get(f"/time/{noun}").json()
        shown = {name for each in objects for name in shown_in(each)}
        for name in sorted(shown):
            query = {"conditions": f"{name} != null", "orderBy": f"{name} desc", "fields": "id"}
            answer = caller.client.get(f"/time/{noun}", query, headers=caller.headers)
            assert answer.status_code == 200, (noun, name, answer.content)
        names |= shown
    assert {"invoice/identifier", "agreement/name", "timeSheet/name", "_info/description"} <= names


def leaves(value, path=""):
    """The values of an object by the names that conditions give them; a reference is its id."""
    for name, inner in value.items():
        if isinstance(inner, dict):
            if "id" in inner:
                yield f"{path}{name}", inner["id"]
            yield from leaves(inner, f"{path}{name}/")
        elif not isinstance(inner, list):
            yield f"{path}{name}", inner


def literal(value):
    if isinstance(value, str):
        return f"[{value}]" if re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:]{8}Z", value) else f'"{value}"'
    return "null" if value is None else str(value).lower()


COMPARE = {"=": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}


def compared(one, sign, other):
    """What a condition means, of values as they are shown."""
    if sign in ("=", "!="):
        return COMPARE[sign](*(each.lower() if isinstance(each, str) else each for each in (one, other)))
    return one is not None and COMPARE[sign](one, other)


@pytest.mark.parametrize("words", Words)
def test_conditions_find_what_is_shown(march, some, acme, alice, carol, words):
    ticket = some["ticket"].ticket
    agreement = factories.AgreementFactory(client=ticket.client)
    for covered, how in ((10, {"hourly_rate": 100}), (20, {"no_charge": True}), (0, {"hourly_rate": 90})):
        fields = {"ticket": ticket, "agreement": agreement, "date": NINE.date(), "covered_minutes": covered}
        billed_entry(carol, minutes=20, **fields, **how)
    factories.TimeEntryFactory(member=carol, **fields)  # its rate is not known
    entry = billed_entry(carol, ticket=ticket, date=dt.date(2024, 4, 1))
    draft = invoices.draft(alice, client=entry.client, first_on=entry.date, last_on=entry.date)
    invoices.issue(alice, draft.pk, version=draft.version)
    rows = TimeEntry.objects.order_by("pk")
    fields, told = fields_for(alice, words), {}
    for shown in entry_rows.written(alice, words, rows):
        told[shown["id"]] = dict(leaves(shown))
    names = {name for each in told.values() for name in each} - {"company/identifier"}  # an empty text is null
    for name in sorted(names):
        values = {each.get(name) for each in told.values()}
        for value in values:
            plain = value is None or isinstance(value, bool) or (isinstance(value, str) and literal(value)[0] == '"')
            for sign in ("=", "!=") if plain else COMPARE:
                asked = f"{name} {sign} {literal(value)}"
                found = list(rows.filter(filtering.condition(asked, fields)).values_list("pk", flat=True))
                assert found == [pk for pk, each in told.items() if compared(each.get(name), sign, value)], asked


@pytest.mark.parametrize("words", Words)
def test_words_are_sorted_as_they_are_shown(some, alice, words):
    for name in ("status", "billableOption", "chargeToType", "_info/updatedBy"):
        rows = TimeEntry.objects.order_by(*fields_for(alice, words)[name.lower()].sorted_by)
        shown = [dict(leaves(each))[name] for each in entry_rows.written(alice, words, rows)]
        assert shown == sorted(shown), name


def test_words_of_the_vendor_tell_open_from_waiting(program, some, alice):
    caller = program("connectwise", alice)
    assert found(caller, some, "status = 'Open'", VENDOR) == ["ticket", "code"]
    assert found(caller, some, "status = 'PendingApproval'", VENDOR) == ["task"]
    assert {each["status"] for each in caller.get(VENDOR).json()} == {
        "Open", "ApprovedByTierOne", "PendingApproval", "Rejected"}  # fmt: skip


VALUES = ("5", "0.5", "'x'", "'a%'", "true", "null", "[2024-02-01]", "'2024-02-01T09:00:00Z'", str(UNKNOWN), "-1")


def test_every_field_may_be_asked_with_everything(some):
    """What a field refuses is refused when it is read; the rest is a query that both databases understand."""
    for name in PLAIN:
        accepted = []
        for operator in ("=", "!=", "<", ">=", "like", "in"):
            for value in VALUES:
                asked = f"{name} {operator} {f'({value})' if operator == 'in' else value}"
                with contextlib.suppress(BadRequest):
                    accepted.append(filtering.condition(asked, PLAIN))
        assert accepted, name
        assert TimeEntry.objects.filter(functools.reduce(operator_or, accepted)).count() <= 5, name


REFUSED = [
    ({"conditions": "nothing = 1"}, "nothing is no field"),
    ({"conditions": "organisation_id = 1"}, "is no field"),
    ({"conditions": "member__user__password = 'x'"}, "is no field"),
    ({"conditions": "id = 'x'"}, "can't be compared"),
    ({"conditions": "id = 1.5"}, "can't be compared"),
    ({"conditions": "status = 'Lost'"}, "can't be compared"),
    ({"conditions": "status < 'Open'"}, "can't be compared"),
    ({"conditions": "timeStart = [soon]"}, "can't be compared"),
    ({"conditions": "id like '1%'"}, "is no text"),
    ({"conditions": "notes = '" + "*a" * 11 + "'"}, "wildcards"),
    ({"conditions": "id in (" + ",".join(["1"] * 201) + ")"}, "at most 200"),
    ({"conditions": "(("}, "can't be read"),
    ({"orderBy": "password"}, "no field to sort by"),
    ({"orderBy": "id up"}, "orderBy"),
    ({"page": "0"}, "page"),
    ({"page": "x"}, "page"),
    ({"pageSize": "-1"}, "pagesize"),
    ({"pageId": "1.5"}, "pageid"),
]


def test_what_can_not_be_read_is_400(program, acme, alice):
    caller = program("connectwise", alice)
    for query, words in REFUSED:
        answer = caller.client.get(ENTRIES, query, headers=caller.headers)
        assert (answer.status_code, answer.json()["code"]) == (400, "InvalidArgument"), query
        assert words in answer.json()["message"]


def test_rates_are_no_field_for_who_may_not_see_them(program, some, bob, carol, alice):
    for member, status in ((bob, 400), (carol, 400), (alice, 200)):
        caller = program("connectwise", member)
        for query in ({"conditions": "hourlyRate > 1"}, {"orderBy": "hourlyRate desc"}):
            assert caller.client.get(ENTRIES, query, headers=caller.headers).status_code == status
        assert {each["hourlyRate"] for each in caller.get(ENTRIES).json()} == (
            {80.0, None} if status == 200 else {None}
        )


def test_agents_see_their_own_and_others_nothing(program, some, carol, mallory):
    assert names(some, program("connectwise", carol).get(ENTRIES)) == ["ticket", "project", "activity"]
    assert program("connectwise", mallory).get(ENTRIES).json() == []
    assert found(program("connectwise", mallory), some, f"company/id={some['ticket'].client_id}") == []


# --- Order, fields, pages ---------------------------------------------------------------------------------------------


ORDERS = {
    "timeStart desc, id": "code activity project task ticket",
    "timeEnd asc,id desc": "ticket task project activity code",
    "member/identifier desc,actualHours": "project activity ticket task code",
    "ID DESC": "activity code task project ticket",
}


def test_orders(program, some, alice):
    caller = program("connectwise", alice)
    for order, expected in ORDERS.items():
        assert found(caller, some, "", orderBy=order) == expected.split(), order


def test_every_field_can_be_sorted_by(program, some, alice):
    caller, fields = program("connectwise", alice), sorted(PLAIN)
    for start in range(0, len(fields), 10):
        order = ",".join(f"{name} desc" for name in fields[start : start + 10])
        assert len(caller.get(f"{ENTRIES}?orderby={order}").json()) == 5, order


def test_fields_are_chosen_and_parameters_have_no_case(program, some, alice):
    caller = program("connectwise", alice)
    answer = caller.get(
        f"{ENTRIES}?FIELDS=id,Member/Identifier,unknown&PAGESIZE=1&childconditions=x&customFieldConditions="
    )
    assert answer.json() == [{"id": some["ticket"].pk, "member": {"identifier": "carol"}}]
    one = caller.get(f"{ENTRIES}/{some['ticket'].pk}?fields=ticket/summary,status")
    assert one.json() == {"status": "Open", "ticket": {"summary": "Office LAN"}}


def links(answer):
    """As a well-known client reads the header: cut at commas, then `page=N>; rel="…"`."""
    matches = (re.search(r'page=(\d+)>; rel="(.*?)"', part) for part in answer["Link"].split(","))
    return {match[2]: int(match[1]) for match in matches if match}


def test_pages_have_links_that_clients_can_read(program, some, alice):
    caller = program("connectwise", alice)
    query = "conditions=id in (1,2,3) or id>0&fields=id,notes&pageSize=2"
    first = caller.get(f"{ENTRIES}?{query}")
    assert first["X-Total-Count"] == "5"
    assert links(first) == {"next": 2, "last": 3, "first": 1}
    assert first["Link"].split(",")[0] == (
        "<http://testserver/time/entries?conditions=id%20in%20%281%2C2%2C3%29%20or%20id%3E0"
        '&fields=id%2Cnotes&pageSize=2&page=2>; rel="next"'
    )
    assert links(caller.get(f"{ENTRIES}?{query}&page=2")) == {"next": 3, "last": 3, "prev": 1, "first": 1}
    last = caller.get(f"{ENTRIES}?{query}&page=3")
    assert (links(last), len(last.json())) == ({"last": 3, "prev": 2, "first": 1}, 1)
    assert links(caller.get(ENTRIES)) == {"last": 1, "first": 1}  # there on the only page as well
    beyond = caller.get(f"{ENTRIES}?page={UNKNOWN}&pageSize=5000")
    assert (beyond.json(), links(beyond)["last"]) == ([], 1)


def test_forward_only_pages_follow_the_ids(program, some, alice):
    caller = program("connectwise", alice)
    ids = [entry.pk for entry in some.values()]
    answer = caller.get(f"{ENTRIES}?pageSize=3&page=2&orderBy=id desc", pagination_type="forward-only")
    assert [each["id"] for each in answer.json()] == ids[:3]
    assert answer["Link"] == (
        f'<http://testserver/time/entries?orderBy=id%20desc&pageSize=3&pageId={ids[2]}>; rel="next"'
    )
    rest = caller.get(f"{ENTRIES}?pageSize=3&pageId={ids[2]}&page=0&orderBy=none", pagination_type="forward-only")
    assert ([each["id"] for each in rest.json()], rest["Link"]) == (ids[3:], "")
    chosen = caller.get(f"{ENTRIES}?pageSize=2&fields=notes", pagination_type="forward-only")
    assert f"pageId={ids[1]}>" in chosen["Link"]


def test_a_page_costs_the_same_however_long(program, march, some, alice, carol, count_queries):
    caller = program("connectwise", alice)
    caller.get(ENTRIES)
    quiet = count_queries(lambda: caller.get(f"{ENTRIES}?pageSize=1000"))
    with organisation_scope(alice.organisation_id):
        for number in range(30):
            factories.TimeEntryFactory(
                member=factories.MembershipFactory() if number % 10 == 0 else carol,
                ticket=factories.TicketFactory(),
                date=dt.date(2024, 4, 1) + dt.timedelta(days=number),
            )
    assert count_queries(lambda: caller.get(f"{ENTRIES}?pageSize=1000")) == quiet <= 7
