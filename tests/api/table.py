"""Who gets what from every address of the APIs: one list of rows for each surface (`tests/api/<surface>/rows.py`).

`answers` are those of five callers: nobody, and a key of the agent, the manager and the admin of Acme, and of the admin
of another organisation, who asks with Acme's ids. The path may name ids of `tests.filled` in braces: `{entry_id}`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

CALLERS = ("nobody", "carol", "bob", "alice", "mallory")


@dataclass(frozen=True)
class Row:
    method: str
    name: str
    """Of the address, as `timetracking.api.surface.mount` calls it: "connectwise.list_entries"."""
    path: str
    answers: str
    """Like "401 200 200 200 404"."""
    body: Any = None
    headers: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", self.name.replace(":", ".", 1))
