"""Signs what the bot says of itself with Ed25519 (RFC 8032), by a key made from the bot folder's secret."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

PURPOSE = b"reports of erasures"


class Signer:
    """Who has the public key can check a report; only who has the secret can make one."""

    def __init__(self, secret: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(hmac.digest(secret, PURPOSE, hashlib.sha256))

    @property
    def public_key(self) -> str:
        """Base 64."""
        return base64.b64encode(self._key.public_key().public_bytes_raw()).decode("ascii")

    def sign(self, content: Mapping[str, Any]) -> str:
        """The signature of a JSON object, in base 64."""
        return base64.b64encode(self._key.sign(canonical(content))).decode("ascii")

    def holds(self, content: Mapping[str, Any], signature: str) -> bool:
        """Whether the signature is this bot's, and the content unchanged."""
        try:
            self._key.public_key().verify(base64.b64decode(signature, validate=True), canonical(content))
        except (InvalidSignature, ValueError):
            return False
        return True


def canonical(content: Mapping[str, Any]) -> bytes:
    """The bytes that are signed: keys in order, no space, UTF-8."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
