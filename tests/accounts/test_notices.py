"""Telling members: to whom, in which way, in the transaction of the change; and what they have read."""

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts.audit_words import LABELS
from accounts.models import AuditEvent, Membership, Notification, OutgoingMail, User
from accounts.notice_kinds import KINDS, Choice, Kind, Words, offered_to, register
from accounts.permissions import Permission
from accounts.services import members, notices
from accounts.services.notices import Notice, tell
from accounts.tenancy import organisation_scope
from tests import factories
from tests.cast import browser_of
from timesheets_site.lib.errors import OutOfReach

PAGE, CHOICES = "/o/acme/notifications/", "/me/notifications/"


@pytest.fixture(autouse=True)
def kinds():
    """Choices of our own instead of the product's: one for everybody, quiet by mail; one for who manages members."""
    before = dict(KINDS), dict(LABELS)
    KINDS.clear()
    tea = Choice("tea.ready", "Tea is ready", "Each pot.", mail=False)
    leak = Choice("tea.leaks", "The pot leaks", "Somebody has to look.", permission=Permission.MANAGE_MEMBERS)
    register(
        [
            Kind("tea.ready", tea, words, lambda slug, values: f"/o/{slug}/timesheets/"),
            Kind("tea.cold", tea, words, lambda slug, values: f"/o/{slug}/timesheets/"),
            Kind("tea.leaks", leak, words, lambda slug, values: f"/o/{slug}/members/"),
        ]
    )
    yield
    for known, earlier in zip((KINDS, LABELS), before, strict=True):
        known.clear()
        known.update(earlier)


def words(values, zone):
    return Words(f"Tea by {values['by']}", quote=values.get("note", ""))


def tea(to, kind="tea.ready", **values):
    return Notice(to, kind, {"by": "Bob", **values})


def told(model=Notification):
    return sorted((row.member.display_name, row.kind) for row in model.objects.select_related("member"))


def unread(member):
    return Notification.objects.filter(member=member, read_at__isnull=True).count()


# --- To whom ----------------------------------------------------------------------------------------------------------


def test_what_is_told_waits_in_both_ways_as_the_kind_has_it(acme, alice, bob, carol):
    tell([tea(carol), tea(alice), tea(alice, "tea.leaks")], actor=bob)
    assert told() == [("Alice Adams", "tea.leaks"), ("Alice Adams", "tea.ready"), ("Carol Clark", "tea.ready")]
    assert told(OutgoingMail) == [("Alice Adams", "tea.leaks")]
    mail = OutgoingMail.objects.get()
    assert (mail.to, mail.organisation, mail.actor, mail.values) == ("alice@acme.test", acme, bob, {"by": "Bob"})
    assert Notification.objects.first().actor == bob


@pytest.mark.parametrize(
    ("chosen", "ways"),
    [
        ({}, (1, 0)),
        ({"tea.ready": {"mail": True}}, (1, 1)),
        ({"tea.ready": {"app": False, "mail": True}}, (0, 1)),
        ({"tea.ready": {"app": False}}, (0, 0)),
        ({"tea.leaks": {"app": False}}, (1, 0)),
    ],
)
@pytest.mark.parametrize("kind", ["tea.ready", "tea.cold"])
def test_each_person_chooses_and_kinds_share_a_choice(acme, carol, chosen, ways, kind):
    carol.user.notification_choices = chosen
    carol.user.save()
    tell([tea(carol, kind)], actor=None)
    assert (Notification.objects.count(), OutgoingMail.objects.count()) == ways


def test_nobody_is_told_what_they_did_or_after_they_left(acme, alice, bob, carol):
    members.deactivate(alice, bob.pk)
    User.objects.filter(pk=carol.user_id).update(is_active=False)
    people = Membership.objects.order_by("pk")
    tell([tea(member, "tea.leaks") for member in people], actor=alice)
    assert told() == told(OutgoingMail) == []


def test_a_change_that_is_rolled_back_tells_nobody(acme, carol):
    with transaction.atomic():
        tell([tea(carol, "tea.leaks")], actor=None)
        assert (unread(carol), OutgoingMail.objects.count()) == (1, 1)
        transaction.set_rollback(True)
    assert told() == told(OutgoingMail) == []


@pytest.mark.django_db(transaction=True)
def test_outside_of_a_transaction_nothing_is_told(acme, carol):
    with pytest.raises(RuntimeError):
        tell([tea(carol)], actor=None)
    assert told() == []


def test_a_kind_that_nobody_registered_is_a_mistake_of_the_caller(acme, carol):
    with pytest.raises(KeyError):
        tell([tea(carol, "tea.spilled")], actor=None)


def test_telling_many_costs_two_inserts(acme, alice, count_queries):
    people = [factories.MembershipFactory() for _ in range(30)]
    few = count_queries(lambda: tell([tea(member, "tea.leaks") for member in people[:2]], actor=alice))
    fresh = list(Membership.objects.exclude(pk=alice.pk))
    many = count_queries(lambda: tell([tea(member, "tea.leaks") for member in fresh], actor=alice))
    assert few == 2
    assert many == 3  # and their users, who did not come along
    assert Notification.objects.count() == 32


# --- What was read ----------------------------------------------------------------------------------------------------


def test_reading_is_noted_once_and_only_by_the_one_who_was_told(acme, alice, carol):
    tell([tea(carol)], actor=None)
    one = Notification.objects.get()
    with pytest.raises(OutOfReach):
        notices.mark_read(alice, one.pk)
    first = notices.mark_read(carol, one.pk).read_at
    assert first is not None
    assert notices.mark_read(carol, one.pk).read_at == first


def test_all_is_what_was_seen_and_not_what_came_since(acme, alice, carol):
    tell([tea(carol), tea(carol), tea(alice)], actor=None)
    newest = Notification.objects.filter(member=carol).latest("pk").pk
    tell([tea(carol)], actor=None)
    assert notices.mark_all_read(carol, up_to=newest) == 2
    assert (unread(carol), unread(alice)) == (1, 1)


# --- The list ---------------------------------------------------------------------------------------------------------


def test_the_list_shows_who_was_told_what_newest_first(acme, bob, carol, as_carol):
    tell([tea(carol, note="<b>hot</b>"), tea(carol, "tea.cold")], actor=bob)
    tell([tea(bob)], actor=None)
    page = as_carol.get(PAGE)
    text = page.content.decode()
    assert [row.line for row in page.context["rows"]] == ["Tea by Bob"] * 2
    assert "&lt;b&gt;hot&lt;/b&gt;" in text and "<b>hot" not in text
    assert 'aria-label="Notifications, 2 unread"' in text
    assert unread(carol) == 2  # looking at the list changes nothing
    assert "Nothing yet" in browser_of(factories.MembershipFactory()).get(PAGE).content.decode()


def test_opening_one_leads_to_its_page_and_notes_it(acme, carol, as_carol):
    tell([tea(carol)], actor=None)
    one = Notification.objects.get()
    assert as_carol.get(f"{PAGE}{one.pk}/open/").status_code == 405
    answer = as_carol.post(f"{PAGE}{one.pk}/open/")
    assert (answer.status_code, answer["Location"]) == (302, "/o/acme/timesheets/")
    assert unread(carol) == 0


def test_one_can_be_marked_where_it_stands(acme, carol, as_carol):
    tell([tea(carol), tea(carol)], actor=None)
    first, second = Notification.objects.all()
    assert as_carol.post(f"{PAGE}{first.pk}/read/", {"page": "2"})["Location"] == f"{PAGE}?page=2"
    assert as_carol.post(f"{PAGE}{second.pk}/read/", {"page": "2\r\nX: 1"})["Location"] == PAGE
    assert unread(carol) == 0


def test_all_can_be_marked_at_once(acme, carol, as_carol):
    tell([tea(carol)] * 3, actor=None)
    newest = as_carol.get(PAGE).context["newest"]
    assert as_carol.post(f"{PAGE}read/", {"up_to": newest})["Location"] == PAGE
    assert unread(carol) == 0
    assert "Mark all as read" not in as_carol.get(PAGE).content.decode()


@pytest.mark.parametrize("up_to", ["", "x", "-1", "9" * 30, "1\x00"])
def test_an_unreadable_number_marks_nothing(acme, carol, as_carol, up_to):
    tell([tea(carol)], actor=None)
    answer = as_carol.post(f"{PAGE}read/", {"up_to": up_to})
    assert answer.status_code == 422
    assert "There is a problem" in answer.content.decode()
    assert unread(carol) == 1


def test_fifty_a_page(acme, carol, as_carol, count_queries):
    tell([tea(carol)] * 60, actor=None)
    as_carol.get(PAGE)
    cost = count_queries(lambda: as_carol.get(PAGE))
    assert len(as_carol.get(PAGE).context["rows"]) == 50
    rest = as_carol.get(f"{PAGE}?page=2")
    assert len(rest.context["rows"]) == 10
    assert rest.context["newest"] is None
    Notification.objects.exclude(pk__in=[row.pk for row in rest.context["rows"][:3]]).delete()
    assert count_queries(lambda: as_carol.get(PAGE)) == cost


def test_what_belongs_to_others_does_not_exist(acme, alice, carol, mallory, as_alice, as_mallory):
    tell([tea(carol)], actor=None)
    one = Notification.objects.get().pk
    for verb in ("open", "read"):
        assert as_alice.post(f"{PAGE}{one}/{verb}/").status_code == 404
        assert as_mallory.post(f"{PAGE}{one}/{verb}/").status_code == 404
        assert as_mallory.post(f"/o/globex/notifications/{one}/{verb}/").status_code == 404
        assert as_alice.post(f"{PAGE}{'9' * 30}/{verb}/").status_code == 404
    assert as_mallory.get(PAGE).status_code == 404
    assert unread(carol) == 1


def test_a_notice_of_a_kind_that_is_gone_is_still_listed(acme, carol, as_carol):
    tell([tea(carol)], actor=None)
    Notification.objects.update(kind="tea.forgotten")
    assert [row.line for row in as_carol.get(PAGE).context["rows"]] == ["tea.forgotten"]
    assert as_carol.post(f"{PAGE}{Notification.objects.get().pk}/open/")["Location"] == PAGE


# --- The bell ---------------------------------------------------------------------------------------------------------


def test_the_bell_counts_to_99_with_one_query(acme, carol, as_carol, count_queries):
    as_carol.get("/me/")
    none = count_queries(lambda: as_carol.get("/me/"))
    assert 'aria-label="Notifications"' in as_carol.get("/me/").content.decode()
    now = timezone.now()
    Notification.objects.bulk_create(
        Notification(member=carol, kind="tea.ready", values={"by": "Bob"}, created_at=now) for _ in range(120)
    )
    many = count_queries(lambda: as_carol.get("/me/"))
    assert many == none
    assert sum("accounts_notification" in sql for sql in many.queries) == 1
    assert "Notifications, 99+ unread" in as_carol.get("/me/").content.decode()


def test_the_bell_on_a_persons_own_pages_rings_for_the_organisation_they_come_from(acme, carol, globex, as_carol):
    tell([tea(carol)], actor=None)
    with organisation_scope(globex):
        there = factories.MembershipFactory(user=carol.user)
        tell([tea(there)] * 2, actor=None)
    assert as_carol.get(PAGE).status_code == 200
    assert "Notifications, 1 unread" in as_carol.get("/me/").content.decode()
    as_carol.get("/o/globex/notifications/")
    assert "Notifications, 2 unread" in as_carol.get("/me/").content.decode()


def test_pages_without_the_frame_do_not_ask(acme, carol, as_carol, count_queries):
    tell([tea(carol)], actor=None)
    lost = count_queries(lambda: as_carol.get("/o/acme/no-such-page/"))
    assert not any("accounts_notification" in sql for sql in lost.queries)


# --- Choosing ---------------------------------------------------------------------------------------------------------


def test_choices_are_stored_and_told_to_the_trail(acme, carol, as_carol):
    page = as_carol.get(CHOICES)
    assert [row.choice.code for row in page.context["form"].rows()] == ["tea.ready"]
    assert as_carol.post(CHOICES, {"tea.ready.mail": "on"}).status_code == 302
    carol.user.refresh_from_db()
    assert carol.user.notification_choices == {"tea.ready": {"app": False, "mail": True}}
    event = AuditEvent.objects.get()
    assert (event.action, event.actor, event.user) == ("user.notifications_chosen", carol, carol.user)
    assert event.changes == {"tea.ready.app": [True, False], "tea.ready.mail": [False, True]}
    assert as_carol.post(CHOICES, {"tea.ready.mail": "on"}).status_code == 302
    assert AuditEvent.objects.count() == 1  # nothing changed


def test_what_was_never_touched_follows_the_kind(acme, carol):
    notices.choose(carol.user, {"tea.ready": {"app": True, "mail": False}})
    carol.user.refresh_from_db()
    assert carol.user.notification_choices == {}
    notices.choose(carol.user, {"tea.nonsense": {"app": False}, "tea.ready": {"phone": True}})
    carol.user.refresh_from_db()
    assert carol.user.notification_choices == {}


def test_an_agent_is_not_offered_what_only_others_are_told(acme, alice, bob, carol):
    offered = {member.display_name: [choice.code for choice in offered_to([member])] for member in (alice, bob, carol)}
    assert offered == {
        "Alice Adams": ["tea.ready", "tea.leaks"],
        "Bob Brown": ["tea.ready"],
        "Carol Clark": ["tea.ready"],
    }
    assert [choice.code for choice in offered_to([carol, alice])] == ["tea.ready", "tea.leaks"]


def test_what_is_not_offered_cannot_be_chosen(acme, carol, as_carol):
    as_carol.post(CHOICES, {"tea.ready.app": "on", "tea.leaks.app": "", "tea.leaks.mail": "on"})
    carol.user.refresh_from_db()
    assert carol.user.notification_choices == {}


def test_the_trail_names_what_was_chosen(acme, alice, as_alice):
    as_alice.post(CHOICES, {})
    log = as_alice.get("/o/acme/settings/audit/").content.decode()
    assert "Notifications chosen" in log
    assert "Tea is ready (in the product)" in log
    assert "The pot leaks (by e-mail)" in log


def test_a_person_without_an_organisation_has_nothing_to_choose(db):
    client = Client()
    client.force_login(factories.UserFactory(), backend="accounts.backends.SlowGuessingBackend")
    page = client.get(CHOICES)
    assert page.status_code == 200
    assert "Nothing to choose yet" in page.content.decode()
    assert "i-bell" in page.content.decode()
