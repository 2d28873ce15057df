"""From token ids to pieces of text that can be shown at once: whole characters, nothing past a stop string."""

from __future__ import annotations

from collections.abc import Sequence

from tokenizers import Tokenizer
from tokenizers.decoders import DecodeStream

from generation.text.serving.stopping import StopText

BROKEN = "\ufffd"  # what bytes show as that make no character: nothing that a customer should see


class TextStream:
    """Turns the tokens of one reply into text as they come."""

    def __init__(self, tokenizer: Tokenizer, stop: Sequence[str] = ()) -> None:
        self._tokenizer = tokenizer
        self._decoder = DecodeStream(skip_special_tokens=True)
        self._text = StopText(stop)

    @property
    def stopped(self) -> bool:
        """Whether a stop string was found."""
        return self._text.stopped

    def push(self, token: int) -> str:
        """The text that has become certain with this token; empty while a character or a stop string may go on."""
        if self.stopped:
            return ""
        return self._text.push((self._decoder.step(self._tokenizer, token) or "").replace(BROKEN, ""))

    def flush(self) -> str:
        """What was held back at the end of the reply."""
        return self._text.flush()
