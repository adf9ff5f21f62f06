"""How typed words find records: each word in one of the fields, or as a ticket's number. Used by all who search."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Q

from accounts.tenancy import OrganisationOwned
from timetracking.rules import references

LONGEST_QUERY = 200
MOST_WORDS = 12


def words_of(text: str) -> list[str]:
    """What is looked for: the words of what was typed, a dozen at most.

    >>> words_of("  backup job\\0 failed ")
    ['backup', 'job', 'failed']
    """
    return text.replace("\x00", "")[:LONGEST_QUERY].split()[:MOST_WORDS]


def matching(model: Any, words: Iterable[str], fields: Sequence[str], *, by_number: bool = False) -> Q:
    """Condition for the records of `model` that have each word in one of `fields`, or (`by_number`) as their number.

    A field of a record of the same organisation (`client__name`) is looked up once among those, and not for each row:
    clients are few where tickets are a hundred thousand.
    """
    condition = Q()
    for word in words:
        any_field = Q()
        for field in fields:
            any_field |= _contains(model, field, word)
        if by_number and (number := references.ticket_number(word)) is not None:
            any_field |= Q(number=number)
        condition &= any_field
    return condition


def _contains(model: Any, field: str, word: str) -> Q:
    relation, _separator, name = field.rpartition("__")
    related = model._meta.get_field(relation).related_model if relation else None
    if related is None or not issubclass(related, OrganisationOwned):
        return Q(**{f"{field}__icontains": word})
    named = related.objects.filter(**{f"{name}__icontains": word}).order_by()
    return Q(**{f"{relation}__in": named.values("pk")})
