"""What somebody wants of the picture generator, read from their words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, get_args

import regex

Action = Literal["draw", "again", "similar", "four", "vary", "blend"]
ACTIONS: tuple[Action, ...] = get_args(Action)
MOST = 4
"""Pictures of one reply."""
LARGEST_SEED = 2**62

_SEED = regex.compile(r"(?:\b(?:seed|graine|semilla)|种子)\s*[:=#]?\s*(?P<seed>\d{1,18})", regex.IGNORECASE)
_MOVING = regex.compile(r"\b(?:as an? )?(?:animated )?gif\b|动图", regex.IGNORECASE)
_COUNT = regex.compile(
    r"\s*(?:(?P<figure>[1-4])\b(?!\s*[.,]\d)|(?P<word>two|three|four|zwei|drei|vier|deux|trois|quatre|dos|tres|cuatro)\b"
    r"|(?P<chinese>[两二三四])(?=[张幅个件条双只顶]))",
    regex.IGNORECASE,
)
_NUMBERS = {
    **dict.fromkeys(("two", "zwei", "deux", "dos", "两", "二"), 2),
    **dict.fromkeys(("three", "drei", "trois", "tres", "三"), 3),
    **dict.fromkeys(("four", "vier", "quatre", "cuatro", "四"), 4),
}
_WORDS: dict[Action, str] = {
    "again": r"again|another(?: one)?|再画一张|再来一张|nochmal|noch eins|encore(?: une fois)?|otra vez|otro",
    "similar": r"more like (?:this|it|that)|similar|类似的?|相似的?|ähnlich(?:e|es)?|semblables?|similares?",
    "four": r"four(?: of them)?|4|四张",
    "vary": r"(?:some |four )?(?:variations?|variants?)(?: of (?:this|it|that|the photo|my photo))?|变体|变化|"
    r"variationen|variantes|variaciones",
    "blend": r"(?:blend|mix|merge|combine)(?: (?:them|these|both|(?:these|the last|my|the) two|the photos|two)"
    r"(?: photos| pictures)?)?|混合|融合|mischen?|mische sie|mélanger?|mélange-les|mezclar?|mézclalas",
}
SHORT = {action: regex.compile(words, regex.IGNORECASE) for action, words in _WORDS.items()}
"""What asks for something else than a new picture, as a whole message."""


@dataclass(frozen=True, slots=True)
class Wish:
    """`text` is what to draw; `moving` wants a film of a blend, `seed` exactly one picture."""

    action: Action
    text: str = ""
    count: int = 1
    seed: int | None = None
    moving: bool = False


def read(text: str, action: Action = "draw") -> Wish:
    """The wish in the words behind `/image`, or behind what asked for a picture in plain words."""
    wish = Wish(action)
    if found := _SEED.search(text):
        wish = replace(wish, seed=int(found["seed"]) % LARGEST_SEED)
        text = _without(text, found)
    if found := _MOVING.search(text):
        wish = replace(wish, moving=True)
        text = _without(text, found)
    if action != "draw":
        return wish
    bare = text.strip(" .!?。！？,，")
    for short, words in SHORT.items():
        if words.fullmatch(bare):
            return replace(wish, action=short)
    if found := _COUNT.match(text):
        number = found["figure"] or found["word"] or found["chinese"]
        wish = replace(wish, count=min(_NUMBERS.get(number.casefold()) or int(number), MOST))
        text = _without(text, found)
    return replace(wish, text=text.strip())


def _without(text: str, found: regex.Match[str]) -> str:
    return f"{text[: found.start()]} {text[found.end() :]}"
