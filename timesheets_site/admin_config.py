"""Names the admin site before any model registers with it."""

from django.contrib.admin.apps import AdminConfig


class OrganisationAdminConfig(AdminConfig):
    default_site = "timesheets_site.admin_site.OrganisationAdminSite"
