"""What became of the demo's weeks that are over: older ones are approved, the latest stand as their stories tell."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

from accounts import audit
from accounts.models import AuditEvent, Membership, Notification
from timetracking.demo.moments import Moments
from timetracking.demo.rows import Writer
from timetracking.demo.steps import Steps, Week
from timetracking.demo.stories import THURSDAY, WEDNESDAY, Becomes, Story, story_of
from timetracking.models import ApprovalEvent, ApprovalHandover, TimeEntry, Timesheet
from timetracking.rules import routing, weeks

RECENT_WEEKS = 2
"""Of these the notices are still there; those of the last week are unread."""
FIX = "Went through the steps with the office manager by phone; she has the list now."


class PastWeeks:
    """Takes the steps of one firm's weeks and stores them."""

    def __init__(self, writer: Writer) -> None:
        self.writer, self.firm = writer, writer.firm
        self.this_week = writer.week_of(writer.today)
        self.steps = Steps(writer.organisation)
        self.moments = Moments(writer.firm.slug, writer.organisation.zone, writer.now)

    def found(self) -> None:
        """The steps of all weeks that the writer has just stored."""
        for week in self._written():
            self._tell(week, story_of(self.firm, week.member.user.email, self._weeks_ago(week.sheet)))
        self.steps.store()

    def carry_on(self, since: dt.date) -> None:
        """Weeks that ended after `since`: sent by their members, where nobody has touched them by hand.

        The last week waits for whoever looks at the demo; older ones are approved like all before them.
        """
        for week in self._untouched(self.writer.week_of(since)):
            story = story_of(self.firm, week.member.user.email, 1)
            kept = self._weeks_ago(week.sheet) == 1 and story is not None and story.becomes is Becomes.KEPT
            if not kept:
                self._tell(week, None)
        self.steps.store()

    # Which weeks

    def _weeks_ago(self, sheet: Timesheet) -> int:
        return (self.this_week - sheet.week_start).days // 7

    def _written(self) -> Iterable[Week]:
        by_sheet: dict[int, list[TimeEntry]] = defaultdict(list)
        for entry in self.writer.rows:
            by_sheet[entry.timesheet_id].append(entry)
        for entries in by_sheet.values():
            sheet, member = entries[0].timesheet, entries[0].member
            if sheet.week_start < self.this_week:
                yield self._week(sheet, member, entries)

    def _untouched(self, first_week: dt.date) -> Iterable[Week]:
        lock_date = self.writer.organisation.lock_date
        sheets = {
            sheet.pk: sheet
            for sheet in Timesheet.objects.select_for_update()
            .filter(state=Timesheet.State.DRAFT, week_start__gte=first_week, week_start__lt=self.this_week)
            .exclude(pk__in=ApprovalEvent.objects.values("timesheet"))
            if lock_date is None or sheet.week_start > lock_date
        }
        all_entries = list(TimeEntry.with_deleted.filter(timesheet__in=list(sheets)).select_related("project"))
        by_hand = AuditEvent.objects.exclude(channel=audit.CHANNEL.get())
        typed = set(
            by_hand.filter(object_type="timeentry", object_id__in=[entry.pk for entry in all_entries]).values_list(
                "object_id", flat=True
            )
        )
        people = {member.pk: member for member in self.writer.people.values()}
        for pk, sheet in sheets.items():
            entries = [entry for entry in all_entries if entry.timesheet_id == pk]
            member = people.get(sheet.member_id)
            if member is not None and entries and not any(entry.pk in typed for entry in entries):
                yield self._week(sheet, member, entries)

    def _week(self, sheet: Timesheet, member: Membership, entries: list[TimeEntry]) -> Week:
        sheet.member = member
        after = max(entry.updated_at for entry in entries)
        return Week(sheet, member, [entry for entry in entries if entry.deleted_at is None], after)

    # What became of them

    def _tell(self, week: Week, story: Story | None) -> None:
        ago = self._weeks_ago(week.sheet)
        becomes = story.becomes if story else Becomes.APPROVED if ago > 1 else Becomes.SENT
        if becomes is Becomes.KEPT or not week.entries:
            return
        when = self.moments.sent_late if becomes is Becomes.SENT_LATE else self.moments.sent
        at = when(week.member.user.email, week.sheet.week_start, after=week.after)
        if at is None:
            return
        if becomes is Becomes.READY:
            self.steps.mark_ready(week, at)
            return
        late = story is not None and becomes is not Becomes.SENT_AGAIN
        self.steps.send(week, at, note=story.note if story and late else "")
        if ago <= RECENT_WEEKS:
            self.steps.tell_sent(week, at, is_read=ago > 1 and becomes is not Becomes.SENT_LATE)
        if becomes is Becomes.APPROVED:
            self._approve(week)
        elif story is not None and becomes not in (Becomes.SENT, Becomes.SENT_LATE):
            self._decide(week, story)

    def _approve(self, week: Week) -> None:
        for turn, approver in enumerate(self.steps.addressed(week)):
            if week.sheet.state == Timesheet.State.APPROVED:
                return
            self._decided(week, approver, turn=turn)

    def _decide(self, week: Week, story: Story) -> None:
        approver = self.steps.addressed(week)[0]
        if story.becomes is Becomes.REJECTED_IN_PART:
            reject = {entry.pk: reason for entry in week.entries if (reason := story.reason_of(entry))}
            approve = [entry.pk for entry in week.entries if entry.pk not in reject]
            self._decided(week, approver, approve=approve, reject=reject)
        elif story.becomes is Becomes.BEGUN and len(routing.stages_of(self.writer.organisation)) == 1:
            first_days = [entry.pk for entry in week.entries if entry.date.weekday() <= WEDNESDAY]
            self._decided(week, approver, approve=first_days, reject={})
        elif story.becomes is Becomes.BEGUN:
            self._decided(week, approver)
        else:
            self._decided(week, approver, reason=story.reason)
            if story.becomes is Becomes.SENT_AGAIN:
                self._send_again(week, story)

    def _decided(self, week: Week, approver: Membership, *, turn: int = 0, **decision: object) -> None:
        at = self.moments.decided(approver.user.email, week.sheet.week_start, after=week.after, turn=turn)
        if at is None:
            return
        plan = self.steps.decide(week, approver, at, **decision)  # type: ignore[arg-type]  # handed through
        ago = self._weeks_ago(week.sheet)
        if ago <= RECENT_WEEKS:
            self.steps.tell_decided(plan, approver, at, is_read=ago > 1)

    def _send_again(self, week: Week, story: Story) -> None:
        """The day after: what was asked for is there now."""
        fixed_at = self.moments.day_after(week.after)
        thursday = [entry for entry in week.entries if entry.date.weekday() == THURSDAY] or week.entries
        self.steps.describe(week, max(thursday, key=lambda entry: entry.minutes), fixed_at, FIX)
        at = fixed_at + dt.timedelta(minutes=9)
        self.steps.send(week, at, note=story.note)
        self.steps.tell_sent(week, at, is_read=False)


def hand_over(writer: Writer, approver: Membership, stand_in: Membership) -> None:
    """Somebody is away for some days around today, and has asked a colleague to decide in their place."""
    at = writer.now - 3 * weeks.DAY
    handover = ApprovalHandover(
        approver=approver,
        stand_in=stand_in,
        first_on=writer.today - weeks.DAY,
        last_on=writer.today + 8 * weeks.DAY,
        created_by=approver,
        created_at=at,
    )
    handover.save()
    told = {"first_on": handover.first_on, "last_on": handover.last_on}
    changes = {"stand_in_id": (None, stand_in.pk), **{name: (None, day) for name, day in told.items()}}
    audit.record(approver, "approvals.handed_over", handover, changes=changes, at=at)
    values = {"approver": approver.display_name, **{name: day.isoformat() for name, day in told.items()}}
    Notification(member=stand_in, actor=approver, kind="approvals.handed_over", values=values, created_at=at).save()
