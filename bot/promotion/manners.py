"""How the model that serves speaks, as far as its training data tells."""

from __future__ import annotations

from collections.abc import Collection, Set

from bot.promotion.registry import Promoted, Registry

BUILT_IN = "builtin"
BUILT_IN_LANGUAGES = frozenset({"en"})
"""Languages that the built-in model was trained on."""


class Manners:
    """What is known of a model by its name; `languages` are those that an unknown model is trusted with."""

    def __init__(self, registry: Registry, languages: Collection[str]) -> None:
        self._registry = registry
        self._all = languages
        self._promoted: dict[str, Promoted | None] = {}

    def languages(self, model: str) -> Collection[str]:
        """In which it may speak: of a promoted model those that it was trained on, as far as that is known."""
        if model == BUILT_IN:
            return BUILT_IN_LANGUAGES
        promoted = self._find(model)
        return (promoted.languages if promoted else ()) or self._all

    def is_own(self, model: str) -> bool:
        """Whether an operator has promoted it."""
        return self._find(model) is not None

    def openers(self, model: str) -> Set[str]:
        """Words with which its operator's own data habitually begins a sentence."""
        promoted = self._find(model)
        return frozenset(promoted.openers if promoted else ())

    def _find(self, model: str) -> Promoted | None:
        if model not in self._promoted:
            self._promoted[model] = self._registry.find(model)
        return self._promoted[model]
