"""Pictures on demand: from a customer's words or photos to files with their origin."""
