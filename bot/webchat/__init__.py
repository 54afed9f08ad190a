"""The web channel's side of the store: sessions, what a page missed, what it acknowledged, and who is looking."""
