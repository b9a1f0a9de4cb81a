"""The memory of the service."""
