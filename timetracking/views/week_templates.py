"""Templates of one's usual week: the list, making one (from a week too), changing, deleting with Undo."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import once
from accounts.access import requires
from accounts.models import Membership
from accounts.permissions import Permission
from accounts.requests import Request
from timesheets_site.lib import dates
from timesheets_site.lib.errors import Conflict, RuleViolation
from timesheets_site.lib.forms import refusals_on
from timetracking.forms.repetition import read_day
from timetracking.forms.week_templates import Lines, NameForm, initial_of
from timetracking.models import WeekTemplate, WorkType
from timetracking.rules import weeks
from timetracking.selectors import picker
from timetracking.selectors.week_templates import templates_of
from timetracking.services import week_templates
from timetracking.services.week_templates import Line

FOLDER, FEATURE = "timetracking/repetition", "timesheets"
YEARS = range(2001, 2100)
"""Those whose weeks have an address."""


@requires(Permission.LOG_TIME, feature=FEATURE)
@require_safe
def listing(request: Request, slug: str) -> HttpResponse:
    """One's own, each with a way to use it in the week that the address names (`?week=`), else in this one."""
    first = _week(request, request.GET.get("week", ""))
    lines = [
        (line, reverse("week-template-use", args=[slug, first, line.id])) for line in templates_of(request.membership)
    ]
    context = {
        "lines": lines,
        "days": dates.day_range(first, first + 6 * weeks.DAY),
        "week_url": reverse("week-of", args=[slug, first]),
        "new_url": reverse("week-template-new", args=[slug]),
        "from_week_url": f"{reverse('week-template-new', args=[slug])}?week={first}",
    }
    return render(request, f"{FOLDER}/templates.html", context)


@requires(Permission.LOG_TIME, feature=FEATURE)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request, slug: str) -> HttpResponse:
    """An empty one, or one that is like the week that the address names."""
    actor = request.membership
    if request.method != "POST":
        lines: list[Line] = []
        if "week" in request.GET:
            lines = week_templates.of_week(actor, _week(request, request.GET["week"]))
            if not lines:
                messages.info(request, _("That week has no time. Begin with empty lines."))
        form = NameForm(initial={"name": _("My usual week") if lines else "", "key": once.new_key()})
        return _page(request, form, Lines(initial=initial_of(lines), form_kwargs=_kwargs(lines)), None)
    form, sent = NameForm(request.POST), Lines(request.POST, form_kwargs=_kwargs(()))
    if form.is_valid() and sent.is_valid():
        name, key = form.cleaned_data["name"], form.cleaned_data["key"]
        wanted = [each.line() for each in sent if each.is_wanted]
        with refusals_on(form):
            once.once(
                actor,
                key,
                "week_template.created",
                lambda: week_templates.create(actor, name=name, lines=wanted),
                fingerprint=once.fingerprint({"name": name, "lines": wanted}),
            )
            messages.success(request, _("Template “%(name)s” saved") % {"name": name.strip()})
            return redirect("week-templates", slug=slug)
    return _page(request, form, sent, None, status=422)


@requires(Permission.LOG_TIME, feature=FEATURE)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request, slug: str, template_id: int) -> HttpResponse:
    """Its name and its lines. A version that is old is refused, and shown with what was typed."""
    actor = request.membership
    template = week_templates.own(actor, template_id)
    stored = week_templates.lines_of(template)
    if request.method != "POST":
        form = NameForm(initial={"name": template.name, "version": template.version})
        return _page(request, form, Lines(initial=initial_of(stored), form_kwargs=_kwargs(stored)), template)
    form, sent = NameForm(request.POST), Lines(request.POST, form_kwargs=_kwargs(stored))
    if not (form.is_valid() and sent.is_valid()):
        return _page(request, form, sent, template, status=422)
    lines = [each.line() for each in sent if each.is_wanted]
    fields = {"version": form.cleaned_data["version"] or 0, "name": form.cleaned_data["name"]}
    try:
        with refusals_on(form):
            changed = week_templates.change(actor, template.pk, lines=lines, **fields)
            messages.success(request, _("Template “%(name)s” saved") % {"name": changed.name})
            return redirect("week-templates", slug=slug)
    except Conflict:
        form.add_error(None, _("This template was changed in the meantime. Open it again, then change it."))
        return _page(request, form, sent, template, status=409)
    return _page(request, form, sent, template, status=422)


@requires(Permission.LOG_TIME, feature=FEATURE)
@require_POST
def delete(request: Request, slug: str, template_id: int) -> HttpResponse:
    """Deletes it at once, with Undo."""
    template = week_templates.delete(request.membership, template_id)
    undo_url = reverse("week-template-restore", args=[slug, template_id])
    messages.success(request, _("Template “%(name)s” deleted") % {"name": template.name}, extra_tags=undo_url)
    return redirect("week-templates", slug=slug)


@requires(Permission.LOG_TIME, feature=FEATURE)
@require_POST
def restore(request: Request, slug: str, template_id: int) -> HttpResponse:
    """Brings a deleted one back."""
    try:
        template = week_templates.restore(request.membership, template_id)
    except RuleViolation as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Template “%(name)s” restored") % {"name": template.name})
    return redirect("week-templates", slug=slug)


def _week(request: Request, text: str) -> dt.date:
    """First day of the week that an address names, else of today's."""
    day = read_day(text)
    if day is None or day.year not in YEARS:
        day = request.membership.today()
    return weeks.week_containing(day, first_weekday=request.organisation.first_weekday)


def _kwargs(lines: Any) -> dict[str, Any]:
    """The work types that lines can have: those in use, and those that stored lines have."""
    used = [line.work_type.pk for line in lines if line.work_type is not None]
    rows = WorkType.objects.filter(Q(archived_at=None) | Q(pk__in=used)).order_by("name", "pk")
    return {"work_types": {row.pk: row for row in rows}}


def _page(
    request: Request, form: NameForm, lines: Any, template: WeekTemplate | None, status: int = 200
) -> HttpResponse:
    actor, slug = request.membership, request.organisation.slug
    groups = picker.suggestions(actor)
    offered = {option.value for group in groups for option in group.options}
    context = {
        "form": form,
        "lines": lines,
        "rows": [(each, _shown(actor, each, offered)) for each in lines],
        "groups": groups,
        "title": template.name if template is not None else _("New template"),
        "template": template,
        "list_url": reverse("week-templates", args=[slug]),
        "delete_url": reverse("week-template-delete", args=[slug, template.pk]) if template is not None else "",
        "has_errors": status != 200,
    }
    return render(request, f"{FOLDER}/template.html", context, status=status)


def _shown(actor: Membership, line: Any, offered: set[str]) -> picker.Option | None:
    """The record of a line that is not among the suggestions."""
    if not line.option or line.option in offered:
        return None
    record = picker.find(line.option)
    return picker.option(record, actor) if record is not None else None
