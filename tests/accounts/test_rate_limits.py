"""How many requests in a minute: never more than the limit, over processes, threads and minutes."""

import datetime as dt

import pytest
import time_machine

from accounts import rate_limits
from accounts.models import RequestCount
from tests import factories
from tests.together import Meeting, together

NOON = dt.datetime(2026, 6, 17, 12, 0, 30, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def noon():
    rate_limits.forget_blocks()
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock
    rate_limits.forget_blocks()


def given(name, limit, tries):
    return sum(rate_limits.take(name, limit) for _each in range(tries))


@pytest.mark.parametrize(("limit", "tries"), [(1, 3), (3, 5), (49, 60), (120, 130)])
def test_exactly_the_limit_is_given(db, limit, tries):
    assert given("key:1", limit, tries) == limit


def test_each_name_has_a_number_of_its_own(db):
    assert [given("key:1", 2, 3), given("key:2", 2, 3), given("organisation:1", 2, 3)] == [2, 2, 2]


def test_the_next_minute_starts_anew(db, noon):
    assert given("key:1", 2, 3) == 2
    assert rate_limits.seconds_until_next() == 30
    noon.shift(dt.timedelta(seconds=29))
    assert not rate_limits.take("key:1", 2)
    noon.shift(dt.timedelta(seconds=1))
    assert given("key:1", 2, 3) == 2


def test_a_block_of_the_last_minute_is_not_used_in_this_one(db, noon):
    assert given("key:1", 100, 1) == 1  # of a block of two
    noon.shift(dt.timedelta(minutes=1))
    assert given("key:1", 100, 110) == 100


def test_what_a_process_held_is_lost_with_it_and_never_given_twice(db):
    first = given("key:1", 100, 51)
    rate_limits.forget_blocks()  # as a new process, or another one
    assert first == 51
    assert 51 + given("key:1", 100, 100) == 99  # one of the first's 26 blocks of two is gone


def test_most_requests_write_nothing(db, count_queries):
    rate_limits.take("key:1", 1000)
    assert count_queries(lambda: given("key:1", 1000, 19)) == 0


def test_old_minutes_are_forgotten(db, noon):
    rate_limits.take("key:1", 10)
    noon.shift(dt.timedelta(minutes=rate_limits.KEPT_MINUTES + 1))
    rate_limits.take("key:2", 10)
    assert list(RequestCount.objects.values_list("name", flat=True)) == ["key:2"]
    noon.shift(dt.timedelta(minutes=rate_limits.KEPT_MINUTES + 1))
    assert (rate_limits.forget_old(), rate_limits.forget_old()) == (1, 0)


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    """Each thread forgets what is held in memory before each request, so that only the database is between them."""

    def race(self, limit=6, tries=4):
        def ask():
            taken = 0
            for _each in range(tries):
                rate_limits.forget_blocks()
                taken += rate_limits.take("key:1", limit)
            return taken

        return together(factories.OrganisationFactory(), *[ask] * 3)

    def test_threads_get_the_limit_and_no_more(self):
        assert sum(self.race()) == 6

    def test_twin_where_looking_and_counting_are_two_steps_they_get_more(self, monkeypatch):
        meeting = Meeting(patience=5)

        def look_then_count(name, minute, limit):
            row, _new = RequestCount.objects.get_or_create(name=name, minute=minute, defaults={"given": 0})
            meeting()
            if row.given >= limit:
                return 0
            row.given += 1
            row.save()
            return 1

        monkeypatch.setattr(rate_limits, "_take_block", look_then_count)
        organisation = factories.OrganisationFactory()
        RequestCount.objects.create(name="key:1", minute=int(NOON.timestamp() // 60), given=5)

        def ask():
            rate_limits.forget_blocks()
            return rate_limits.take("key:1", 6)

        assert together(organisation, ask, ask) == [True, True]
