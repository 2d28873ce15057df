"""What a message is: its language, and whether it is a question, small talk, a wish for a person or a command."""
