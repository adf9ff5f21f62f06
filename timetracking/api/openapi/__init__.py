"""The description of all surfaces: one OpenAPI document, joined from what each of them mounts."""
