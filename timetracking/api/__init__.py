"""The APIs: one folder for each surface, and beside them what all share. A surface translates, it never decides."""
