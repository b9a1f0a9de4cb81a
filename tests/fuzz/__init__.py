"""Inputs that nobody thought of: `make fuzz` runs the pure readers on them, guided by coverage."""
