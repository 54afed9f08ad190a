"""Measures what the service costs, beside the ceilings of its parts. `make bench`, `make bench ONLY=B1`."""
