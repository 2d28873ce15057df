"""What the bot remembers of a customer: earlier turns, their summaries, and facts."""
