"""How quick the product is, measured the way it is served: see README.md."""
