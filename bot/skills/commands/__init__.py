"""What customers can send behind a slash, one command a file; `bot.skills.command` puts them together."""

NAMES = ("ask", "image", "human", "me", "forget", "link", "unlink", "recommendations", "why", "language", "help")
"""The commands that are offered; phrases describe each under `command_NAME`."""
