"""Stories: conversations that the bot must be able to have, written by its operator and played before a release."""
