"""Servers that speak the platforms' protocols, for tests and for trying a bot without any token."""
