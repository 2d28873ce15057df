"""What the Telegram and Discord adapters stand, and what they cost, against servers that speak both protocols.

`python -m benchmarks.channels [--quick] [--json] [--only load|latency|memory|fuzz]`
"""
