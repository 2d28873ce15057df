"""Who has to wake up after a transaction, here and in other processes."""
