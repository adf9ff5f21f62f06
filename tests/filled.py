"""An organisation filled with one of everything, and what goes into the addresses of its pages."""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.contrib.auth.tokens import default_token_generator
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.access import Door
from accounts.models import (
    ApiKey,
    CalendarFeed,
    CapacityChange,
    DayOff,
    Invitation,
    Membership,
    Notification,
    Organisation,
    RecoveryCode,
    UserSession,
)
from accounts.models.user import PROGRAMS
from accounts.tenancy import organisation_scope
from tests import factories, invoices_in_states, timers_running, webhooks_told, weeks_in_states
from tests.cast import browser_of
from tests.notice_samples import SAMPLES
from timetracking.models import ApprovalHandover, EntryBatch, ExportJob, PeriodReopening, TimeEntry, Timer
from timetracking.rules import weeks
from timetracking.services import (
    catalogue,
    export_jobs,
    favourites,
    grid_rows,
    saved_reports,
    time_entries,
    week_templates,
)

TOKEN = "an-invitation-that-is-open"
UNKNOWN = 999_999_999
DAY = dt.timedelta(days=1)

# Words that stand in the filled organisation's records, and in no text of ours.
DATA_WORDS = """
    Acme acme Alice Adams Bob Brown Carol Clark Dora Diaz Erin Evans Fred Foster Gina Gray Henry Hill
    Hollow Muted Strict Sealed Ivy Ives Harbourside Beacon Lantern Quarry Marble Pewter Gizmo Firefox
    Pixel TKT BCN MTNG EUR INV
"""


@dataclass
class Site:
    """The filled organisation: what goes into its addresses, and a test client for each person."""

    organisation: Organisation
    week: dt.date
    ids: dict[str, Any]
    people: dict[str, Membership]
    clients: dict[str, Client] = field(default_factory=dict)

    def kwargs(self, name: str, **given: Any) -> dict[str, Any]:
        """What the address of this name needs, from the organisation's records."""
        noun = name.rsplit("-", 1)[0] if name.endswith(("-edit", "-archive", "-restore")) else name
        values = {**self.ids, "pk": self.ids.get(noun), **given}
        if name == "entry-restore":
            values["entry_id"] = self.ids["deleted"]
        if name == "member-reactivate":
            values["member_id"] = self.ids["inactive"]
        if name.startswith("integration"):
            values.update(member_id=self.ids["program"], key_id=self.ids["programs_key"])
        if name == "password-reset-confirm":
            values["token"] = self.ids["reset_token"]
        return {part: given.get(part, values[part]) for part in parts_of(name)}

    def path(self, name: str, query: str = "", **given: Any) -> str:
        return reverse(name, kwargs=self.kwargs(name, **given)) + query

    def client(self, who: str) -> Client:
        """Signed in as that person (nobody for "nobody"); the same each time."""
        if who not in self.clients:
            self.clients[who] = Client() if who == "nobody" else browser_of(self.people[who])
        return self.clients[who]


# --- Addresses --------------------------------------------------------------------------------------------------------


def named_urls(resolver: URLResolver | None = None) -> Iterator[tuple[str, set[str]]]:
    """The name of every address with the parts that it needs; all of the admin's as `admin:*`."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLPattern):
            if pattern.callback.access.door is Door.API:
                continue  # tests/api/table.py has those
            yield pattern.name or str(pattern.pattern), set(pattern.pattern.converters)
        elif pattern.namespace == "admin":
            yield "admin:*", set()
        else:
            above = set(pattern.pattern.converters)
            yield from ((name, above | parts) for name, parts in named_urls(pattern))


@functools.cache
def parts_of(name: str) -> set[str]:
    return dict(named_urls())[name]


# --- The filled organisation ------------------------------------------------------------------------------------------


def fill(organisation: Organisation, alice: Membership, bob: Membership, carol: Membership) -> Site:
    """One of everything, relative to today. The caller has opened the organisation's scope."""
    today = carol.today()
    week = weeks.week_containing(today, first_weekday=organisation.first_weekday)
    client = factories.ClientFactory(name="Harbourside 1", identifier="Harbourside", notes="Quarry 7")
    agreement = factories.AgreementFactory(client=client, name="Marble 2", included_minutes_a_month=600)
    project = factories.ProjectFactory(
        client=client, code="BCN-1", name="Beacon 1", manager=bob, budget_minutes=600, budget_amount=100
    )
    task = factories.TaskFactory(project=project, name="Lantern 1")
    task.assignees.set([carol])
    ticket = factories.TicketFactory(client=client, number=4846, title="Gizmo 1", assignee=carol, estimate_minutes=90)
    closed = factories.TicketFactory(client=client, number=4790, title="Gizmo 2", status="closed")
    code = factories.ChargeCodeFactory(code="MTNG", name="Lantern 2")
    activity = factories.ActivityFactory(client=client, name="Lantern 3")
    role, work_type, role_rate, agreement_rate = _rates(agreement)
    entries = _entries(today, ticket, project, task, code, activity, alice, bob, carol)
    catalogue.archive(alice, factories.TicketFactory(client=client, number=4791, title="Gizmo 3"))
    dora = _second_member(organisation, "Dora Diaz", "ADMIN")
    inactive = _second_member(organisation, "Henry Hill", "AGENT")
    Membership.objects.filter(pk=inactive.pk).update(is_active=False)
    device = TOTPDevice.objects.create(user=dora.user, name="Pixel 1", confirmed=True)
    RecoveryCode.objects.create(user=dora.user, code_hash="0" * 64)
    invitation = _invitation(alice, "invited@example.test", TOKEN)
    ids = {
        "slug": organisation.slug, "day": week, "member_id": carol.pk, "inactive": inactive.pk, "token": TOKEN,
        "invitation_id": invitation.pk, "device_id": device.pk, "ref": ticket.number, "code": project.code,
        "client": client.pk, "agreement": agreement.pk, "task": task.pk, "charge-code": code.pk,
        "activity": activity.pk, "work-type": work_type.pk, "work-role": role.pk, "role_id": role.pk,
        "work-role-rate": role_rate.pk, "agreement_id": agreement.pk, "agreement-rate": agreement_rate.pk,
        "closed": closed.number, "uidb64": urlsafe_base64_encode(force_bytes(carol.user.pk)),
        "notification_id": _told(carol, alice, bob), **entries, **_working_time(carol, today),
    }  # fmt: skip
    ids |= {"ticket_id": ticket.pk, "project_id": project.pk}
    ids["sheets"] = weeks_in_states.make(carol, bob, week, ticket=ticket)
    ids["sheet_id"] = ids["sheets"]["submitted"].pk
    ids["invoices"] = invoices_in_states.make(alice, carol, client, project, ticket, week)
    ids["invoice_id"] = ids["invoices"]["draft"].pk
    site = Site(organisation, week, ids, {"alice": alice, "bob": bob, "carol": carol, "dora": dora})
    ids["report_id"] = saved_reports.keep(alice, name="Gizmo 30", query="", shared="managers").pk
    _others(site, alice)
    CalendarFeed.objects.create(user=alice.user, digest="0" * 64, created_at=timezone.now())
    ids["row_id"] = grid_rows.add(carol, carol, today, ticket).pk
    ids["template_id"] = _repeated(carol, ticket, project, task, code)
    ids["reopening_id"] = _reopened(alice, carol)
    ids["job_id"] = _exported(alice, carol)
    ids["handover_id"] = _handed_over(bob, alice, today)
    ids["hook_id"], ids["message_id"] = webhooks_told.make(alice)
    ids.update(_keys(alice, carol))
    ids["piece_id"] = _timers(alice, bob, carol, dora, ticket, project)
    ids["timer_id"] = Timer.objects.running().get(member=carol).pk
    _sessions(site, device)
    for who in site.people:
        site.client(who)  # signed in now, and not in the middle of what a test counts
    ids["reset_token"] = default_token_generator.make_token(carol.user)
    site.client("nobody").get(site.path("password-reset-confirm"))  # moves the token into nobody's session
    return site


def _rates(agreement) -> tuple[Any, Any, Any, Any]:
    """A work role with a rate of the past, one of today and one to come; a type; a rate of the agreement for both."""
    role = factories.WorkRoleFactory(name="Pewter 1")
    work_type = factories.WorkTypeFactory(name="Pewter 2", multiplier=Decimal("1.5"), is_default=True)
    factories.WorkRoleRateFactory(work_role=role, starts_on=dt.date(2020, 1, 1))
    now = factories.WorkRoleRateFactory(work_role=role, starts_on=dt.date(2021, 1, 1))
    factories.WorkRoleRateFactory(work_role=role, starts_on=dt.date(2999, 1, 1))
    rate = factories.AgreementRateFactory(agreement=agreement, work_role=role, work_type=work_type)
    return role, work_type, now, rate


def _entries(today: dt.date, ticket, project, task, code, activity, alice, bob, carol) -> dict[str, int]:
    """Written by the service where a history is wanted, stored as they would be where a state is."""
    common = {"date": today, "minutes": 30}
    live = time_entries.log(carol, kind="TICKET", ticket=ticket, subject="Gizmo 4", description="Quarry 1", **common)
    live = time_entries.edit(carol, live.pk, version=live.version, minutes=45, subject="Gizmo 5")
    gone = time_entries.log(carol, kind="GENERAL", charge_code=code, subject="Gizmo 6", **common)
    gone = time_entries.delete(carol, gone.pk, version=gone.version)
    batch = EntryBatch.objects.create(
        member=carol, action="deleted", items=[[gone.pk, gone.version, "deleted"]], created_at=timezone.now()
    )
    for member in (alice, bob, carol):
        on_task = time_entries.log(member, kind="PROJECT", project=project, task=task, subject="Beacon 2", **common)
    # One of each kind that the record picker offers as used before: it asks once for each kind, however many there are.
    time_entries.log(carol, kind="PROJECT", project=project, subject="Beacon 3", **common)
    time_entries.log(carol, kind="GENERAL", charge_code=code, subject="Gizmo 10", **common)
    time_entries.log(carol, kind="GENERAL", activity=activity, subject="Gizmo 7", **common)
    time_entries.log(alice, member=carol, kind="GENERAL", subject="Gizmo 8", **common)
    old = timezone.now() - dt.timedelta(hours=30)
    locked = factories.TimeEntryFactory(member=carol, date=today, ticket=ticket, subject="Gizmo 9", created_at=old)
    for number, status in enumerate(TimeEntry.Status.values, 1):
        factories.TimeEntryFactory(
            member=alice, date=today, project=project, subject=f"Marble {number}", status=status, minutes=90,
            billable=number % 2 == 0,
        )  # fmt: skip
    factories.TimeEntryFactory(
        member=carol, date=today, project=project, subject="Marble 9", status="BILLED", billable=False
    )
    ids = {"entry_id": live.pk, "deleted": gone.pk, "locked": locked.pk, "batch_id": batch.pk}
    return ids | {"task_entry": on_task.pk, "project": project.pk}


def _repeated(carol: Membership, ticket, project, task, code) -> int:
    """A template of the agent's, with a line of each kind, and favourites. Mondays are never in a week's future."""
    monday = [30, 0, 0, 0, 0, 0, 0]
    lines = [week_templates.Line(record, "Gizmo 40", minutes=monday) for record in (ticket, project, task, code)]
    for record in (ticket, task):
        favourites.add(carol, record)
    return week_templates.create(carol, name="Gizmo 41", lines=lines).pk


def _told(carol: Membership, alice: Membership, by: Membership) -> int:
    """One of everything that members are told, to both; the id of one that Carol was told."""
    now = timezone.now()
    told = [
        Notification.objects.create(member=member, actor=by, kind=kind, values=values, created_at=now)
        for kind, values in SAMPLES
        for member in (alice, carol)
    ]
    Notification.objects.filter(pk__in=[each.pk for each in told[:4]]).update(read_at=now)
    return next(each.pk for each in told if each.kind == "timesheet.decided" and each.member_id == carol.pk)


def _working_time(carol: Membership, today: dt.date) -> dict[str, int]:
    """A change of Carol's hours, days off of hers and of everybody: far from the weeks that are shown."""
    change = CapacityChange.objects.create(
        member=carol, starts_on=dt.date(2021, 1, 1), weekly_capacity_minutes=2250, working_weekdays=31
    )
    far = {"first_on": today + 100 * DAY, "last_on": today + 104 * DAY}
    own = DayOff.objects.create(member=carol, name="Quarry 20", **far)
    past = dt.date(2021, 1, 4)
    DayOff.objects.create(member=carol, name="Quarry 21", part="half", first_on=past, last_on=past)
    everybodys = DayOff.objects.create(name="Quarry 22", part="worked", **far)
    return {"change_id": change.pk, "day_off_id": own.pk, "company_day_off_id": everybodys.pk}


def _second_member(organisation: Organisation, name: str, role: str) -> Membership:
    email = f"{name.split()[0].lower()}@{organisation.slug}.test"
    member = factories.MembershipFactory(user__name=name, user__email=email, role=role)
    member.organisation = organisation
    return member


def _invitation(actor: Membership, email: str, token: str) -> Invitation:
    return Invitation.objects.create(
        email=email, invited_by=actor, token_hash=hashlib.sha256(token.encode()).hexdigest(),
        expires_at=timezone.now() + 7 * DAY,
    )  # fmt: skip


def _others(site: Site, alice: Membership) -> None:
    """Other organisations: empty, without the feature, demanding a second factor. And one who owes a code."""
    for slug, name, person, options in (
        ("hollow", "Hollow", "Erin Evans", {}),
        ("muted", "Muted", "Henry Hill", {"features": []}),
        ("strict", "Strict", "Gina Gray", {"require_second_factor": True}),
        ("sealed", "Sealed", "Ivy Ives", {"lock_date": site.week - 70 * DAY, "holiday_calendar": "GB-ENG"}),
    ):
        organisation = factories.OrganisationFactory(slug=slug, name=name, **options)
        with organisation_scope(organisation):
            site.people[person.split()[0].lower()] = _second_member(organisation, person, "ADMIN")
            if slug == "hollow":
                also = factories.MembershipFactory(user=alice.user, display_name="Alice Adams", role="AGENT")
                timers_running.running(also, subject="Gizmo 66")
    with organisation_scope(site.organisation):
        site.people["fred"] = _second_member(site.organisation, "Fred Foster", "AGENT")
    TOTPDevice.objects.create(user=site.people["fred"].user, name="Pixel 2", confirmed=True)


def _reopened(actor: Membership, member: Membership) -> int:
    """A closed period that is open again for a member, and one that was."""
    now = timezone.now()
    common = {"member": member, "first_on": now.date(), "opened_by": actor, "created_at": now, "reason": "Quarry 2"}
    PeriodReopening.objects.create(until_at=now + DAY, ended_at=now, **common)
    return PeriodReopening.objects.create(until_at=now + DAY, **common).pk


def _timers(alice: Membership, bob: Membership, carol: Membership, dora: Membership, ticket: Any, project: Any) -> int:
    """One runs for each, Dora's for too long; of Carol and Bob time waits. The id of Carol's piece."""
    timers_running.running(alice, ticket)
    timers_running.running(bob, subject="Gizmo 61")
    timers_running.running(carol, project, "Gizmo 62")
    timers_running.running(dora, ticket, "Gizmo 63", hours=20)
    timers_running.waiting(bob, subject="Gizmo 64")
    return int(timers_running.waiting(carol, ticket, "Gizmo 65").pk)


def _program(name: str) -> Membership:
    email = f"{name.replace(' ', '.')}{PROGRAMS}"
    program: Membership = factories.MembershipFactory(user__name=name, user__email=email, is_integration=True)
    return program


def _keys(alice: Membership, carol: Membership) -> dict[str, int]:
    """A key of Carol's of each format, one that was revoked, one that expired; a program with a key that was used."""
    program = _program("Gizmo Pixel")
    now = timezone.now()
    common = {"areas": ["time", "rates"], "created_by": alice, "created_at": now, "digest": "0" * 64}
    for number, kind in enumerate(ApiKey.Kind.values):
        ApiKey.objects.create(member=carol, kind=kind, name=f"Gizmo {71 + number}", public_id=f"id-{kind}", **common)
    ApiKey.objects.create(
        member=carol, kind="api", name="Gizmo 80", public_id="id-1", revoked_at=now, revoked_by=alice, **common
    )
    ApiKey.objects.create(member=carol, kind="api", name="Gizmo 81", public_id="id-2", expires_at=now - DAY, **common)
    used = {"last_used_at": now, "last_used_from": "127.0.0.1", "expires_at": now + 100 * DAY, "read_only": True}
    its = ApiKey.objects.create(member=program, kind="api", name="Gizmo 82", public_id="id-3", **used, **common)
    own = ApiKey.objects.filter(member=carol, kind="connectwise").get()
    return {"program": program.pk, "programs_key": its.pk, "key_id": own.pk}


def _handed_over(approver: Membership, stand_in: Membership, today: dt.date) -> int:
    """A handover that holds, and one that is over."""
    common = {"approver": approver, "stand_in": stand_in, "created_by": approver, "created_at": timezone.now()}
    ApprovalHandover.objects.create(first_on=today - 9 * DAY, last_on=today - 8 * DAY, **common)
    return ApprovalHandover.objects.create(first_on=today, last_on=today + DAY, **common).pk


def _exported(alice: Membership, carol: Membership) -> int:
    """An export in every state, of both; the id of one of Carol's that is ready."""
    now = timezone.now()
    ready = {"finished_at": now, "expires_at": now + 7 * DAY, "rows_done": 12_345, "size_bytes": 2_345_678}
    for member in (alice, carol):
        for state in ExportJob.State.values:
            job = ExportJob.objects.create(
                asker=member, kind="time_entries", parameters={"from": "2026-06-01", "to": "2026-06-30"},
                title="Quarry 8", file_name="Quarry", state=state, created_at=now,
                problem="Quarry 9" if state == "failed" else "",
                **(ready if state == "done" else {"rows_done": 40, "rows_total": 100}),
            )  # fmt: skip
            if state == "done":
                export_jobs.storage().save(export_jobs.stored_as(job), ContentFile(b"Quarry"))
    return ExportJob.objects.get(asker=carol, state="done").pk


def _sessions(site: Site, device: TOTPDevice) -> None:
    session = site.client("dora").session
    session[DEVICE_ID_SESSION_KEY] = device.persistent_id
    session.save()
    for who in ("dora", "alice"):
        user = site.people[who].user
        keys = site.client(who).session.session_key, browser_of(site.people[who]).session.session_key
        for key in keys:
            listed = UserSession.objects.create(
                user=user, session_key=key, user_agent="Firefox 1", address="127.0.0.1", last_seen_at=timezone.now()
            )
            site.ids["session_id"] = listed.pk


def _more_rates(site: Site, number: int) -> None:
    """Roles with rates, types, and rates of the role and of the agreement that the pages show."""
    role, agreement = factories.WorkRoleFactory(), factories.AgreementFactory._meta.model(pk=site.ids["agreement"])
    factories.WorkRoleRateFactory(work_role=role)
    shown = factories.WorkRoleFactory._meta.model(pk=site.ids["work-role"], organisation=site.organisation)
    factories.WorkRoleRateFactory(work_role=shown, starts_on=dt.date(2022, 1, 1) + number * DAY)
    agreement.organisation = site.organisation
    factories.AgreementRateFactory(agreement=agreement, work_role=role, work_type=factories.WorkTypeFactory())


def _more_keys(alice: Membership, carol: Membership, number: int) -> None:
    program = _program(f"Gizmo {100 + number}")
    for member in (carol, program):
        ApiKey.objects.create(
            member=member, kind="api", name=f"Gizmo {200 + number}", public_id=f"more-{member.pk}-{number}",
            digest="0" * 64, areas=["time"], created_by=alice, created_at=timezone.now(), last_used_at=timezone.now(),
        )  # fmt: skip


def make_busy(site: Site, times: int = 25) -> None:
    """Much more of everything, for the pages whose cost must not notice."""
    carol, alice = site.people["carol"], site.people["alice"]
    client = factories.ClientFactory._meta.model.objects.get(pk=site.ids["client"])
    project = factories.ProjectFactory._meta.model.objects.get(code=site.ids["code"])
    ticket = factories.TicketFactory._meta.model.objects.get(number=site.ids["ref"])
    for number in range(times):
        factories.ClientFactory()
        factories.AgreementFactory(client=client)
        factories.ChargeCodeFactory(project=project)
        factories.ActivityFactory(client=client)
        factories.TaskFactory(project=project).assignees.set([carol, alice])
        for member, record in ((carol, factories.TicketFactory(client=client, assignee=carol)), (alice, project)):
            grid_rows.add(member, member, carol.today(), record)
        new_project = factories.ProjectFactory(client=client, manager=alice)
        _more_rates(site, number)
        _reopened(alice, carol)
        _more_keys(alice, carol, number)
        colleague = factories.MembershipFactory(line_manager=alice)
        timers_running.running(colleague, ticket)
        timers_running.waiting(carol, ticket, "Gizmo 67", days=number + 1)
        _handed_over(alice, site.people["bob"], carol.today())
        sheet = factories.TimesheetFactory(member=colleague, week_start=site.week - 7 * DAY, state="submitted")
        factories.TimeEntryFactory(member=colleague, timesheet=sheet, date=sheet.week_start, status="SUBMITTED")
        _invitation(alice, f"invited{number}@example.test", f"token {number}")
        CapacityChange.objects.create(
            member=carol, starts_on=dt.date(2022, 1, 1) + number * DAY, weekly_capacity_minutes=2250
        )
        for whose in (carol, None):
            day = carol.today() + (110 + number) * DAY
            DayOff.objects.create(member=whose, name=f"Quarry {30 + number}", first_on=day, last_on=day)
        for member, record in ((carol, {"ticket": ticket}), (alice, {"project": project}), (colleague, {})):
            factories.TimeEntryFactory(member=member, date=carol.today(), minutes=1, **record)
        factories.TimeEntryFactory(member=carol, date=site.week - number * DAY, minutes=1, project=new_project)
    for number in range(times):
        saved_reports.keep(alice, name=f"Gizmo {40 + number}", query="by=agent", shared="everybody")
        invoices_in_states.more(alice, carol, client, project, site.week, number)
    # What is billed is looked up once where any is shown, so some stays in sight.
    for member in (alice, carol):
        billed = {"status": "BILLED", "billable": False}
        factories.TimeEntryFactory(member=member, date=carol.today(), minutes=1, project=project, **billed)
    for kind, values in SAMPLES * 4:
        for member in (alice, carol):
            Notification.objects.create(member=member, kind=kind, values=values, created_at=timezone.now())
    for number in range(5):
        entry = time_entries.log(carol, kind="GENERAL", date=carol.today(), minutes=1, subject=f"Gizmo {number}")
        time_entries.delete(carol, entry.pk, version=entry.version)
        live = time_entries.edit(carol, site.ids["entry_id"], minutes=46 + number)
    assert live
