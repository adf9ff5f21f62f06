"""The targets of members over some days: two queries, whoever and however many they are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from accounts import working_time
from accounts.models import Membership, Organisation
from accounts.working_time import Person
from timetracking.rules import targets
from timetracking.rules.targets import Targets


def targets_of(
    organisation: Organisation, members: Collection[Person], first: dt.date, last: dt.date
) -> dict[int, Targets]:
    """By the members' ids, for the days from `first` to `last`, both included; no query for nobody."""
    return targets.of(working_time.read(organisation, members, first, last))


def own_targets(member: Membership, first: dt.date, last: dt.date) -> Targets:
    """Those of one member."""
    return targets_of(member.organisation, [member], first, last)[member.pk]
