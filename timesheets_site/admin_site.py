"""Django's admin, for one organisation at a time: `/o/<slug>/admin/` (accounts.admin_paths tells how)."""

from __future__ import annotations

from functools import update_wrapper
from typing import Any

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.urls import URLPattern, URLResolver, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect

from accounts import admin_paths
from accounts.admin_base.records import OrganisationAdmin
from accounts.models import Organisation
from accounts.permissions import Permission, can

NOT_HERE = frozenset({"login", "logout", "password_change", "password_change_done", "view_on_site"})


class OrganisationAdminSite(admin.AdminSite):
    """Who may enter is decided by the gate. Signing in and out, and passwords, are the product's own pages."""

    site_title = gettext_lazy("Timesheets admin")
    index_title = gettext_lazy("Records")

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Only what is confined to an organisation. Other apps register devices, groups and more: these stay out."""
        if admin_class is not None and issubclass(admin_class, OrganisationAdmin):
            super().register(model_or_iterable, admin_class, **options)

    def has_permission(self, request: Any) -> bool:
        member = request.membership
        return member is not None and request.user.is_verified() and can(member, Permission.USE_ADMIN)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """The gate has decided before; this asks again, so that a view without its sign stays closed too."""

        def inner(request: Any, *args: Any, **kwargs: Any) -> Any:
            if not self.has_permission(request):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return update_wrapper(csrf_protect(inner if cacheable else never_cache(inner)), view)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        patterns = [pattern for pattern in super().get_urls() if getattr(pattern, "name", None) not in NOT_HERE]
        admin_paths.behind_the_gate(patterns)
        return patterns

    def each_context(self, request: Any) -> dict[str, Any]:
        organisation: Organisation = request.organisation
        context = super().each_context(request)
        with admin_paths.outside():
            has_week = organisation.has_feature(Organisation.Feature.TIMESHEETS)
            context["site_url"] = reverse("week" if has_week else "settings-general", args=[organisation.slug])
            context["sign_out_url"] = reverse("logout")
        context["site_header"] = _("%(organisation)s: admin") % {"organisation": organisation.name}
        return context

    def get_log_entries(self, request: Any) -> QuerySet[LogEntry]:
        """Django's own log knows no organisation and stays empty: the audit trail tells what was done."""
        return LogEntry.objects.none()
