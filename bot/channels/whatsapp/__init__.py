"""WhatsApp, by the Cloud API: our own parser in, pywa's async client out."""

from bot.channels.whatsapp.channel import WhatsApp

__all__ = ["WhatsApp"]
