"""Seal what the audit trail says into a hash chain, organisation by organisation. Run it every few minutes."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError

from accounts.models import Organisation
from accounts.services import audit_seals


class Command(BaseCommand):
    help = "Add new audit events to each organisation's hash chain. Note the heads that it prints somewhere else."

    def handle(self, *args: Any, **options: Any) -> None:
        for organisation in Organisation.objects.order_by("pk"):
            try:
                chain = audit_seals.seal(organisation)
            except IntegrityError as error:
                raise CommandError(f"{organisation.slug}: another seal_audit is at work.") from error
            self.stdout.write(f"{organisation.slug}: {chain.length} sealed, head {chain.head}")
