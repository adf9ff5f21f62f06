"""Webhooks of an organisation: the list, one with its log, and everything that is done with them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import once
from accounts.access import requires
from accounts.permissions import Permission
from accounts.requests import Request
from timesheets_site.lib.errors import Conflict
from timesheets_site.lib.forms import refusals_on
from timetracking.forms.webhooks import WebhookForm
from timetracking.selectors.webhooks import hook_page, hooks_of
from timetracking.services import webhooks

FOLDER, FEATURE = "timetracking/webhooks", "timesheets"
METHODS = ["GET", "HEAD", "POST"]
ADMIN = requires(Permission.MANAGE_WEBHOOKS, feature=FEATURE)


@ADMIN
@require_safe
def listing(request: Request, slug: str) -> HttpResponse:
    context = {"hooks": hooks_of(request.membership), "page": "webhooks"}
    return render(request, f"{FOLDER}/list.html", context)


@ADMIN
@require_http_methods(METHODS)
def new(request: Request, slug: str) -> HttpResponse:
    """Made, the answer is the page that shows the secret: the only time."""
    form = WebhookForm(request.POST if request.method == "POST" else None, initial={"key": once.new_key()})
    if form.is_valid():
        made: list[webhooks.Secret] = []

        def make() -> webhooks.Webhook:
            made.append(webhooks.create(request.membership, **form.values()))
            return made[0].webhook

        with refusals_on(form):
            fingerprint = once.fingerprint(form.values())
            key = form.cleaned_data["key"]
            hook_id, _again = once.once(request.membership, key, "webhook.created", make, fingerprint=fingerprint)
            if not made:  # sent twice: the first answer showed the secret
                return redirect("webhook", slug=slug, hook_id=hook_id)
            return _secret(request, made[0])
    context = {"form": form, "page": "webhooks", "title": _("New webhook")}
    return render(request, f"{FOLDER}/form.html", context, status=422 if form.errors else 200)


@ADMIN
@require_http_methods(METHODS)
def edit(request: Request, slug: str, hook_id: int) -> HttpResponse:
    shown = hook_page(request.membership, hook_id, "1", timezone.now())
    hook = shown.hook
    first = {"url": hook.url, "events": hook.events, "version": hook.version}
    form = WebhookForm(request.POST if request.method == "POST" else None, initial=first)
    status = 200
    if form.is_valid():
        try:
            with refusals_on(form):
                version = form.cleaned_data["version"]
                webhooks.change(request.membership, hook_id, version=version, **form.values())
                messages.success(request, _("Changes saved."))
                return redirect("webhook", slug=slug, hook_id=hook_id)
        except Conflict as conflict:
            words = _(
                "Somebody changed this webhook in the meantime: it goes to %(url)s now. Save again to have yours."
            )
            typed = request.POST.copy()
            typed["version"] = str(conflict.current.version)
            form = WebhookForm(typed)
            form.add_error(None, words % {"url": conflict.current.url})
            status = 409
    if form.errors and status == 200:
        status = 422
    context = {"form": form, "page": "webhooks", "title": _("Change webhook"), "hook": hook}
    return render(request, f"{FOLDER}/form.html", context, status=status)


@ADMIN
@require_safe
def show(request: Request, slug: str, hook_id: int) -> HttpResponse:
    shown = hook_page(request.membership, hook_id, request.GET.get("page", "1"), timezone.now())
    return render(request, f"{FOLDER}/show.html", {"shown": shown, "page": "webhooks"})


@ADMIN
@require_POST
def switch(request: Request, slug: str, hook_id: int) -> HttpResponse:
    on = request.POST.get("on") == "1"
    webhooks.switch(request.membership, hook_id, on=on)
    messages.success(request, _("Switched on.") if on else _("Switched off. What waits is kept."))
    return redirect("webhook", slug=slug, hook_id=hook_id)


@ADMIN
@require_POST
def renew_secret(request: Request, slug: str, hook_id: int) -> HttpResponse:
    return _secret(request, webhooks.renew_secret(request.membership, hook_id))


@ADMIN
@require_POST
def send_test(request: Request, slug: str, hook_id: int) -> HttpResponse:
    webhooks.send_test(request.membership, hook_id)
    messages.success(request, _("A test message is on its way. Look at the log in a few seconds."))
    return redirect("webhook", slug=slug, hook_id=hook_id)


@ADMIN
@require_POST
def replay(request: Request, slug: str, hook_id: int, message_id: int) -> HttpResponse:
    webhooks.replay(request.membership, hook_id, message_id)
    messages.success(request, _("The message is sent again."))
    return redirect("webhook", slug=slug, hook_id=hook_id)


@ADMIN
@require_http_methods(METHODS)
def delete(request: Request, slug: str, hook_id: int) -> HttpResponse:
    shown = hook_page(request.membership, hook_id, "1", timezone.now())
    if request.method == "POST":
        webhooks.delete(request.membership, hook_id)
        messages.success(request, _("Webhook deleted."))
        return redirect("webhooks", slug=slug)
    return render(request, f"{FOLDER}/delete.html", {"hook": shown.hook, "page": "webhooks"})


def _secret(request: Request, secret: webhooks.Secret) -> HttpResponse:
    return render(request, f"{FOLDER}/secret.html", {"secret": secret, "page": "webhooks"})
