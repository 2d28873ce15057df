"""What protects people: redaction, moderation, consent, retention, and the end of what is stored about them."""
