"""Records by what this format calls them: a key, or the id that people gave. Unknown ones answer 404."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from accounts.models import Membership
from timesheets_site.lib.errors import OutOfReach
from timesheets_site.lib.numbers import fits
from timetracking.api.intacct.bodies import Ref
from timetracking.models import Client, Project, Task, WorkType

DIGITS = 19


def number(text: str) -> int | None:
    """An id of ours; None for what can't be one.

    >>> number("973"), number("E-001"), number("9" * 30), number("٣")
    (973, None, None, None)
    """
    if not text.isascii() or not text.isdigit() or len(text) > DIGITS:
        return None
    value = int(text)
    return value if fits(value) else None


class Finder:
    """What one call points at, each record looked up once."""

    def __init__(self, asker: Membership) -> None:
        self.asker = asker
        self._known: dict[tuple[Any, ...], Any] = {}

    def project(self, ref: Ref) -> Project:
        rows = Project.objects.select_related("client", "agreement")
        found: Project = self._one("project", rows, ref, lambda text: rows.filter(code=text))
        return found

    def task(self, ref: Ref, project: Project | None) -> Task:
        """By key; by name within the project that stands beside it."""
        rows = Task.objects.select_related("project__client", "project__agreement")

        def named(text: str) -> Any:
            return rows.filter(project=project, name=text) if project is not None else rows.none()

        found: Task = self._one(("task", project and project.pk), rows, ref, named)
        return found

    def client(self, ref: Ref) -> Client:
        rows = Client.objects.order_by("pk")
        found: Client = self._one("client", rows, ref, lambda text: rows.filter(identifier=text))
        return found

    def work_type(self, ref: Ref) -> WorkType:
        rows = WorkType.objects.all()
        found: WorkType = self._one("work_type", rows, ref, lambda text: rows.filter(name=text))
        return found

    def member(self, ref: Ref) -> Membership:
        rows = Membership.objects.select_related("user")
        found: Membership = self._one("member", rows, ref, lambda text: rows.filter(employee_number=text))
        found.organisation = self.asker.organisation
        return found

    def _one(self, kind: Any, rows: Any, ref: Ref, named: Callable[[str], Any]) -> Any:
        """By its key where one was sent; else by its id, which is the key of what has none. Raises OutOfReach."""
        asked = (kind, ref.key, ref.id)
        if asked not in self._known:
            if ref.key:
                self._known[asked] = self._by_key(rows, ref.key)
            else:
                self._known[asked] = named(ref.id).first() or self._by_key(rows, ref.id)
        if self._known[asked] is None:
            raise unknown(f"{ref.at}.{'key' if ref.key else 'id'}")
        return self._known[asked]

    def _by_key(self, rows: Any, text: str) -> Any:
        key = number(text)
        return rows.filter(pk=key).first() if key is not None else None


def unknown(place: str) -> OutOfReach:
    """404 that names the place in the body."""
    error = OutOfReach()
    error.field = place
    return error
