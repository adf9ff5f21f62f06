"""How often somebody has tried lately: counters that slow guessing, kept where all processes see them."""

from django.db import models


class GuessCount(models.Model):
    """Tries at one thing (an account's password, an account's codes, one address, …) since the last quiet quarter hour.

    `key` is a hash: what was typed as an e-mail address is not kept.
    """

    key = models.CharField(max_length=64, unique=True)
    tries = models.PositiveIntegerField()
    last_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.key[:12]}: {self.tries}"
