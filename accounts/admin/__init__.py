"""The platform's records in Django's admin."""

from accounts.admin import members, organisations, trail, working_time

__all__ = ["members", "organisations", "trail", "working_time"]
