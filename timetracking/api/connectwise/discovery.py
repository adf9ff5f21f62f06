"""What clients ask before anything else: where an organisation's API is, and which version answers."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from ninja import Router, Schema

from accounts.models import ApiKey, Organisation
from accounts.tenancy import organisation_scope
from timesheets_site.lib.errors import OutOfReach
from timetracking.api.connectwise.surface import SURFACE
from timetracking.api.surface import new_api

CODEBASE = "v4_6_release/"
"""Ends in a slash: some clients put their path behind it as it is."""
VERSION = "v2026.1"
"""Of the published API whose words are spoken here."""


API = new_api(
    SURFACE,
    title="ConnectWise PSA format: where it is",
    description="What clients ask before they sign in.",
)
SYSTEM = Router(tags=["System"])


class CompanyInfoOut(Schema):
    CompanyName: str
    Codebase: str
    VersionCode: str
    CompanyID: str
    IsCloud: bool
    SiteUrl: str


class SystemInfoOut(Schema):
    version: str
    isCloud: bool
    serverTimeZone: str
    cloudRegion: str | None
    licenseBits: list[str]


@API.get("/companyinfo/{company}", response=CompanyInfoOut, auth=None, summary="Where an organisation's API is")
def company_info(request: HttpRequest, company: str) -> JsonResponse:
    """Where an organisation's API is; `company` is its short name. Open without a key. Raises OutOfReach.

    An organisation that has made no key of this format is unknown here, so that nobody learns who is a customer.
    """
    organisation = _organisation(company)
    if organisation is None:
        raise OutOfReach
    return JsonResponse(
        {
            "CompanyName": organisation.name,
            "Codebase": CODEBASE,
            "VersionCode": VERSION,
            "CompanyID": organisation.slug,
            "IsCloud": False,
            "SiteUrl": request.get_host(),
        }
    )


def _organisation(company: str) -> Organisation | None:
    found = Organisation.objects.filter(slug=company.lower(), is_active=True).first() if company.isascii() else None
    if found is None or not found.has_feature(Organisation.Feature.TIMESHEETS):
        return None
    with organisation_scope(found):
        keys = ApiKey.objects.filter(kind=ApiKey.Kind.CONNECTWISE, revoked_at=None)
        return found if any(key.is_live() for key in keys) else None


@SYSTEM.get("/info", response=SystemInfoOut, summary="The version that answers")
def system_info(request: HttpRequest) -> JsonResponse:
    """The version that answers."""
    return JsonResponse(
        {
            "version": f"{VERSION}.0",
            "isCloud": False,
            "serverTimeZone": "UTC",
            "cloudRegion": None,
            "licenseBits": [],
        }
    )
