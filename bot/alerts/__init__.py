"""Alerts: whom to tell, when, and why not."""
