"""Rows for tests. They are stored directly, inside a scope that the caller (or the `acme` fixture) has opened."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from accounts.models import Membership, Organisation, User
from timetracking import models
from timetracking.rules import weeks

PASSWORD = "correct horse battery"  # what every member of the cast signs in with


class OrganisationFactory(DjangoModelFactory):
    class Meta:
        model = Organisation

    name = factory.Sequence(lambda n: f"Organisation {n}")
    slug = factory.Sequence(lambda n: f"organisation-{n}")
    time_zone = "Europe/London"


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"user{n}@example.test")
    name = factory.Sequence(lambda n: f"User {n}")

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        return model_class.objects.create_user(*args, password=kwargs.pop("password", PASSWORD), **kwargs)


class MembershipFactory(DjangoModelFactory):
    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    display_name = factory.SelfAttribute("user.name")
    role = "AGENT"
    joined_at = dt.datetime(2020, 1, 1, 12, tzinfo=dt.UTC)
    """Long before anything that is tested, unless a test says otherwise."""

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        joined_at = kwargs.pop("joined_at")
        member = super()._create(model_class, *args, **kwargs)
        model_class.objects.filter(pk=member.pk).update(joined_at=joined_at)  # what is stored first is the present
        member.joined_at = joined_at
        return member


class ClientFactory(DjangoModelFactory):
    class Meta:
        model = models.Client

    name = factory.Sequence(lambda n: f"Client {n}")


class AgreementFactory(DjangoModelFactory):
    class Meta:
        model = models.Agreement

    client = factory.SubFactory(ClientFactory)
    name = factory.Sequence(lambda n: f"Agreement {n}")
    starts_on = dt.date(2020, 1, 1)


class ProjectFactory(DjangoModelFactory):
    class Meta:
        model = models.Project

    client = factory.SubFactory(ClientFactory)
    code = factory.Sequence(lambda n: f"FACT-{n}")
    name = factory.Sequence(lambda n: f"Project {n}")


class TaskFactory(DjangoModelFactory):
    class Meta:
        model = models.Task

    project = factory.SubFactory(ProjectFactory)
    name = factory.Sequence(lambda n: f"Task {n}")


class TicketFactory(DjangoModelFactory):
    class Meta:
        model = models.Ticket

    client = factory.SubFactory(ClientFactory)
    number = factory.Sequence(lambda n: 50_000 + n)
    title = factory.Sequence(lambda n: f"Ticket {n}")


class ChargeCodeFactory(DjangoModelFactory):
    class Meta:
        model = models.ChargeCode

    code = factory.Sequence(lambda n: f"CODE{n}")
    name = factory.Sequence(lambda n: f"Charge code {n}")


class ActivityFactory(DjangoModelFactory):
    class Meta:
        model = models.Activity

    name = factory.Sequence(lambda n: f"Activity {n}")


class WorkTypeFactory(DjangoModelFactory):
    class Meta:
        model = models.WorkType

    name = factory.Sequence(lambda n: f"Work type {n}")


class WorkRoleFactory(DjangoModelFactory):
    class Meta:
        model = models.WorkRole

    name = factory.Sequence(lambda n: f"Able role {n}")


class WorkRoleRateFactory(DjangoModelFactory):
    class Meta:
        model = models.WorkRoleRate

    work_role = factory.SubFactory(WorkRoleFactory)
    starts_on = factory.Sequence(lambda n: dt.date(2020, 1, 1) + dt.timedelta(days=n))
    hourly_rate = Decimal(80)


class AgreementRateFactory(DjangoModelFactory):
    class Meta:
        model = models.AgreementRate

    agreement = factory.SubFactory(AgreementFactory)
    work_role = factory.SubFactory(WorkRoleFactory)
    hourly_rate = Decimal(75)


class TimesheetFactory(DjangoModelFactory):
    class Meta:
        model = models.Timesheet
        django_get_or_create = ("member", "week_start")

    member = factory.SubFactory(MembershipFactory)
    week_start = dt.date(2026, 6, 15)


class TimeEntryFactory(DjangoModelFactory):
    """An entry as it would be stored: general time of 30 minutes unless a ticket or project is given."""

    class Meta:
        model = models.TimeEntry
        exclude = ("first_weekday",)

    member = factory.SubFactory(MembershipFactory)
    recorded_by = factory.SelfAttribute("member")
    date = dt.date(2026, 6, 15)
    zone = "Europe/London"
    minutes = 30
    subject = factory.Sequence(lambda n: f"Entry {n}")
    kind = factory.LazyAttribute(lambda e: "TICKET" if e.ticket else "PROJECT" if e.project else "GENERAL")
    ticket = None
    project = None
    client = factory.LazyAttribute(lambda e: (e.ticket or e.project).client if e.ticket or e.project else None)
    billable = factory.LazyAttribute(lambda e: e.kind != "GENERAL")
    billable_decided_by = factory.LazyAttribute(lambda e: "general" if e.kind == "GENERAL" else "organisation")
    first_weekday = factory.LazyAttribute(lambda e: e.member.organisation.first_weekday)
    timesheet = factory.LazyAttribute(
        lambda e: models.Timesheet.objects.get_or_create(
            member=e.member, week_start=weeks.week_containing(e.date, first_weekday=e.first_weekday)
        )[0]
    )
    created_at = factory.LazyFunction(timezone.now)
    updated_at = factory.LazyFunction(timezone.now)
