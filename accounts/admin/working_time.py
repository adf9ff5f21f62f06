"""Dated changes of members' hours, and days off, to find and to add; they are changed on the member's page."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import weekdays
from accounts.admin_base.forms import ServiceForm
from accounts.admin_base.records import ServiceAdmin
from accounts.forms.working_time import WeekdaysField
from accounts.models import CapacityChange, DayOff, Membership
from accounts.models.working_time import MONDAY_TO_FRIDAY
from accounts.permissions import Permission
from accounts.services import working_time


class WeekdaysForm(ServiceForm):
    working_weekdays = WeekdaysField(label=_("Working days"), initial=MONDAY_TO_FRIDAY)


class WorkingTimeAdmin(ServiceAdmin):
    """Lines without a version of their own: each is added and removed, and read in between."""

    permission = Permission.MANAGE_MEMBERS
    autocomplete_fields = ("member",)
    list_select_related = ("member",)
    search_fields: ClassVar[tuple[str, ...]] = ("member__display_name",)
    actions = ("remove",)

    def has_add_permission(self, request: Any) -> bool:
        return self.has_view_permission(request)

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return obj is None and self.has_view_permission(request)

    def take_away(self, actor: Membership, row: Any) -> object:
        raise NotImplementedError

    @admin.action(description=_("Remove the chosen lines"))
    def remove(self, request: Any, queryset: QuerySet[Any]) -> None:
        if done := self.for_each(request, queryset, self.take_away):
            words = ngettext("%(count)s line removed.", "%(count)s lines removed.", done)
            self.message_user(request, words % {"count": done}, messages.SUCCESS)


@admin.register(CapacityChange)
class CapacityChangeAdmin(WorkingTimeAdmin):
    form = WeekdaysForm
    list_display = ("member", "starts_on", "weekly_capacity_minutes", "days")
    fields = ("member", "starts_on", "weekly_capacity_minutes", "working_weekdays")

    @admin.display(description=_("working days"))
    def days(self, change: CapacityChange) -> str:
        return weekdays.in_words(change.working_weekdays)

    def create(self, actor: Membership, fields: dict[str, Any]) -> CapacityChange:
        member = fields.pop("member")
        return working_time.add_change(actor, member.pk, **fields)

    def take_away(self, actor: Membership, row: CapacityChange) -> object:
        return working_time.remove_change(actor, row.member_id, row.pk)


@admin.register(DayOff)
class DayOffAdmin(WorkingTimeAdmin):
    """Without a member it is everybody's."""

    list_display = ("name", "member", "first_on", "last_on", "part")
    list_filter = ("part",)
    search_fields = ("name", "member__display_name")
    fields = ("member", "name", "first_on", "last_on", "part")

    def create(self, actor: Membership, fields: dict[str, Any]) -> DayOff:
        member = fields.pop("member")
        return working_time.add_day_off(actor, member.pk if member else None, **fields)

    def take_away(self, actor: Membership, row: DayOff) -> object:
        return working_time.remove_day_off(actor, row.member_id, row.pk)
