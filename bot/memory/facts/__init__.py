"""What customers tell of themselves: found by rules, and only where the message itself says so."""
