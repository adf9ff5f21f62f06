"""Every page with something on it: the address of each page of the organisation that tests/filled.py fills.

The tests of the whole site (query growth, translation, accessibility, permissions) all walk this one list, so a page is
added here once. `tests/test_permission_table.py` fails for a page that is missing.
"""

from __future__ import annotations

from dataclasses import dataclass

from accounts.tenancy import organisation_scope
from tests import factories, invoices_in_states
from tests.filled import DAY, UNKNOWN, Site
from timetracking.models import TimeEntry


@dataclass(frozen=True)
class Page:
    """One page as one person sees it. `label` names it in reports and in the baseline of query counts."""

    label: str
    path: str
    who: str = "alice"
    status: int = 200

    @property
    def name(self) -> str:
        """The name of its address."""
        return self.label.partition(":")[0]


def all_pages(site: Site) -> list[Page]:
    """Every page that can be opened, with real ids: full, empty, and refused."""
    return [
        *_way_in(site),
        *_own(site),
        *_time(site),
        *_approvals(site),
        *_exports(site),
        *_records(site),
        *_members(site),
        *_empty(site),
        *_refused(site),
    ]


def _way_in(site: Site) -> list[Page]:
    reset = site.path("password-reset-confirm", token="set-password")
    old_reset = site.path("password-reset-confirm", token="too-old")
    invitation = site.path("invitation-accept")
    return [
        Page("switch", "/switch/"),
        Page("switch: off", "/switch/", "henry"),
        Page("login", "/login/", "nobody"),
        Page("login-code", "/login/code/", "fred"),
        Page("login-recovery", "/login/recovery/", "fred"),
        Page("confirm", "/confirm/"),
        Page("confirm: with code", "/confirm/", "dora"),
        Page("mfa-setup", "/mfa/setup/"),
        Page("mfa-setup: another", "/mfa/setup/", "dora"),
        Page("mfa-setup: demanded", "/mfa/setup/", "gina"),
        Page("mfa-recovery-codes", "/mfa/recovery-codes/", "dora"),
        Page("mfa-remove", site.path("mfa-remove"), "dora"),
        Page("password-reset", "/password/reset/", "nobody"),
        Page("password-reset-sent", "/password/reset/sent/", "nobody"),
        Page("password-reset-confirm", reset, "nobody"),
        Page("password-reset-confirm: too old", old_reset, "nobody"),
        Page("invitation-accept", invitation, "nobody"),
        Page("invitation-accept: other address", invitation),
        Page("invitation-accept: closed", "/invite/unknown/", "nobody", 404),
    ]


def _own(site: Site) -> list[Page]:
    return [
        Page("me", "/me/"),
        Page("me-region", "/me/region/"),
        Page("me-appearance", "/me/appearance/"),
        Page("me-notifications", "/me/notifications/"),
        Page("me-notifications: agent", "/me/notifications/", "carol"),
        Page("me-notifications: none", "/me/notifications/", "henry"),
        Page("me-tokens", "/me/tokens/", "carol"),
        Page("me-tokens: none", "/me/tokens/", "henry"),
        Page("me-token-new", "/me/tokens/new/", "carol"),
        Page("me-token-new: several organisations", "/me/tokens/new/"),
        Page("me-token", site.path("me-token"), "carol"),
        Page("me-token-revoke", site.path("me-token-revoke"), "carol"),
        Page("me-calendar", "/me/calendar/"),
        Page("me-calendar: none", "/me/calendar/", "carol"),
        Page("me-calendar-new", "/me/calendar/new/"),
        Page("me-calendar-off", "/me/calendar/off/"),
        Page("me-security", "/me/security/"),
        Page("me-security: with device", "/me/security/", "dora"),
        Page("password-change", "/me/security/password/"),
        Page("notifications", site.path("notifications")),
        Page("notifications: agent", site.path("notifications"), "carol"),
        Page("notifications: empty", site.path("notifications", slug="hollow"), "erin"),
    ]


def _time(site: Site) -> list[Page]:
    path = site.path
    return [
        Page("week", path("week")),
        Page("week: agent", path("week"), "carol"),
        Page("week: everyone", path("week", "?agent=all")),
        Page("week: filtered", path("week", "?kind=PROJECT&billable=yes")),
        Page("week: nothing found", path("week", "?status=SUBMITTED&kind=TICKET")),
        Page("week: range", path("week", f"?agent=all&from={site.week - 20 * DAY}&to={site.week + 6 * DAY}")),
        Page("week: unreadable", path("week", "?from=yesterday"), "alice", 422),
        Page("week-of", path("week-of", day=site.week - 7 * DAY)),
        *_week_steps(site),
        *_grid(site),
        Page("entries-deleted", path("entries-deleted")),
        Page("entries-deleted: agent", path("entries-deleted"), "carol"),
        Page("entry-new", path("entry-new")),
        Page("entry-new: agent", path("entry-new"), "carol"),
        Page("entry-new: ticket", path("entry-new", f"?ticket={_pk_of_ticket(site)}"), "carol"),
        Page("entry-new: whose", path("entry-new", "?member=choose")),
        Page("entry-edit", path("entry-edit"), "carol"),
        Page("entry-edit: for another", path("entry-edit")),
        Page("entry-delete", path("entry-delete"), "carol"),
        Page("entry-history", path("entry-history")),
        Page("entry-history: deleted", path("entry-history", entry_id=site.ids["deleted"]), "carol"),
        Page("entry-why", path("entry-why")),
        Page("entry-why: agent", path("entry-why"), "carol"),
        Page("entry-why: deleted", path("entry-why", entry_id=site.ids["deleted"]), "carol"),
        Page(
            "entry-decision", path("entry-decision", f"?kind=TICKET&record=ticket:{_pk_of_ticket(site)}&duration=52m")
        ),
        Page("entry-decision: incomplete", path("entry-decision"), "carol"),
        *_timers(site),
        Page("search", site.path("search", "?q=Gizmo")),
        Page("search: everything", site.path("search", "?q=1")),
        Page("search: agent", site.path("search", "?q=Gizmo"), "carol"),
        Page("search: nothing typed", site.path("search")),
        Page("search: nothing found", site.path("search", "?q=00000")),
        Page("pick", path("pick", "?q=Gizmo")),
        Page("pick: nothing found", path("pick", "?q=00000")),
        *_repetition(site),
    ]


def _timers(site: Site) -> list[Page]:
    """The timer of an agent, of a manager who forgot hers, and of who has none; everybody's; time to place."""
    path = site.path
    return [
        Page("timer", path("timer"), "carol"),
        Page("timer: forgotten", path("timer"), "dora"),
        Page("timer: elsewhere", path("timer")),
        Page("timer: none", path("timer", slug="hollow"), "erin"),
        Page("timer-start", path("timer-start", f"?record=ticket:{_pk_of_ticket(site)}"), "carol"),
        Page("timer-stop", path("timer-stop"), "carol"),
        Page("timer-stop: forgotten", path("timer-stop"), "dora"),
        Page("timer-discard", path("timer-discard"), "carol"),
        Page("timer-change", path("timer-change"), "carol"),
        Page("time-to-place", path("time-to-place"), "carol"),
        Page("time-to-place: everybody's", path("time-to-place")),
        Page("time-to-place: empty", path("time-to-place", slug="hollow"), "erin"),
        Page("piece-place", path("piece-place"), "carol"),
        Page("piece-place: for another", path("piece-place")),
        Page("timers", path("timers"), "bob"),
        Page("timers: empty", path("timers", slug="sealed"), "ivy"),
        Page("timers-stop-all", path("timers-stop-all"), "bob"),
    ]


def _grid(site: Site) -> list[Page]:
    """The grid with time on it, of somebody else, in weeks that are locked and without any; a cell's entries."""
    path, sheets = site.path, site.ids["sheets"]
    cell = f"?row=ticket:{_pk_of_ticket(site)}&date={site.people['carol'].today()}"
    return [
        Page("week-grid", path("week-grid")),
        Page("week-grid: agent", path("week-grid"), "carol"),
        Page("week-grid: for another", path("week-grid", f"?agent={site.people['carol'].pk}"), "bob"),
        Page("week-grid: empty", path("week-grid", slug="hollow"), "erin"),
        Page("week-grid: approved", path("week-grid", day=sheets["approved"].week_start), "carol"),
        Page("grid-cell", path("grid-cell", cell), "carol"),
        Page("grid-cell: what is typed", path("grid-cell", f"{cell}&want=20m"), "carol"),
    ]


def _repetition(site: Site) -> list[Page]:
    """Weeks filled from others and from templates, and what is done with an entry beside editing it."""
    path = site.path
    for_carol = f"?agent={site.people['carol'].pk}"
    # The question rehearses each entry that would be copied: a week is asked for whose source nothing is added to.
    after_oldest = min(sheet.week_start for sheet in site.ids["sheets"].values()) + 7 * DAY
    return [
        Page("week-copy", path("week-copy", day=after_oldest), "carol"),
        Page("week-copy: for another", path("week-copy", for_carol, day=after_oldest), "bob"),
        Page("week-copy: nothing", path("week-copy", slug="hollow"), "erin"),
        Page("week-template-use", path("week-template-use"), "carol"),
        Page("entry-duplicate", path("entry-duplicate"), "carol"),
        Page("entry-duplicate: for another", path("entry-duplicate"), "bob"),
        Page("entry-move", path("entry-move"), "carol"),
        Page("entry-split", path("entry-split"), "carol"),
        Page("week-templates", path("week-templates"), "carol"),
        Page("week-templates: empty", path("week-templates", slug="hollow"), "erin"),
        Page("week-template-new", path("week-template-new"), "carol"),
        Page("week-template-new: of a week", path("week-template-new", f"?week={site.week}"), "carol"),
        Page("week-template-edit", path("week-template-edit"), "carol"),
    ]


def _week_steps(site: Site) -> list[Page]:
    """The week in every state, each step of it where it can be taken and where it can't, and the history."""
    pages = []
    for state, sheet in site.ids["sheets"].items():
        path = site.path("week-of", day=sheet.week_start)
        pages += [
            Page(f"week-of: {state}", path, "carol"),
            Page(f"week-of: {state}, by a manager", f"{path}?agent={sheet.member_id}", "bob"),
        ]
    for name, states in {
        "week-submit": ("draft", "partiallyDeclined", "approved"),
        "week-recall": ("submitted", "draft"),
        "week-ready": ("draft", "submitted"),
        "week-draft": ("saved", "submitted"),
        "week-ask": ("approved", "draft"),
        "week-history": ("reopened", "partiallyDeclined"),
    }.items():
        days = {state: site.ids["sheets"][state].week_start for state in states}
        pages += [Page(f"{name}: {state}", site.path(name, day=day), "carol") for state, day in days.items()]
        for_carol = f"?agent={site.people['carol'].pk}"
        pages.append(Page(f"{name}: for another", site.path(name, for_carol, day=days[states[0]]), "bob"))
    return [
        *pages,
        Page("week-submit: empty", site.path("week-submit", slug="hollow"), "erin"),
        Page("week-history: empty", site.path("week-history", slug="hollow"), "erin"),
        Page("entry-history: decided", _history_of_decided(site), "carol"),
    ]


def _approvals(site: Site) -> list[Page]:
    """The inbox in each of its lists, and the review of a week in every state."""
    path, sheets = site.path, site.ids["sheets"]
    lists = {
        "manager": "",
        "everyone": "?team=all",
        "nothing found": "?team=reports&week=2020-01-06",
        "no checks": "?select=clean",
        "rejected": "?status=rejected",
        "approved": "?status=approved",
        "missing": f"?status=missing&week={site.week}",
        "nothing missing": "?status=missing&team=reports&week=2020-01-06",
        "last page": "?page=99",
    }
    return [
        Page("approvals", path("approvals")),
        *(Page(f"approvals: {label}", path("approvals", query), "bob") for label, query in lists.items()),
        Page("approvals: empty", path("approvals", slug="hollow"), "erin"),
        *(
            Page(f"approval: {state}", path("approval", "?team=all", sheet_id=sheet.pk), "bob")
            for state, sheet in sheets.items()
        ),
        Page("approval", path("approval")),
        Page("approval: unknown", path("approval", sheet_id=UNKNOWN), "bob", 404),
        Page("approval-reopen", path("approval-reopen", sheet_id=sheets["approved"].pk), "bob"),
        Page("approval-reopen: waiting", path("approval-reopen"), "bob"),
        Page("handovers", path("handovers")),
        Page("handovers: manager", path("handovers"), "bob"),
        Page("handovers: empty", path("handovers", slug="hollow"), "erin"),
    ]


def _invoices(site: Site) -> list[Page]:
    """The list, what there is to bill, and an invoice in every state with each step of it."""
    path, states = site.path, site.ids["invoices"]
    client, day = site.ids["client"], invoices_in_states.day_of("draft", site.week)
    asked = f"?client={client}&period=range&grouping=role&first_on={site.week - 900 * DAY}&last_on={site.week}"
    until = f"?client={client}&period=until&last_on={day}"
    return [
        Page("invoices", path("invoices")),
        Page("invoices: drafts", path("invoices", f"?status=draft&client={client}")),
        Page("invoices: nothing found", path("invoices", "?q=00000")),
        Page("invoices: empty", path("invoices", slug="hollow"), "erin"),
        Page("invoice-new", path("invoice-new")),
        Page("invoice-new: to bill", path("invoice-new", asked)),
        Page("invoice-new: until a day", path("invoice-new", until)),
        Page("invoice-new: nothing", path("invoice-new", f"?client={client}&period=until&last_on=2001-01-01")),
        Page("invoice-new: unreadable", path("invoice-new", "?period=range&last_on=soon"), "alice", 422),
        *(Page(f"invoice: {state}", path("invoice", invoice_id=each.pk)) for state, each in states.items()),
        Page("invoice: unknown", path("invoice", invoice_id=UNKNOWN), "alice", 404),
        *(Page(f"invoice-issue: {state}", path("invoice-issue", invoice_id=states[state].pk))
          for state in ("draft", "changed", "empty")),
        *(Page(f"invoice-void: {state}", path("invoice-void", invoice_id=states[state].pk))
          for state in ("draft", "issued")),
        Page("invoice-discard", path("invoice-discard")),
        Page("invoice-history", path("invoice-history", invoice_id=states["void"].pk)),
    ]  # fmt: skip


def _exports(site: Site) -> list[Page]:
    path = site.path
    return [
        *_invoices(site),
        *_reports(site),
        Page("exports", path("exports")),
        Page("exports: agent", path("exports"), "carol"),
        Page("exports: empty", path("exports", slug="hollow"), "erin"),
    ]


def _reports(site: Site) -> list[Page]:
    """Each person's report, its groups and charts, nothing found, what can't be read; and those under a name."""
    path, year = site.path, f"?from={site.week - 200 * DAY}&to={site.week + 6 * DAY}"
    people = f"?range=this_year&by=agent&then=month&sort=-utilisation&project={_pk_of_project(site)}"
    return [
        Page("reports", path("reports")),
        Page("reports: manager", path("reports"), "bob"),
        Page("reports: agent", path("reports"), "carol"),
        Page("reports: months", path("reports", f"{year}&by=month&then=ticket")),
        Page("reports: people", path("reports", people), "bob"),
        Page("reports: days", path("reports", "?range=this_month&by=work_type&then=charge_code&status=pending"), "bob"),
        Page("reports: saved", path("reports", f"?saved={site.ids['report_id']}&by=task&sort=name")),
        Page("reports: nothing found", path("reports", "?from=2020-01-01&to=2020-01-31&kind=TICKET")),
        Page("reports: unreadable", path("reports", "?by=password"), "alice", 422),
        Page("reports: foreign", path("reports", f"?client={UNKNOWN}"), "alice", 404),
        Page("reports: empty", path("reports", slug="hollow"), "erin"),
        Page("report-entries", path("report-entries", "?status=pending")),
        Page("report-entries: agent", path("report-entries"), "carol"),
        Page("report-entries: filtered", path("report-entries", "?billable=yes&status=OPEN"), "bob"),
        Page("report-entries: nothing found", path("report-entries", "?from=2020-01-01")),
        Page("reports-saved", path("reports-saved")),
        Page("reports-saved: empty", path("reports-saved", slug="hollow"), "erin"),
        Page("report-save", path("report-save", "?by=agent&range=last_month")),
        Page("report-save: agent", path("report-save"), "carol"),
        Page("report-saved-edit", path("report-saved-edit")),
    ]


def _pk_of_project(site: Site) -> int:
    with organisation_scope(site.organisation):
        return factories.ProjectFactory._meta.model.objects.get(code=site.ids["code"]).pk


def _history_of_decided(site: Site) -> str:
    with organisation_scope(site.organisation):
        entry = TimeEntry.objects.filter(timesheet=site.ids["sheets"]["partiallyDeclined"]).first()
    return site.path("entry-history", entry_id=entry.pk)


def _pk_of_ticket(site: Site) -> int:
    with organisation_scope(site.organisation):
        return factories.TicketFactory._meta.model.objects.get(number=site.ids["ref"]).pk


def _records(site: Site) -> list[Page]:
    nouns = {
        "tickets": "ticket", "projects": "project", "clients": "client", "agreements": "agreement",
        "charge-codes": "charge-code", "activities": "activity", "project-tasks": "task", "work-types": "work-type",
        "work-roles": "work-role", "work-role-rates": "work-role-rate", "agreement-rates": "agreement-rate",
    }  # fmt: skip
    pages = []
    for plural, noun in nouns.items():
        pages += [
            Page(plural, site.path(plural)),
            Page(f"{plural}: nothing found", site.path(plural, "?q=00000")),
            Page(f"{noun}-new", site.path(f"{noun}-new")),
            Page(f"{noun}-edit", site.path(f"{noun}-edit")),
        ]
    for name in ("tickets", "projects", "clients", "ticket", "project", "client"):
        pages.append(Page(f"{name}: agent", site.path(name), "carol"))
    return [
        *pages,
        Page("tickets: archived", site.path("tickets", "?state=archived")),
        Page("ticket", site.path("ticket")),
        Page("ticket: closed", site.path("ticket", ref=site.ids["closed"])),
        Page("ticket-edit: archived", site.path("ticket-edit", ref=4791)),
        Page("project", site.path("project")),
        Page("client", site.path("client")),
        Page("agreement", site.path("agreement")),
        Page("agreement: manager", site.path("agreement"), "bob"),
    ]


def _members(site: Site) -> list[Page]:
    path = site.path
    return [
        Page("members", path("members")),
        Page("members: manager", path("members"), "bob"),
        Page("members: nobody found", path("members", "?q=00000")),
        Page("member", path("member")),
        Page("member: inactive", path("member", member_id=site.ids["inactive"])),
        Page("member: manager", path("member"), "bob"),
        *(Page(name, path(name)) for name in ("hours-new", "hours-edit", "day-off-new", "day-off-edit")),
        Page("member: parts", path("member", "?holiday_country=DE")),
        Page("settings-working-time", path("settings-working-time")),
        Page("settings-working-time: holidays", path("settings-working-time", slug="sealed"), "ivy"),
        Page("company-day-off-new", path("company-day-off-new", f"?part=worked&first_on={site.week}")),
        Page("company-day-off-edit", path("company-day-off-edit")),
        Page("working-time", path("working-time")),
        Page("working-time: agent", path("working-time"), "carol"),
        Page("working-time: holidays", path("working-time", slug="sealed"), "ivy"),
        Page("settings-general", path("settings-general")),
        Page("settings-policies", path("settings-policies")),
        Page("settings-approvals", path("settings-approvals")),
        Page("settings-billing", path("settings-billing")),
        Page("settings-invoices", path("settings-invoices")),
        Page("periods", path("periods")),
        Page("periods: closed", path("periods", slug="sealed"), "ivy"),
        Page("period-lock-date", path("period-lock-date")),
        Page("webhooks", path("webhooks")),
        Page("webhooks: none", path("webhooks", slug="sealed"), "ivy"),
        Page("webhook", path("webhook")),
        *(Page(name, path(name)) for name in ("webhook-new", "webhook-edit", "webhook-delete")),
        Page("rerate", path("rerate")),
        Page("rerate: unreadable", path("rerate", "?first=yesterday"), "alice", 422),
        Page("rerate: empty", path("rerate", slug="hollow"), "erin"),
        Page("period-reopen", path("period-reopen", slug="sealed"), "ivy"),
        Page("settings-integrations", path("settings-integrations")),
        Page("settings-integrations: empty", path("settings-integrations", slug="hollow"), "erin"),
        *(Page(name, path(name)) for name in ("integration-new", "integration", "integration-key-new")),
        *(Page(name, path(name)) for name in ("integration-key", "integration-key-revoke")),
        Page("settings-security", path("settings-security")),
        Page("settings-security: with device", path("settings-security"), "dora"),
        Page("settings-audit", path("settings-audit")),
        Page("invitations", path("invitations")),
    ]


def _empty(site: Site) -> list[Page]:
    names = (
        "week", "entries-deleted", "entry-new", "pick", "tickets", "projects", "clients", "agreements", "charge-codes",
        "activities", "work-types", "work-roles", "members", "settings-audit", "invitations", "settings-general",
    )  # fmt: skip
    return [Page(f"{name}: empty", site.path(name, slug="hollow"), "erin") for name in names]


def _refused(site: Site) -> list[Page]:
    return [
        Page("entry-history: unknown", site.path("entry-history", entry_id=UNKNOWN), "alice", 404),
        Page("settings-general: agent", site.path("settings-general"), "carol", 403),
        Page("week: feature off", site.path("week", slug="muted"), "henry", 404),
    ]
