"""Check the audit trail against its seals; exit code 1 and the first row that was touched, if one was."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Organisation
from accounts.services import audit_seals


class Command(BaseCommand):
    help = "Check each organisation's audit events against the hash chain that seal_audit made."

    def handle(self, *args: Any, **options: Any) -> None:
        flawed = []
        for organisation in Organisation.objects.order_by("pk"):
            chain, flaw = audit_seals.verify(organisation)
            if flaw is None:
                waiting = audit_seals.unsealed(organisation)
                self.stdout.write(
                    f"{organisation.slug}: {chain.length} whole, head {chain.head}, {waiting} not sealed yet"
                )
                continue
            row = f"event {flaw.event_id}" if flaw.event_id else "its event and its seal"
            flawed.append(f"{organisation.slug}: {flaw.what} at position {flaw.position}: {row}")
        if flawed:
            raise CommandError("\n".join(flawed))
