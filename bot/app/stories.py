"""Stories played with a whole bot: its settings, knowledge and models, and a database that is thrown away."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from bot.app.terminal import open_terminal
from bot.errors import UsageError
from bot.messages import Reply
from bot.settings import Settings
from bot.stories.playing import Outcome, Say, play
from bot.stories.reading import Story, read_stories

FOLDER = "stories"


async def play_stories(
    settings: Settings, stories: Sequence[Story], tell: Callable[[Outcome], None] = lambda outcome: None
) -> list[Outcome]:
    """How each story goes, in its own conversation of its own user; `tell` hears of each when it ends.

    Needs no network and no token: nobody but the stories reaches this bot.
    """
    outcomes: list[Outcome] = []
    with tempfile.TemporaryDirectory(prefix="parley-") as folder:
        database = settings.database.model_copy(update={"url": f"sqlite+aiosqlite:///{folder}/stories.db"})
        async with open_terminal(settings.model_copy(update={"database": database})) as terminal:

            def saying(name: str) -> Say:
                async def say(text: str) -> Reply:
                    parts = [part async for part in terminal.say(text, user=name, conversation=name)]
                    return next(part for part in reversed(parts) if isinstance(part, Reply))

                return say

            for number, story in enumerate(stories):
                outcomes.append(await play(story, saying(f"story-{number}")))
                tell(outcomes[-1])
    return outcomes


def find_stories(settings: Settings, files: Sequence[Path] = ()) -> list[Story]:
    """The stories of these files, or else of the bot folder's `stories/`. Raises UsageError when there are none."""
    folder = settings.path(FOLDER)
    found = read_stories(files or sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")]))
    if not found:
        raise UsageError(f"There are no stories: name a file, or write some into {folder}.")
    return found
