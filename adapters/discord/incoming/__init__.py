"""From Discord to the inbox."""
