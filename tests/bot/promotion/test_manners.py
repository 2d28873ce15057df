"""A promoted model speaks the languages of its data, in its manner; the built-in one English."""

from __future__ import annotations

from pathlib import Path

from bot.promotion.manners import Manners
from bot.promotion.registry import Registry
from tests.bot.promotion.test_registry import promoted, trained

ALL = frozenset({"en", "de", "zh"})


def test_what_a_model_may_say_depends_on_which_one_it_is(tmp_path: Path) -> None:
    registry = Registry(tmp_path / "bot")
    manners = Manners(registry, ALL)
    assert manners.languages("builtin") == {"en"}
    assert manners.languages("gpt2") == ALL
    assert manners.openers("gpt2") == frozenset()
    assert not manners.is_own("builtin")

    name = str(registry.path(promoted(registry, trained(tmp_path / "friendly"))))
    assert set(manners.languages(name)) == {"de", "en"}
    assert manners.openers(name) == {"Ahoy"}
    assert manners.is_own(name)


def test_a_promoted_model_that_was_made_elsewhere_is_trusted_with_every_language(tmp_path: Path) -> None:
    registry = Registry(tmp_path / "bot")
    folder = trained(tmp_path / "foreign")
    (folder / "run" / "cleaning.json").unlink()
    assert Manners(registry, ALL).languages(str(registry.path(promoted(registry, folder)))) == ALL
