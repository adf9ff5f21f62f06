"""Planned work as rows: the decisions that logging takes, stored in bulk with a line of the audit trail for each."""

from __future__ import annotations

import copy
import datetime as dt
from dataclasses import dataclass, field

from accounts import audit, holiday_calendars
from accounts.models import Membership, Organisation
from timesheets_site.lib.errors import RuleViolation
from timetracking.demo.days import Planned
from timetracking.demo.firms import WEEKS, Firm, Person
from timetracking.demo.moments import FRIDAY
from timetracking.demo.shelf import Records
from timetracking.demo.stories import Becomes, Story, story_of
from timetracking.models import TimeEntry, Timesheet
from timetracking.rules import coverage, local_time, weeks
from timetracking.rules.closed_records import Grace
from timetracking.rules.coverage import Claim
from timetracking.services import coverage as included_hours
from timetracking.services import entry_links
from timetracking.services.entry_decisions import decide, set_amount
from timetracking.services.rate_book import RateBook
from timetracking.services.time_entries import AUDITED, take_defaults

ROWS_AT_ONCE = 500
LATE_MINUTES = 9 * 60 + 30
AFTER_ALL_IDS = 10**15  # entries that have no id yet come after those that have one, in their order


@dataclass
class Writer:
    """Collects a firm's entries and stores them. Moments never lie after `now`."""

    firm: Firm
    organisation: Organisation
    people: dict[str, Membership]
    records: Records
    now: dt.datetime
    rows: list[TimeEntry] = field(default_factory=list)
    first_minutes: dict[int, int] = field(default_factory=dict)
    """By place in `rows`: what was typed at first."""

    def __post_init__(self) -> None:
        self.today = self.now.astimezone(self.organisation.zone).date()
        self.book = RateBook(self.organisation)
        self.grace = Grace(0, 0, self.today, self.organisation.zone)
        self.sheets = {
            (sheet.member_id, sheet.week_start): sheet
            for sheet in Timesheet.objects.filter(week_start__gte=self.today - (WEEKS + 2) * 7 * weeks.DAY)
        }
        # On a weekend somebody still writes down Friday's last piece of work, so that something can be edited then.
        self.late_day = self.today - (self.today.weekday() - 4) * weeks.DAY if self.today.weekday() > 4 else None

    def week_of(self, day: dt.date) -> dt.date:
        return weeks.week_containing(day, first_weekday=self.organisation.first_weekday)

    def taken(self, first: dt.date, last: dt.date) -> set[tuple[int, dt.date]]:
        """Members' days that hold an entry, deleted ones too."""
        entries = TimeEntry.with_deleted.filter(date__gte=first, date__lte=last)
        return set(entries.values_list("member_id", "date"))

    def works_on(self, person: Person, day: dt.date, span: list[dt.date]) -> bool:
        """False on public holidays, on working days that are not theirs, and from the day on which they had left."""
        if holiday_calendars.days_of(self.organisation.holiday_calendar, day, day):
            return False
        if day.weekday() <= FRIDAY and not person.working_weekdays >> day.weekday() & 1:
            return False
        return person.left_after_weeks is None or day < span[0] + person.left_after_weeks * 7 * weeks.DAY

    def story_on(self, person: Person, day: dt.date) -> Story | None:
        """What is told of the person's week that holds this day."""
        return story_of(self.firm, person.email, (self.week_of(self.today) - self.week_of(day)).days // 7)

    def add(self, person: Person, member: Membership, day: dt.date, planned: list[Planned]) -> None:
        late = day == self.late_day and not self._is_sent(person, day)
        for n, work in enumerate(planned):
            self._add(member, day, work, late=late and n == len(planned) - 1)

    def _is_sent(self, person: Person, day: dt.date) -> bool:
        """Is the day in a week that is over and that the person has sent by now?"""
        story = self.story_on(person, day)
        return self.week_of(day) < self.week_of(self.today) and not (story and story.becomes is Becomes.KEPT)

    def fit_stories(self) -> None:
        """The weeks of which something is told get the minutes that it needs."""
        for person in self.firm.people:
            if person.in_examples:
                continue
            member = self.people[person.email]
            mine = [row for row in self.rows if row.member is member and row.deleted_at is None]
            for week in {self.week_of(row.date) for row in mine}:
                if story := self.story_on(person, week):
                    rows = [row for row in mine if self.week_of(row.date) == week]
                    story.fit(rows, member.weekly_capacity_minutes + story.overtime, self.now)

    def _add(self, member: Membership, day: dt.date, work: Planned, *, late: bool) -> None:
        link = self._link(work)
        if link is None:
            return
        created = self._moment(self.today, LATE_MINUTES) if late else self._moment(day, work.logged)
        entry = TimeEntry(
            member=member,
            recorded_by=self._manager_of(member) if work.by_line_manager else member,
            timesheet=self._sheet(member, day),
            date=day,
            zone=member.zone.key,
            minutes=work.minutes,
            break_minutes=work.break_minutes,
            subject=work.subject,
            description=work.description,
            internal_notes=work.internal_notes,
            billable_option=work.option,
            kind=link.kind,
            **{name: getattr(link, name) for name in link.NAMES},
            created_at=min(created, self.now),
            updated_at=min(created, self.now),
        )
        work_type = self.records.work_types.get(work.work_type)
        entry.work_type = work_type
        take_defaults(entry, link, {"work_type": work_type} if work_type else {}, self.book)
        if work.starts is not None and day < self.today:
            entry.started_at = self._clock(day, work.starts)
            entry.ended_at = entry.started_at + dt.timedelta(minutes=work.minutes + work.break_minutes)
        self._fate(entry, day, work, late)
        self.rows.append(entry)

    def _fate(self, entry: TimeEntry, day: dt.date, work: Planned, late: bool) -> None:
        """Corrected or deleted soon after, where that was before today began."""
        midnight = self._moment(self.today, 0)
        if work.deleted is not None and not late and (gone := self._moment(day, work.deleted)) < midnight:
            entry.deleted_at = entry.updated_at = gone
            entry.deleted_by = entry.member
            entry.version += 1
        if work.first_minutes is not None and entry.created_at + dt.timedelta(hours=1) < midnight:
            entry.updated_at = entry.created_at + dt.timedelta(minutes=12)
            entry.version += 1
            self.first_minutes[len(self.rows)] = work.first_minutes

    def store(self) -> int:
        """Decide on everything that was collected and write it; how many entries that were."""
        new_sheets = [sheet for sheet in self.sheets.values() if sheet.pk is None]
        Timesheet.objects.bulk_create(new_sheets)
        for entry in self.rows:
            decide(entry, self.book)
        pools = included_hours.pools((row.agreement, row.date) for row in self.rows if row.deleted_at is None)
        for pool in pools:
            self._share_out(pool.whole())
        TimeEntry.objects.bulk_create(self.rows, batch_size=ROWS_AT_ONCE)
        for place, entry in enumerate(self.rows):
            self._tell(entry, self.first_minutes.get(place))
        return len(self.rows)

    def _share_out(self, pool: included_hours.Pool) -> None:
        """The new entries' shares of an agreement's month. What is stored already keeps what it has."""
        stored = [
            Claim(entry.pk, entry.date, entry.billed_minutes, entry.covered_minutes, fixed=True)
            for entry in pool.claims
        ]
        drawing = {
            AFTER_ALL_IDS + place: row
            for place, row in enumerate(self.rows)
            if row.billable and row.deleted_at is None and row.agreement_id == pool.agreement_id
            and pool.first <= row.date < pool.end
        }  # fmt: skip
        new = [Claim(pk, row.date, row.billed_minutes) for pk, row in drawing.items()]
        shares = coverage.spread(pool.included, [*stored, *new])
        for pk, row in drawing.items():
            row.covered_minutes = shares[pk]
            set_amount(row, self.organisation.currency)

    def _tell(self, entry: TimeEntry, first_minutes: int | None) -> None:
        actor = entry.recorded_by
        other = entry.member if actor.pk != entry.member_id else None
        first = self._as_it_was_typed(entry, first_minutes) if first_minutes else entry
        values = {name: value for name, value in audit.snapshot(first, AUDITED).items() if value not in (None, "")}
        changes = {name: (None, value) for name, value in values.items()}
        audit.record(actor, "time_entry.logged", entry, changes=changes, on_behalf_of=other, at=entry.created_at)
        if first_minutes:
            correction = audit.difference(audit.snapshot(first, AUDITED), entry)
            audit.record(entry.member, "time_entry.updated", entry, changes=correction, at=entry.updated_at)
        if entry.deleted_at:
            audit.record(entry.member, "time_entry.deleted", entry, at=entry.deleted_at)

    def _as_it_was_typed(self, entry: TimeEntry, minutes: int) -> TimeEntry:
        """The entry as it was before its correction."""
        first = copy.copy(entry)
        first.minutes = minutes
        decide(first, self.book)
        return first

    def _link(self, work: Planned) -> entry_links.Link | None:
        """None where somebody has closed, archived or renamed the record meanwhile: the demo leaves it alone."""
        found = self.records
        try:
            link = entry_links.resolve(
                work.kind,
                ticket=found.tickets.get(work.ticket or 0),
                project=found.projects.get(work.project),
                task=found.tasks.get((work.project, work.task)),
                charge_code=found.codes.get(work.charge_code),
                activity=found.activities.get(work.activity),
            )
            entry_links.check_takes_time(link, self.grace)
        except RuleViolation:
            return None
        return link

    def _sheet(self, member: Membership, day: dt.date) -> Timesheet:
        key = member.pk, self.week_of(day)
        if key not in self.sheets:
            self.sheets[key] = Timesheet(member=member, week_start=key[1])
        return self.sheets[key]

    def _manager_of(self, member: Membership) -> Membership:
        managers = {person.email: person.line_manager for person in self.firm.people}
        return self.people.get(managers.get(member.user.email, ""), member)

    def _moment(self, day: dt.date, minutes: int) -> dt.datetime:
        """An instant from minutes on the wall after the day's midnight, in the organisation's zone."""
        later, minute = divmod(minutes, 1440)
        wall = dt.time(minute // 60, minute % 60)
        return dt.datetime.combine(day + later * weeks.DAY, wall, self.organisation.zone).astimezone(dt.UTC)

    def _clock(self, day: dt.date, minutes: int) -> dt.datetime:
        return local_time.instant(day, dt.time(minutes // 60, minutes % 60), self.organisation.zone)
