"""Fills a development database with the demo's firms, and on later days with the work done since.

People and records are made by the services. Entries are stored in bulk, since some thousand single writes would keep a
first start waiting; they take the same decisions as `services.time_entries.log`, from the same rules, and each gets its
line in the audit trail, dated like the work itself. The weeks that are over were sent and decided by the rules of
`rules.approval`, with their history (`past_weeks`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import Max

from accounts import audit
from accounts.models import AuditEvent, Membership, Organisation, User
from accounts.services import members, organisations
from accounts.tenancy import organisation_scope
from timetracking.demo import api_examples, billed_months, clocks, days, habits, numbers, shelf, working_time
from timetracking.demo.firms import WEEKS, Firm
from timetracking.demo.harbourside import HARBOURSIDE
from timetracking.demo.larch_street import LARCH_STREET
from timetracking.demo.past_weeks import PastWeeks, hand_over
from timetracking.demo.rows import Writer
from timetracking.demo.stories import AWAY
from timetracking.models import Timesheet, WorkRole
from timetracking.rules import locking, weeks

FIRMS = (HARBOURSIDE, LARCH_STREET)
PASSWORD = "timesheets-demo"  # noqa: S105  # printed with the sign-ins, and only ever set in development
CHANNEL = "demo"
LOCKED_BEFORE = 8 * 7 * weeks.DAY


class NotHere(RuntimeError):
    """The demo's sign-ins are known to everybody: they belong on nobody's server."""


@dataclass
class Loaded:
    """What a run did: entries added, by the firm's name."""

    entries: dict[str, int] = field(default_factory=dict)
    lacking: list[str] = field(default_factory=list)
    """What the APIs' examples name and this database was begun without: "client 20"."""


@transaction.atomic
def load(now: dt.datetime) -> Loaded:
    """Make what is missing; nothing that somebody typed, sent or decided is changed or deleted.

    `now` is an aware instant. A firm that is there gets the work of the days since the last run, for each member and
    day that have nothing yet, and the members send the weeks that have ended since. Raises NotHere outside development.
    """
    if not settings.DEVELOPMENT:
        raise NotHere("The demo is for development: it would open known accounts here. Set DEVELOPMENT=1 on a laptop.")
    token = audit.CHANNEL.set(CHANNEL)
    try:
        result = Loaded()
        password: list[str] = []
        for firm in FIRMS:
            organisation = Organisation.objects.filter(slug=firm.slug).first()
            if organisation is None:
                password = password or [make_password(PASSWORD)]
                with numbers.given() if firm is HARBOURSIDE else nullcontext():
                    result.entries[firm.name] = _found(firm, password[0], now)
            else:
                with organisation_scope(organisation):
                    result.entries[firm.name] = _continue(firm, organisation, now)
        with organisation_scope(Organisation.objects.get(slug=HARBOURSIDE.slug)):
            result.lacking = numbers.lacking()
        return result
    finally:
        audit.CHANNEL.reset(token)


def _found(firm: Firm, password: str, now: dt.datetime) -> int:
    """The firm with its people and records, and its work up to `now`."""
    first_admin = next(person for person in firm.people if person.role == "ADMIN")
    organisation = organisations.found(
        name=firm.name,
        slug=firm.slug,
        time_zone=firm.time_zone,
        admin=_user(first_admin.name, first_admin.email, password),
    )
    today = now.astimezone(organisation.zone).date()
    this_week = weeks.week_containing(today, first_weekday=firm.first_weekday)
    first_day = this_week - WEEKS * 7 * weeks.DAY
    with organisation_scope(organisation):
        admin = Membership.objects.select_related("organisation", "user").get()
        organisations.edit(
            admin,
            version=organisation.version,
            first_weekday=firm.first_weekday,
            currency=firm.currency,
            default_hourly_rate=firm.hourly_rate,
            holiday_calendar=firm.holiday_calendar,
            **firm.billing,
        )
        admin.organisation = organisation = Organisation.objects.get(pk=organisation.pk)
        people = _people(firm, admin, password)
        _date_back(firm, people, first_day)
        records = shelf.stock(firm, admin, people, first_day)
        writer = Writer(firm, organisation, people, records, now)
        api_examples.add_work(firm, writer)
        _work(writer, weeks.days_of(first_day, today), lambda day: shelf.open_on(firm, day, first_day), founding=True)
        writer.fit_stories()
        added = writer.store()
        _settle(organisation, admin, **firm.policies)
        PastWeeks(writer).found()
        if firm.slug in AWAY:
            approver, stand_in = AWAY[firm.slug]
            hand_over(writer, people[approver], people[stand_in])
        shelf.close_what_is_over(firm, admin, records, first_day, today)
        billed_months.bill(firm, admin, today)
        _say_who_left(firm, admin, people)
        working_time.settle(firm, admin, people, today)
        _settle(organisation, admin, lock_date=this_week - LOCKED_BEFORE - weeks.DAY)
        clocks.wind(people, records.tickets, now)
        habits.keep(people, records)
        api_examples.secure(firm, people)
        api_examples.keep(firm, people, now)
        return added


def _settle(organisation: Organisation, admin: Membership, **policies: Any) -> None:
    organisation.refresh_from_db()
    organisations.edit(admin, version=organisation.version, **policies)
    organisation.refresh_from_db()


def _continue(firm: Firm, organisation: Organisation, now: dt.datetime) -> int:
    """The days since the newest entry that an earlier run made; none where it made none."""
    people = {
        member.user.email: member
        for member in Membership.objects.filter(is_active=True).select_related("user", "organisation")
    }
    api_examples.keep(firm, people, now)
    newest = AuditEvent.objects.filter(channel=CHANNEL, action="time_entry.logged").aggregate(at=Max("at"))["at"]
    today = now.astimezone(organisation.zone).date()
    if newest is None or (last := newest.astimezone(organisation.zone).date()) >= today:
        return 0
    records = shelf.find(firm)
    writer = Writer(firm, organisation, people, records, now)
    still_open = shelf.open_now(firm, records)
    earliest = today - WEEKS * 7 * weeks.DAY
    _work(writer, weeks.days_of(max(last + weeks.DAY, earliest), today), lambda day: still_open)
    added = writer.store()
    PastWeeks(writer).carry_on(max(last, earliest))
    return added


def _work(
    writer: Writer, span: list[dt.date], open_on: Callable[[dt.date], days.Open], *, founding: bool = False
) -> None:
    """Everybody's work in these days, except where the member has something, the week is sent or the period closed.

    `founding` adds what the stories of the latest weeks need.
    """
    taken = writer.taken(span[0], span[-1])
    closed = set(
        Timesheet.objects.filter(state__in=locking.CLOSED_STATES, week_start__gte=span[0] - 7 * weeks.DAY).values_list(
            "member_id", "week_start"
        )
    )
    lock_date = writer.organisation.lock_date
    for day in span:
        if lock_date and day <= lock_date:
            continue
        then = open_on(day)
        for person in writer.firm.people:
            member = writer.people.get(person.email)
            if member is None or (member.pk, day) in taken or not writer.works_on(person, day, span):
                continue
            if (member.pk, writer.week_of(day)) in closed:
                continue
            story = writer.story_on(person, day) if founding else None
            at_work, partly = story is not None, day == writer.today
            planned = days.plan(writer.firm, person, day, then, partly=partly, at_work=at_work)
            writer.add(person, member, day, story.day(day, planned) if story else planned)


def _user(name: str, email: str, password: str) -> User:
    user = User.objects.filter(email=email).first()
    if user is None:
        user = User(email=email, name=name, password=password)
        user.save()
    return user


def _people(firm: Firm, admin: Membership, password: str) -> dict[str, Membership]:
    """Everybody's membership by e-mail address."""
    organisation = admin.organisation
    people = {admin.user.email: admin}
    for person in firm.people:
        if person.email not in people:
            user = _user(person.name, person.email, password)
            people[person.email] = members.join(organisation, user, person.role)
    roles = {role.name: role for role in WorkRole.objects.all()}
    for person in firm.people:
        member = people[person.email]
        edited = members.edit(
            admin,
            member.pk,
            version=member.version,
            weekly_capacity_minutes=person.capacity_minutes,
            working_weekdays=person.working_weekdays,
            employee_number=person.employee_number,
            line_manager=people.get(person.line_manager),
            default_work_role=roles.get(person.work_role),
            issues_invoices=person.issues_invoices,
        )
        edited.organisation, edited.user = organisation, member.user
        people[person.email] = edited
    return people


def _date_back(firm: Firm, people: dict[str, Membership], first_day: dt.date) -> None:
    """Who has worked here was here before the first day of it; who has not is new today."""
    joined_at = dt.datetime.combine(first_day - 7 * weeks.DAY, dt.time(12), dt.UTC)
    here = [people[person.email] for person in firm.people if person.works_minutes]
    Membership.objects.filter(pk__in=[member.pk for member in here]).update(joined_at=joined_at)
    for member in here:
        member.joined_at = joined_at


def _say_who_left(firm: Firm, admin: Membership, people: dict[str, Membership]) -> None:
    for person in firm.people:
        if person.left_after_weeks is not None:
            members.deactivate(admin, people[person.email].pk)
