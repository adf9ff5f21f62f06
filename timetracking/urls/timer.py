"""The timer: one's own, everybody's, and time that waits to be placed."""

from django.urls import URLPattern, path

from timetracking.views import time_to_place, timer, timers_of_all

urlpatterns: list[URLPattern] = [
    path("o/<slug:slug>/timer/", timer.show, name="timer"),
    path("o/<slug:slug>/timer/start/", timer.start, name="timer-start"),
    path("o/<slug:slug>/timer/stop/", timer.stop, name="timer-stop"),
    path("o/<slug:slug>/timer/discard/", timer.discard, name="timer-discard"),
    path("o/<slug:slug>/timer/resume/", timer.resume, name="timer-resume"),
    path("o/<slug:slug>/timer/change/", timer.change, name="timer-change"),
    path("o/<slug:slug>/timer/to-place/", time_to_place.show, name="time-to-place"),
    path("o/<slug:slug>/timer/to-place/<id:piece_id>/", time_to_place.place, name="piece-place"),
    path("o/<slug:slug>/timer/to-place/<id:piece_id>/drop/", time_to_place.drop, name="piece-drop"),
    path("o/<slug:slug>/timer/to-place/<id:piece_id>/bring-back/", time_to_place.bring_back, name="piece-bring-back"),
    path("o/<slug:slug>/timers/", timers_of_all.show, name="timers"),
    path("o/<slug:slug>/timers/stop-all/", timers_of_all.stop_all, name="timers-stop-all"),
]
