"""Templates of a member's usual week: made, changed, deleted and brought back, and put into a week."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import AuditEvent, Membership
from accounts.permissions import Permission, require
from timesheets_site.lib import texts
from timesheets_site.lib.errors import OutOfReach, RuleViolation
from timetracking.models import WeekTemplate, WeekTemplateLine, WorkType
from timetracking.models.billing import BillableOption
from timetracking.models.record_links import NAMES, RecordLink, link_fields, title_of
from timetracking.rules import weeks
from timetracking.services import entry_checks, repetition
from timetracking.services.repetition import Fields, Filling

MOST_OF_A_MEMBER, MOST_LINES = 30, 60
LONGEST_NAME = 80
RESTORABLE = dt.timedelta(days=30)
DELETED = "week_template.deleted"


@dataclass(frozen=True)
class Line:
    """One row of a template: `minutes` are those of Monday to Sunday. An empty subject means the record's name."""

    record: Any = None
    subject: str = ""
    billable_option: str = BillableOption.NO_DEFAULT.value
    work_type: WorkType | None = None
    minutes: Sequence[int] = (0,) * 7


@transaction.atomic
def create(actor: Membership, *, name: str, lines: Iterable[Line] = ()) -> WeekTemplate:
    """Keep a template of one's own under a name.

    Raises NotAllowed, or RuleViolation: `name_required`, `name_too_long`, `taken`, `too_many` (field `name`); of the
    lines `too_many_lines`, `subject_required`, `subject_too_long`, `minutes_unreadable`, `billable_option_unknown`.
    """
    require(actor, Permission.LOG_TIME, owner=actor)
    if WeekTemplate.objects.filter(member=actor).count() >= MOST_OF_A_MEMBER:
        words = _("You have %(count)s templates. Delete one first.")
        raise RuleViolation("too_many", words % {"count": MOST_OF_A_MEMBER}, "name")
    template = WeekTemplate(member=actor, name=_name(name), updated_at=timezone.now())
    _store(template)
    kept = _put(template, lines)
    audit.record(actor, "week_template.created", template, changes={"name": (None, template.name), **_told(kept)})
    return template


@transaction.atomic
def change(
    actor: Membership, pk: int, *, version: int, name: str | None = None, lines: Iterable[Line] | None = None
) -> WeekTemplate:
    """Rename it, put other lines in the place of its own, or both.

    Raises NotAllowed, OutOfReach, Conflict, or RuleViolation as `create` does.
    """
    template = _locked(actor, pk, version)
    changes: dict[str, tuple[Any, Any]] = {}
    if name is not None and _name(name) != template.name:
        changes["name"] = (template.name, _name(name))
        template.name = _name(name)
    template.updated_at = timezone.now()
    _store(template)
    if lines is not None:
        before = _plain(lines_of(template))
        template.lines.all().delete()
        after = _plain(_put(template, lines))
        if before != after:
            changes["lines"] = (before, after)
    if changes:
        audit.record(actor, "week_template.changed", template, changes=changes)
    return template


@transaction.atomic
def delete(actor: Membership, pk: int, *, version: int | None = None) -> WeekTemplate:
    """Delete it; its owner can bring it back for 30 days. Raises NotAllowed, OutOfReach or Conflict."""
    template = _locked(actor, pk, version)
    changes = {"name": (template.name, None), "lines": (_plain(lines_of(template)), None)}
    audit.record(actor, DELETED, template, changes=changes)
    template.delete()
    template.pk = pk
    return template


@transaction.atomic
def restore(actor: Membership, pk: int) -> WeekTemplate:
    """Bring back a template that the actor deleted, as it was, with the same id. One that is there stays as it is.

    What it was is read from the history. Raises NotAllowed, OutOfReach (also after 30 days), or RuleViolation `taken`.
    """
    require(actor, Permission.LOG_TIME, owner=actor)
    there: WeekTemplate | None = WeekTemplate.objects.filter(pk=pk, member=actor).first()
    if there is not None:
        return there
    events = AuditEvent.objects.filter(object_type="weektemplate", object_id=pk, action=DELETED, actor=actor)
    event = events.order_by("-pk").first()
    if event is None or timezone.now() - event.at > RESTORABLE:
        raise OutOfReach
    template = WeekTemplate(pk=pk, member=actor, name=event.changes["name"][0], updated_at=timezone.now())
    _store(template)
    for plain in event.changes["lines"][0]:
        line = WeekTemplateLine(template=template, **plain)
        line.save()
    audit.record(actor, "week_template.restored", template)
    return template


def own(actor: Membership, pk: int) -> WeekTemplate:
    """A template of the actor's own. Raises OutOfReach."""
    template: WeekTemplate | None = WeekTemplate.objects.filter(pk=pk, member=actor).first()
    if template is None:
        raise OutOfReach
    return template


def lines_of(template: WeekTemplate) -> list[WeekTemplateLine]:
    """Its lines with their records, in order, by one query."""
    return list(template.lines.select_related("work_type", *RecordLink.RELATED).order_by("pk"))


def of_week(member: Membership, first: dt.date) -> list[Line]:
    """The lines of a template that is like the member's week from `first` on: what is alike in one line."""
    found: dict[tuple[Any, ...], tuple[Line, list[int]]] = {}
    for entry in repetition.of_week(member, first):
        record = repetition.record_of(entry)
        key = (type(record), record and record.pk, entry.subject, entry.billable_option, entry.work_type_id)
        line = Line(record, entry.subject, entry.billable_option, entry.work_type)
        minutes = found.setdefault(key, (line, [0] * 7))[1]
        minutes[entry.date.weekday()] = min(minutes[entry.date.weekday()] + entry.minutes, 1440)
    return [
        Line(line.record, line.subject, line.billable_option, line.work_type, minutes)
        for line, minutes in found.values()
    ]


def wanted(template: WeekTemplate, first: dt.date) -> list[Fields]:
    """What the week from `first` on gets from it, as `time_entries.log` takes it: a day at a time, in its order."""
    lines = lines_of(template)
    found = []
    for day in weeks.days_of(first, first + repetition.LAST_DAY):
        for line in lines:
            if minutes := line.minutes[day.weekday()]:
                found.append(_fields(line, day, minutes))
    return found


def records(template: WeekTemplate) -> list[Any]:
    """The records of its lines, each once; None for general time without one."""
    return list({line.token: line.record for line in lines_of(template)}.values())


def apply(actor: Membership, pk: int, first: dt.date) -> Filling:
    """Put a template of one's own into one's week from `first` on, as `repetition.fill` does. Raises OutOfReach too."""
    return repetition.fill(actor, actor, wanted(own(actor, pk), first))


def _fields(line: WeekTemplateLine, day: dt.date, minutes: int) -> Fields:
    record = line.record
    fields = {
        **link_fields(record),
        "date": day,
        "minutes": minutes,
        "subject": line.subject or title_of(record),
        "billable_option": line.billable_option,
    }
    if line.work_type is not None and not line.work_type.is_archived:
        fields["work_type"] = line.work_type
    return fields


def _locked(actor: Membership, pk: int, version: int | None) -> WeekTemplate:
    require(actor, Permission.LOG_TIME, owner=actor)
    own(actor, pk)
    template: WeekTemplate = WeekTemplate.objects.all().locked(pk, version)
    return template


def _name(text: str) -> str:
    name = " ".join(texts.readable(text, "name").split())
    if not name:
        raise RuleViolation("name_required", _("Enter a name"), "name")
    if len(name) > LONGEST_NAME:
        raise RuleViolation("name_too_long", _("Use at most 80 characters"), "name")
    return name


def _store(template: WeekTemplate) -> None:
    """A second one of the member with this name is refused, also one that was stored a moment ago."""
    words = _("You have a template of this name. Choose another name.")
    twins = WeekTemplate.objects.filter(member=template.member_id, name=template.name).exclude(pk=template.pk)
    if twins.exists():
        raise RuleViolation("taken", words, "name")
    try:
        with transaction.atomic():
            template.save()
    except IntegrityError as error:
        raise RuleViolation("taken", words, "name") from error


def _put(template: WeekTemplate, lines: Iterable[Line]) -> list[WeekTemplateLine]:
    lines = list(lines)
    if len(lines) > MOST_LINES:
        raise RuleViolation("too_many_lines", _("A template has at most %(count)s lines.") % {"count": MOST_LINES})
    kept = []
    for line in lines:
        row = WeekTemplateLine(
            template=template,
            subject=_subject(line),
            billable_option=line.billable_option,
            work_type=line.work_type,
            minutes=_week(line.minutes),
        )
        row.record = line.record
        if row.billable_option not in BillableOption.values:
            raise RuleViolation("billable_option_unknown", _("Choose one of the billing options"), "billable_option")
        row.save()
        kept.append(row)
    return kept


def _subject(line: Line) -> str:
    """Empty where the record's name will do; a line without a record has no other words."""
    if line.record is not None and not line.subject.strip():
        return ""
    return entry_checks.subject(line.subject)


def _week(minutes: Sequence[int]) -> list[int]:
    if len(minutes) != 7 or any(type(each) is not int or not 0 <= each <= 1440 for each in minutes):
        raise RuleViolation("minutes_unreadable", _("Enter seven durations of at most 24 hours"), "minutes")
    return list(minutes)


def _told(lines: list[WeekTemplateLine]) -> dict[str, tuple[Any, Any]]:
    return {"lines": (None, _plain(lines))} if lines else {}


def _plain(lines: Iterable[WeekTemplateLine]) -> list[dict[str, Any]]:
    """Lines as the history keeps them, and as `restore` reads them."""
    names = (*(f"{name}_id" for name in NAMES), "subject", "billable_option", "work_type_id", "minutes")
    return [{name: getattr(line, name) for name in names if getattr(line, name) is not None} for line in lines]
