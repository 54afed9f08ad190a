"""Channels: each one turns its platform into `Inbound` and delivers what is to be said."""
