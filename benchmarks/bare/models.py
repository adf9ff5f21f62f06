"""The product's table, as far as six columns need it."""

from django.db import models


class Entry(models.Model):
    """One time entry."""

    member_id = models.BigIntegerField()
    date = models.DateField()
    kind = models.CharField(max_length=7)
    subject = models.CharField(max_length=200)
    description = models.TextField()
    billable = models.BooleanField()
    minutes = models.PositiveSmallIntegerField()
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        managed = False
        db_table = "timetracking_timeentry"

    def __str__(self) -> str:
        return self.subject
