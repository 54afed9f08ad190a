"""Measures what the service costs, against the ceilings of its parts, in one run. `make bench`, `make bench ONLY=B1`."""
