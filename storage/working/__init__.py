"""The turns: claimed under a lease, answered in one transaction."""
