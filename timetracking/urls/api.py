"""The addresses of programs: every surface's own, at the root of the site."""

from timetracking.api.connectwise import urls as connectwise
from timetracking.api.grow import urls as grow
from timetracking.api.intacct import urls as intacct
from timetracking.api.kimai import urls as kimai
from timetracking.api.native import urls as native
from timetracking.api.portal import urls as portal

urlpatterns = [
    *portal.patterns,
    *grow.patterns,
    *connectwise.patterns,
    *intacct.patterns,
    *kimai.patterns,
    *native.patterns,
]
