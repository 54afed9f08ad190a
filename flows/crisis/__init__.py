"""Crisis: finding danger in what people write, and what must follow. Pure."""
