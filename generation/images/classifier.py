"""The frozen classifier of a set of pictures: it tells tags, and its features are the space that generators are
measured in.

Figures are comparable only under one classifier, so its hash is stored with each of them, and none of them with those
that others publish for the Inception network.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal, cast

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from generation.errors import ModelUnusable
from generation.images.classifier_network import WIDTHS, ClassifierNetwork
from generation.images.devices import device_of
from generation.images.pictures import PictureSet
from generation.images.pixels import to_tensor
from generation.images.tags import TagVocabulary

FILE = "classifier.safetensors"
AT_ONCE = 256
ROTATIONS = 4

Pixels = NDArray[np.uint8]
Numbers = NDArray[np.float32]
Basis = Literal["tags", "rotations"]


@dataclass(frozen=True)
class Knowledge:
    """What a classifier has learnt from: `basis` is the tags or, for pictures without them, which way up they were
    turned (Gidaris et al., 2018); `accuracy` is that of validation pictures, see `right_share`."""

    size: int
    channels: int
    tags: tuple[str, ...]
    basis: Basis
    accuracy: float
    pictures: str
    """The hash of the set."""

    @property
    def outputs(self) -> int:
        """How many logits there are."""
        return len(self.tags) if self.basis == "tags" else ROTATIONS


class Classifier:
    """Takes pictures as uint8 [N, size, size, channels]; its weights have 16 bits, in memory as on disk."""

    num_features = WIDTHS[-1]

    def __init__(self, knowledge: Knowledge, weights: dict[str, Tensor], device: str = "auto") -> None:
        self.knowledge = knowledge
        self.tags = TagVocabulary(knowledge.tags)
        self._weights = {name: _halved(weight) for name, weight in weights.items()}
        self._device = device_of(device)
        self._network = ClassifierNetwork(knowledge.channels, knowledge.size, knowledge.outputs)
        self._network.load_state_dict({name: weight.float() for name, weight in self._weights.items()})
        self._network.requires_grad_(False).eval().to(self._device)

    @classmethod
    def train(
        cls,
        pictures: PictureSet,
        *,
        tags: TagVocabulary | None = None,
        seed: int = 1,
        images: int | None = None,
        device: str = "auto",
        report: Callable[[float], None] = lambda share: None,
    ) -> Classifier:
        """Learns the training part of the set within minutes on a CPU; `images` is how many it looks at, repeats
        counted. Without `tags` they are those of the set. `report` is told which share is done."""
        from generation.images.classifier_training import train

        return train(pictures, tags or TagVocabulary.of(pictures.tags), seed, images, device, report)

    @classmethod
    def load(cls, folder: Path, device: str = "auto") -> Classifier:
        """Raises ModelUnusable, with the reason, when the folder holds no classifier."""
        file = folder / FILE
        try:
            with safe_open(file, "pt") as stored:
                values = json.loads((stored.metadata() or {})["knowledge"])
                weights = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118
            knowledge = Knowledge(**{**values, "tags": tuple(values["tags"])})
            return cls(knowledge, weights, device)
        except OSError:
            raise ModelUnusable(f"{folder} has no {FILE}, which knows the tags of its pictures.") from None
        except (SafetensorError, KeyError, TypeError, ValueError, RuntimeError) as error:
            raise ModelUnusable(f"{file} cannot be used: {' '.join(str(error).split())[:300]}.") from None

    def save(self, folder: Path) -> None:
        """Writes one file into the folder, in the same bytes each time."""
        folder.mkdir(parents=True, exist_ok=True)
        knowledge = json.dumps(asdict(self.knowledge), ensure_ascii=False, sort_keys=True)
        save_file(self._weights, folder / FILE, metadata={"knowledge": knowledge})

    @cached_property
    def hash(self) -> str:
        """Of weights and tags."""
        digest = hashlib.sha256(repr(self.knowledge).encode())
        for name in sorted(self._weights):
            digest.update(self._weights[name].contiguous().numpy().tobytes())
        return digest.hexdigest()

    def features(self, pictures: Pixels) -> Numbers:
        """[N, 128]."""
        empty = torch.zeros(0, self.num_features)
        return _numpy(torch.cat([empty, *(self._network.features(part).cpu() for part in self._parts(pictures))]))

    def tag_probabilities(self, pictures: Pixels) -> Numbers:
        """[N, tags]; how probable each tag is by itself. Raises ModelUnusable when it has learnt no tags."""
        if self.knowledge.basis != "tags":
            raise ModelUnusable("The pictures that this model has learnt from have no tags to tell apart.")
        empty = torch.zeros(0, len(self.tags))
        return _numpy(torch.cat([empty, *(self._network(part).sigmoid().cpu() for part in self._parts(pictures))]))

    def _parts(self, pictures: Pixels) -> Iterator[Tensor]:
        wanted = (self.knowledge.size, self.knowledge.size, self.knowledge.channels)
        if pictures.shape[1:] != wanted:
            raise ModelUnusable(f"The classifier takes pictures of the shape {wanted}, not {pictures.shape[1:]}.")
        for start in range(0, len(pictures), AT_ONCE):
            yield to_tensor(pictures[start : start + AT_ONCE]).to(self._device)


def right_share(probabilities: Numbers, rows: Numbers) -> float:
    """The share of pictures' tags, given as multi-hot rows, that are among as many most probable ones as a picture has
    tags: the accuracy if each has one, and R-precision in general. NaN without any tag."""
    order = np.argsort(-probabilities, axis=1, kind="stable")
    rank = np.argsort(order, axis=1, kind="stable")
    chosen = rank < rows.sum(1, keepdims=True)
    return float((chosen * rows).sum() / rows.sum()) if rows.any() else float("nan")


def basis_of(tags: TagVocabulary, rows: Numbers) -> Basis:
    """`tags` if any tag tells pictures apart."""
    told = bool(len(tags)) and bool((rows.min(0) < rows.max(0)).any())
    return "tags" if told else "rotations"


def _halved(weight: Tensor) -> Tensor:
    weight = weight.detach().cpu()
    return weight.to(torch.float16).contiguous() if weight.is_floating_point() else weight.contiguous()


def _numpy(tensor: Tensor) -> Numbers:
    return cast("Numbers", tensor.numpy())
