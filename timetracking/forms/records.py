"""The record in a form: picked from the list, or named by a typed reference."""

from __future__ import annotations

from typing import Any

from django import forms

from timetracking.selectors import picker


def chosen_record(form: forms.Form, data: dict[str, Any], otherwise: Any) -> Any | None:
    """What `record` picked, else what `reference` names; None where both are empty.

    `otherwise` is the error on `record` where neither leads to a record.
    """
    reference = (data.get("reference") or "").strip()
    picked = data.get("record")
    found = picker.find(picked) if picked else picker.find_reference(reference) if reference else None
    if found is None and (picked or reference):
        form.add_error("record", otherwise)
    return found
