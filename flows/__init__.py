"""What should happen next. Pure: the standard library and `transitions` only; no I/O, no clock, no randomness."""
