"""Money in a column that adds up to the last digit on every database."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

PARTS = 1_000  # a currency's unit in the column's; no currency in use has more than three decimals
LARGEST = Decimal("9" * 12)


class AmountField(models.BigIntegerField):
    """An amount of the organisation's currency: `Decimal` in Python, a whole number of thousandths in the database.

    SQLite keeps decimals as binary fractions, and a sum of a million of those is off by some cents. Whole numbers are
    summed exactly, and faster, on both databases.
    """

    _pyi_private_set_type: Decimal  # type: ignore[assignment]  # what it is in Python
    _pyi_private_get_type: Decimal  # type: ignore[assignment]

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Decimal | None:
        return None if value is None else Decimal(int(value)) / PARTS

    def to_python(self, value: Any) -> Decimal | None:
        if value is None or isinstance(value, Decimal):
            return value
        try:
            return Decimal(str(value))
        except ArithmeticError as error:
            raise ValidationError("Enter a number.", code="invalid") from error

    def get_prep_value(self, value: Any) -> int | None:
        """Raises ValueError for what the column could not hold exactly."""
        if value is None or hasattr(value, "resolve_expression"):
            return value
        parts = Decimal(value) * PARTS
        whole = int(parts)
        if whole != parts or abs(Decimal(value)) > LARGEST:
            raise ValueError(f"{value} is no amount of thousandths.")
        return whole

    def value_to_string(self, obj: Any) -> str:
        value = self.value_from_object(obj)
        return "" if value is None else format(value, "f")

    def formfield(self, **kwargs: Any) -> Any:
        from django import forms

        return forms.DecimalField(**{"max_digits": 15, "decimal_places": 3, "required": not self.blank, **kwargs})

    @property
    def validators(self) -> list[Any]:
        """None of the integer's: the bounds are checked where a value is stored."""
        return []
