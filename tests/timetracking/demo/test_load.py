"""The demo: the same on every run of a day, nothing doubled or overwritten, and every entry as the rules want it."""

import datetime as dt
import hashlib

import pytest
import time_machine
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction
from django.db.models import Sum

from accounts.models import ApiKey, AuditEvent, Membership, Notification, Organisation, User
from accounts.services import api_keys, second_factor
from accounts.tenancy import organisation_scope
from tests.timetracking.demo.conftest import DAY, THURSDAY, firm, member, start_over
from timetracking.demo import api_examples, load, numbers
from timetracking.demo.harbourside import HARBOURSIDE
from timetracking.models import ApprovalEvent, Project, Task, Ticket, TimeEntry, Timesheet
from timetracking.rules import budgets, weeks
from timetracking.services import catalogue, time_entries

pytestmark = pytest.mark.django_db


def digest() -> str:
    """Everything that was loaded, by its words instead of its ids."""
    lines = []
    for organisation in Organisation.objects.filter(slug__in=[each.slug for each in load.FIRMS]).order_by("slug"):
        with organisation_scope(organisation):
            rows = TimeEntry.with_deleted.order_by("pk").values_list(
                "member__user__email", "recorded_by__user__email", "timesheet__week_start", "date", "zone", "minutes",
                "started_at", "ended_at", "kind", "ticket__number", "project__code", "task__name", "charge_code__code",
                "activity__name", "client__name", "agreement__name", "subject", "description", "internal_notes",
                "billable_option", "billable", "no_charge", "billable_decided_by", "created_at", "deleted_at",
                "status", "rejection_reason", "first_approved_by__user__email", "version", "updated_at",
            )  # fmt: skip
            lines += [repr(row) for row in rows]
            weeks_ = Timesheet.objects.order_by("pk").values_list(
                "member__user__email", "week_start", "state", "version", "submitted_at", "decided_at", "note", "checks"
            )
            lines += [repr(row) for row in weeks_]
            events = ApprovalEvent.objects.order_by("pk").values_list("actor__user__email", "action", "at", "reason")
            lines += [repr(row) for row in events]
            lines += [repr(row) for row in Notification.objects.order_by("pk").values_list("kind", "created_at")]
            lines += [repr(row) for row in Project.objects.values_list("code", "status", "budget_minutes")]
            lines += [repr(row) for row in Ticket.objects.values_list("number", "status", "assignee__user__email")]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def test_two_firms_with_twelve_weeks_of_every_kind(loaded):
    assert 2_500 < sum(loaded.entries.values()) < 5_000
    for slug, first_weekday, zone in (("harbourside", 0, "Europe/London"), ("larch-street", 6, "America/New_York")):
        organisation = firm(slug)
        assert (organisation.first_weekday, organisation.time_zone) == (first_weekday, zone)
        with organisation_scope(organisation):
            entries = TimeEntry.objects.all()
            assert Timesheet.objects.values("week_start").distinct().count() == 13
            assert set(entries.values_list("kind", flat=True)) == set(TimeEntry.Kind.values)
            assert entries.filter(no_charge=True).exists()
            assert entries.filter(started_at__isnull=False).exists()
            assert entries.filter(date=THURSDAY.date()).exists()
            assert not entries.filter(date__gt=THURSDAY.date()).exists()
            assert TimeEntry.with_deleted.deleted().filter(deleted_at__gt=THURSDAY - 30 * DAY).exists()
            assert 50 < (THURSDAY.date() - organisation.lock_date).days < 70
            assert entries.filter(date__lte=organisation.lock_date).exists()
            window = THURSDAY - DAY
            assert entries.filter(created_at__gt=window).exists()
            assert entries.filter(created_at__lte=window).exists()


def test_people_of_all_roles_one_in_both_firms_and_one_with_nothing(loaded):
    with organisation_scope(firm("harbourside")):
        roles = set(Membership.objects.values_list("role", flat=True))
        assert roles == {"AGENT", "MANAGER", "ADMIN"}
        assert not TimeEntry.with_deleted.filter(member=member("grace@harbourside.example")).exists()
        assert not member("daniel@harbourside.example").is_active
        assert member("sofia@harbourside.example").role == "AGENT"
    with organisation_scope(firm("larch-street")):
        assert member("sofia@harbourside.example").role == "MANAGER"
    assert User.objects.get(email="priya@harbourside.example").check_password(load.PASSWORD)


def test_every_entry_obeys_the_rules(loaded):
    for organisation in Organisation.objects.all():
        with organisation_scope(organisation):
            sums = TimeEntry.objects.order_by().values_list("member", "date").annotate(total=Sum("minutes"))
            assert all(total <= weeks.minutes_in_day(day, organisation.zone) for _, day, total in sums)
            entries = TimeEntry.with_deleted.select_related("timesheet", "member")
            for entry in entries:
                first = weeks.week_containing(entry.date, first_weekday=organisation.first_weekday)
                assert (entry.timesheet.week_start, entry.timesheet.member_id) == (first, entry.member_id)
                assert entry.created_at <= THURSDAY
                assert entry.deleted_at is None or entry.created_at < entry.deleted_at <= THURSDAY
                if entry.started_at:
                    elapsed = (entry.ended_at - entry.started_at).total_seconds() / 60
                    assert elapsed - entry.break_minutes == entry.minutes
                    assert entry.started_at.astimezone(organisation.zone).date() == entry.date


def test_an_entry_is_what_the_service_would_have_stored(loaded):
    with organisation_scope(firm("harbourside")):
        hannah = member("hannah@harbourside.example")
        for kind in TimeEntry.Kind.values:
            entry = TimeEntry.objects.filter(kind=kind).select_related("charge_code__project").latest("pk")
            link = {name: getattr(entry, name) for name in time_entries.LINK_FIELDS}
            if kind != "GENERAL":
                link.pop("client")
            with transaction.atomic():
                twin = time_entries.log(
                    hannah,
                    date=entry.date,
                    minutes=1,
                    subject="Twin",
                    description="As its twin.",
                    billable_option=entry.billable_option,
                    **link,
                )
            for name in ("client_id", "agreement_id", "billable", "no_charge", "billable_decided_by", "status"):
                assert getattr(twin, name) == getattr(entry, name), (kind, name)


def test_each_entry_has_its_line_in_the_trail(loaded):
    with organisation_scope(firm("harbourside")):
        events = AuditEvent.objects.filter(object_type="timeentry", action="time_entry.logged")
        moments = dict(TimeEntry.with_deleted.values_list("pk", "created_at"))
        assert dict(events.values_list("object_id", "at")) == moments
        assert AuditEvent.objects.filter(action="time_entry.updated").exists()
        gone = AuditEvent.objects.filter(action="time_entry.deleted").values_list("object_id", flat=True)
        assert set(gone) == set(TimeEntry.with_deleted.deleted().values_list("pk", flat=True))


def test_budgets_show_their_states(loaded):
    with organisation_scope(firm("harbourside")):
        used = {
            project.code: budgets.Usage(
                TimeEntry.objects.filter(project=project).aggregate(sum=Sum("minutes", default=0))["sum"],
                project.budget_minutes,
            ).percent
            for project in Project.objects.all()
        }
        assert (used["PRJ-112"], used["PRJ-118"]) == (82, 104)
        assert Project.objects.get(code="PRJ-098").is_archived
        assert {"closed", "open", "resolved", "waiting"} <= set(Ticket.objects.values_list("status", flat=True))


def test_a_second_run_on_the_same_day_adds_nothing(loaded):
    first = digest()
    assert load.load(THURSDAY + dt.timedelta(hours=3)).entries == {"Harbourside IT": 0, "Larch Street Digital": 0}
    assert digest() == first


@pytest.mark.thorough
def test_the_same_data_for_everybody_on_the_same_day(loaded):
    first = digest()
    start_over()
    lacking = load.load(THURSDAY).lacking
    assert digest() == first
    assert {"client 20", "time entry 27", "work type 1"} <= set(lacking)  # they belong to the firm of before


def test_later_days_add_their_work_and_keep_what_was_typed(loaded):
    monday = THURSDAY + 4 * DAY
    with organisation_scope(firm("harbourside")):
        priya = member("priya@harbourside.example")
        this_week = TimeEntry.with_deleted.filter(date__gte=dt.date(2026, 6, 15))
        before = set(this_week.filter(member=priya).values_list("pk", "version"))
        older = set(TimeEntry.with_deleted.filter(date__lt=dt.date(2026, 6, 15)).values_list("pk", "version"))
        on_thursday = this_week.filter(date=THURSDAY.date()).count()
        typed = time_entries.log(priya, kind="GENERAL", date=THURSDAY.date(), minutes=25, subject="Typed by hand")
    with time_machine.travel(monday, tick=False):
        with organisation_scope(firm("harbourside")):
            on_monday = time_entries.log(priya, kind="GENERAL", date=monday.date(), minutes=5, subject="Mine")
        added = load.load(monday).entries
    assert all(added.values())
    with organisation_scope(firm("harbourside")):
        assert before | older < set(TimeEntry.with_deleted.values_list("pk", "version"))
        assert TimeEntry.objects.get(pk=typed.pk).subject == "Typed by hand"
        assert list(TimeEntry.objects.filter(member=priya, date=monday.date())) == [on_monday]
        assert TimeEntry.objects.filter(member=priya, date=dt.date(2026, 6, 19)).exists()
        assert TimeEntry.with_deleted.filter(date=THURSDAY.date()).exclude(pk=typed.pk).count() == on_thursday
        left = member("daniel@harbourside.example")
        assert not TimeEntry.objects.filter(member=left, date__gt=THURSDAY.date()).exists()


def test_later_days_respect_what_was_closed_in_between(loaded):
    with organisation_scope(firm("harbourside")):
        hannah = member("hannah@harbourside.example")
        for project in Project.objects.filter(archived_at__isnull=True):
            catalogue.archive(hannah, project, version=project.version)
        priya = member("priya@harbourside.example")
        sheet, _ = Timesheet.objects.get_or_create(member=priya, week_start=dt.date(2026, 6, 15))
        sheet.state = Timesheet.State.SUBMITTED
        sheet.save()
        newest = TimeEntry.with_deleted.latest("pk").pk
    load.load(THURSDAY + DAY)
    with organisation_scope(firm("harbourside")):
        added = TimeEntry.with_deleted.filter(pk__gt=newest)
        assert added.exists()
        assert not added.filter(project__isnull=False).exists()
        assert not added.filter(member=priya).exists()


@pytest.mark.thorough
def test_on_a_weekend_something_is_still_young_enough_to_edit(loaded):
    start_over()
    sunday = dt.datetime(2026, 6, 21, 12, tzinfo=dt.UTC)
    load.load(sunday)
    with organisation_scope(firm("harbourside")):
        priya = member("priya@harbourside.example")
        assert TimeEntry.objects.filter(member=priya, created_at__gt=sunday - DAY).exists()


def test_refused_where_it_would_open_known_accounts(loaded, settings):
    start_over()
    settings.DEVELOPMENT = False
    with pytest.raises(load.NotHere):
        load.load(THURSDAY)
    with pytest.raises(CommandError):
        call_command("demo", "--no-serve")
    assert not Organisation.objects.filter(slug=HARBOURSIDE.slug).exists()


# --- The numbers of the APIs' examples --------------------------------------------------------------------------------


@pytest.fixture
def harbourside(loaded):
    organisation = firm("harbourside")
    with organisation_scope(organisation):
        yield organisation


def test_every_record_of_the_examples_has_its_number(loaded, harbourside):
    assert loaded.lacking == numbers.lacking() == []
    for model, named in numbers.NUMBERS.items():
        called = numbers.CALLED.get(model, lambda record: record.name)
        records = model.objects.filter(pk__in=named.values())
        assert {called(record): record.pk for record in records} == named
    assert Task.objects.get(pk=43).project_id == 44 and Project.objects.get(pk=44).client_id == 20
    assert Task.objects.get(pk=1).project_id == 1 and Project.objects.get(pk=1).client_id == 13
    assert Ticket.objects.get(pk=54321).client_id != 12345
    assert api_keys.main_administrator(harbourside).pk == 1
    assert Membership.objects.get(pk=973).employee_number == "E-001"


def test_the_entries_of_the_examples(harbourside):
    entry = TimeEntry.objects.get(pk=27)
    assert (entry.task_id, entry.member_id, entry.recorded_by_id, entry.minutes) == (43, 5, 1, 90)
    assert entry.date == THURSDAY.date()  # the 20th is yet to come
    waiting = TimeEntry.objects.filter(pk__in=numbers.WAITING)
    assert set(waiting.values_list("status", "timesheet__state")) == {("SUBMITTED", "submitted")}
    in_june = TimeEntry.objects.filter(member=123, date__gte=dt.date(2026, 6, 1), date__lte=dt.date(2026, 6, 7))
    assert sorted(in_june.values_list("kind", flat=True)) == sorted(TimeEntry.Kind.values)
    assert TimeEntry.objects.filter(status="BILLED", task__isnull=False).exists()


def test_every_key_of_the_examples_opens_and_no_second_run_makes_another(harbourside):
    def keys():
        return list(ApiKey.objects.values_list("pk", "kind"))

    first = keys()
    for kind, (public_id, secret) in api_examples.SECRETS.items():
        assert api_keys.find(kind, public_id, secret).member_id == 1
    load.load(THURSDAY + dt.timedelta(hours=3))
    assert keys() == first and len(first) == len(ApiKey.Kind.values)
    variables = api_examples.variables(load.PASSWORD)
    assert api_keys.find("grow", *api_keys.split(variables["GROW_KEY"])).kind == "grow"
    assert second_factor.check_code(
        member(variables["PORTAL_EMAIL"]).user, api_examples.code(THURSDAY), browser_id=None
    )


def test_the_examples_may_write_into_closed_months_as_long_as_the_demo_runs(harbourside):
    hannah, sam = member("hannah@harbourside.example"), member("sam@harbourside.example")
    task, day = Task.objects.select_related("project__client").get(pk=43), dt.date(2026, 3, 2)
    assert day <= harbourside.lock_date
    time_entries.log(hannah, member=sam, kind="PROJECT", task=task, date=day, minutes=45, subject=task.name)
    in_two_months = THURSDAY + 60 * DAY
    with time_machine.travel(in_two_months, tick=False):
        api_examples.keep(HARBOURSIDE, {each.user.email: each for each in (hannah, sam)}, in_two_months)
        time_entries.log(hannah, member=sam, kind="PROJECT", task=task, date=day, minutes=45, subject=task.name)
