"""The process that decodes one photograph: its bytes on stdin, its pixels or the reason for none on stdout."""

from __future__ import annotations

import resource
import sys

from generation.images.pictures.decoding import Limits, Undecodable, decode
from generation.images.pictures.photo import REFUSED


def main(size: int, pixels: int, least_side: int, memory: int) -> int:
    """Returns the exit code; no more than `memory` bytes are ever taken."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    limits = Limits(content_bytes=sys.maxsize, pixels=pixels, least_side=least_side, animated=True)
    try:
        sys.stdout.buffer.write(decode(sys.stdin.buffer.read(), size, limits).tobytes())
    except Undecodable as error:
        sys.stdout.buffer.write(str(error).encode())
        return REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(main(*(int(argument) for argument in sys.argv[1:])))
