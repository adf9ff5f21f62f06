"""The addresses of programs: every surface's own, at the root of the site; and the description of them all."""

from django.urls import path

from timetracking.api.connectwise import urls as connectwise
from timetracking.api.grow import urls as grow
from timetracking.api.intacct import urls as intacct
from timetracking.api.kimai import urls as kimai
from timetracking.api.native import urls as native
from timetracking.api.native.surface import SURFACE
from timetracking.api.openapi.document import openapi_json
from timetracking.api.openapi.page import docs
from timetracking.api.portal import urls as portal
from timetracking.api.surface import door

urlpatterns = [
    *portal.patterns,
    *grow.patterns,
    *connectwise.patterns,
    *intacct.patterns,
    *kimai.patterns,
    *native.patterns,
    path("api/openapi.json", door(SURFACE, openapi_json, public=True), name="api.openapi"),
    path("api/docs", docs, name="api-docs"),
]
