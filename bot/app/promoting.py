"""Which models serve: comparing a new one with the current one, promoting it, and going back."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import bot.sample
from bot.app import engines, promoting_pictures, tuning
from bot.app.promoting_pictures import configured
from bot.app.stories import find_stories, play_stories
from bot.errors import ModelError, UsageError
from bot.promotion.comparison import Verdict, compare
from bot.promotion.registry import ModelKind, Promoted, Registry, describe, kind_of
from bot.settings import Settings
from bot.stories.playing import Outcome

TEST_SET = "evaluation"
"""The folder of the bot with dialogues that no model is trained on."""


@dataclass(frozen=True)
class Trial:
    """How a model did on the frozen test set and the stories."""

    scores: Mapping[str, float]
    outcomes: Sequence[Outcome]

    @property
    def stories(self) -> str:
        return f"{sum(outcome.passed for outcome in self.outcomes)} of {len(self.outcomes)}"


def promote(settings: Settings, folder: Path, tell: Callable[[Verdict], None], say: Callable[[str], None]) -> Promoted:
    """Makes the model of a folder serve, if no guarded score and no story is worse than with the current one.

    `tell` gets the verdict before it counts, `say` what is being done. A running `parley serve` takes the model over
    within seconds. Raises ModelError with what is worse, and then nothing has changed.
    """
    kind = kind_of(folder)
    if kind != "text":
        return promoting_pictures.promote(settings, folder, kind, tell, say)
    if settings.text.backend != "local":
        raise UsageError(f"text.backend is {settings.text.backend!r}: only a local model can be promoted.")
    registry = Registry(settings.folder)
    model = describe(folder, settings.text.model, datetime.now(UTC))
    serving = registry.current(settings.text.model)
    if serving and serving.digest == model.digest:
        raise UsageError(f"{folder} is the model that serves already, as {serving.id}.")
    files = frozen_test_set(settings)
    test_set = _digest(files)
    say("measuring the new model")
    new = _trial(_with_model(settings, folder), str(folder.resolve()), files)
    say("measuring the current model")
    known = serving.scores if serving and serving.test_set == test_set else None
    current = _trial(settings, engines.serving_model(settings), files, known)
    verdict = compare(new.scores, current.scores, new.outcomes, current.outcomes)
    tell(verdict)
    if verdict.objections:
        worse = "\n  ".join(verdict.objections)
        raise ModelError(f"{folder} is not promoted, since it is worse than the current model:\n  {worse}")
    model = replace(model, test_set=test_set, scores=dict(new.scores), stories=new.stories)
    registry.promote(model, folder)
    return model


def rollback(settings: Settings, kind: ModelKind | None = None) -> str:
    """Takes the latest promotion back, or the latest of a kind; returns the id of the model that serves again, or what
    the settings name. Raises NotFound."""
    taken, before = Registry(settings.folder).rollback(kind)
    return before.id if before else f"{_setting(taken)} ({configured(settings, taken) or 'off'})"


def list_models(settings: Settings) -> list[dict[str, Any]]:
    """The models of the settings and all promoted ones, as JSON values; `serving` marks those that serve."""
    registry = Registry(settings.folder)
    serving = {kind: registry.current(configured(settings, kind), kind) for kind in get_args(ModelKind)}
    of_settings = [
        {"id": configured(settings, kind), "kind": kind, "serving": promoted is None, "source": _setting(kind)}
        for kind, promoted in serving.items()
    ]
    return [*of_settings, *(_listed(model, serving[model.kind]) for model in registry.read().models)]


def _listed(model: Promoted, serving: Promoted | None) -> dict[str, Any]:
    listed = {
        "id": model.id,
        "kind": model.kind,
        "serving": serving is not None and model.id == serving.id,
        "source": model.source,
        "promoted_at": model.promoted_at,
        "scores": dict(model.scores),
    }
    if model.kind != "text":
        return listed
    lineage = {"base": model.base, "conversations": model.conversations, "data": dict(model.data)}
    return listed | lineage | {"stories": model.stories}


def _setting(kind: ModelKind) -> str:
    return "text.model" if kind == "text" else f"images.{kind}"


def frozen_test_set(settings: Settings) -> list[Path]:
    """The dialogue files of the bot folder's `evaluation/`, or those of the sample bot where it has none."""
    own = sorted(settings.path(TEST_SET).glob("dialogues*.jsonl*"))
    return own or sorted((Path(bot.sample.__file__).parent / TEST_SET).glob("dialogues*.jsonl*"))


def _trial(settings: Settings, model: str, files: Sequence[Path], known: Mapping[str, float] | None = None) -> Trial:
    """With `known` the scores need not be measured again."""
    scores = known or tuning.measure(model, files, voice=tuning.voice(settings))
    outcomes: Sequence[Outcome] = ()
    if settings.path("stories").is_dir():
        outcomes = asyncio.run(play_stories(settings, find_stories(settings)))
    return Trial(scores, outcomes)


def _with_model(settings: Settings, folder: Path) -> Settings:
    text = settings.text.model_copy(update={"model": str(folder.resolve())})
    return settings.model_copy(update={"text": text})


def _digest(files: Sequence[Path]) -> str:
    """SHA-256 over the files and the passages beside them."""
    beside = {path for file in files for path in file.parent.glob("knowledge.jsonl*")}
    digest = hashlib.sha256()
    for file in sorted({*files, *beside}):
        digest.update(file.read_bytes())
    return digest.hexdigest()
