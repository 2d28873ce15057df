"""The operators' console: pages on which people read, take over and answer conversations."""

from adapters.console.application import console_app
from adapters.console.options import PREFIX, ConsoleOptions

__all__ = ["PREFIX", "ConsoleOptions", "console_app"]
