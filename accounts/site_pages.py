"""The pages that a member can open, with the words that people look for them by: one list, for the search.

Who may open a page is asked of the sign on its door (accounts.access), so that the list can't promise more than it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from django.urls import resolve
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.access import Access, Door
from accounts.models import Membership
from accounts.permissions import can
from timesheets_site.lib.addresses import address
from timesheets_site.lib.printable import Printable

Text = str | Promise
SETTINGS, OWN = _("Settings"), _("My settings")


@dataclass(frozen=True)
class Entry:
    """One page: the name of its address, what it is called, in which menu it stands, and other words for it."""

    name: str
    label: Text
    section: Text = ""
    words: Text = ""
    icon: str = "right"


@dataclass(frozen=True)
class SitePage(Printable):
    label: str
    section: str
    url: str
    icon: str


PAGES: tuple[Entry, ...] = (
    Entry("week", _("Timesheets"), words=_("week hours entries days this week"), icon="clock"),
    Entry("entry-new", _("Log time"), words=_("new entry add hours"), icon="plus"),
    Entry("entries-deleted", _("Recently deleted"), words=_("restore undo bring back entries trash"), icon="undo"),
    Entry("timer", _("Timer"), words=_("start stop clock running"), icon="clock"),
    Entry("time-to-place", _("Time to place"), words=_("timer could not be filed waiting"), icon="clock"),
    Entry("timers", _("Timers"), words=_("running everybody stop all colleagues"), icon="clock"),
    Entry("week-templates", _("Week templates"), words=_("usual week repeat fill copy"), icon="copy"),
    Entry("tickets", _("Tickets"), words=_("support requests"), icon="ticket"),
    Entry("projects", _("Projects"), words=_("budgets tasks"), icon="layers"),
    Entry("approvals", _("Approvals"), words=_("approve reject submitted weeks inbox missing"), icon="clipcheck"),
    Entry("handovers", _("Handovers"), words=_("absence deputy substitute holiday"), icon="clipcheck"),
    Entry("reports", _("Reports"), words=_("figures charts utilisation sums analysis"), icon="chart"),
    Entry("reports-saved", _("Saved reports"), words=_("shared"), icon="chart"),
    Entry("exports", _("Exports"), words=_("download csv excel files payroll"), icon="download"),
    Entry("invoices", _("Invoices"), words=_("bill billing drafts"), icon="receipt"),
    Entry("invoice-new", _("New invoice"), words=_("bill draft"), icon="receipt"),
    Entry("clients", _("Clients"), words=_("customers companies"), icon="building"),
    Entry("agreements", _("Agreements"), words=_("contracts retainers included hours"), icon="copy"),
    Entry("charge-codes", _("Charge codes"), words=_("internal time off meetings training"), icon="tag"),
    Entry("activities", _("Activities"), words=_("sales account"), icon="calendar"),
    Entry("members", _("Members"), words=_("people users agents roles team"), icon="users"),
    Entry("notifications", _("Notifications"), words=_("bell told unread news"), icon="bell"),
    Entry("settings-general", _("General"), SETTINGS, _("organisation name time zone week starts feature"), "sliders"),
    Entry("invitations", _("Invitations"), SETTINGS, _("invite new member add person join"), "users"),
    Entry("settings-billing", _("Billing"), SETTINGS, _("hourly rate currency rounding goal budget"), "sliders"),
    Entry("settings-invoices", _("Invoices"), SETTINGS, _("tax legal name address terms payment prefix"), "receipt"),
    Entry("work-types", _("Work types"), SETTINGS, _("multiplier overtime nature of work"), "tag"),
    Entry("work-roles", _("Work roles and rates"), SETTINGS, _("hourly price skill level"), "tag"),
    Entry("rerate", _("Re-rating"), SETTINGS, _("rates anew apply prices again"), "tag"),
    Entry(
        "settings-policies",
        _("Time policies"),
        SETTINGS,
        _("lock date edit window description required overlap future ahead long days grace start and end task"),
        "lock",
    ),
    Entry(
        "settings-working-time",
        _("Working time"),
        SETTINGS,
        _("capacity target weekly hours days off public holidays"),
        "calendar",
    ),
    Entry("settings-working-time", _("Working time"), SETTINGS, _("public holidays calendar days off"), "calendar"),
    Entry("settings-approvals", _("Weeks and approvals"), SETTINGS, _("deadline reminders approver"), "clipcheck"),
    Entry("periods", _("Closed periods"), SETTINGS, _("lock date close month reopen"), "lock"),
    Entry("webhooks", _("Webhooks"), SETTINGS, _("messages events push integration address signed"), "right"),
    Entry(
        "settings-integrations",
        _("Integrations"),
        SETTINGS,
        _("api keys tokens programs connect kimai connectwise intacct grow"),
        "sliders",
    ),
    Entry("settings-security", _("Security"), SETTINGS, _("two-step second factor mfa sign-in everybody"), "lock"),
    Entry("settings-audit", _("Audit log"), SETTINGS, _("history trail who changed events"), "clock"),
    Entry("me", _("Profile"), OWN, _("my name e-mail address"), "sliders"),
    Entry("me-region", _("Region"), OWN, _("language time zone clock dates"), "sliders"),
    Entry("me-appearance", _("Appearance"), OWN, _("theme dark light keyboard single-key shortcuts"), "sliders"),
    Entry("me-notifications", _("Notifications"), OWN, _("mails told e-mail bell"), "bell"),
    Entry("working-time", _("Working time"), OWN, _("capacity target weekly hours days off holidays"), "calendar"),
    Entry("working-time", _("Working time"), OWN, _("target hours days off public holidays"), "calendar"),
    Entry("me-tokens", _("API keys"), OWN, _("tokens programs connect integrations api"), "lock"),
    Entry("me-calendar", _("Calendar"), OWN, _("ical ics feed subscribe outlook address"), "calendar"),
    Entry("me-security", _("Security"), OWN, _("password two-step codes sessions devices sign out"), "lock"),
    Entry("password-change", _("Change password"), OWN, _("new sign-in"), "lock"),
)


def pages_of(member: Membership, words: list[str]) -> list[SitePage]:
    """The pages that `member` may open where each of `words` begins a word of their name or others; none for no word.

    What begins with the first word comes first.
    """
    if not words:
        return []
    wanted = [word.casefold() for word in words]
    found = []
    for entry in PAGES:
        label, section = str(entry.label), str(entry.section)
        text = f" {label} {section} {entry.words}".casefold()
        if all(f" {word}" in text or f"-{word}" in text for word in wanted) and may_open(member, entry.name):
            place = 0 if label.casefold().startswith(wanted[0]) else 1
            found.append(
                (place, SitePage(label, section, address_of(entry.name, member.organisation.slug), entry.icon))
            )
    return [page for _place, page in sorted(found, key=lambda each: each[0])]


def may_open(member: Membership, name: str) -> bool:
    """What the gate would say to this member before the page of this name."""
    sign = _sign(name)
    if sign.door is not Door.MEMBER:
        return sign.door is Door.SIGNED_IN
    allowed = sign.permission is None or can(member, sign.permission)
    return allowed and (sign.feature is None or member.organisation.has_feature(sign.feature))


def address_of(name: str, slug: str) -> str:
    """Pages of one's own have no organisation in their address."""
    return address(name) if name.startswith(("me", "password")) and name != "members" else address(name, slug)


@lru_cache(maxsize=256)
def _sign(name: str) -> Access:
    sign: Access = resolve(address_of(name, "any")).func.access  # type: ignore[attr-defined]  # the gate demands one
    return sign
