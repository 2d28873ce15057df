"""How the classifier of a set of pictures learns: AdamW, one cycle of the learning rate, small shifts and flips.

Its loss is binary cross-entropy for each tag, as a picture may have several; colours are left as they are, as they may
be tags.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from generation.images.classifier import (
    ROTATIONS,
    Classifier,
    Knowledge,
    Numbers,
    Pixels,
    basis_of,
    right_share,
)
from generation.images.classifier_network import ClassifierNetwork
from generation.images.devices import device_of
from generation.images.pictures import PictureSet
from generation.images.pixels import to_tensor
from generation.images.tags import TagVocabulary

BATCH = 64
LEARNING_RATE = 4e-3
WEIGHT_DECAY = 0.05
SHIFT = 8
"""By up to this part of the picture."""
EPOCHS = (1, 30)
IMAGES = 60_000


def train(
    pictures: PictureSet,
    tags: TagVocabulary,
    seed: int,
    images: int | None,
    device: str,
    report: Callable[[float], None],
) -> Classifier:
    """See `Classifier.train`."""
    learning, validation = pictures.split()
    basis = basis_of(tags, _rows(tags, learning))
    knowledge = Knowledge(pictures.size, pictures.channels, tags.names, basis, float("nan"), pictures.hash)
    if images is None:
        fewest, most = (epochs * len(learning) for epochs in EPOCHS)
        images = min(max(IMAGES, fewest), most)
    lessons = _Lessons(learning.images, _rows(tags, learning), basis, seed)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = ClassifierNetwork(pictures.channels, pictures.size, knowledge.outputs).to(device_of(device))
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # twice as fast on a CPU
    _fit(network, lessons, max(images // BATCH, 1), report)
    network.eval()
    accuracy = _accuracy(network, validation.images, _rows(tags, validation), basis)
    return Classifier(replace(knowledge, accuracy=accuracy), network.state_dict(), device)


class _Lessons:
    """Batches of changed pictures with what they should be told to be, drawn anew in each pass."""

    def __init__(self, images: Pixels, rows: Numbers, basis: str, seed: int) -> None:
        self._images = images
        self._rows = torch.from_numpy(rows)
        self._basis = basis
        self._chance = torch.Generator().manual_seed(seed)
        self._order = torch.empty(0, dtype=torch.long)

    def batch(self) -> tuple[Tensor, Tensor]:
        """Pictures [B, C, H, W] and targets [B, outputs]."""
        while len(self._order) < BATCH:
            self._order = torch.cat([self._order, torch.randperm(len(self._images), generator=self._chance)])
        chosen, self._order = self._order[:BATCH], self._order[BATCH:]
        pictures = _moved(to_tensor(self._images[chosen.numpy()]), self._chance)
        if self._basis == "tags":
            return pictures, self._rows[chosen]
        turns = torch.randint(ROTATIONS, (BATCH,), generator=self._chance)
        return _turned(pictures, turns), functional.one_hot(turns, ROTATIONS).float()


def _fit(network: ClassifierNetwork, lessons: _Lessons, steps: int, report: Callable[[float], None]) -> None:
    device = next(network.parameters()).device
    optimizer = torch.optim.AdamW(network.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, total_steps=steps + 1)
    network.train()
    for step in range(steps):
        pictures, targets = lessons.batch()
        pictures, targets = pictures.to(device, memory_format=torch.channels_last), targets.to(device)
        loss = functional.binary_cross_entropy_with_logits(network(pictures), targets)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
        report((step + 1) / steps)


def _moved(pictures: Tensor, chance: torch.Generator) -> Tensor:
    """Each picture mirrored or not, and shifted, with its edge going on."""
    count, _, height, width = pictures.shape
    reach = height // SHIFT
    mirrored = torch.rand(count, generator=chance) < 0.5
    pictures = torch.where(mirrored[:, None, None, None], pictures.flip(3), pictures)
    padded = functional.pad(pictures, (reach,) * 4, mode="replicate")
    offsets = torch.randint(2 * reach + 1, (count, 2), generator=chance).tolist()
    return torch.stack([image[:, y : y + height, x : x + width] for image, (y, x) in zip(padded, offsets, strict=True)])


def _turned(pictures: Tensor, turns: Tensor) -> Tensor:
    """Each picture by so many quarters."""
    return torch.stack([image.rot90(int(turn), (1, 2)) for image, turn in zip(pictures, turns, strict=True)])


@torch.inference_mode()
def _accuracy(network: ClassifierNetwork, images: Pixels, rows: Numbers, basis: str) -> float:
    pictures = to_tensor(images[:2000])
    targets = torch.from_numpy(rows[:2000])
    if basis == "rotations":
        turns = torch.arange(len(pictures)) % ROTATIONS
        pictures, targets = _turned(pictures, turns), functional.one_hot(turns, ROTATIONS).float()
    device = next(network.parameters()).device
    logits = torch.cat([network(part.to(device)).cpu() for part in torch.split(pictures, 256)])
    return right_share(logits.numpy(), targets.numpy())


def _rows(tags: TagVocabulary, pictures: PictureSet) -> Numbers:
    return np.asarray(tags.rows([tags.known(each) for each in pictures.tags]), np.float32)
