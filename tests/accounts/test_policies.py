"""The pages with policies: what they say, what they store, what they refuse."""

import datetime as dt

import pytest
import time_machine

from accounts import policy_examples
from accounts.models import AuditEvent, Organisation
from accounts.services import organisations
from timesheets_site.lib.errors import RuleViolation

TIME, WEEKS = "/o/acme/settings/policies/", "/o/acme/settings/approvals/"


@pytest.fixture
def stored(acme_organisation):
    return lambda: Organisation.objects.get(pk=acme_organisation.pk)


def time_policies(**typed):
    return {
        "version": 1, "edit_window_hours": "24", "description_required": "never", "overlap": "warn",
        "largest_day": "warn", "largest_day_minutes": "12", "timer_limit_minutes": "10",
        "closed_ticket_grace_days": "0", "closed_project_grace_days": "0", **typed,
    }  # fmt: skip


def week_policies(**typed):
    return {
        "version": 1, "approval_first": "any", "approval_second": "", "deadline_days": "1", "deadline_time": "10:00",
        "remind_missing_weeks": "on", **typed,
    }  # fmt: skip


def test_what_is_sent_back_unchanged_changes_nothing(as_alice, acme, stored):
    for path, typed in ((TIME, time_policies()), (WEEKS, week_policies(version=2))):
        assert as_alice.post(path, typed)["Location"] == path
    assert not AuditEvent.objects.exists()
    assert stored().version == 3


def test_time_policies_are_stored_and_recorded(as_alice, acme, stored):
    typed = time_policies(
        edit_window_hours="48", future_dates_allowed="on", description_required="billable", task_required="on",
        charge_code_required="on", clock_required="on", overlap="refuse", largest_day="refuse",
        largest_day_minutes="7.75", closed_ticket_grace_days="7", closed_project_grace_days="14",
    )  # fmt: skip
    assert as_alice.post(TIME, typed).status_code == 302
    now = stored()
    assert (now.edit_window_hours, now.future_dates_allowed, now.description_required) == (48, True, "billable")
    assert (now.task_required, now.charge_code_required, now.clock_required) == (True, True, True)
    assert (now.overlap, now.largest_day, now.largest_day_minutes) == ("refuse", "refuse", 465)
    assert (now.closed_ticket_grace_days, now.closed_project_grace_days) == (7, 14)
    changes = AuditEvent.objects.get(action="organisation.settings_changed").changes
    assert changes["largest_day_minutes"] == [720, 465]
    page = as_alice.get(TIME).content.decode()
    assert 'value="7.75"' in page
    assert "Last changed by Alice Adams" in page


def test_week_policies_are_stored(as_alice, stored):
    typed = week_policies(
        approval_first="line", approval_second="project", empty_weeks_allowed="on", deadline_days="3",
        deadline_time="17:30",
    )  # fmt: skip
    del typed["remind_missing_weeks"]
    assert as_alice.post(WEEKS, typed).status_code == 302
    now = stored()
    assert (now.approval_first, now.approval_second, now.empty_weeks_allowed) == ("line", "project", True)
    assert (now.deadline_days, now.deadline_time, now.remind_missing_weeks) == (3, dt.time(17, 30), False)


def test_no_days_are_no_deadline_and_need_no_time(as_alice, stored):
    assert as_alice.post(WEEKS, week_policies(deadline_days="", deadline_time="")).status_code == 302
    assert (stored().deadline_days, stored().deadline_time) == (None, dt.time(10))
    answer = as_alice.post(WEEKS, week_policies(version=2, deadline_days="2", deadline_time=""))
    assert answer.status_code == 422
    assert "Enter a time of day like 10:00." in answer.content.decode()


@pytest.mark.parametrize(
    ("path", "typed", "field"),
    [
        (TIME, time_policies(edit_window_hours="-1"), "edit_window_hours"),
        (TIME, time_policies(edit_window_hours="99999999999999999999"), "edit_window_hours"),
        (TIME, time_policies(description_required="perhaps"), "description_required"),
        (TIME, time_policies(overlap=""), "overlap"),
        (TIME, time_policies(largest_day_minutes="0"), "largest_day_minutes"),
        (TIME, time_policies(largest_day_minutes="25.01"), "largest_day_minutes"),
        (TIME, time_policies(largest_day_minutes="-3"), "largest_day_minutes"),
        (TIME, time_policies(largest_day_minutes="NaN"), "largest_day_minutes"),
        (TIME, time_policies(largest_day_minutes="1" * 4000), "largest_day_minutes"),
        (TIME, time_policies(largest_day_minutes=""), "largest_day_minutes"),
        (TIME, time_policies(closed_ticket_grace_days="367"), "closed_ticket_grace_days"),
        (WEEKS, week_policies(approval_first="somebody"), "approval_first"),
        (WEEKS, week_policies(approval_first="line", approval_second="line"), "approval_second"),
        (WEEKS, week_policies(deadline_days="29"), "deadline_days"),
        (WEEKS, week_policies(deadline_time="25:00"), "deadline_time"),
    ],
)
def test_bad_input_gets_the_form_again(as_alice, stored, path, typed, field):
    answer = as_alice.post(path, typed)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert stored().version == 1


def test_two_approvals_are_of_two_kinds(acme, alice, stored):
    with pytest.raises(RuleViolation) as refusal:
        organisations.edit(alice, version=1, approval_second="any")
    assert (refusal.value.code, refusal.value.field) == ("same_approver", "approval_second")
    assert stored().version == 1
    organisations.edit(alice, version=1, approval_first="line", approval_second="any")


@pytest.mark.parametrize("day", [dt.date(1999, 12, 31), dt.date(9999, 12, 31)])
def test_lock_dates_are_of_years_that_can_be_counted_in(acme, alice, day):
    with pytest.raises(RuleViolation) as refusal:
        organisations.edit(alice, version=1, lock_date=day)
    assert (refusal.value.code, refusal.value.field) == ("day_out_of_range", "lock_date")


def test_a_stale_form_shows_both_versions_in_words(as_alice, alice, acme, stored):
    organisations.edit(alice, version=1, largest_day_minutes=450, overlap="refuse")
    stale = as_alice.post(TIME, time_policies(largest_day_minutes="10"))
    assert stale.status_code == 409
    page = stale.content.decode()
    assert "Overlapping times: Refuse; Limit of a day: 7.5." in page
    assert 'value="10"' in page
    organisations.edit(alice, version=2, deadline_time=dt.time(17))
    assert "Time of day: 17:00" in as_alice.post(WEEKS, week_policies()).content.decode()


# --- What they say ----------------------------------------------------------------------------------------------------


def test_each_policy_says_its_effect_and_an_example(as_alice, acme):
    for path in (TIME, WEEKS):
        for row in as_alice.get(path).context["form"].rows():
            assert row.field.help_text and row.example, row.field.name


def test_examples_follow_the_present_value(as_alice, alice, acme):
    assert (
        "an entry made on Monday at 09:10 can be changed until Tuesday at 09:10." in as_alice.get(TIME).content.decode()
    )
    organisations.edit(alice, version=1, edit_window_hours=49, closed_ticket_grace_days=7, overlap="refuse")
    page = as_alice.get(TIME).content.decode()
    assert "With 49, an entry made on Monday at 09:10 can be changed until Wednesday at 10:10." in page
    assert "With 7, a ticket that was closed on 23 June takes time until 30 June." in page
    assert "10:00–11:00 is now refused until one of them is changed." in page
    with time_machine.travel(dt.datetime(2026, 6, 18, 12, tzinfo=dt.UTC)):
        assert "the week of 15 – 21 June 2026 is due on Mon 22 June, 10:00." in as_alice.get(WEEKS).content.decode()


@pytest.mark.parametrize(
    ("example", "words"),
    [
        (policy_examples.edit_window(0), "With 0, agents can't change an entry once it is logged."),
        (
            policy_examples.edit_window(200),
            "With 200, an entry made on 1 June at 09:10 can be changed until 9 June at 17:10.",
        ),
        (policy_examples.long_day("refuse", 465), "With 7.75 hours, who has logged 6.75 hours and adds 2 is refused."),
        (
            policy_examples.grace_on_projects(30),
            "With 30, a project that was closed on 23 June takes time until 23 July.",
        ),
        (policy_examples.approval("any", ""), "Now a week of Tom's is approved by any manager or admin."),
        (
            policy_examples.approval("line", "any"),
            "Now a week of Tom's needs two: Sofia, who is his line manager, and any manager or admin.",
        ),
        (
            policy_examples.deadline(2, dt.time(9), dt.date(2026, 6, 20), 6),
            "With 2 days and 09:00, the week of 14 – 20 June 2026 is due on Mon 22 June, 09:00.",
        ),
        (policy_examples.hours_text(600), "10"),
    ],
)
def test_examples(example, words):
    assert example == words


def test_every_value_has_an_example():
    for effect in Organisation.Effect.values:
        assert policy_examples.overlapping(effect) and policy_examples.long_day(effect, 720)
    for required in Organisation.Required.values:
        assert policy_examples.description(required)
    for first in Organisation.Approver.values:
        assert policy_examples.approval(first, "")


def test_the_bad_limit_of_the_year_9999_is_no_page_of_500(as_alice):
    assert (
        as_alice.post("/o/acme/settings/periods/lock-date/", {"version": 1, "lock_date": "9999-12-31"}).status_code
        == 422
    )


def test_closed_periods_are_linked_only_where_there_is_time_to_close(as_alice, alice, acme):
    assert "/o/acme/settings/periods/" in as_alice.get(TIME).content.decode()
    organisations.edit(alice, version=1, features=[])
    assert "/o/acme/settings/periods/" not in as_alice.get(TIME).content.decode()
