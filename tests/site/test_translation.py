"""No text of ours is missed by the translators: in the pseudo-language no page shows a plain letter."""

import datetime as dt
import json
import re
import zoneinfo
from html.parser import HTMLParser

import pytest
from django.test import Client

from accounts import holiday_calendars
from accounts.letters import Letter, message
from accounts.models import OutgoingMail
from accounts.notice_kinds import words_of
from tests import filled, pages
from tests.mails import deliver, html_of
from tests.marks import on_sqlite_alone
from tests.notice_samples import SAMPLES
from tests.site import pseudo_locale

SILENT = {"script", "style"}
VOID = {"meta", "link", "input", "img", "br", "hr", "use", "rect", "path", "line", "circle"}
SPOKEN = {"aria-label", "title", "placeholder", "alt", "label", "aria-description", "aria-roledescription"}
# Attributes of ours that carry names, addresses and values for the script. All others are texts that it shows.
CODES = """
    theme shortcuts when open reveal copy-text go kind c icon value url subject today yesterday date add letters
    hours minutes sign-in-url billable edit-form autosubmit manual entry-form picker picked clear again close
    d new stored dismiss toast undo edit delete copy print helper restore
"""
NEVER_TRANSLATED = re.compile(
    r"[\w.+-]+@[\w.-]+"  # an e-mail address
    r"|\b\d+(?:\.\d+)?[hm]\b|\b\d+:\d+\b"  # a duration
    r"|\b[0-9a-f]{8}-[0-9a-f-]{27}\b"  # the number of a request
    r"|https?://\S+|\b(?:time_entry|timesheet|timer)\.[\w*]+"  # an address, the name of an event
    r"|^[hm]$|\{\w+\}"  # the letter of a unit, a place that the script fills
)
ZONES = {name.replace("_", " ") for name in zoneinfo.available_timezones()}
INITIALS = re.compile("[A-Z]{1,2}")
CALENDARS = {
    name
    for names in (holiday_calendars.countries(), *map(holiday_calendars.parts_of, ("DE", "GB")))
    for _code, name in names
}
HOLIDAYS = {*holiday_calendars.days_of("GB-ENG", dt.date(2020, 1, 1), dt.date(2035, 12, 31)).values()}


class Texts(HTMLParser):
    """Every text of a page that somebody sees or hears."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attributes}
        code = values.get("class") == "mono" or "mono" in values.get("class", "").split()
        quiet = tag in SILENT or tag == "kbd" or code or (bool(self.open) and self.open[-1][1])
        for name, value in values.items():
            is_button = tag == "input" and name == "value" and values.get("type") in ("submit", "button", "reset")
            if name in SPOKEN or is_button or (name.startswith("data-") and name[5:] not in CODES.split()):
                self.found.append(value)
        if tag not in VOID:
            self.open.append((tag, quiet))

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not (self.open and self.open[-1][1]):
            self.found.append(data)


def untranslated(html: str) -> set[str]:
    """The texts with plain letters that are neither data nor codes."""
    reader = Texts()
    reader.feed(html)
    known = set(filled.DATA_WORDS.split())
    found = set()
    for text in reader.found:
        text = " ".join(text.split())
        text = text.replace(holiday_calendars.name_of("GB-ENG"), "")  # in the midst of a sentence
        if text in ZONES or text in CALENDARS or INITIALS.fullmatch(text):
            continue
        for name in sorted(HOLIDAYS, key=len, reverse=True):  # the library's names
            text = text.replace(name, "")
        words = re.findall("[A-Za-z]+", " ".join(NEVER_TRANSLATED.sub(" ", text).replace("Europe/London", "").split()))
        if set(words) - known:
            found.add(text)
    return found


@pytest.fixture
def strange_site(site):
    with pseudo_locale.spoken():
        yield site


def test_the_check_sees_what_was_missed_and_only_that():
    seen = untranslated(
        '<p>Log time <b>[Ļöĝ]</b></p><a aria-label="Close" data-go="w" data-copied="Done">TKT-4846 1h 30m</a>'
        '<input type="submit" value="Send"><script>const a = 1;</script><kbd>N</kbd><svg><text>Fri</text></svg>'
    )
    assert seen == {"Log time", "Close", "Done", "Send", "Fri"}


@on_sqlite_alone
def test_no_page_has_a_text_that_was_not_translated(strange_site):
    missed = {}
    for page in pages.all_pages(strange_site):
        html = strange_site.client(page.who).get(page.path).content.decode()
        assert "Åç" in html or "[" in html, page.label
        for text in untranslated(html):
            missed.setdefault(text, page.label)
    assert not missed, "\n".join(f"{page}: {text}" for text, page in missed.items())


@on_sqlite_alone
def test_no_refused_form_has_a_text_that_was_not_translated(strange_site):
    """The same for what is said about an empty form and about a full one with nothing right in it."""
    missed = {}
    for page in pages.all_pages(strange_site):
        client = strange_site.client(page.who)
        form = getattr(client.get(page.path), "context", None)
        form = form.get("form") if form else None
        if form is None or page.status != 200 or page.name in ("settings-audit", "confirm", "login"):
            continue
        wrong = {field.html_name: "x" * 300 for field in form if not field.is_hidden}
        for sent in ({}, wrong):
            answer = client.post(page.path, sent)
            if answer.status_code == 422:
                for text in untranslated(answer.content.decode().replace("x" * 300, "")):
                    missed.setdefault(text, page.label)
    assert not missed, "\n".join(f"{page}: {text}" for text, page in missed.items())


def said(response):
    """What an answer to the script says: its fragments and its events."""
    events = json.loads(response.headers.get("HX-Trigger", "{}"))
    return response.content.decode() + "".join(f"<p>{event.get('text', '')}</p>" for event in events.values())


def test_what_is_said_after_a_change_is_translated(strange_site):
    site = strange_site
    carol, week = site.client("carol"), site.path("week")
    script = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{week}"}

    def send(name, values=None, query="", **given):
        return carol.post(site.path(name, query, **given), values or {}, headers=script)

    form = {"kind": "GENERAL", "duration": "25m", "date": f"{site.week}", "subject": "Gizmo 20"}
    answers = [
        send("entry-new", form),
        send("entry-new", {**form, "again": "1"}),
        send("entry-edit", {**form, "version": "2"}),
        send("entry-edit", {**form, "version": "1"}),
        send("entry-delete", query="?version=1"),
        send("entry-delete"),
        send("entry-restore", entry_id=site.ids["entry_id"]),
        send("entry-edit", entry_id=site.ids["locked"]),
        carol.get(site.path("entry-new"), headers=script),
        carol.get(site.path("pick", "?q=Gizmo"), headers=script),
        carol.get(site.path("pick", "?q=00000"), headers=script),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 409, 409, 200, 200, 422, 200, 200, 200]
    assert [text for answer in answers for text in untranslated(said(answer))] == []


def test_banners_and_mails_are_translated(strange_site):
    site = strange_site
    alice, nobody = site.client("alice"), Client()
    path = site.path
    texts = [
        alice.post(address, values, follow=True).content.decode()
        for address, values in (
            (path("invitations"), {"email": "new@example.test", "role": "AGENT"}),
            (path("invitation-resend"), {}),
            (path("invitation-revoke"), {}),
            (path("member-deactivate"), {}),
            (path("member-reactivate", member_id=site.ids["member_id"]), {}),
            (path("ticket-archive"), {}),
            (path("ticket-restore"), {}),
            (path("client-new"), {"name": "Beacon 4"}),
            ("/me/appearance/", {"theme": "dark"}),
            ("/me/notifications/", {}),
            (path("notifications-read"), {"up_to": "1000"}),
            (path("session-end"), {}),
            (path("sessions-end-others"), {}),
        )
    ]
    nobody.post("/password/reset/", {"email": site.people["bob"].user.email})
    OutgoingMail.objects.exclude(kind__startswith="account.").delete()
    sent = deliver()
    assert len(sent) == 3
    for kind, values in SAMPLES:
        letter = Letter(
            words_of(kind, values, dt.UTC), "https://time.example.com/", "Acme", "https://time.example.com/"
        )
        sent.append(message(letter, "carol@acme.test", "<1@time.example.com>"))
    parts = [part for mail in sent for part in (mail.subject, mail.body, html_of(mail))]
    texts += [re.sub(r"https?://\S+", "", part) for part in parts]
    assert [text for part in texts for text in untranslated(part)] == []


def test_what_is_said_of_decisions_is_translated(strange_site):
    site, sheets = strange_site, strange_site.ids["sheets"]
    bob, script = site.client("bob"), {"HX-Request": "true"}
    waiting, partly = sheets["submitted"], sheets["partiallyApproved"]

    def send(name, values=None, query="", **given):
        return bob.post(site.path(name, query, **given), values or {}, headers=script)

    def decide(sheet, **values):
        sheet.refresh_from_db()
        return send("approval-decide", {"version": sheet.version, **values}, sheet_id=sheet.pk)

    entry = f"entry-{waiting.entries.first().pk}"
    many = {"week": [f"{waiting.pk}:1", f"{partly.pk}:{partly.version}", "999999999:1"]}
    member = {"member": site.people["carol"].pk, "week_start": f"{sheets['draft'].week_start}"}
    answers = [
        send("approval-decide", {"version": "1"}),
        decide(waiting, **{entry: "later"}),
        decide(waiting, **{entry: "reject"}),
        decide(waiting, reject="1"),
        decide(waiting, **{entry: "approve", "entry-1": "later"}),  # and the rest waits on
        decide(waiting),
        send("approval-undo", query="?version=1"),
        send("approvals-bulk"),
        send("approvals-bulk", {"reject": "1", **many}),
        send("approvals-bulk", {"approve": "1", **many}),
        send("approvals-undo", {"weeks": f"{partly.pk}:{partly.version + 1},1:1"}),
        send("approvals-remind", member),
        send("approvals-remind", member),
        bob.get(site.path("approvals", "?select=clean"), headers=script),
    ]
    statuses = [409, 422, 422, 422, 200, 200, 200, 422, 422, 200, 200, 200, 200, 200]
    assert [answer.status_code for answer in answers] == statuses
    assert [text for answer in answers for text in untranslated(said(answer))] == []
