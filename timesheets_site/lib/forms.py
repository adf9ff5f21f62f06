"""What forms of every app share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.forms import BaseForm

from timesheets_site.lib.errors import RuleViolation


@contextmanager
def refusals_on(form: BaseForm) -> Iterator[None]:
    """A service's RuleViolation becomes an error of its field, or of the whole form where that field is not shown."""
    try:
        yield
    except RuleViolation as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal.message))
