"""Records named by an id in an address or a body, found among what the key's organisation has."""

from __future__ import annotations

from django.core.exceptions import ValidationError

from accounts.models import Membership
from accounts.permissions import Permission, require
from timesheets_site.lib.errors import OutOfReach
from timetracking.api.grow.api import known
from timetracking.models import Project, Task


def task_of(actor: Membership, task_id: int) -> Task:
    """The task with all that follows from it. Raises OutOfReach."""
    require(actor, Permission.VIEW_CATALOGUE)
    rows = Task.objects.select_related("project__client", "project__agreement")
    task: Task | None = rows.filter(pk=known(task_id)).first()
    if task is None:
        raise OutOfReach
    return task


def project_of(actor: Membership, project_id: int) -> Project:
    """Raises OutOfReach."""
    require(actor, Permission.VIEW_CATALOGUE)
    project: Project | None = Project.objects.select_related("client", "manager").filter(pk=known(project_id)).first()
    if project is None:
        raise OutOfReach
    return project


def member_named(actor: Membership, user_id: int) -> Membership:
    """A member of the actor's organisation, as a body names them. Raises ValidationError on user_id."""
    member: Membership | None = Membership.objects.select_related("user").filter(pk=user_id).first()
    if member is None:
        raise ValidationError({"user_id": ["The selected user id is invalid."]})
    member.organisation = actor.organisation
    return member
