"""What the admin of both apps stands on: nothing here registers a model."""
