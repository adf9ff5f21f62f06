"""/ical/: what calendar programs read."""

from django.urls import path

from timetracking.views.calendar_feed import calendar_feed

urlpatterns = [
    path("ical/<str:token>.ics", calendar_feed, name="calendar-feed"),
]
