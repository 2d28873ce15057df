"""Sessions that the browser keeps: signed, with an end, and bound to the operator's present password."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from itsdangerous import BadData, Signer, URLSafeSerializer

from bot.messages import Operator

ID_BYTES = 18
LOG_IN_SECONDS = 3600.0
"""How long a log-in page that nobody sends stays good."""


@dataclass(frozen=True, slots=True)
class Session:
    """`operator` is empty before the log-in; `proof` fits one password only; `expires` is in seconds since 1970."""

    id: str
    operator: str
    proof: str
    expires: float


class Sessions:
    """Makes sessions and the tokens of their forms, and recognises them."""

    def __init__(self, secret: bytes, hours: float, clock: Callable[[], float] = time.time) -> None:
        self._seconds = hours * 3600
        self._clock = clock
        signing: dict[str, Any] = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
        self._cookies = URLSafeSerializer(secret, salt="parley.console.session", signer_kwargs=signing)
        self._forms = Signer(secret, salt="parley.console.form", **signing)
        self._proofs = Signer(secret, salt="parley.console.proof", **signing)

    def anonymous(self) -> Session:
        """A session of somebody who has not logged in."""
        return Session(secrets.token_urlsafe(ID_BYTES), "", "", self._clock() + LOG_IN_SECONDS)

    def of(self, operator: Operator) -> Session:
        """A new session of an operator."""
        proof = self._proof(operator)
        return Session(secrets.token_urlsafe(ID_BYTES), operator.name, proof, self._clock() + self._seconds)

    def seal(self, session: Session) -> str:
        """What the browser keeps."""
        return str(self._cookies.dumps([session.id, session.operator, session.proof, session.expires]))

    def recognise(self, cookie: str) -> Session | None:
        """The cookie's session; None when it was not sealed here or has ended."""
        try:
            session = Session(*self._cookies.loads(cookie))
        except (BadData, ValueError, TypeError):
            return None
        return session if session.expires > self._clock() else None

    def seconds_left(self, session: Session) -> float:
        return max(0.0, session.expires - self._clock())

    def belongs_to(self, session: Session, operator: Operator) -> bool:
        """False once the operator's password is another one."""
        return hmac.compare_digest(session.proof, self._proof(operator))

    def form_token(self, session: Session) -> str:
        """What a form of this session must carry, so that no other site can send it."""
        return self._forms.get_signature(session.id).decode("ascii")

    def is_form_token(self, session: Session, token: str) -> bool:
        return hmac.compare_digest(token.encode("utf-8", "replace"), self.form_token(session).encode())

    def _proof(self, operator: Operator) -> str:
        return self._proofs.get_signature(operator.password_hash).decode("ascii")
