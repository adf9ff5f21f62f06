from django.urls import path

from benchmarks.bare.views import entries, week

urlpatterns = [path("bare/entries/<int:count>/", entries), path("bare/<int:member_id>/<str:first>/<str:last>/", week)]
