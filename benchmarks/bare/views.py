from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from benchmarks.bare.models import Entry


@login_required
def week(request: HttpRequest, member_id: int, first: str, last: str) -> HttpResponse:
    """A member's entries of some days, in one query and one table."""
    entries = Entry.objects.filter(
        member_id=member_id, date__gte=first, date__lte=last, deleted_at__isnull=True
    ).order_by("date", "pk")
    return render(request, "bare/week.html", {"entries": entries})


def entries(request: HttpRequest, count: int) -> HttpResponse:
    """The newest entries of an organisation with all their columns, as JSON."""
    from timetracking.api.native.entry_records import COLUMNS
    from timetracking.models import TimeEntry

    rows = TimeEntry.unscoped.filter(organisation_id=1, deleted_at__isnull=True).order_by("-pk")
    return JsonResponse({"items": list(rows.values(*COLUMNS)[:count])})
