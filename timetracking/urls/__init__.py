"""The product's addresses: all under /o/<slug>/, one list per noun."""

from timetracking.urls import catalogue, time

urlpatterns = [*time.urlpatterns, *catalogue.urlpatterns]
