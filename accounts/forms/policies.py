"""Forms of the pages with policies. Each says what it does, then what that comes to with its present value."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts import policy_examples
from accounts.forms.settings import OrganisationForm
from accounts.models import Organisation

AT_ONCE = _("Counts at once, also for what is there.")


class HoursField(forms.DecimalField):
    """Typed and shown in hours, like 7.5; its value is whole minutes, half up."""

    def __init__(self, *, longest: int, **kwargs: Any) -> None:
        """`longest` is in minutes."""
        self.longest = longest
        super().__init__(max_digits=5, decimal_places=2, **kwargs)
        self.widget.attrs |= {"min": "0.25", "max": str(longest // 60), "step": "0.25"}

    def clean(self, value: Any) -> Any:
        hours: Decimal | None = super().clean(value)
        if hours is None:
            return None
        minutes = int((hours * 60).quantize(Decimal(1), ROUND_HALF_UP))
        if not 1 <= minutes <= self.longest:
            text = _now("Enter more than 0 and at most %(hours)s hours.") % {"hours": self.longest // 60}
            raise ValidationError(text, code="hours_range")
        return minutes

    def prepare_value(self, value: Any) -> Any:
        """What was typed stays as it was typed; minutes become hours."""
        return f"{Decimal(value) / 60:.2f}".rstrip("0").rstrip(".") if isinstance(value, int) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)

    def in_words(self, minutes: int) -> str:
        return policy_examples.hours_text(minutes)


class TimePoliciesForm(OrganisationForm):
    """What binds time entries, but for the closed periods, which have a page of their own."""

    intro = _("Applies to entries saved from now on, where nothing else is said.")

    largest_day_minutes = HoursField(label=_("Limit of a day"), longest=1500)
    timer_limit_minutes = HoursField(
        label=_("Longest timer"),
        longest=1440,
        help_text=_("A timer that runs longer is taken for forgotten: its member is told, and asked when it ended."),
    )

    class Meta:
        model = Organisation
        fields = (
            "edit_window_hours",
            "future_dates_allowed",
            "description_required",
            "task_required",
            "charge_code_required",
            "clock_required",
            "overlap",
            "largest_day",
            "largest_day_minutes",
            "timer_limit_minutes",
            "closed_ticket_grace_days",
            "closed_project_grace_days",
        )
        labels = {
            "edit_window_hours": _("Edit window"),
            "future_dates_allowed": _("Time may be logged ahead"),
            "description_required": _("Description"),
            "task_required": _("Project time names a task"),
            "charge_code_required": _("General time names a charge code or an activity"),
            "clock_required": _("Start and end"),
            "overlap": _("Overlapping times"),
            "largest_day": _("Long days"),
            "closed_ticket_grace_days": _("Closed tickets"),
            "closed_project_grace_days": _("Closed and archived projects"),
        }
        help_texts = {
            "edit_window_hours": _(
                "For so many hours agents can change their own open entries. Managers and admins are not bound by it."
            ),
            "future_dates_allowed": _("Decides whether a day that has not come yet takes time, up to a year ahead."),
            "description_required": _("Refuses entries without one, and weeks that hold such entries."),
            "task_required": _("Refuses time on a project that names none of its tasks."),
            "charge_code_required": _("Refuses general time that says only what it was, and not what it counts as."),
            "clock_required": _("Refuses entries that have only a duration."),
            "overlap": _("Decides what happens when two entries of a member claim the same time."),
            "largest_day": _("Decides what happens when a member's day grows beyond a limit."),
            "closed_ticket_grace_days": _("For so many days after its closing a ticket still takes new time."),
            "closed_project_grace_days": _(
                "For so many days after its end a project still takes new time, and so do its tasks."
            ),
        }

    pairs = {"largest_day": "largest_day_minutes"}
    units = {
        "edit_window_hours": _("hours"),
        "largest_day_minutes": _("hours"),
        "timer_limit_minutes": _("hours"),
        "closed_ticket_grace_days": _("days"),
        "closed_project_grace_days": _("days"),
    }
    takes_effect = {
        "edit_window_hours": AT_ONCE,
        "timer_limit_minutes": AT_ONCE,
        "closed_ticket_grace_days": AT_ONCE,
        "closed_project_grace_days": AT_ONCE,
    }

    def examples(self, now: Organisation) -> dict[str, Any]:
        return {
            "edit_window_hours": policy_examples.edit_window(now.edit_window_hours),
            "future_dates_allowed": policy_examples.future_dates(now.future_dates_allowed),
            "description_required": policy_examples.description(now.description_required),
            "task_required": _("On, a project takes no time before somebody has given it a task."),
            "charge_code_required": _("On, “Stand-up, 15m” is refused until MTNG or another code is chosen."),
            "clock_required": _("On, “1h 30m” is refused, and “9–10:30” is stored."),
            "overlap": policy_examples.overlapping(now.overlap),
            "largest_day": policy_examples.long_day(now.largest_day, now.largest_day_minutes),
            "timer_limit_minutes": policy_examples.longest_timer(now.timer_limit_minutes),
            "closed_ticket_grace_days": policy_examples.grace_on_tickets(now.closed_ticket_grace_days),
            "closed_project_grace_days": policy_examples.grace_on_projects(now.closed_project_grace_days),
        }


class ApprovalPoliciesForm(OrganisationForm):
    """When weeks are due, and who decides on them."""

    class Meta:
        model = Organisation
        fields = (
            "approval_first",
            "approval_second",
            "empty_weeks_allowed",
            "deadline_days",
            "deadline_time",
            "remind_missing_weeks",
        )
        widgets = {"deadline_time": forms.TimeInput(attrs={"type": "time"}, format="%H:%M")}
        labels = {
            "approval_first": _("Who approves"),
            "approval_second": _("Second approval"),
            "empty_weeks_allowed": _("Empty weeks may be submitted"),
            "deadline_days": _("Deadline"),
            "deadline_time": _("Time of day"),
            "remind_missing_weeks": _("Reminders"),
        }
        help_texts = {
            "approval_first": _(
                "Decides who may approve or reject a submitted week. It is always a manager or admin, and nobody "
                "approves their own while somebody else could."
            ),
            "empty_weeks_allowed": _("Decides whether a week without time can be sent."),
            "deadline_days": _(
                "Until when a week has to be sent, in days after its last one. Day and time are each member's own."
            ),
            "remind_missing_weeks": _("Tells members whose week is not sent that it is due."),
        }

    pairs = {"approval_first": "approval_second", "deadline_days": "deadline_time"}
    units = {"deadline_days": _("days")}
    takes_effect = {
        "approval_first": _(
            "Where nobody is line manager or project manager, any manager decides. Counts at once, also for weeks that "
            "wait."
        ),
        "deadline_days": AT_ONCE,
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        second: Any = self.fields["approval_second"]
        second.choices = [("", _("Nobody")), *Organisation.Approver.choices]

        self.fields["deadline_time"].required = False

    def clean(self) -> dict[str, Any]:
        """Without a deadline its time is not asked for, and stays as it was."""
        values: dict[str, Any] = super().clean() or {}
        if values.get("deadline_time") is None and "deadline_time" not in self.errors:
            if values.get("deadline_days") is not None:
                self.add_error("deadline_time", _("Enter a time of day like 10:00."))
            values["deadline_time"] = self.stored.deadline_time
        return values

    def examples(self, now: Organisation) -> dict[str, Any]:
        today = timezone.now().astimezone(now.zone).date()
        return {
            "approval_first": policy_examples.approval(now.approval_first, now.approval_second),
            "empty_weeks_allowed": _(
                "On, somebody who was away all week can still close it. Off, it just stays empty."
            ),
            "deadline_days": policy_examples.deadline(now.deadline_days, now.deadline_time, today, now.first_weekday),
            "remind_missing_weeks": _("Off, weeks become overdue all the same, and nobody is told."),
        }
