"""The query service of this format: fields, filters, expressions, date macros, sums and pages over its objects."""
