"""The models that were promoted in a bot folder, and which of them serves.

`models/models.json` is the register; beside it each model lies in a folder of its own, copied there when it was
promoted, so that what serves does not change when its training folder does.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from bot.errors import ModelError, NotFound

FOLDER = "models"
REGISTER = "models.json"
WEIGHTS = "model.safetensors"
CONFIG = "config.json"
METRICS = "metrics.json"
KEPT = (
    *(WEIGHTS, "config.json", "tokenizer.json", "tokenizer_config.json", "README.md", "run/run.json"),
    *("classifier.safetensors", METRICS),
)
ModelKind = Literal["text", "gan", "vae"]
"""Which setting a model serves in place of."""
LINEAGE = ("run/lineage.json", "run/cleaning.json")


@dataclass(frozen=True, slots=True)
class Promoted:
    """A model that may serve: `base` and `data` (SHA-256 by file) are its lineage, `scores` those it was promoted
    with, on a test set with the hash `test_set`. `openers` are words with which its data habitually begins a sentence,
    `instead_of` is what the settings named at that time as `text.model`, `images.gan` or `images.vae`."""

    id: str
    source: str
    digest: str
    promoted_at: str
    instead_of: str
    base: str = ""
    data: Mapping[str, str] = field(default_factory=dict)
    conversations: int = 0
    languages: tuple[str, ...] = ()
    openers: tuple[str, ...] = ()
    test_set: str = ""
    scores: Mapping[str, float] = field(default_factory=dict)
    stories: str = ""
    kind: ModelKind = "text"


@dataclass(frozen=True, slots=True)
class Register:
    """All promoted models, and the ids of those that served one after the other; the last one of its kind serves."""

    models: tuple[Promoted, ...] = ()
    served: tuple[str, ...] = ()

    def serving(self, kind: ModelKind) -> Promoted | None:
        """The model of a kind that was promoted last."""
        models = {model.id: model for model in self.models if model.kind == kind}
        return next((models[id] for id in reversed(self.served) if id in models), None)


class Registry:
    """The register of a bot folder."""

    def __init__(self, bot_folder: Path) -> None:
        self.folder = bot_folder / FOLDER
        self._file = self.folder / REGISTER

    def read(self) -> Register:
        """Raises ModelError when the register cannot be read."""
        try:
            known = json.loads(self._file.read_text("utf-8"))
            models = tuple(Promoted(**{name: _frozen(value) for name, value in row.items()}) for row in known["models"])
            return Register(models, tuple(known["served"]))
        except FileNotFoundError:
            return Register()
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelError(f"{self._file} cannot be read ({error}); put back a copy, or remove it.") from None

    def current(self, configured: str, kind: ModelKind = "text") -> Promoted | None:
        """The promoted model of a kind that serves; None when there is none, or its setting, which is `configured`
        now, was changed since."""
        serving = self.read().serving(kind)
        return serving if serving and serving.instead_of == configured else None

    def path(self, model: Promoted) -> Path:
        """The folder of a promoted model."""
        return self.folder / model.id

    def find(self, engine_name: str) -> Promoted | None:
        """The promoted model that an engine was loaded from."""
        return next((model for model in self.read().models if str(self.path(model)) == engine_name), None)

    def promote(self, model: Promoted, folder: Path) -> None:
        """Copies the model's files from its folder and makes it the one that serves."""
        target = self.path(model)
        scratch = target.with_name(f"{model.id}.new")
        shutil.rmtree(scratch, ignore_errors=True)
        (scratch / "run").mkdir(parents=True)
        for name in (*KEPT, *LINEAGE):
            if (folder / name).is_file():
                shutil.copyfile(folder / name, scratch / name)
        shutil.rmtree(target, ignore_errors=True)
        os.replace(scratch, target)
        register = self.read()
        others = tuple(known for known in register.models if known.id != model.id)
        self._write(Register((*others, model), (*register.served, model.id)))

    def rollback(self, kind: ModelKind | None = None) -> tuple[ModelKind, Promoted | None]:
        """Takes the latest promotion back, or the latest of a kind; returns its kind and the model that serves again,
        None for the one of the settings. Raises NotFound when nothing was promoted."""
        register = self.read()
        kinds = {model.id: model.kind for model in register.models}
        places = [place for place, id in enumerate(register.served) if kind in (None, kinds.get(id))]
        if not places:
            raise NotFound("No model was promoted: the one of the settings serves, and there is none to go back to.")
        last = places[-1]
        before = replace(register, served=register.served[:last] + register.served[last + 1 :])
        self._write(before)
        taken = kinds.get(register.served[last], "text")
        return taken, before.serving(taken)

    def stamp(self) -> int:
        """Another number as soon as the register has changed; 0 while there is none."""
        try:
            return self._file.stat().st_mtime_ns
        except OSError:
            return 0

    def _write(self, register: Register) -> None:
        scratch = self._file.with_suffix(".new")
        scratch.write_text(json.dumps(asdict(register), indent=1, ensure_ascii=False) + "\n", "utf-8")
        os.replace(scratch, self._file)


def kind_of(folder: Path) -> ModelKind:
    """What a model's folder says that it is for; a DCGAN draws in a GAN's place."""
    architecture = _json(folder / CONFIG).get("architecture")
    kind = architecture.get("kind") if isinstance(architecture, dict) else None
    if kind is None:
        return "text"
    return "vae" if kind == "vae" else "gan"


def describe(folder: Path, configured: str, now: datetime, kind: ModelKind = "text") -> Promoted:
    """What a model's folder tells of it; `configured` is what the settings name for its kind. Raises ModelError when
    it holds no model."""
    weights = folder / WEIGHTS
    if not weights.is_file():
        command = "parley train text" if kind == "text" else "parley train image"
        raise ModelError(f"{folder} holds no finished model: {WEIGHTS} is missing. Train one with `{command}`.")
    with weights.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    known = Promoted(
        id=f"{folder.resolve().name}-{digest[:8]}",
        source=str(folder.resolve()),
        digest=digest,
        promoted_at=now.isoformat(timespec="seconds"),
        instead_of=configured,
        kind=kind,
    )
    return _with_lineage(known, folder) if kind == "text" else known


def _with_lineage(model: Promoted, folder: Path) -> Promoted:
    lineage, cleaning = (_json(folder / name) for name in LINEAGE)
    return replace(
        model,
        base=str(lineage.get("base", "")),
        data=dict(lineage.get("data", {})),
        conversations=len(lineage.get("training", ())),
        languages=_spoken(cleaning.get("languages", {})),
        openers=tuple(cleaning.get("openers", ())),
    )


def _spoken(dialogues: Mapping[str, int]) -> tuple[str, ...]:
    """The languages of at least a twentieth of the dialogues."""
    least = sum(dialogues.values()) / 20
    return tuple(sorted(language for language, count in dialogues.items() if language != "und" and count >= least))


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _json(file: Path) -> dict[str, Any]:
    """What a file of the run tells; nothing if there is none, as beside a model that was made elsewhere."""
    try:
        known = json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ModelError(f"{file} cannot be read ({error}); the model's lineage would be lost.") from None
    return known if isinstance(known, dict) else {}
