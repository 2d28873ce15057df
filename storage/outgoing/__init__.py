"""The way out: what is to be sent, what is shown already, and where to."""
