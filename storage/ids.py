"""Short ids that sort by time and say what they name: `m_` message, `c_` conversation, `t_` trace, …"""

from __future__ import annotations

import secrets
import time

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
TIME_DIGITS = 9
RANDOM_DIGITS = 8


def new_id(prefix: str) -> str:
    """`prefix`, the milliseconds since 1970 and 40 random bits, in Crockford's base 32."""
    return f"{prefix}_{_digits(time.time_ns() // 1_000_000, TIME_DIGITS)}{_digits(secrets.randbits(40), RANDOM_DIGITS)}"


def trace_id(message_id: str) -> str:
    """A reply and its trace share the id behind the prefix."""
    return "t" + message_id[1:]


def _digits(number: int, count: int) -> str:
    return "".join(ALPHABET[(number >> 5 * place) & 31] for place in reversed(range(count)))
