"""The filters of a week page: their options, and those in force with the address that takes each off."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import Membership
from accounts.permissions import Permission, Reach, reach
from timesheets_site.lib import dates
from timesheets_site.lib.addresses import address
from timesheets_site.lib.printable import Printable
from timetracking.models import Project
from timetracking.rules import weeks
from timetracking.selectors.week_query import EVERYONE, WeekQuery


@dataclass(frozen=True, slots=True)
class Choice(Printable):
    value: str
    label: str
    selected: bool
    url: str = ""


@dataclass(frozen=True, slots=True)
class ActiveFilter(Printable):
    label: str
    remove_url: str
    remove_label: str


def presets_of(query: WeekQuery) -> list[Choice]:
    """The choices of the Dates filter, each a link; the last one stands for a range that somebody chose."""
    slug, no_range = query.actor.organisation.slug, query.address(**{"from": None, "to": None})
    first = weeks.week_containing(query.today, first_weekday=query.actor.organisation.first_weekday)
    month = query.today.replace(day=1)
    next_month = (month + dt.timedelta(days=32)).replace(day=1)
    last_week = first - dt.timedelta(days=7)
    last_day = next_month - weeks.DAY
    whole_month = query.address(**{"from": month.isoformat(), "to": last_day.isoformat()})
    spans = [
        (_("This week"), first, first + dt.timedelta(days=6), address("week", slug) + no_range),
        (_("Last week"), last_week, first - weeks.DAY, address("week-of", slug, last_week) + no_range),
        (_("This month"), month, last_day, address("week", slug) + whole_month),
    ]
    choices = [Choice(f"{a}/{b}", label, (a, b) == (query.first, query.last), url) for label, a, b, url in spans]
    known = any(choice.selected for choice in choices)
    return [*choices, Choice("custom", _("Custom…") if known else dates.day_range(query.first, query.last), not known)]


class Choices:
    """The options of the filters, with what is chosen."""

    def __init__(self, query: WeekQuery, url: str) -> None:
        self.query, self.url = query, url
        self.all = reach(query.actor, Permission.VIEW_TIME) is Reach.ALL
        self._labels: dict[str, str] = {}

    def of(self, name: str, values: Iterable[tuple[Any, Any]]) -> list[Choice]:
        chosen = self.query.params.get(name, "")
        choices = [Choice(str(value), str(label), str(value) == chosen) for value, label in values]
        for choice in choices:
            if choice.selected:
                self._labels[name] = choice.label
        return choices

    def agents(self) -> list[Choice]:
        """People to choose from; empty for those who see only themselves."""
        if not self.all:
            return []
        actor, chosen = self.query.actor, self.query.member
        shown = Q(is_active=True)
        if chosen and not chosen.is_active:
            shown |= Q(pk=chosen.pk)
        people = Membership.objects.filter(shown).values_list("pk", "display_name")
        me = Choice("", _("%(name)s (you)") % {"name": actor.display_name}, self.query.is_own)
        others = [
            Choice(str(pk), name, chosen is not None and pk == chosen.pk) for pk, name in people if pk != actor.pk
        ]
        return [me, Choice(EVERYONE, _("Everyone"), chosen is None), *others]

    def projects(self) -> list[Choice]:
        projects = Project.objects.active().order_by("code").values_list("pk", "code", "name")
        project = self.query.project
        chosen = project.pk if project else None
        choices = [Choice(str(pk), f"{code} {name}", pk == chosen) for pk, code, name in projects]
        if project and not any(choice.selected for choice in choices):
            choices.append(Choice(str(project.pk), str(project), True))
        if project:
            self._labels["project"] = str(project)
        return choices

    def active(self) -> list[ActiveFilter]:
        """The filters in force, each with the address that takes it off."""
        if self.query.is_week:
            url = address("week-of", self.query.actor.organisation.slug, self.query.first)
        else:
            url = self.url
        words = _("Remove the filter %(label)s")
        return [
            ActiveFilter(label, url + self.query.address(**{name: None}), words % {"label": label})
            for name, label in self._labels.items()
        ]
