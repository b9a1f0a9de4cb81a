"""What people ask and press, written once for all platforms."""
