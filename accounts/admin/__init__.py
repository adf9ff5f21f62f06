"""The platform's records in Django's admin."""

from accounts.admin import members, organisations, trail

__all__ = ["members", "organisations", "trail"]
