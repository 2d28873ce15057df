"""Where a model comes from: its base, the files it has read and the conversations in them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from generation.text.bases import resolved
from generation.text.dialogues import Dialogue

FILE = "lineage.json"


@dataclass(frozen=True)
class Lineage:
    """`base_digest` is the SHA-256 of the base's weights, empty for random ones and hub names; `ancestors` are the
    bases before it, oldest first. `data` are SHA-256 by file name, `training` and `validation` conversation ids."""

    base: str
    base_digest: str
    ancestors: tuple[str, ...]
    data: Mapping[str, str]
    training: tuple[str, ...]
    validation: tuple[str, ...]

    @classmethod
    def of(
        cls, base: str, data: Mapping[str, str], training: Sequence[Dialogue], validation: Sequence[Dialogue]
    ) -> Lineage:
        """The lineage of a model that is about to be trained."""
        weights = Path(resolved(base)) / "model.safetensors"
        before = read(weights.parent)
        return cls(
            base=base,
            base_digest=digest(weights) if weights.is_file() else "",
            ancestors=(*before.get("ancestors", ()), before["base"]) if before else (),
            data=dict(data),
            training=tuple(dialogue.id for dialogue in training),
            validation=tuple(dialogue.id for dialogue in validation),
        )

    def write(self, run: Path) -> None:
        """Writes it into a run's folder."""
        (run / FILE).write_text(json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n", "utf-8")


def read(model: Path) -> dict[str, Any]:
    """The lineage of a model's folder as JSON values; empty when it does not tell."""
    file = model / "run" / FILE
    known: dict[str, Any] = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    return known


def digest(file: Path) -> str:
    """SHA-256 of a file."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
