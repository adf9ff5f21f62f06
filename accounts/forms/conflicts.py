"""A stale edit shows both versions: what was typed stays in the form, what is stored stands above it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

from timesheets_site.lib import dates


def show_stored(form: Any, current: Any) -> None:
    """Tell on a bound ModelForm how the record is now; sent again, the form decides against that version."""
    stored = type(current).objects.get(pk=current.pk)
    lines = []
    for name, typed in form.cleaned_data.items():
        if name in form.Meta.fields and getattr(stored, name) != typed:
            shown = getattr(stored, f"get_{name}_display", lambda name=name: getattr(stored, name))()
            in_words = getattr(form.fields[name], "in_words", _words)
            lines.append(_("%(field)s: %(value)s") % {"field": form.fields[name].label, "value": in_words(shown)})
    form.data = form.data.copy()
    form.data["version"] = str(stored.version)
    theirs = "; ".join(lines) or _("nothing that differs from yours")
    text = _("Somebody changed this in the meantime. Stored is: %(theirs)s. Save again to put yours in its place.")
    form.add_error(None, text % {"theirs": theirs})


def _words(value: Any) -> str:
    if value is None or value == "":
        return _("empty")
    if isinstance(value, bool):
        return _("on") if value else _("off")
    if isinstance(value, dt.time):
        return f"{value:%H:%M}"
    if isinstance(value, dt.date):
        return dates.full(value)
    return str(value)
