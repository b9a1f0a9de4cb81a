"""Servers on loopback that speak the wires of the platforms and of publishers."""
