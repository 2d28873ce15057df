"""What /help says."""

from __future__ import annotations

from bot.messages import Claim, Conversation, Request, Turn
from bot.phrases import Phrases
from bot.skills.commands import NAMES
from bot.skills.commands.help import HelpSkill


async def test_help_names_the_bot_and_every_command_with_what_it_does() -> None:
    turn = Turn(Claim("c", "w", 1), Conversation("c", "web", "c", "ada"), ())
    draft = await HelpSkill(Phrases(), "Nora").run(Request(turn, "/help", "de"), lambda words: None)
    assert draft.text.startswith("Ich bin Nora")
    assert [line.split(":")[0] for line in draft.text.split("\n")[1:]] == [f"/{name}" for name in NAMES]
    assert "/ask: Eine Frage stellen" in draft.text
