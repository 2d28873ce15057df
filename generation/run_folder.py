"""The folder of a training run: `run.json` says what the run is made from, `state.pt` holds everything that its next
step depends on.

Files are replaced whole, so a kill at any moment leaves a run that resumes.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import torch

from generation.errors import ModelUnusable

STATE = "state.pt"


@dataclass(frozen=True)
class RunFolder:
    """An opened folder; `identity` is what makes two runs the same: options and hashes of data."""

    folder: Path
    identity: dict[str, Any]

    @classmethod
    def open(cls, out: Path, identity: Mapping[str, object], resume: bool) -> Self:
        """Makes `out/run`, or finds it again; raises ModelUnusable when it belongs to another run."""
        folder = out / "run"
        known = json.loads(json.dumps(identity, default=str))
        file = folder / "run.json"
        if resume and file.is_file():
            before = json.loads(file.read_text("utf-8"))
            changed = [key for key in known if before.get(key) != known[key]]
            if changed:
                raise ModelUnusable(f"{out} was trained with other {' and '.join(changed)}; it cannot be resumed so.")
        elif (folder / STATE).exists():
            raise ModelUnusable(f"{out} holds a run already; resume it, or name another folder.")
        folder.mkdir(parents=True, exist_ok=True)
        scratch = file.with_suffix(".new")
        scratch.write_text(json.dumps(known, indent=1, ensure_ascii=False), "utf-8")
        os.replace(scratch, file)
        return cls(folder, known)

    def store(self, content: Mapping[str, Any], name: str = STATE) -> None:
        """Puts tensors and plain values into a file of the folder."""
        scratch = self.folder / f"{name}.new"
        torch.save(content, scratch)
        os.replace(scratch, self.folder / name)

    def stored(self, name: str = STATE) -> dict[str, Any] | None:
        """What `store` has put there, on the CPU; None when it has not yet."""
        file = self.folder / name
        if not file.is_file():
            return None
        content: dict[str, Any] = torch.load(file, map_location="cpu", weights_only=True)
        return content
