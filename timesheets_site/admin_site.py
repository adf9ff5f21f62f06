"""Django's admin, for one organisation at a time."""

from django_otp.admin import OTPAdminSite


class OrganisationAdminSite(OTPAdminSite):
    pass
