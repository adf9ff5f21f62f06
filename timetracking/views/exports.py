"""Files made in the background: one's own list, asking for one, fetching it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import once
from accounts.access import requires
from accounts.permissions import Permission
from accounts.requests import Request
from timesheets_site.lib import texts
from timesheets_site.lib.errors import RuleViolation
from timesheets_site.lib.htmx import render_page
from timetracking.exports import entry_exports
from timetracking.forms.exports import EntriesForm
from timetracking.selectors.exports import exports_of
from timetracking.services import export_jobs

FEATURE = "timesheets"
PAGE, LIST = "timetracking/exports/page.html", "timetracking/exports/_list.html"
NOT_PARAMETERS = ("csrfmiddlewaretoken", "kind", "format", "key")
TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


@requires(Permission.ASK_EXPORT, feature=FEATURE)
@require_safe
def show(request: Request, slug: str) -> HttpResponse:
    """The list with the form; asked by htmx, the list alone."""
    return _page(request)


@requires(Permission.ASK_EXPORT, feature=FEATURE)
@require_POST
def ask(request: Request, slug: str) -> HttpResponse:
    """What any page posts that offers a file: see services.export_jobs. A refusal shows above the list."""
    actor, data = request.membership, request.POST
    kind, file_format = data.get("kind", ""), data.get("format", "")
    parameters = {name: str(value) for name, value in data.items() if name not in NOT_PARAMETERS and value}
    form = EntriesForm(data, actor=actor, kind=kind) if kind == entry_exports.CODE else None
    if form is not None and not form.is_valid():
        return _page(request, form)
    try:
        if kind not in export_jobs.KINDS:
            raise RuleViolation("export_kind_unknown", _("Choose what to export."))
        once.once(
            actor,
            texts.readable(data.get("key", ""), ""),
            "export.asked",
            lambda: export_jobs.ask(actor, kind, parameters, file_format=file_format),
            fingerprint=once.fingerprint({**parameters, "kind": kind, "format": file_format}),
        )
    except RuleViolation as refusal:
        if form is None:
            return _page(request, refusal=str(refusal))
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return _page(request, form)
    messages.success(request, _("The file is being made. You are told when it is ready."))
    return redirect("exports", slug=slug)


@requires(Permission.ASK_EXPORT, feature=FEATURE)
@require_safe
def fetch(request: Request, slug: str, job_id: int) -> FileResponse:
    """The file, for who asked for it."""
    job = export_jobs.ready_for(request.membership, job_id)
    try:
        stored = export_jobs.storage().open(export_jobs.stored_as(job))
    except FileNotFoundError as gone:
        raise Http404 from gone
    content_type = TYPES[job.parameters.get(export_jobs.FORMAT, "csv")]
    response = FileResponse(stored, as_attachment=True, filename=job.file_name, content_type=content_type)
    response["Content-Encoding"] = "identity"  # its length is told, so that a browser shows how far it is
    return response


@requires(Permission.ASK_EXPORT, feature=FEATURE)
@require_POST
def cancel(request: Request, slug: str, job_id: int) -> HttpResponse:
    job = export_jobs.cancel(request.membership, job_id)
    if job.state == job.State.CANCELLED:
        messages.success(request, _("“%(title)s” is cancelled.") % {"title": job.title})
    else:
        messages.info(request, _("“%(title)s” was ready before it could be cancelled.") % {"title": job.title})
    return redirect("exports", slug=slug)


@requires(Permission.ASK_EXPORT, feature=FEATURE)
@require_POST
def delete(request: Request, slug: str, job_id: int) -> HttpResponse:
    job = export_jobs.delete(request.membership, job_id)
    messages.success(request, _("The file of “%(title)s” is deleted.") % {"title": job.title})
    return redirect("exports", slug=slug)


@requires(Permission.ASK_EXPORT, feature=FEATURE)
@require_POST
def again(request: Request, slug: str, job_id: int) -> HttpResponse:
    try:
        export_jobs.ask_again(request.membership, job_id)
    except RuleViolation as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The file is being made. You are told when it is ready."))
    return redirect("exports", slug=slug)


def _page(request: Request, form: EntriesForm | None = None, *, refusal: str = "") -> HttpResponse:
    """`form` is one that was refused; `refusal` says why what another page asked for was."""
    actor = request.membership
    context: dict[str, Any] = {
        "form": form or EntriesForm(actor=actor, kind=entry_exports.CODE),
        "refusal": refusal,
        "exports": exports_of(actor, page=request.GET.get("page", "1")),
        "here": request.get_full_path() if request.method == "GET" else "",
        "slug": request.organisation.slug,
    }
    return render_page(request, PAGE, LIST, context, status=422 if form or refusal else 200)
