"""The form that hands approvals over. It cleans; the service decides."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import once
from accounts.forms.days import check_range, day_input
from accounts.models import Membership
from accounts.permissions import Permission, can
from timetracking.models.approving import approving_members


class HandoverForm(forms.Form):
    """Admins also choose whose approvals they hand over."""

    approver = forms.ModelChoiceField(Membership.objects.none(), label=_("Whose approvals"))
    stand_in = forms.ModelChoiceField(
        Membership.objects.none(),
        label=_("To"),
        empty_label=_("Choose a colleague"),
        error_messages={"required": _("Choose a colleague.")},
    )
    first_on = forms.DateField(label=_("First day"), widget=day_input(), validators=[check_range])
    last_on = forms.DateField(
        label=_("Last day"), widget=day_input(), validators=[check_range], help_text=_("Both days are included.")
    )
    key = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, actor: Membership) -> None:
        today = actor.today()
        initial = {"approver": actor.pk, "first_on": today, "last_on": today, "key": once.new_key()}
        super().__init__(data, initial=initial)
        people: Any = approving_members().order_by("display_name", "pk")
        fields: dict[str, Any] = self.fields
        if can(actor, Permission.MANAGE_MEMBERS):
            fields["approver"].queryset = fields["stand_in"].queryset = people
        else:
            fields["stand_in"].queryset = people.exclude(pk=actor.pk)
            del fields["approver"]
