"""The product's addresses: all under /o/<slug>/, one list per noun."""

from timetracking.urls import catalogue, periods, time

urlpatterns = [*time.urlpatterns, *catalogue.urlpatterns, *periods.urlpatterns]
