"""In which shape an address answers a refusal: the APIs say it here, and even their unknown paths speak their words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from django.http import HttpRequest, HttpResponse


@dataclass(frozen=True)
class Refusal:
    """What is refused and why. `code` is for programs, `errors` names fields: {"minutes": ["Enter …"]}."""

    status: int
    code: str = ""
    message: str = ""
    errors: Mapping[str, list[str]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


Shape = Callable[[HttpRequest, Refusal], HttpResponse]
SHAPES: dict[str, Shape] = {}
"""{beginning of a path, with its slash: shape}; the longest that fits counts. Apps add theirs when they start."""


def shape_of(path: str) -> Shape | None:
    """The shape of the API that this path belongs to; None for pages.

    >>> shape_of("/o/acme/timesheets/") is None
    True
    """
    if not path.endswith("/"):
        path += "/"
    fitting = [beginning for beginning in SHAPES if path.startswith(beginning)]
    return SHAPES[max(fitting, key=len)] if fitting else None
