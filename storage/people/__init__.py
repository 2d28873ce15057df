"""What is known of people, and which accounts are one person's."""
