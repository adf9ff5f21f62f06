"""A week filled from another one or from a template; templates; favourites: through the pages."""

import datetime as dt

import pytest

from tests import factories
from tests.cast import MONDAY
from tests.timetracking.views.helpers import HTMX, logged
from timetracking.models import Favourite, GridRow, TimeEntry, WeekTemplate
from timetracking.services import favourites, grid_rows, week_templates
from timetracking.services.week_templates import Line

DAY = dt.timedelta(days=1)
LAST_WEEK = MONDAY - 7 * DAY
COPY = "/o/acme/timesheets/2026-06-15/copy-last-week/"
TEMPLATES = "/o/acme/timesheets/templates/"


def text_of(response):
    return response.content.decode()


def of_this_week(member):
    return TimeEntry.objects.filter(member=member, date__gte=MONDAY)


# --- Copy last week ---------------------------------------------------------------------------------------------------


def test_the_page_shows_what_would_come_of_it_and_writes_nothing(as_carol, carol):
    closed = factories.TicketFactory(number=4790, title="Old one", status="open")
    logged(carol, date=LAST_WEEK, minutes=90, subject="Plans")
    logged(carol, date=LAST_WEEK + 4 * DAY, subject="Friday")
    logged(carol, date=LAST_WEEK + DAY, subject="Old", kind="TICKET", ticket=closed)
    logged(carol, date=LAST_WEEK + DAY, subject="Post")
    logged(carol, date=MONDAY + DAY, subject="Post", minutes=5)
    type(closed).objects.update(status="closed")
    response = as_carol.get(COPY)
    shown = [
        (day.label, [(line.subject, line.state) for line in day.lines]) for day in response.context["preview"].days
    ]
    assert shown == [
        ("Mon 15 June", [("Plans", "new")]),
        ("Tue 16 June", [("Old", "refused"), ("Post", "there")]),
        ("Fri 19 June", [("Friday", "refused")]),
    ]
    assert response.context["summary"] == "1 entry, 1h 30m. 1 is there already. 2 are skipped."
    assert "From 8 – 14 June 2026." in text_of(response) and "TKT-4790 is closed." in text_of(response)
    assert of_this_week(carol).count() == 1


def test_holidays_and_days_off_are_a_hint(as_carol, carol):
    from accounts.models import DayOff

    DayOff.objects.create(member=carol, first_on=MONDAY, last_on=MONDAY, name="Town fair")
    logged(carol, date=LAST_WEEK)
    (day,) = as_carol.get(COPY).context["preview"].days
    assert (day.hint, [line.state for line in day.lines]) == ("Town fair", ["new"])


def test_time_off_stays_where_it_was(as_carol, carol):
    away = factories.ChargeCodeFactory(code="AWAY", is_time_off=True)
    logged(carol, date=LAST_WEEK, subject="Post")
    assert "Time off" not in text_of(as_carol.get(COPY))
    logged(carol, date=LAST_WEEK + DAY, subject="Leave", charge_code=away)
    assert "Time off is not copied." in text_of(as_carol.get(COPY))
    as_carol.post(COPY, {"what": "entries"})
    assert [entry.subject for entry in of_this_week(carol)] == ["Post"]


def test_the_copy_is_told_with_one_undo_and_twice_nothing_comes(as_carol, carol):
    logged(carol, date=LAST_WEEK, minutes=90)
    logged(carol, date=LAST_WEEK + DAY)
    response = as_carol.post(COPY, {"what": "entries"}, headers=HTMX)
    body = text_of(response)
    assert "Copied 2 entries, 2h" in body and "/undo/" in body and 'id="day-2026-06-16"' in body
    assert "Nothing to copy, all of it is there already" in text_of(as_carol.post(COPY, headers=HTMX))
    assert of_this_week(carol).count() == 2
    undo = body.split("/o/acme/entries/batches/")[1].split('"')[0]
    as_carol.post(f"/o/acme/entries/batches/{undo}", headers=HTMX)
    assert not of_this_week(carol).exists()
    page = text_of(as_carol.post(COPY, {"what": "entries"}, follow=True))
    assert "Copied 2 entries" in page and "/undo/" in page


def test_an_earlier_week_is_named_and_none_at_all_is_said(as_carol, carol):
    assert "There is no earlier week with time to copy." in text_of(as_carol.get(COPY))
    assert as_carol.post(COPY, {"what": "entries"}).status_code == 409
    logged(carol, date=LAST_WEEK - 20 * DAY)
    assert "From 18 – 24 May 2026, the last week with time before this one." in text_of(as_carol.get(COPY))


def test_a_manager_copies_for_somebody_and_agents_only_for_themselves(as_bob, as_carol, as_mallory, carol, bob):
    logged(carol, date=LAST_WEEK)
    response = as_bob.post(f"{COPY}?agent={carol.pk}", {"what": "entries"})
    assert response.headers["Location"].endswith(f"?agent={carol.pk}")
    assert of_this_week(carol).get().recorded_by == bob
    assert as_carol.get(f"{COPY}?agent={bob.pk}").status_code == 404
    assert as_mallory.get(COPY).status_code == 404
    assert as_bob.get("/o/acme/timesheets/2000-01-01/copy-last-week/").status_code == 404


def test_only_the_rows_go_into_the_grid_with_undo(as_carol, carol):
    ticket, there = factories.TicketFactory(), factories.TicketFactory()
    closed = factories.TicketFactory(number=4790)
    for record in (ticket, there, closed):
        logged(carol, date=LAST_WEEK, kind="TICKET", ticket=record)
    logged(carol, date=LAST_WEEK)
    logged(carol, kind="TICKET", ticket=there)
    type(closed).objects.filter(pk=closed.pk).update(status="closed")
    response = as_carol.post(COPY, {"what": "rows"}, headers=HTMX)
    assert response.headers["HX-Redirect"] == "/o/acme/timesheets/2026-06-15/grid/"
    row = GridRow.objects.get()
    assert (row.ticket, row.week_start, row.member) == (ticket, MONDAY, carol)
    page = text_of(as_carol.get("/o/acme/timesheets/2026-06-15/grid/"))
    assert "Copied 1 row" in page and "TKT-4790 is closed." in page
    assert of_this_week(carol).count() == 1
    again = as_carol.post(COPY, {"what": "rows"}, follow=True)
    assert GridRow.objects.count() == 1 and "All rows are there already" in text_of(again)
    as_carol.post(f"{COPY}?undo={row.pk}.x.9999999999999999999")
    assert not GridRow.objects.exists()


def test_undo_of_rows_goes_on_where_one_was_taken_out_already(as_carol, carol):
    first, second = (grid_rows.add(carol, carol, MONDAY, factories.TicketFactory()) for _ in range(2))
    undo = f"{COPY}?undo={first.pk}.{second.pk}"
    grid_rows.remove(carol, first.pk)
    assert "Took 1 row out" in text_of(as_carol.post(undo, follow=True))
    assert not GridRow.objects.exists()
    assert as_carol.post(undo).status_code == 302


def test_a_day_that_is_locked_is_named(as_carol, carol, acme):
    acme.lock_date = MONDAY
    acme.save()
    logged_before = factories.TimeEntryFactory
    logged_before(member=carol, date=LAST_WEEK)
    logged_before(member=carol, date=LAST_WEEK + DAY)
    body = text_of(as_carol.post(COPY, {"what": "entries"}, headers=HTMX))
    assert "Copied 1 entry" in body and "Time on or before 15 June" in body


def test_queries_of_the_question_grow_only_with_what_is_rehearsed(as_carol, carol, count_queries):
    logged(carol, date=LAST_WEEK)
    logged(carol, date=LAST_WEEK + DAY)
    as_carol.get(COPY)
    two = count_queries(lambda: as_carol.get(COPY))
    logged(carol, date=MONDAY)
    logged(carol, date=MONDAY + DAY)
    nothing = count_queries(lambda: as_carol.get(COPY))
    assert nothing < 20 < two < 60


# --- The week offers it -----------------------------------------------------------------------------------------------


def actions(response):
    status = response.context["week"].status
    return [a.id for a in status.actions], [a.id for a in status.more]


def test_the_week_offers_it_where_time_can_be_logged(as_carol, as_bob, carol):
    week = "/o/acme/timesheets/2026-06-15/"
    assert "Nothing logged this week" in text_of(as_carol.get(week))
    assert actions(as_carol.get(week))[0][:2] == ["week-log", "week-copy"]
    logged(carol)
    assert actions(as_carol.get(week)) == (["week-copy", "week-submit"], ["week-ready", "week-templates", "week-keep"])
    (copying, *_rest), more = actions(as_bob.get(f"{week}?agent={carol.pk}"))
    assert copying == "week-copy" and "week-templates" not in more
    assert f"agent={carol.pk}" in as_bob.get(f"{week}?agent={carol.pk}").context["week"].status.actions[0].url
    as_carol.post(week + "submit/", {"version": as_carol.get(week + "submit/").context["submission"].version})
    assert "week-copy" not in actions(as_carol.get(week))[0]


# --- Templates --------------------------------------------------------------------------------------------------------


def filled(*lines, name="Usual", **more):
    data = {"name": name, "form-TOTAL_FORMS": str(len(lines)), "form-INITIAL_FORMS": "0", **more}
    for n, line in enumerate(lines):
        data |= {f"form-{n}-{key}": value for key, value in line.items()}
    return data


def test_a_template_is_made_changed_deleted_and_brought_back(as_carol, carol):
    ticket = factories.TicketFactory(number=4846, title="Backups")
    assert "No templates yet" in text_of(as_carol.get(TEMPLATES))
    sent = filled({"subject": "Stand-up", "day_0": "15m", "day_1": ":15"}, {"reference": "tkt-4846", "day_2": "1.5"},
                  {}, {"subject": "Gone", "remove": "on"})  # fmt: skip
    assert "Template “Usual” saved" in text_of(as_carol.post(f"{TEMPLATES}new/", sent, follow=True))
    template = WeekTemplate.objects.get()
    lines = [(x.record, x.subject, x.minutes[:3]) for x in week_templates.lines_of(template)]
    assert lines == [(None, "Stand-up", [15, 15, 0]), (ticket, "", [0, 0, 90])]
    ((shown, _use),) = as_carol.get(TEMPLATES).context["lines"]
    assert (shown.sum, shown.count, shown.words) == ("2h", "2 lines", "Stand-up, TKT-4846 Backups")
    page = as_carol.get(f"{TEMPLATES}{template.pk}/")
    assert len(page.context["rows"]) == 5 and f'value="ticket:{ticket.pk}" selected' in text_of(page)
    sent = filled({"record": f"ticket:{ticket.pk}", "day_4": "2h"}, name="Other", version="1")
    as_carol.post(f"{TEMPLATES}{template.pk}/", sent)
    template.refresh_from_db()
    assert (template.name, [x.minutes[4] for x in week_templates.lines_of(template)]) == ("Other", [120])
    stale = as_carol.post(f"{TEMPLATES}{template.pk}/", sent)
    assert stale.status_code == 409 and "changed in the meantime" in text_of(stale)
    answer = as_carol.post(f"{TEMPLATES}{template.pk}/delete/", follow=True)
    assert "Template “Other” deleted" in text_of(answer) and f"{TEMPLATES}{template.pk}/restore/" in text_of(answer)
    as_carol.post(f"{TEMPLATES}{template.pk}/restore/")
    assert WeekTemplate.objects.get().name == "Other"


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (filled({}, name=""), "Enter a name"),
        (filled({"day_0": "15m"}), "Enter a subject"),
        (filled({"reference": "NOPE-1"}), "Choose a ticket or project"),
        (filled({"subject": "x", "day_0": "abc"}), "Use a format like"),
        (filled({"subject": "x" * 201}), "at most 200"),
        (filled({"subject": "x", "work_type": "99"}), "Select a valid choice"),
        ({"name": "Usual"}, "ManagementForm"),
    ],
)
def test_what_is_refused_comes_back(as_carol, carol, sent, words):
    response = as_carol.post(f"{TEMPLATES}new/", sent)
    assert response.status_code == 422 and words in text_of(response)
    assert not WeekTemplate.objects.exists()


def test_this_week_becomes_a_template(as_carol, carol):
    logged(carol, subject="Stand-up", minutes=15)
    logged(carol, subject="Stand-up", minutes=20, date=MONDAY + 2 * DAY)
    page = as_carol.get(f"{TEMPLATES}new/?week=2026-06-17")
    first = page.context["rows"][0][0]
    assert first["subject"].value() == "Stand-up"
    assert [field.value() for field in first.day_fields][:3] == ["15m", "", "20m"]
    assert "That week has no time" in text_of(as_carol.get(f"{TEMPLATES}new/?week=2020-01-01"))
    for text in ("1999-12-31", "2100-01-01", "never", ""):
        assert as_carol.get(f"{TEMPLATES}new/?week={text}").status_code == 200
        assert as_carol.get(f"{TEMPLATES}?week={text}").status_code == 200


def test_templates_are_ones_own(as_carol, as_bob, as_mallory, bob):
    template = week_templates.create(bob, name="Bob's", lines=[Line(subject="Post", minutes=[30] * 7)])
    use = f"/o/acme/timesheets/2026-06-15/templates/{template.pk}/"
    for client in (as_carol, as_mallory):
        for path in (f"{TEMPLATES}{template.pk}/", use):
            assert client.get(path).status_code == client.post(path).status_code == 404
        for name in ("delete", "restore"):
            assert client.post(f"{TEMPLATES}{template.pk}/{name}/").status_code == 404
    assert "Bob&#x27;s" not in text_of(as_carol.get(TEMPLATES))
    assert "Bob&#x27;s" in text_of(as_bob.get(TEMPLATES))


def test_a_template_is_used_in_a_week(as_carol, carol):
    ticket = factories.TicketFactory()
    lines = [Line(subject="Post", minutes=[30, 0, 0, 0, 30, 0, 0]), Line(ticket, minutes=[0, 60, 0, 0, 0, 0, 0])]
    template = week_templates.create(carol, name="Usual", lines=lines)
    use = f"/o/acme/timesheets/2026-06-17/templates/{template.pk}/"
    page = as_carol.get(use, headers=HTMX)
    assert page.context["summary"] == "2 entries, 1h 30m. 1 is skipped."
    body = text_of(as_carol.post(use, {"what": "entries"}, headers=HTMX))
    assert "Copied 2 entries, 1h 30m" in body and "You can log time up to today" in body
    as_carol.post(use, {"what": "rows"})
    assert not GridRow.objects.exists()  # its record has time by now
    of_this_week(carol).update(deleted_at=dt.datetime(2026, 6, 18, tzinfo=dt.UTC))
    as_carol.post(use, {"what": "rows"})
    assert GridRow.objects.get().ticket == ticket


def test_queries_of_the_templates_do_not_grow(as_carol, carol, count_queries):
    work_type = factories.WorkTypeFactory()

    def make(name):
        records = [factories.TicketFactory(), factories.TaskFactory(), factories.ProjectFactory(), None]
        lines = [Line(record, "Work", work_type=work_type, minutes=[30] * 7) for record in records]
        return week_templates.create(carol, name=name, lines=lines)

    template = make("One")
    as_carol.get(TEMPLATES)
    few = count_queries(lambda: as_carol.get(TEMPLATES))
    make("Two")
    assert count_queries(lambda: as_carol.get(TEMPLATES)) == few
    assert count_queries(lambda: as_carol.get(f"{TEMPLATES}{template.pk}/")) < 25


# --- Favourites -------------------------------------------------------------------------------------------------------


def test_a_star_with_script_answers_with_itself(as_carol, carol):
    ticket = factories.TicketFactory(title="Backups")
    token = f"ticket:{ticket.pk}"
    body = text_of(as_carol.post("/o/acme/favourites/", {"record": token, "on": "1"}, headers=HTMX))
    assert 'aria-pressed="true"' in body and "“Backups” is a favourite" in body and 'name="on" value="0"' in body
    assert Favourite.objects.get().ticket == ticket
    body = text_of(as_carol.post("/o/acme/favourites/", {"record": token, "on": "0", "quiet": "1"}, headers=HTMX))
    assert 'aria-pressed="false"' in body and "data-toast" not in body
    assert not Favourite.objects.exists()


def test_without_script_it_returns_with_undo(as_carol, carol):
    ticket = factories.TicketFactory(title="Backups")
    favourites.add(carol, ticket)
    sent = {"record": f"ticket:{ticket.pk}", "on": "0", "next": f"/o/acme/tickets/{ticket.reference}/"}
    page = as_carol.post("/o/acme/favourites/", sent, follow=True)
    assert page.redirect_chain[0][0] == sent["next"]
    undo = f"/o/acme/favourites/?record=ticket%3A{ticket.pk}&amp;on=1"
    assert "is no favourite any more" in text_of(page) and undo in text_of(page)
    as_carol.post(undo.replace("&amp;", "&"))
    assert Favourite.objects.get().ticket == ticket


def test_what_is_no_record_is_not_there(as_carol, as_mallory, carol):
    ticket = factories.TicketFactory()
    for token in ("", "ticket:999", "user:1", "ticket:x"):
        assert as_carol.post("/o/acme/favourites/", {"record": token}).status_code == 404
    assert as_mallory.post("/o/globex/favourites/", {"record": f"ticket:{ticket.pk}"}).status_code == 404
    assert as_carol.get("/o/acme/favourites/").status_code == 405


def test_there_is_an_end_to_favourites(as_carol, carol, monkeypatch):
    monkeypatch.setattr(favourites, "MOST", 0)
    sent = {"record": f"ticket:{factories.TicketFactory().pk}"}
    response = as_carol.post("/o/acme/favourites/", sent, headers=HTMX)
    assert response.status_code == 409 and "Remove one first" in response.headers["HX-Trigger"]
    assert "Remove one first" in text_of(as_carol.post("/o/acme/favourites/", sent, follow=True))
