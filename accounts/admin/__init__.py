"""The platform's records in Django's admin."""

from accounts.admin import api_keys, members, organisations, trail, working_time

__all__ = ["api_keys", "members", "organisations", "trail", "working_time"]
