"""What the log-time form says of the decision on the entry while somebody types; the same that saving would store."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Membership
from accounts.permissions import Permission, can
from timesheets_site.lib.errors import RuleViolation
from timetracking.forms.time_entries import TimeEntryForm
from timetracking.models import TimeEntry
from timetracking.models.record_links import link_fields
from timetracking.selectors import decision_words
from timetracking.selectors.decision_words import Decision
from timetracking.services import coverage
from timetracking.services.entry_preview import preview

NEEDED = ("member", "kind", "record", "date", "duration", "start", "end", "break_minutes", "work_type", "work_role")
TIMES = ("minutes", "started_at", "ended_at", "break_minutes")


def shown_in(form: TimeEntryForm, record: Any) -> Decision:
    """The decision that a form shows when it opens, or opens again with what was typed.

    A new entry's box gets the value that was decided.
    """
    if form.is_bound:
        return typed_in(form)
    if form.entry is not None:
        return _in_words(form.actor, form.entry, coverage.share_of(form.entry), shown=form.entry.billable)
    if record is None:
        return _nothing_known(form.initial.get("kind", ""))
    decision = _decided(form.actor, form.owner, None, {**link_fields(record), "date": form.initial["date"]})
    form.initial["billable"] = decision.billable
    form.initial["billable_shown"] = "1" if decision.billable else "0"
    return decision


def typed_in(form: TimeEntryForm) -> Decision:
    """The decision on what was typed so far, or what is missing for one. Never an error: saving says those."""
    form.is_valid()
    missing = next((str(form.errors[name][0]) for name in NEEDED if name in form.errors), "")
    if not form.cleaned_data.get("kind") or {"record", "member"} & form.errors.keys():
        return Decision(missing=missing or _("Choose a ticket or project"))
    form.cleaned_data.setdefault("date", form.owner.today())
    fields = form.decisive_fields()
    try:
        decision = _decided(form.actor, form.owner, form.entry, fields, missing=missing)
    except RuleViolation as refusal:
        rest = {name: value for name, value in fields.items() if name not in TIMES}
        return _decided(form.actor, form.owner, form.entry, rest, missing=str(refusal.message))
    if fields["billable_option"] == form.option_beside_the_box:
        return decision
    beside, _share = preview(form.owner, form.entry, **{**fields, "billable_option": form.option_beside_the_box})
    return Decision(**{**vars(decision), "shown": beside.billable})


def _decided(
    actor: Membership, owner: Membership, entry: TimeEntry | None, fields: dict[str, Any], *, missing: str = ""
) -> Decision:
    planned, share = preview(owner, entry, **fields)
    return _in_words(actor, planned, share, shown=planned.billable, missing=missing)


def _in_words(actor: Membership, entry: TimeEntry, share: Any, *, shown: bool, missing: str = "") -> Decision:
    sees = can(actor, Permission.SEE_RATES, owner=entry.member_id)
    return decision_words.decision_of(
        entry, share, shown=shown, sees_rates=sees, currency=actor.organisation.currency, missing=missing
    )


def _nothing_known(kind: str) -> Decision:
    if kind == TimeEntry.Kind.GENERAL:
        return Decision(is_general=True)
    return Decision(missing=_("Set when you pick a record."))
