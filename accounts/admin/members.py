"""Members, the people behind them, and invitations."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import sessions
from accounts.admin_base.forms import ServiceForm
from accounts.admin_base.records import OrganisationAdmin, ServiceAdmin
from accounts.admin_paths import outside
from accounts.forms.working_time import WeekdaysField
from accounts.models import Invitation, Membership, User
from accounts.permissions import Permission
from accounts.services import invitations, members


class MemberForm(ServiceForm):
    working_weekdays = WeekdaysField(label=_("Working days"))


@admin.register(Membership)
class MembershipAdmin(ServiceAdmin):
    form = MemberForm
    permission = Permission.MANAGE_MEMBERS
    list_display = ("display_name", "role", "line_manager", "weekly_capacity_minutes", "is_active")
    list_filter = ("role", "is_active")
    list_select_related = ("line_manager",)
    search_fields = ("display_name", "employee_number")
    fields = (
        "display_name",
        "user",
        "role",
        "line_manager",
        "employee_number",
        "weekly_capacity_minutes",
        "working_weekdays",
        "holiday_calendar",
        "default_work_role",
        "sees_rates",
        "issues_invoices",
        "is_active",
        "joined_at",
    )
    readonly_fields = ("display_name", "user", "joined_at")
    autocomplete_fields = ("line_manager", "default_work_role")

    def changeform_view(
        self, request: Any, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Roles are sensitive: password and code are asked for again when the last check is too long ago."""
        if not sessions.is_fresh(request):
            with outside():
                return sessions.confirm_first(request)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def edit(
        self, actor: Membership, row: Membership, version: int, fields: dict[str, Any], changed: list[str]
    ) -> Membership:
        stays_active = fields.pop("is_active")
        member = members.edit(actor, row.pk, version=version, **fields)
        if member.is_active == stays_active:
            return member
        switch = members.reactivate if stays_active else members.deactivate
        return switch(actor, row.pk, version=member.version)


@admin.register(User)
class UserAdmin(OrganisationAdmin):
    """The people who are members here: who they are, and nothing that opens their account."""

    permission = Permission.MANAGE_MEMBERS
    list_display = ("name", "email", "is_active", "date_joined")
    search_fields = ("name", "email")
    ordering = ("name", "pk")
    fields = ("name", "email", "is_active", "time_zone", "date_joined")

    def get_queryset(self, request: Any) -> QuerySet[User]:
        return super().get_queryset(request).filter(pk__in=Membership.objects.values("user"))


@admin.register(Invitation)
class InvitationAdmin(ServiceAdmin):
    """To read and revoke; inviting is on the Members page."""

    permission = Permission.MANAGE_MEMBERS
    list_display = ("email", "role", "invited_by", "created_at", "expires_at", "accepted_at", "revoked_at")
    list_filter = ("role",)
    list_select_related = ("invited_by",)
    search_fields = ("email",)
    fields = ("email", "role", "invited_by", "created_at", "expires_at", "accepted_at", "revoked_at")
    actions = ("revoke",)

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    @admin.action(description=_("Revoke the chosen invitations"))
    def revoke(self, request: Any, queryset: QuerySet[Invitation]) -> None:
        done = self.for_each(request, queryset, lambda actor, row: invitations.revoke(actor, row.pk))
        if done:
            words = ngettext("%(count)s invitation revoked.", "%(count)s invitations revoked.", done)
            self.message_user(request, words % {"count": done}, messages.SUCCESS)
