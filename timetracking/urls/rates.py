"""Re-rating, among the organisation's settings."""

from django.urls import path

from timetracking.views import rerating

urlpatterns = [
    path("o/<slug:slug>/settings/rates/rerate/", rerating.show, name="rerate"),
    path("o/<slug:slug>/settings/rates/rerate/changes.csv", rerating.export, name="rerate-export"),
]
