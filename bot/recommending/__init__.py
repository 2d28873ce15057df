"""Products that may be recommended to a customer, and why."""
