"""Language models of one's own: training and measuring them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot import learnable
from bot.answers import checks
from bot.app import engines, parts
from bot.errors import ModelError, UsageError
from bot.privacy import redaction
from bot.settings import RedactionKind, Settings
from bot.streams import LocalStreams

if TYPE_CHECKING:
    from generation.text.personal import Detail
    from generation.text.voices import Voice

HISTORY = "history.jsonl"
MOST_CONVERSATIONS = 1_000_000
PERSONAL: Mapping[RedactionKind, str] = {
    "email": "e-mail address",
    "iban": "bank account",
    "card": "card number",
    "phone": "phone number",
    "national_id": "identity number",
}
"""The names of the kinds of personal values in the report of cleaning."""


def train_text(
    settings: Settings,
    options: Mapping[str, Any],
    report: Callable[[Any], None],
    say: Callable[[str], None],
    *,
    from_history: bool = False,
) -> Path:
    """Trains or fine-tunes a GPT-2 with `generation.text.training.Options`; returns the model's folder.

    The dialogues are told by the persona of the bot folder, if there is one. With `from_history` the stored
    conversations are learnt from too; they are copied into the run's folder, so that a stopped run can go on with
    the same ones, and the copy is removed when the model is finished. Raises UsageError without consent to that.
    """
    from generation.text import training

    data = tuple(options["data"])
    history = Path(options["out"]) / "run" / HISTORY
    if from_history:
        data = (*data, history)
        if not (options["resume"] and history.is_file()):
            asyncio.run(_copy_history(settings, history))
    with plain_errors():
        wanted = training.Options(**{**options, "data": data, "voice": voice(settings), "find": _personal_values})
        folder = training.train(wanted, report, say)
    history.unlink(missing_ok=True)
    return folder


def evaluate_dialogue(settings: Settings, file: Path, *, model: Path | None, limit: int | None) -> dict[str, Any]:
    """The figures of `model` on dialogues with those of the serving model as `current`, or of the latter alone."""
    current = measure(engines.serving_model(settings), [file], limit=limit)
    return {**measure(str(model), [file], limit=limit), "current": current} if model else current


def measure(
    model: str, files: Sequence[Path], *, limit: int | None = None, voice: Voice | None = None
) -> dict[str, float]:
    """The figures of a model (name or folder) on dialogues; with `voice` it speaks as this persona."""
    from generation.text import evaluation

    with plain_errors():
        return evaluation.evaluate_dialogue(
            model, files, limit=limit, voice=voice or evaluation.VOICE, supported=checks.passes
        )


def _personal_values(text: str) -> list[Detail]:
    """What privacy's redaction finds, as the cleaning of training data names it."""
    from generation.text.personal import Detail

    return [Detail(PERSONAL[each.kind], text[each.start : each.end], each.start) for each in redaction.find(text)]


async def _copy_history(settings: Settings, file: Path) -> None:
    if not settings.privacy.training_consent:
        raise UsageError(
            "privacy.training_consent is not set: stored conversations may be learnt from only when customers have "
            "agreed to it. Set it in parley.toml if they have."
        )
    file.parent.mkdir(parents=True, exist_ok=True)
    async with parts.opened_store(settings, LocalStreams()) as store:
        with file.open("w", encoding="utf-8") as lines:
            for summary in await store.history.conversations(limit=MOST_CONVERSATIONS):
                export = await store.history.export(summary.conversation.id)
                thread = await store.desk.thread(summary.conversation.id, limit=1)
                for row in learnable.rows(export, thread.overview.customer):
                    lines.write(json.dumps(row, ensure_ascii=False) + "\n")


def voice(settings: Settings) -> Voice | None:
    """The bot's own name and persona; None outside of a bot folder."""
    from generation.text.voices import Voice

    if not settings.path(settings.bot.persona).is_file():
        return None
    return Voice(settings.bot.name, settings.bot.name, parts.read_persona(settings))


@contextmanager
def plain_errors() -> Iterator[None]:
    """What generation says of bad data and models becomes Parley's own error."""
    from generation.errors import GenerationError

    try:
        yield
    except GenerationError as error:
        raise ModelError(str(error)) from None
