"""What the log-time form shows around its fields: titles, defaults, the chosen record, the choices without script."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import once
from accounts.models import Membership
from accounts.permissions import Permission, can
from accounts.requests import Request
from timesheets_site.lib import dates
from timesheets_site.lib.errors import OutOfReach
from timetracking.forms.time_entries import TimeEntryForm
from timetracking.models import TimeEntry
from timetracking.models.record_links import kind_of
from timetracking.rules import durations, locking, weeks
from timetracking.selectors import entry_why, picker
from timetracking.selectors.decision_words import Decision
from timetracking.selectors.entry_rows import LAST_MINUTES
from timetracking.services import approvers
from timetracking.views import entry_decision

NAMES = ("ticket", "project", "task", "charge_code", "activity")
YEARS = range(2001, 2100)
"""Those whose weeks have an address."""


@dataclass(frozen=True)
class FormPage:
    """`chosen` is the picked record as an option; `groups` are the options of the list without script."""

    title: str
    action: str
    cancel_url: str
    is_edit: bool
    submit_label: str
    chosen: picker.Option | None
    groups: list[picker.OptionGroup]
    pick_url: str
    decision: Decision
    decision_url: str
    today: str
    yesterday: str
    date_words: str
    delete_url: str
    history_url: str
    why_url: str
    why_label: str
    window_hint: str
    approved_note: str
    person: str
    focus: str
    is_single: bool = False
    """Only this one: no "add another", no draft for the next form."""

    @classmethod
    def of_deletion(cls, request: Request, entry: TimeEntry) -> FormPage:
        return _page(request, None, entry)


def starting_values(actor: Membership, data: QueryDict) -> tuple[Membership, dict[str, Any]]:
    """Whose time the form is for, and its defaults from the address. Raises OutOfReach for what can't be seen."""
    owner, chosen_person = actor, ""
    wanted = data.get("member", "")
    if wanted == "choose" and can(actor, Permission.LOG_TIME, owner=0):
        chosen_person = "choose"
    elif wanted.isascii() and wanted.isdigit() and int(wanted[:18]) != actor.pk:
        owner = _person(actor, int(wanted[:18]))
        chosen_person = str(owner.pk)
    record = _record(data)
    kind = kind_of(record) if record else data.get("kind", "")
    if kind not in TimeEntry.Kind.values:
        kind = _last_kind(actor)
    option = picker.option(record, actor) if record else None
    billable = option.billable if option else kind != TimeEntry.Kind.GENERAL and actor.organisation.billable_by_default
    return owner, {
        "kind": kind,
        "record": option.value if option else "",
        "date": _day(owner, data.get("date", "")),
        "subject": option.subject if option else "",
        "duration": data.get("duration", "")[:40],
        "billable": billable,
        "billable_shown": "1" if billable else "0",
        "billable_option": "NoDefault",
        "member": chosen_person or str(actor.pk),
        "key": once.new_key(),
    }


def context_of(request: Request, form: TimeEntryForm) -> FormPage:
    return _page(request, form, form.entry)


def _page(request: Request, form: TimeEntryForm | None, entry: TimeEntry | None) -> FormPage:
    actor, slug = request.membership, request.organisation.slug
    owner = form.owner if form else entry.member if entry else actor
    today = owner.today()
    record, groups = _record_of(form), picker.suggestions(actor)
    chosen = picker.option(record, actor, starred=picker.is_starred(record, groups)) if record else None
    day = _shown_day(form, entry, today)
    is_own = owner.pk == actor.pk
    return FormPage(
        title=_("Edit entry") if entry else _("Log time"),
        action=reverse("entry-edit", args=[slug, entry.pk]) if entry else request.get_full_path(),
        cancel_url=_week_url(request, day if day.year in YEARS else today),
        is_edit=entry is not None,
        submit_label=_("Save changes") if entry else _("Log time"),
        chosen=chosen,
        groups=groups,
        pick_url=reverse("pick", args=[slug]),
        decision=entry_decision.shown_in(form, record) if form else Decision(),
        decision_url=reverse("entry-decision", args=[slug]) + (f"?entry={entry.pk}" if entry else ""),
        today=today.isoformat(),
        yesterday=(today - weeks.DAY).isoformat(),
        date_words=_day_words(day, today),
        delete_url=f"{reverse('entry-delete', args=[slug, entry.pk])}?version={entry.version}" if entry else "",
        history_url=reverse("entry-history", args=[slug, entry.pk]) if entry else "",
        why_url=reverse("entry-why", args=[slug, entry.pk]) if entry else "",
        why_label=entry_why.title(can(actor, Permission.SEE_RATES, owner=owner)),
        window_hint=_window_hint(actor, entry),
        approved_note=_approved_note(actor, entry),
        person="" if is_own else owner.display_name,
        focus="duration" if chosen else "reference",
    )


def _week_url(request: Request, day: dt.date) -> str:
    organisation = request.organisation
    week = weeks.week_containing(day, first_weekday=organisation.first_weekday)
    return reverse("week-of", args=[organisation.slug, week])


def _record_of(form: TimeEntryForm | None) -> Any:
    """The record that was picked, or that the form begins with."""
    if form is None:
        return None
    value = form.data.get("record", "") if form.is_bound else form.initial.get("record", "")
    return picker.find(value) or form.chosen


def _approved_note(actor: Membership, entry: TimeEntry | None) -> str:
    """What a change to an approved entry does."""
    if entry is None or entry.status != TimeEntry.Status.APPROVED:
        return ""
    if entry.member_id != actor.pk:
        words = _("Approved. Your change goes into the history and %(name)s is told.")
        return words % {"name": entry.member.display_name}
    if approvers.is_another(actor):
        return _("Approved. Your change goes into the history, and the entry waits for a new decision.")
    return _("Approved. Your change goes into the history.")


def _window_hint(actor: Membership, entry: TimeEntry | None) -> str:
    """With under two hours left, how long the entry can still be changed."""
    if entry is None:
        return ""
    now = timezone.now()
    policy = locking.policy_of(actor, now, {})  # only its window is asked for
    until = entry.created_at + dt.timedelta(hours=policy.edit_window_hours)
    left = int((until - now).total_seconds()) // 60
    if policy.unrestricted or entry.status != TimeEntry.Status.OPEN or not 0 <= left < LAST_MINUTES:
        return ""
    return _("You can change this for another %(duration)s.") % {"duration": durations.format_minutes(max(left, 1))}


def _shown_day(form: TimeEntryForm | None, entry: TimeEntry | None, today: dt.date) -> dt.date:
    if form is not None and form.is_bound:
        return getattr(form, "cleaned_data", {}).get("date") or today
    return (form.initial.get("date") if form else entry.date if entry else None) or today


def _day_words(day: dt.date, today: dt.date) -> str:
    """`Thursday, today` beside the date field."""
    weekday = dates.weekday_long(day)
    if day == today:
        return _("%(weekday)s, today") % {"weekday": weekday}
    if day == today - weeks.DAY:
        return _("%(weekday)s, yesterday") % {"weekday": weekday}
    return weekday


def _person(actor: Membership, pk: int) -> Membership:
    member = Membership.objects.select_related("user").filter(pk=pk).first()
    if member is None or not can(actor, Permission.LOG_TIME, owner=pk):
        raise OutOfReach
    member.organisation = actor.organisation
    return member


def _record(data: QueryDict) -> Any:
    for name in NAMES:
        if value := data.get(name, ""):
            record = picker.find(f"{name}:{value}")
            if record is None:
                raise OutOfReach
            return record
    return None


def _day(owner: Membership, text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return owner.today()


def _last_kind(actor: Membership) -> str:
    """The kind that the member used last; a ticket for somebody who logged nothing yet."""
    last = TimeEntry.objects.filter(member=actor).order_by("-date", "-pk").values_list("kind", flat=True).first()
    return last or str(TimeEntry.Kind.TICKET.value)
