"""The search of every page."""

from django.urls import URLPattern, path

from timetracking.views import search

urlpatterns: list[URLPattern] = [path("o/<slug:slug>/search/", search.show, name="search")]
