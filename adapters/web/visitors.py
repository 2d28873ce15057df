"""Who a widget's visitor is: unguessable ids, kept by the browser in a token that only this server can sign."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from itsdangerous import BadData, URLSafeSerializer

ID_BYTES = 18  # 144 random bits


@dataclass(frozen=True, slots=True)
class Visitor:
    """A browser and the one conversation that it may see."""

    id: str
    conversation: str


class Visitors:
    """Makes visitors and recognises them by their tokens."""

    def __init__(self, secret: bytes) -> None:
        self._serializer = URLSafeSerializer(
            secret,
            salt="parley.web.visitor",
            signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
        )

    def new(self) -> Visitor:
        """A visitor nobody can guess, with an empty conversation."""
        return Visitor(secrets.token_urlsafe(ID_BYTES), secrets.token_urlsafe(ID_BYTES))

    def restarted(self, visitor: Visitor) -> Visitor:
        """The same visitor in a new conversation."""
        return Visitor(visitor.id, secrets.token_urlsafe(ID_BYTES))

    def token(self, visitor: Visitor) -> str:
        """What the browser shows next time."""
        return str(self._serializer.dumps([visitor.id, visitor.conversation]))

    def recognise(self, token: str) -> Visitor | None:
        """The token's visitor; None when the token was not signed here, letter for letter."""
        try:
            visitor, conversation = self._serializer.loads(token)
        except (BadData, ValueError, TypeError):
            return None
        return Visitor(visitor, conversation)
