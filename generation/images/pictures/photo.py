"""A photograph that a stranger sends, decoded in a process of its own within bounds of bytes, pixels, memory and time.

A file can be made so that it takes minutes to decode or crashes the decoder; a process can be ended, a thread cannot.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np

from generation.errors import PhotoRefused
from generation.images.pictures.decoding import Limits, Pixels

PHOTO = Limits(content_bytes=20 * 2**20, pixels=50_000_000, least_side=16, animated=True)
MEMORY = 2 * 2**30
REFUSED = 3
"""The exit code of a child that gives a reason."""
_CHILD = "generation.images.pictures.child"
_ROOT = Path(__file__).parents[3]


def read_photo(content: bytes, *, size: int, limits: Limits = PHOTO, seconds: float = 5.0) -> Pixels:
    """The photograph as uint8 [size, size, 3]: upright, on white where transparent, the first frame of an animation.

    Only pixels come back, so neither EXIF nor the place where it was taken does. Blocks for a fifth of a second or so:
    call it from a thread. Raises PhotoRefused with a plain reason.
    """
    if len(content) > limits.content_bytes:
        raise PhotoRefused(f"The picture is larger than {limits.content_bytes / 2**20:.0f} MiB.")
    command = [sys.executable, "-m", _CHILD, str(size), str(limits.pixels), str(limits.least_side), str(MEMORY)]
    try:
        child = subprocess.run(command, input=content, capture_output=True, timeout=seconds, cwd=_ROOT, check=False)
    except subprocess.TimeoutExpired:
        raise PhotoRefused(f"The picture took longer than {seconds:g} seconds to open.") from None
    if child.returncode == REFUSED:
        raise PhotoRefused(f"The picture cannot be used: it is {child.stdout.decode()}.")
    if child.returncode != 0 or len(child.stdout) != size * size * 3:
        raise PhotoRefused("The picture cannot be opened: it is damaged.")
    return np.frombuffer(child.stdout, np.uint8).reshape(size, size, 3).copy()
