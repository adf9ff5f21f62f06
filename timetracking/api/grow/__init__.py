"""The format of Grow CRM: /api/timesheets, /api/tasks, /api/projects, /api/clients, /api/team."""
