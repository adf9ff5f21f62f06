"""Our own API at /api/v1, in the product's own words."""
