"""Reference records are created, edited, archived and restored here: one way for every noun, told apart by data.

What differs between them is data, in `catalogue_nouns`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, TypeVar, cast

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import Membership, Organisation
from accounts.permissions import Permission, require
from accounts.tenancy import OrganisationOwned, active_organisation_id
from timesheets_site.lib import texts
from timesheets_site.lib.errors import OutOfReach, RuleViolation
from timetracking.models import Project, Ticket
from timetracking.models.catalogue import CatalogueRecord
from timetracking.services import following
from timetracking.services.catalogue_nouns import NOUNS, Noun

Record = TypeVar("Record", bound=CatalogueRecord)

# --- The four things that can be done ---------------------------------------------------------------------------------


@transaction.atomic
def create(actor: Membership, model: type[Record], **fields: Any) -> Record:
    """Store a new record of `model` with some of its noun's `fields`; a ticket without a number gets the next one.

    Raises NotAllowed, OutOfReach (a reference into another organisation), or RuleViolation with the field at fault:
    taken, archived_reference, inactive_member, ends_before_start, agreement_of_another_client, project_code_format, ….
    """
    noun = NOUNS[model]
    _permit(actor, noun, fields, noun.fields)
    record = model()
    _wait_for_a_turn(noun, fields)
    if isinstance(record, Ticket):
        _number(record, fields)
    people = _take_people(noun, fields)
    _fill(noun, record, fields)
    _check(noun, record, [*noun.fields])
    _check_people(record, people)
    _follow_status(noun, record)
    _take_from_the_other(actor, noun, record, fields)
    _store(noun, record)
    changes = {name: (None, value) for name, value in audit.snapshot(record, _stored_names(noun)).items() if value}
    audit.record(actor, f"{noun.name}.created", record, changes=changes | _set_people(record, people))
    return record


@transaction.atomic
def edit(actor: Membership, record: Record, *, version: int, **fields: Any) -> Record:
    """Change some fields of a record; what stayed the same is not told in the history.

    Raises NotAllowed, OutOfReach, Conflict (stale `version`), or RuleViolation as `create` does.
    """
    noun = NOUNS[type(record)]
    _permit(actor, noun, fields, [name for name in noun.fields if name not in noun.fixed])
    drawn = following.hold(actor, record, fields)
    _wait_for_a_turn(noun, fields)
    record = cast(Record, type(record).objects.locked(record.pk, version))
    before = audit.snapshot(record, _stored_names(noun))
    people = _take_people(noun, fields)
    _fill(noun, record, fields)
    _check(noun, record, [name for name in fields if _differs(record, before, name)])
    _check_people(record, people)
    _follow_status(noun, record)
    _take_from_the_other(actor, noun, record, fields)
    _store(noun, record, update_fields=[*fields, *_server_fields(noun)])
    changes = audit.difference(before, record) | _set_people(record, people)
    moved = not {"client_id", "agreement_id"}.isdisjoint(changes)
    if moved and isinstance(record, Ticket | Project) and (followed := following.follow(actor, record, drawn)):
        changes["entries_followed"] = (0, followed)
    if changes:
        audit.record(actor, f"{noun.name}.updated", record, changes=changes)
    return record


def archive(actor: Membership, record: Record, *, version: int | None = None) -> Record:
    """Put a record away: it stays readable, nothing new may be logged on it. Archived already: nothing happens.

    Raises NotAllowed, OutOfReach, or Conflict where a `version` is named and old.
    """
    return _set_archived(actor, record, version, archived=True)


def restore(actor: Membership, record: Record, *, version: int | None = None) -> Record:
    """Bring an archived record back. Raises as `archive` does, or RuleViolation `taken` where another has its place."""
    return _set_archived(actor, record, version, archived=False)


@transaction.atomic
def _set_archived(actor: Membership, record: Record, version: int | None, *, archived: bool) -> Record:
    noun = NOUNS[type(record)]
    require(actor, noun.permission)
    if record.is_archived == archived:
        return record
    record = cast(Record, type(record).objects.locked(record.pk, version))
    if record.is_archived != archived:
        before = record.archived_at
        record.archived_at = timezone.now() if archived else None
        _store(noun, record, update_fields=["archived_at", "version", "updated_at"])
        event = f"{noun.name}.{'archived' if archived else 'restored'}"
        audit.record(actor, event, record, changes={"archived_at": (before, record.archived_at)})
    return record


# --- The steps --------------------------------------------------------------------------------------------------------


def _permit(actor: Membership, noun: Noun, fields: Iterable[str], allowed: Iterable[str]) -> None:
    require(actor, noun.permission)
    if unknown := set(fields) - set(allowed):
        raise TypeError(f"{noun.name} has no field that can be set here: {', '.join(sorted(unknown))}")
    if not set(noun.money).isdisjoint(fields):
        require(actor, Permission.SEE_RATES)


def _number(ticket: Ticket, fields: dict[str, Any]) -> None:
    """The next free number where none was given; the organisation's row is the queue for those who come at once."""
    organisation = Organisation.objects.select_for_update(no_key=True).get(pk=active_organisation_id())
    if fields.get("number") is None:
        highest = Ticket.objects.filter(organisation=organisation).aggregate(highest=models.Max("number"))["highest"]
        fields["number"] = (highest or 0) + 1


def _take_people(noun: Noun, fields: dict[str, Any]) -> dict[str, list[Membership]]:
    return {name: list(fields.pop(name) or ()) for name in noun.people if name in fields}


def _fill(noun: Noun, record: CatalogueRecord, fields: dict[str, Any]) -> None:
    """Set the values and refuse what the columns cannot hold; references must be of this organisation."""
    is_new = record.pk is None
    for name, value in fields.items():
        if isinstance(value, OrganisationOwned) and value.organisation_id != active_organisation_id():
            raise OutOfReach
        # Trimmed as a form does it: blanks are no name, and make no other name of one that is taken.
        setattr(record, name, texts.readable(value, name).strip() if isinstance(value, str) else value)
    asked = [name for name in (noun.fields if is_new else fields) if name not in noun.people]
    columns = [_column(record, name) for name in asked]
    for column in columns:
        if column.is_relation and not column.null and getattr(record, column.attname) is None:
            raise RuleViolation("field_value", _("Choose one of the list."), column.name)
    plain = {column.name for column in columns if not column.is_relation}
    try:
        record.clean_fields(exclude={column.name for column in record._meta.fields} - plain)
    except ValidationError as error:
        name, messages = next(iter(error.message_dict.items()))
        raise RuleViolation("field_value", " ".join(messages), name) from error


def _check(noun: Noun, record: CatalogueRecord, given: Collection[str]) -> None:
    """The noun's own checks; and what is newly referred to must be in use."""
    for name in given:
        field = _column(record, name)
        if not field.many_to_one or getattr(record, field.attname) is None:
            continue
        target = getattr(record, name)
        if isinstance(target, Membership) and not target.is_active:
            raise RuleViolation("inactive_member", _("%(name)s is not active here.") % {"name": target}, name)
        if isinstance(target, CatalogueRecord) and target.is_archived:
            raise RuleViolation(
                "archived_reference", _("%(name)s is archived. Restore it first.") % {"name": target}, name
            )
    for name in noun.money:
        if (amount := getattr(record, name)) is not None and amount < 0:
            raise RuleViolation("negative_amount", _("Enter 0 or more."), name)
    for check in noun.checks:
        check(record, given)


def _check_people(record: CatalogueRecord, people: dict[str, list[Membership]]) -> None:
    """Members of this organisation; those who are new on a list must be active."""
    for name, members in people.items():
        present = set(getattr(record, name).values_list("pk", flat=True)) if record.pk else set()
        for member in members:
            if member.organisation_id != active_organisation_id():
                raise OutOfReach
            if not member.is_active and member.pk not in present:
                raise RuleViolation("inactive_member", _("%(name)s is not active here.") % {"name": member}, name)


def _set_people(record: CatalogueRecord, people: dict[str, list[Membership]]) -> dict[str, tuple[Any, Any]]:
    changes = {}
    for name, members in people.items():
        manager = getattr(record, name)
        before = sorted(manager.values_list("pk", flat=True))
        after = sorted({member.pk for member in members})
        if before != after:
            manager.set(members)
            changes[name] = (before, after)
    return changes


def _follow_status(noun: Noun, record: Any) -> None:
    """`closed_at` tells since when the status says closed."""
    if not noun.closed:
        return
    if record.status != noun.closed:
        record.closed_at = None
    elif record.closed_at is None:
        record.closed_at = timezone.now()


def _wait_for_a_turn(noun: Noun, fields: Collection[str]) -> None:
    """Those who may choose another record come one after the other, before either has locked its own."""
    if noun.chosen in fields:
        Organisation.objects.select_for_update(no_key=True).get(pk=active_organisation_id())


def _take_from_the_other(actor: Membership, noun: Noun, record: Any, fields: Collection[str]) -> None:
    """The record that is chosen takes it from the one that was."""
    if noun.chosen not in fields or not getattr(record, noun.chosen):
        return
    model = type(record)
    for other in model.objects.filter(**{noun.chosen: True}).exclude(pk=record.pk):
        other = model.objects.locked(other.pk, other.version)
        setattr(other, noun.chosen, False)
        other.save(update_fields=[noun.chosen, "version", "updated_at"])
        audit.record(actor, f"{noun.name}.updated", other, changes={noun.chosen: (True, False)})


def _store(noun: Noun, record: CatalogueRecord, update_fields: list[str] | None = None) -> None:
    """Save; a twin is answered as a field's error, also one that somebody stored a moment ago."""
    _refuse_twin(noun, record)
    try:
        with transaction.atomic():
            record.save(update_fields=update_fields)
    except IntegrityError:
        _refuse_twin(noun, record)
        raise


def _refuse_twin(noun: Noun, record: CatalogueRecord) -> None:
    unique = noun.unique
    if unique is None or (unique.in_use and record.is_archived):
        return
    same = {name: getattr(record, name) for name in (unique.field, *unique.within)}
    others = type(record).objects.active() if unique.in_use else type(record).objects.all()
    twin = others.filter(**same).exclude(pk=record.pk).first()
    if twin is None:
        return
    message = str(unique.message)
    if twin.is_archived:
        message = f"{message} {_('It is archived: restore it instead.')}"
    raise RuleViolation("taken", message, unique.field)


def _server_fields(noun: Noun) -> list[str]:
    return ["version", "updated_at", *(["closed_at"] if noun.closed else [])]


def _stored_names(noun: Noun) -> list[str]:
    """Attribute names of the noun's columns, foreign keys by their `_id` names."""
    model = next(model for model, candidate in NOUNS.items() if candidate is noun)
    columns = [_column(model, name).attname for name in noun.fields if name not in noun.people]
    return [*columns, *(["closed_at"] if noun.closed else [])]


def _column(record: CatalogueRecord | type[CatalogueRecord], name: str) -> Any:
    return record._meta.get_field(name)


def _differs(record: CatalogueRecord, before: dict[str, Any], name: str) -> bool:
    attname = _column(record, name).attname
    return before[attname] != getattr(record, attname)
