"""Loopback servers that speak as the platforms do: used by tests and by hand, never in service."""
