"""The chat platforms, registered in PLATFORMS."""
