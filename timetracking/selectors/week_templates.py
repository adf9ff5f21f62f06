"""One's own templates of a usual week, as lines of their list."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import ngettext

from accounts.models import Membership
from timetracking.models import WeekTemplate, WeekTemplateLine
from timetracking.models.record_links import RecordLink
from timetracking.rules import durations

NAMED = 4
"""Lines of a template that its entry in the list names."""


@dataclass(frozen=True)
class TemplateLine:
    """`words` are its first lines, `sum` what it comes to."""

    id: int
    version: int
    name: str
    sum: str
    count: str
    words: str
    edit_url: str
    delete_url: str


def templates_of(member: Membership) -> list[TemplateLine]:
    """By name; two queries, however many there are."""
    found = list(WeekTemplate.objects.filter(member=member))
    lines: dict[int, list[WeekTemplateLine]] = {template.pk: [] for template in found}
    for line in WeekTemplateLine.objects.filter(template__in=found).select_related(*RecordLink.RELATED).order_by("pk"):
        lines[line.template_id].append(line)
    return [_of(member.organisation.slug, template, lines[template.pk]) for template in found]


def _of(slug: str, template: WeekTemplate, lines: list[WeekTemplateLine]) -> TemplateLine:
    names = [line.subject or str(line.record) for line in lines[:NAMED]]
    return TemplateLine(
        id=template.pk,
        version=template.version,
        name=template.name,
        sum=durations.format_minutes(sum(sum(line.minutes) for line in lines)),
        count=ngettext("%(count)s line", "%(count)s lines", len(lines)) % {"count": len(lines)},
        words=", ".join(names) + (" …" if len(lines) > NAMED else ""),
        edit_url=reverse("week-template-edit", args=[slug, template.pk]),
        delete_url=reverse("week-template-delete", args=[slug, template.pk]),
    )
