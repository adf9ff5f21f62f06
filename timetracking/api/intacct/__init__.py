"""The format of Sage Intacct's REST API below /ia/api/v1."""
