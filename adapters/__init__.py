"""Channels: one platform each, all behind `bot.protocols.Channel`."""
