"""The site map: one include per area."""

from django.contrib import admin
from django.urls import include, path

from accounts.views.admin_home import admin_home

urlpatterns = [
    path("", include("accounts.urls")),
    path("", include("timetracking.urls")),
    path("", include("timetracking.urls.api")),
    # /admin/ leads here; the admin itself is at /o/<slug>/admin/ (accounts.admin_paths)
    path("admin-home/", admin_home, name="admin-home"),
    path("admin/", admin.site.urls),
]

handler400 = "accounts.views.errors.bad_request"
handler403 = "accounts.views.errors.permission_denied"
handler404 = "accounts.views.errors.not_found"
handler500 = "accounts.views.errors.server_error"
