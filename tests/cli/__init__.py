"""The command line, as somebody in front of a terminal meets it."""
