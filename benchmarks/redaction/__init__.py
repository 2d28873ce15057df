"""How precisely personal values are found: `python -m benchmarks.redaction`."""
