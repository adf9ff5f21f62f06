"""The record picker: what time can be logged on, as one list of options; a typed reference to its record.

An option's value is `ticket:12`, `project:4`, `task:9`, `charge_code:3` or `activity:2`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Membership
from timetracking.models import Activity, ChargeCode, Favourite, Project, Task, Ticket, TimeEntry
from timetracking.models.record_links import kind_of, name_of
from timetracking.rules import billable, closed_records
from timetracking.rules.closed_records import Grace
from timetracking.selectors.matching import LONGEST_QUERY, matching, words_of

RECENT, FOUND = 5, 8
LOOKED_AT = 100  # entries back; all of a member's years would be read for five records
MODELS: dict[str, Any] = {
    "ticket": Ticket,
    "project": Project,
    "task": Task,
    "charge_code": ChargeCode,
    "activity": Activity,
}
RELATED = {
    "ticket": ("client", "agreement"),
    "project": ("client", "agreement"),
    "task": ("project__client", "project__agreement"),
    "charge_code": ("project__client", "project__agreement"),
    "activity": ("client",),
}
ICONS = {"TICKET": "ticket", "PROJECT": "layers", "GENERAL": "tag"}


@dataclass(frozen=True)
class Option:
    """One record. `kind`, `subject`, `billable` (0 or 1) and `why` are what choosing it fills in."""

    value: str
    kind: str
    kind_label: str
    icon: str
    title: str
    detail: str
    end: str
    subject: str
    billable: bool
    why: str
    starred: bool = False
    """Among the reader's favourites; only known of what `suggestions` offers."""

    @property
    def query(self) -> str:
        """What the log-time form's address says to start with this record: `ticket=12`."""
        return self.value.replace(":", "=")


@dataclass(frozen=True)
class OptionGroup:
    label: str
    options: list[Option] = field(default_factory=list)


def find(value: str) -> Any | None:
    """The record of an option's value in the active organisation, with what follows from it; None if there is none."""
    name, _colon, pk = value.partition(":")
    if name not in MODELS or not re.fullmatch(r"[0-9]{1,15}", pk):
        return None
    return MODELS[name].objects.select_related(*RELATED[name]).filter(pk=int(pk)).first()


def find_reference(text: str, kind: str = "") -> Any | None:
    """The record that an exact reference names: `TKT-4846`, `4846`, a project's code or a charge code."""
    text = text.strip()[:LONGEST_QUERY]
    number = re.fullmatch(r"(?:TKT-)?([0-9]{1,9})", text, re.IGNORECASE)
    if number and kind in ("", TimeEntry.Kind.TICKET):
        ticket = Ticket.objects.select_related(*RELATED["ticket"]).filter(number=int(number[1])).first()
        if ticket:
            return ticket
    if not text:
        return None
    for name in ("project",) if kind == TimeEntry.Kind.PROJECT else ("charge_code", "project"):
        record = MODELS[name].objects.select_related(*RELATED[name]).filter(code__iexact=text).first()
        if record:
            return record
    return None


def token(record: Any) -> str:
    """An option's value for a record.

    >>> token(Ticket(pk=12))
    'ticket:12'
    """
    return f"{name_of(record)}:{record.pk}"


def option(
    record: Any, actor: Membership, *, grace: Grace | None = None, end: str = "", starred: bool = False
) -> Option:
    """`grace` is given by who has many options to make; a record that is over and still takes time says until when."""
    kind = kind_of(record)
    project = record if isinstance(record, Project) else getattr(record, "project", None)
    holder = record if isinstance(record, Ticket) else project
    decision = billable.decide(
        kind=kind,
        ticket_flag=record.billable_flag if isinstance(record, Ticket) else None,
        project_flag=project.billable_flag if project else None,
        agreement_option=holder.agreement.billable_option if holder and holder.agreement else "NoDefault",
        organisation_default=actor.organisation.billable_by_default,
    )
    title, reference, client = _words(record)
    grace = grace or closed_records.grace_of(actor, timezone.now())
    return Option(
        value=token(record),
        kind=kind,
        kind_label=str(TimeEntry.Kind(kind).label),
        icon=ICONS[kind],
        title=title,
        detail=" · ".join(part for part in (reference, client, _until(record, grace)) if part),
        end=end,
        subject=title,
        billable=decision.billable,
        why=why(decision.decided_by, reference),
        starred=starred,
    )


def _until(record: Any, grace: Grace) -> str:
    """What is said of a record in its days of grace: its own, or those of a task's project."""
    words = [
        closed_records.grace_words(closed_records.standing_of(each, grace), each)
        for each in (record, getattr(record, "project", None))
        if each is not None
    ]
    return next((each for each in words if each), "")


def why(decided_by: str, reference: str) -> str:
    """The sentence beside the Billable box: where its value came from."""
    by = TimeEntry.DecidedBy
    return {
        by.GENERAL: _("General time is never billable."),
        by.ENTRY: _("Set on this entry."),
        by.TICKET: _("Set from %(name)s. Change it if this work is not charged like the rest.") % {"name": reference},
        by.PROJECT: _("Set from %(name)s. Change it if this work is not charged like the rest.") % {"name": reference},
        by.AGREEMENT: _("Set by the client's agreement."),
        by.WORK_TYPE: _("Set by the work type."),
        by.ORGANISATION: _("Your organisation's default."),
    }[by(decided_by)]


def suggestions(actor: Membership, kind: str = "") -> list[OptionGroup]:
    """Before anything is typed: the member's favourites, what they used last, then what is assigned to them."""
    grace = closed_records.grace_of(actor, timezone.now())
    starred = _favourites(actor, kind, grace)
    seen = {token(record) for record in starred}
    recent = [record for record in _recent(actor, kind, grace) if token(record) not in seen]
    seen |= {token(record) for record in recent}
    assigned: list[Any] = []
    if kind in ("", TimeEntry.Kind.TICKET):
        tickets = Ticket.objects.filter(_takes_time("ticket", grace), assignee=actor)
        newest = tickets.order_by(
            "-pk"
        )  # by number, SQLite would walk all the organisation's tickets for eight of them
        assigned += newest.select_related(*RELATED["ticket"])[:FOUND]
    if kind in ("", TimeEntry.Kind.PROJECT):
        tasks = Task.objects.filter(_takes_time("task", grace), assignees=actor)
        assigned += tasks.select_related(*RELATED["task"])[:FOUND]
    groups = [
        OptionGroup(_("Favourites"), [option(record, actor, grace=grace, starred=True) for record in starred]),
        OptionGroup(_("Recent"), [option(record, actor, grace=grace) for record in recent]),
        OptionGroup(_("Assigned to you"), [option(r, actor, grace=grace) for r in assigned if token(r) not in seen]),
    ]
    if kind == TimeEntry.Kind.GENERAL:
        codes = ChargeCode.objects.active().filter(project=None).order_by("code")[:50]
        listed = [option(code, actor, grace=grace) for code in codes if token(code) not in seen]
        groups.append(OptionGroup(_("Charge codes"), listed))
    return [group for group in groups if group.options]


def search(actor: Membership, text: str, kind: str = "") -> list[OptionGroup]:
    """Records whose reference, title or client contains every word of `text`; of one kind, if one is given."""
    words = words_of(text)
    if not words:
        return suggestions(actor, kind)
    grace = closed_records.grace_of(actor, timezone.now())
    ticket, project, general = (value.value for value in TimeEntry.Kind)
    places: list[tuple[str, str, str, tuple[str, ...]]] = [
        (ticket, _("Tickets"), "ticket", ("title", "client__name")),
        (project, _("Projects"), "project", ("code", "name", "client__name")),
        (project, _("Tasks"), "task", ("name", "project__code", "project__name")),
        (general, _("Charge codes"), "charge_code", ("code", "name")),
        (general, _("Activities"), "activity", ("name", "client__name")),
    ]
    groups = [
        OptionGroup(label, _found(name, words, fields, actor, grace))
        for of_kind, label, name, fields in places
        if kind in ("", of_kind)
    ]
    return [group for group in groups if group.options]


def _takes_time(name: str, grace: Grace) -> Q:
    """Condition for the records that can be offered: they take time, and so does the project that they belong to."""
    condition = MODELS[name].open_to_time(grace.ended_since(MODELS[name]))
    if name not in ("task", "charge_code"):
        return condition
    of_project = Project.open_to_time(grace.ended_since(Project), at="project__")
    return condition & (of_project if name == "task" else Q(project=None) | of_project)


def _found(name: str, words: list[str], fields: Sequence[str], actor: Membership, grace: Grace) -> list[Option]:
    found = matching(MODELS[name], words, fields, by_number=name == "ticket")
    queryset = MODELS[name].objects.filter(_takes_time(name, grace), found)
    return [option(record, actor, grace=grace) for record in queryset.select_related(*RELATED[name])[:FOUND]]


def is_favourite(actor: Membership, record: Any) -> bool:
    """Did the member star it?"""
    return Favourite.objects.filter(member=actor, **{name_of(record): record.pk}).exists()


def is_starred(record: Any, groups: Iterable[OptionGroup]) -> bool:
    """The same, where the suggestions were made anyway."""
    value = token(record)
    return any(option.starred and option.value == value for group in groups for option in group.options)


def _favourites(actor: Membership, kind: str, grace: Grace) -> list[Any]:
    """What the member starred and takes time, in the order in which they did it; by one query."""
    rows = Favourite.objects.filter(member=actor).select_related(*Favourite.RELATED)
    found = [row.record for row in rows]
    return [record for record in found if kind in ("", kind_of(record)) and _takes_time_now(record, grace)]


def _takes_time_now(record: Any, grace: Grace) -> bool:
    """What `_takes_time` asks, of a record that was read."""
    project = getattr(record, "project", None)
    return all(closed_records.standing_of(each, grace).takes_time for each in (record, project) if each is not None)


def _recent(actor: Membership, kind: str, grace: Grace) -> list[Any]:
    """The last few different records that the member logged on, newest first."""
    latest = TimeEntry.objects.filter(member=actor)
    if kind:
        latest = latest.filter(kind=kind)
    ids = latest.order_by("-date", "-pk").values("ticket_id", "task_id", "project_id", "charge_code_id")[:LOOKED_AT]
    wanted: list[tuple[str, int]] = []
    for row in ids:
        for name in ("ticket", "task", "charge_code", "project"):
            if row[f"{name}_id"]:
                wanted.append((name, row[f"{name}_id"]))
                break
    wanted = list(dict.fromkeys(wanted))[: RECENT * 3]  # some are closed by now
    records: dict[tuple[str, int], Any] = {}
    for name in MODELS:
        pks = {pk for wanted_name, pk in wanted if wanted_name == name}
        if pks:
            takes_time = _takes_time(name, grace)
            rows = MODELS[name].objects.select_related(*RELATED[name]).filter(takes_time, pk__in=pks).order_by()
            records.update({(name, row.pk): row for row in rows})
    return [records[key] for key in wanted if key in records][:RECENT]


def _words(record: Any) -> tuple[str, str, str]:
    """Title, reference and client of a record."""
    if isinstance(record, Ticket):
        return record.title, record.reference, record.client.name
    if isinstance(record, Project):
        return record.name, record.code, record.client.name
    if isinstance(record, Task):
        return record.name, record.project.code, record.project.client.name
    if isinstance(record, ChargeCode):
        return record.name, record.code, record.project.client.name if record.project else ""
    return record.name, "", record.client.name if record.client else ""
