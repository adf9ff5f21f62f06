"""What the schemas of this surface's answers have in common."""

from __future__ import annotations

from typing import Any

from ninja import Schema
from pydantic import ConfigDict


def _whichever(schema: dict[str, Any]) -> None:
    schema.pop("required", None)


class Chosen(Schema):
    """An object of which a caller may choose the fields (`fields=id,name`): so none of them is always there."""

    model_config = ConfigDict(json_schema_extra=_whichever)
