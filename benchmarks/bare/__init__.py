"""The yardstick of the week page: the least that a Django page of 35 rows for a signed-in person can be."""
