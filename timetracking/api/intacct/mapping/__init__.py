"""The objects of this format by name: what may be read of each, and where it is stored."""

from __future__ import annotations

from timetracking.api.intacct.mapping.approval_records import APPROVAL_RECORDS
from timetracking.api.intacct.mapping.fields import Field, Kind, Object, nested, read
from timetracking.api.intacct.mapping.lines import LINES
from timetracking.api.intacct.mapping.records import CUSTOMERS, EMPLOYEES_OBJECT, PROJECTS, TASKS, TIME_TYPES
from timetracking.api.intacct.mapping.timesheets import TIMESHEETS

__all__ = ["APPROVAL_RECORDS", "LINES", "OBJECTS", "RECORDS", "TIMESHEETS", "Field", "Kind", "Object", "nested", "read"]

RECORDS = (TIME_TYPES, EMPLOYEES_OBJECT, PROJECTS, TASKS, CUSTOMERS)
OBJECTS: dict[str, Object] = {each.name: each for each in (TIMESHEETS, LINES, APPROVAL_RECORDS, *RECORDS)}
