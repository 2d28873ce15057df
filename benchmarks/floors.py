"""Echo bots of other frameworks, which store nothing: how fast a message can go through them at all.

They run in the Python that PARLEY_BENCHMARK_PYTHON names, or in this one.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PYTHON = "PARLEY_BENCHMARK_PYTHON"
BOTS = {"nonebot2": "nonebot_echo.py", "opsdroid": "opsdroid_echo.py"}
SECONDS = 120


def measure(messages: int) -> tuple[dict[str, float], dict[str, str]]:
    """Messages a second of each, and why those that are left out could not run."""
    rates: dict[str, float] = {}
    reasons: dict[str, str] = {}
    for name, script in BOTS.items():
        command = [os.environ.get(PYTHON, sys.executable), str(Path(__file__).with_name(script)), str(messages)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
        if done.returncode == 0:
            rates[name] = float(done.stdout.split()[-1])
        elif "ModuleNotFoundError" in done.stderr:
            reasons[name] = f"not installed; {PYTHON} may name a Python that has it"
        else:
            reasons[name] = (done.stderr.strip().splitlines() or ["failed"])[-1]
    return rates, reasons
