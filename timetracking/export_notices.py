"""What members are told about the files that they asked for."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Organisation
from accounts.notice_kinds import Choice, Kind, Values, Words
from accounts.permissions import Permission
from timesheets_site.lib.addresses import address


def _ready(values: Values, zone: dt.tzinfo) -> Words:
    line = _("Your export is ready: %(title)s") % {"title": values["title"]}
    return Words(line, (_("Only you can fetch it. The page says how long it is kept."),), action=_("Open exports"))


def _failed(values: Values, zone: dt.tzinfo) -> Words:
    line = _("Your export could not be made: %(title)s") % {"title": values["title"]}
    return Words(line, (_("The page says why, and lets you ask again."),), action=_("Open exports"))


def _exports(slug: str, values: Values) -> str:
    return address("exports", slug)


FINISHED = Choice(
    "export.finished",
    gettext_lazy("My export is ready"),
    gettext_lazy("A file that you asked for can be fetched, or could not be made."),
    mail=False,
    permission=Permission.ASK_EXPORT,
    feature=Organisation.Feature.TIMESHEETS,
)
KINDS = (
    Kind("export.ready", FINISHED, _ready, _exports),
    Kind("export.failed", FINISHED, _failed, _exports),
)
