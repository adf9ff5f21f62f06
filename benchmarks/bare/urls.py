from django.urls import path

from benchmarks.bare.views import week

urlpatterns = [path("bare/<int:member_id>/<str:first>/<str:last>/", week)]
