"""The fixed texts, one file a language; a new language is one more file with the same keys."""

from __future__ import annotations

import tomllib
import zlib
from importlib import resources
from typing import Any

FALLBACK = "en"


class Phrases:
    """Texts by key and language; a language without a file is spoken to in English."""

    def __init__(self) -> None:
        files = (file for file in resources.files(__name__).iterdir() if file.name.endswith(".toml"))
        self._texts: dict[str, dict[str, Any]] = {
            file.name.removesuffix(".toml"): tomllib.loads(file.read_text("utf-8")) for file in files
        }

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(sorted(self._texts))

    def text(self, key: str, language: str, **values: str) -> str:
        """The text with `values` in its placeholders; KeyError for a key that no file has."""
        text: str = self._of(language)[key]
        return text.format(**values) if values else text

    def small_talk(self, kind: str, language: str, seed: str) -> str:
        """An answer to small talk of a kind; the same `seed` gives the same variant."""
        answers: dict[str, list[str]] = self._of(language)["small_talk"]
        variants = answers.get(kind, answers["other"])
        return variants[zlib.crc32(seed.encode("utf-8", "replace")) % len(variants)]

    def everywhere(self, key: str) -> tuple[str, ...]:
        """The text of a key in all languages, as to recognise it when it comes back."""
        return tuple(texts[key] for texts in self._texts.values())

    def _of(self, language: str) -> dict[str, Any]:
        return self._texts.get(language, self._texts[FALLBACK])
