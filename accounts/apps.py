"""The platform: who is asking, in which organisation, and may they."""

from django.apps import AppConfig
from django.core import checks
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        from accounts import checks as our

        for check in (our.site_url, our.mail_server):
            checks.register(check, deploy=True)
