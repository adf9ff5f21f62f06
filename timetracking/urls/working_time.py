"""What is expected of a member."""

from django.urls import path

from timetracking.views import working_time

urlpatterns = [path("o/<slug:slug>/working-time/", working_time.show, name="working-time")]
