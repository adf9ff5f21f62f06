"""Many entries at once: what is to be changed, what each of them would be, and then one change with one Undo.

All by POST, since hundreds of entries fit in no address; nothing is written before the last step (`change`, `remove`).
The versions that were shown are sent along: what somebody else changed meanwhile stays as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.access import requires
from accounts.permissions import Permission
from accounts.requests import Request
from accounts.views.destinations import next_path
from timesheets_site.lib import dates
from timesheets_site.lib.errors import RuleViolation
from timesheets_site.lib.htmx import render_page
from timetracking.forms.approvals import pairs
from timetracking.forms.many_entries import ManyEntriesForm
from timetracking.models import EntryBatch
from timetracking.rules import durations
from timetracking.services import many_entries
from timetracking.services.many_entries import Delete, Edit, Step
from timetracking.views.batch_answers import after_batch
from timetracking.views.rehearsal import Rehearsal, rehearsal_of

FOLDER = "timetracking/many"
Action = EntryBatch.Action


@dataclass(frozen=True)
class Asked:
    """What was selected, in the versions that were shown, and where."""

    request: Request
    chosen: list[tuple[int, int]]
    back: str

    @classmethod
    def read(cls, request: Request) -> Asked:
        shown = pairs([*request.POST.getlist("entry"), *request.POST.getlist("entries")])
        back = next_path(request) if request.POST.get("next") else reverse("week", args=[request.organisation.slug])
        return cls(request, shown, back)

    @property
    def hidden(self) -> list[tuple[str, str]]:
        return [("entries", ",".join(f"{pk}:{version}" for pk, version in self.chosen)), ("next", self.back)]

    def edits(self, fields: dict[str, Any]) -> list[Step]:
        return [Edit(pk, fields, version) for pk, version in self.chosen]

    def deletions(self) -> list[Step]:
        return [Delete(pk, version) for pk, version in self.chosen]


@dataclass(frozen=True)
class Question:
    """One of the two pages that ask: heading, the button that goes on, and what it sends."""

    title: str
    button: str
    do: str
    danger: bool = False
    rehearsal: Rehearsal | None = None


@requires(Permission.EDIT_TIME, feature="timesheets")
@require_POST
def bulk(request: Request, slug: str) -> HttpResponse:
    """`do` is what is asked for: `edit` (which fields), `check` (what would happen), `change`; `delete`, `remove`."""
    asked, do = Asked.read(request), request.POST.get("do", "")
    try:
        if not asked.chosen:
            raise RuleViolation("nothing_chosen", _("Select at least one entry."))
        if len(asked.chosen) > many_entries.MOST:
            raise many_entries.too_many()
        if do == "delete":
            return _ask_to_delete(asked)
        if do == "remove":
            return _remove(asked)
        return _edit(asked, do)
    except RuleViolation as refusal:
        return _page(asked, Question(_("Change entries"), "", ""), status=422, refusal=str(refusal))


def _edit(asked: Asked, do: str) -> HttpResponse:
    """The fields; once they are valid what would happen; and then the change itself."""
    actor = asked.request.membership
    if do not in ("check", "change"):
        typed = asked.request.POST if do == "again" else None
        return _fields(asked, ManyEntriesForm(initial=typed.dict() if typed else None, actor=actor))
    form = ManyEntriesForm(asked.request.POST, actor=actor)
    if not form.is_valid():
        return _fields(asked, form, status=422)
    fields = form.changes()
    if do == "check":
        rehearsal = rehearsal_of(actor, many_entries.rehearse(actor, asked.edits(fields)))
        question = Question(_("Change entries"), _change_label(rehearsal), "change", rehearsal=rehearsal)
        return _page(asked, question, hidden=form.sent)
    action = Action.MOVED if fields.keys() == {"date"} else Action.EDITED
    result = many_entries.carry_out(actor, action, asked.edits(fields))
    count = len(result.done)
    if not count:
        text = _("No entry was changed")
    elif action == Action.MOVED:
        words = ngettext("Moved %(count)s entry to %(day)s", "Moved %(count)s entries to %(day)s", count)
        text = words % {"count": durations.grouped(count), "day": dates.weekday_day_month(fields["date"])}
    else:
        words = ngettext("Changed %(count)s entry", "Changed %(count)s entries", count)
        text = words % {"count": durations.grouped(count)}
    return after_batch(asked.request, result, text, back=asked.back)


def _ask_to_delete(asked: Asked) -> HttpResponse:
    actor = asked.request.membership
    rehearsal = rehearsal_of(actor, many_entries.rehearse(actor, asked.deletions()))
    values = {"count": durations.grouped(rehearsal.count), "total": durations.grouped(rehearsal.total)}
    label = ngettext("Delete %(count)s entry", "Delete %(count)s entries", rehearsal.count) % values
    if rehearsal.refused:
        label = _("Delete %(count)s of %(total)s") % values
    question = Question(_("Delete entries"), label if rehearsal.count else "", "remove", True, rehearsal)
    return _page(asked, question)


def _remove(asked: Asked) -> HttpResponse:
    result = many_entries.carry_out(asked.request.membership, Action.DELETED, asked.deletions())
    count = len(result.done)
    words = ngettext("Deleted %(count)s entry, %(duration)s", "Deleted %(count)s entries, %(duration)s", count)
    text = words % {"count": durations.grouped(count), "duration": durations.format_minutes(result.minutes)}
    return after_batch(asked.request, result, text if count else _("No entry was deleted"), back=asked.back)


def _change_label(rehearsal: Rehearsal) -> str:
    """Empty where nothing would change."""
    values = {"count": durations.grouped(rehearsal.count), "total": durations.grouped(rehearsal.total)}
    if not rehearsal.count:
        return ""
    if rehearsal.count < rehearsal.total:
        return _("Change %(count)s of %(total)s") % values
    return ngettext("Change %(count)s entry", "Change %(count)s entries", rehearsal.count) % values


def _fields(asked: Asked, form: ManyEntriesForm, status: int = 200) -> HttpResponse:
    count = len(asked.chosen)
    title = ngettext("Change %(count)s entry", "Change %(count)s entries", count) % {"count": durations.grouped(count)}
    return _page(asked, Question(title, _("See what would change"), "check"), form=form, status=status)


def _page(
    asked: Asked,
    question: Question,
    *,
    form: ManyEntriesForm | None = None,
    hidden: list[tuple[str, str]] | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "question": question,
        "form": form,
        "hidden": [*asked.hidden, *(hidden or [])],
        "action": reverse("entries-bulk", args=[asked.request.organisation.slug]),
        "back": asked.back,
        "refusal": refusal,
    }
    return render_page(asked.request, f"{FOLDER}/page.html", f"{FOLDER}/_ask.html", context, status=status)
