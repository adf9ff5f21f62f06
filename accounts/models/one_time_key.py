"""Keys that make a form, or later an API call, take effect once."""

from django.db import models

from accounts.tenancy import OrganisationOwned


class OneTimeKey(OrganisationOwned):
    """One key that one member has used, with what it led to. Written in the transaction of its effect."""

    member = models.ForeignKey("accounts.Membership", on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=64)
    purpose = models.CharField(max_length=60)
    fingerprint = models.CharField(max_length=64, blank=True)
    result_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "key"], name="key_used_once")]

    def __str__(self) -> str:
        return f"{self.purpose} {self.key}"
