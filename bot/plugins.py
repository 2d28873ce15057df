"""Skills by intent, from the entry points `parley.skills`: the built-in ones and other packages' alike.

An entry point's name is the intent that it serves (`question`, `chat`, `handoff`, `command`, `image`, `attachment`,
`memory`, `recommendation`, or one that a plug-in's router brings); its value is a function of `Ingredients` that
returns a `bot.protocols.Skill`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import entry_points

from bot.answers.answerer import Answerer
from bot.errors import SettingsError
from bot.memory.acquaintance import Acquaintance
from bot.memory.recall import Recall
from bot.phrases import Phrases
from bot.pictures.studio import Studio
from bot.protocols import Eraser, Facts, People, Pictures, Records, Skill, TextEngine
from bot.recommending.recommender import Recommender
from bot.settings import Settings

SKILLS = "parley.skills"
NEEDED = frozenset({"question", "chat", "handoff", "command", "image", "attachment", "memory", "recommendation"})


@dataclass(frozen=True)
class Ingredients:
    """What a skill may be made of; `recall` and `acquaintance` are None where nothing is to be remembered,
    `recommender` where there is no catalogue, `eraser` where only a person can erase."""

    settings: Settings
    answerer: Answerer
    engine: TextEngine
    phrases: Phrases
    persona: str
    records: Records
    facts: Facts
    people: People
    pictures: Pictures
    studio: Studio
    recall: Recall | None = None
    acquaintance: Acquaintance | None = None
    recommender: Recommender | None = None
    eraser: Eraser | None = None


MakeSkill = Callable[[Ingredients], Skill]


def skills(ingredients: Ingredients) -> dict[str, Skill]:
    """Every installed skill by its intent; a plug-in's wins over the built-in one of the same name.

    Raises SettingsError when a built-in one is missing, which an incomplete installation causes.
    """
    found: dict[str, Skill] = {}
    points = sorted(entry_points(group=SKILLS), key=lambda point: not point.value.startswith("bot."))
    for point in points:
        make: MakeSkill = point.load()
        found[point.name] = make(ingredients)
    if missing := NEEDED - found.keys():
        raise SettingsError(f"The skills {', '.join(sorted(missing))} are not installed; run `pip install -e .` again.")
    return found
