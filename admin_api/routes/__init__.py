"""One resource a file. A route never writes a table: it calls a function of `bot/`."""
