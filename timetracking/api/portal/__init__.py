"""The helpdesk portal's format: /api/auth/login and /api/helpdesk/time."""
