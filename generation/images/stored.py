"""Picture models on disk: config.json and model.safetensors in a folder, never a pickle."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from generation.errors import ModelUnusable
from generation.images.combinations import Combinations
from generation.images.networks import Architecture
from generation.images.tags import TagVocabulary

CONFIG, WEIGHTS = "config.json", "model.safetensors"


@dataclass(frozen=True)
class StoredModel:
    """A generator's weights and all that is needed to draw with it.

    `photo_limit` is the reconstruction error that 95 of 100 validation pictures stay under (autoencoders only);
    `facts` are further values for config.json, such as what it was trained on.
    """

    architecture: Architecture
    tags: TagVocabulary
    combinations: Combinations
    weights: dict[str, Tensor]
    photo_limit: float = 0.0
    facts: dict[str, Any] = field(default_factory=dict)

    def save(self, folder: Path) -> None:
        """Writes the folder, weights in 16 bits."""
        folder.mkdir(parents=True, exist_ok=True)
        halves = {name: weight.detach().cpu().to(torch.float16).contiguous() for name, weight in self.weights.items()}
        save_file(halves, folder / WEIGHTS, metadata={"format": "pt"})
        config = {
            "architecture": self.architecture.to_json(),
            "tags": list(self.tags.names),
            "combinations": self.combinations.to_json(),
            "photo_limit": self.photo_limit,
            **self.facts,
        }
        (folder / CONFIG).write_text(json.dumps(config, indent=1, ensure_ascii=False) + "\n", "utf-8")

    @classmethod
    def load(cls, folder: Path) -> StoredModel:
        """Raises ModelUnusable, with the reason, when the folder holds no picture model."""
        config = _config(folder)
        try:
            tags = TagVocabulary(tuple(map(str, config["tags"])))
            combinations = Combinations.from_json(config["combinations"])
            photo_limit = float(config["photo_limit"])
        except (KeyError, TypeError, ValueError) as error:
            raise ModelUnusable(f"{folder / CONFIG} lacks a usable {error}.") from None
        architecture = Architecture.from_json(config.get("architecture", {}))
        return cls(architecture, tags, combinations, _weights(folder), photo_limit)


def digest(folder: Path) -> str:
    """The SHA-256 of config and weights, which names the model in what it draws."""
    content = hashlib.sha256()
    for name in (CONFIG, WEIGHTS):
        content.update((folder / name).read_bytes())
    return content.hexdigest()


def _config(folder: Path) -> dict[str, Any]:
    if not folder.is_dir():
        raise ModelUnusable(f"There is no model folder {folder}.")
    try:
        config = json.loads((folder / CONFIG).read_text("utf-8"))
    except OSError:
        raise ModelUnusable(f"{folder} has no {CONFIG}: it is not a picture model.") from None
    except ValueError:
        raise ModelUnusable(f"{folder / CONFIG} is not valid JSON.") from None
    if not isinstance(config, dict) or not isinstance(config.get("architecture"), dict):
        raise ModelUnusable(f"{folder / CONFIG} does not describe a picture model.")
    return config


def _weights(folder: Path) -> dict[str, Tensor]:
    file = folder / WEIGHTS
    if not file.is_file():
        raise ModelUnusable(f"{folder} has no {WEIGHTS}.")
    try:
        return {name: weight.float() for name, weight in load_file(file).items()}
    except (SafetensorError, OSError) as error:
        raise ModelUnusable(f"{file} cannot be read ({error}); copy it again.") from None
