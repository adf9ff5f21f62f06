"""The demo's two firms: invented people, clients and twelve weeks of their work, the same on every run of one day."""
