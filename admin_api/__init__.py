"""HTTP: the admin API, channel webhooks, console and web channel."""
