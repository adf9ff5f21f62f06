"""/ical/<secret>.ics: a person's time for their calendar program. The secret in the address is all that is asked."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.views.decorators.http import require_safe

from accounts import rate_limits
from accounts.access import public
from accounts.services import calendar_feeds
from timetracking.exports import calendar

REQUESTS_A_MINUTE = 60


@public
@require_safe
def calendar_feed(request: HttpRequest, token: str) -> HttpResponse:
    """The feed; 304 where the calendar has it already, found out without building it; 404 for a wrong secret."""
    feed = calendar_feeds.find(token)
    if feed is None:
        raise Http404
    if not rate_limits.take(f"calendar:{feed.user_id}", REQUESTS_A_MINUTE):
        wait = str(rate_limits.seconds_until_next())
        return HttpResponse("Too many requests.", status=429, content_type="text/plain", headers={"Retry-After": wait})
    calendar_feeds.note_use(feed)
    host = request.get_host().partition(":")[0]
    state = calendar.state_of(feed.user, host)
    # Only the tag decides: what was deleted last is not in the feed, so no date tells of it.
    known = get_conditional_response(request, etag=state.etag)
    response = known or HttpResponse(calendar.calendar_of(feed.user, host), content_type="text/calendar; charset=utf-8")
    response["ETag"] = state.etag
    response["Cache-Control"] = "private, no-cache"
    response["Referrer-Policy"] = "no-referrer"
    if known is None:
        response["Content-Disposition"] = 'inline; filename="timesheets.ics"'
        response["Last-Modified"] = http_date((state.changed_at or feed.created_at).timestamp())
    return response
