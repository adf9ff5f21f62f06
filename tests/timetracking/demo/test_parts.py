"""Parts of the demo that need none of its data: plans of days, numbers that are taken, what the command prints."""

import datetime as dt

import pytest
from django.core.management import call_command

from accounts.models import User
from tests.timetracking.demo.conftest import DAY, THURSDAY
from timetracking.demo import api_examples, days, load, numbers, shelf
from timetracking.demo.harbourside import HARBOURSIDE
from timetracking.demo.larch_street import LARCH_STREET


def test_a_plan_hangs_on_firm_person_and_day_only():
    day = dt.date(2026, 6, 16)
    priya = next(person for person in HARBOURSIDE.people if person.name == "Priya Nair")
    then = shelf.open_on(HARBOURSIDE, day, dt.date(2026, 3, 23))
    whole = days.plan(HARBOURSIDE, priya, day, then)
    assert whole == days.plan(HARBOURSIDE, priya, day, then)
    assert whole != days.plan(HARBOURSIDE, priya, day + DAY, then)
    assert sum(work.minutes for work in days.plan(HARBOURSIDE, priya, day, then, partly=True)) <= 185


@pytest.mark.parametrize("demo_firm", [HARBOURSIDE, LARCH_STREET], ids=lambda f: f.slug)
def test_there_is_something_to_do_on_every_day(demo_firm):
    first = dt.date(2026, 3, 22)
    for n in range(13 * 7):
        assert shelf.open_on(demo_firm, first + n * DAY, first).tickets


def test_a_number_is_taken_once(db):
    number = 10**6
    assert numbers.take(User, number) == number
    user = User.objects.create(pk=number, email="first@example.test")
    assert numbers.take(User, number) is None
    assert User.objects.create(email="second@example.test").pk > user.pk


def test_the_code_alone_is_printed(settings, capsys):
    call_command("demo", "--code")
    assert capsys.readouterr().out.strip() == api_examples.code(THURSDAY)


def test_the_command_prints_every_sign_in_and_serves(capsys, monkeypatch):
    from timetracking.management.commands import demo

    calls = []
    monkeypatch.setattr(demo, "call_command", lambda name, *args, **options: calls.append((name, args)))
    monkeypatch.setattr(demo.worker.Worker, "run", lambda worker: calls.append(("work", worker.site)))
    monkeypatch.setattr(demo.load, "load", lambda now: load.Loaded({"Harbourside IT": 3}, ["client 20"]))
    call_command("demo", "127.0.0.1:8123")
    text = capsys.readouterr().out
    for person in (*HARBOURSIDE.people, *LARCH_STREET.people):
        assert person.email in text
    assert load.PASSWORD in text
    assert "\nexport SITE=http://127.0.0.1:8123\nexport COMPANY=harbourside\n" in text
    assert "what the examples name: client 20." in text
    assert "http://127.0.0.1:8123/" in text
    assert sorted(calls) == [
        ("migrate", ()),
        ("runserver", ("127.0.0.1:8123",)),
        ("work", "http://127.0.0.1:8123"),
    ]
