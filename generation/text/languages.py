"""Which language a conversation is in, where its data does not say."""

from __future__ import annotations

import functools
from typing import Any

from generation.text.dialogues import Dialogue

UNKNOWN = "und"  # as ISO 639-2 has it
SURE = 0.7


def language_of(dialogue: Dialogue) -> str:
    """ISO 639-1 code, or `und` where the words are too few to tell."""
    if dialogue.language:
        return dialogue.language
    words = " ".join(turn.text for turn in dialogue.turns)[:1000]
    language, probability = _identifier().classify(words)
    return str(language) if probability >= SURE else UNKNOWN


@functools.cache
def _identifier() -> Any:
    """Loading takes most of a second."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
