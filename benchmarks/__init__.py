"""Measurements beside what a user would pick instead; each runs as `python -m benchmarks.NAME [--quick] [--json]`."""
