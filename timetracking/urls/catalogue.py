"""Addresses of the catalogue: one list per noun, and the pages that a ticket, a project and a client have besides."""

from django.urls import path, register_converter

from timetracking.rules import references
from timetracking.views import agreements, catalogue_nouns, clients, projects, tickets


class TicketReference:
    """`TKT-4846` or `4846` in an address is the ticket's number."""

    regex = references.TICKET_PATTERN

    def to_python(self, value: str) -> int:
        number = references.ticket_number(value)
        if number is None:
            raise ValueError(value)
        return number

    def to_url(self, value: int | str) -> str:
        return value if isinstance(value, str) else references.ticket_reference(value)


class ProjectCode:
    """A project's code as it is written; rules.references keeps codes such that this works."""

    regex = references.PROJECT_PATTERN

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(TicketReference, "ticket")
register_converter(ProjectCode, "project")

urlpatterns = [
    *(url for noun in catalogue_nouns.ALL for url in noun.urls()),
    path("o/<slug:slug>/tickets/<ticket:ref>/", tickets.detail, name="ticket"),
    path("o/<slug:slug>/projects/<project:code>/", projects.detail, name="project"),
    path("o/<slug:slug>/clients/<int:pk>/", clients.detail, name="client"),
    path("o/<slug:slug>/agreements/<int:pk>/", agreements.detail, name="agreement"),
]
