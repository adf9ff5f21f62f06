"""The format of Kimai below /kimai/api."""
