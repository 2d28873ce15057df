"""The way in: messages, and whom they are from."""
