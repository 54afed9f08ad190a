"""The web channel on the real service, with people of a demonstration."""
