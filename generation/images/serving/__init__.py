"""Pictures on demand: one queue and one thread in front of the generators, files that say what they are."""
