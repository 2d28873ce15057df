"""From a trained learner to a model that can be drawn from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy
import torch

from generation.images.combinations import Combinations
from generation.images.mixture import GaussianMixture
from generation.images.model import ImageModel
from generation.images.networks import Architecture
from generation.images.pictures import PictureSet
from generation.images.stored import StoredModel
from generation.images.tags import TagVocabulary
from generation.images.training.adversarial import Adversaries
from generation.images.training.batches import Batch, Batches
from generation.images.training.variational import Autoencoder

COMPONENTS = 10
PHOTO_SHARE = 0.95
"""Of the validation pictures that count as pictures of this kind."""


def store(
    folder: Path,
    learner: Adversaries | Autoencoder,
    architecture: Architecture,
    tags: TagVocabulary,
    pictures: tuple[PictureSet, PictureSet],
    batches: Batches,
    facts: dict[str, Any],
) -> ImageModel:
    """Writes the model's folder and loads it; `pictures` are those of training and validation."""
    training, validation = pictures
    weights = dict(learner.parts["average"].state_dict())
    if isinstance(learner, Autoencoder):
        weights |= _mixture(learner, batches.all()).tensors()
    combinations = Combinations.of(tags.known(own) for own in training.tags)
    stored = StoredModel(architecture, tags, combinations, weights, facts=facts)
    stored.save(folder)
    model = ImageModel.load(folder, "cpu")
    if architecture.kind != "vae":
        return model
    limit = float(numpy.quantile(model.reconstruction_error(validation.images), PHOTO_SHARE))
    replace(stored, photo_limit=limit).save(folder)
    return ImageModel.load(folder, "cpu")


@torch.no_grad()
def _mixture(learner: Autoencoder, batches: Iterable[Batch]) -> GaussianMixture:
    means, rows = [], []
    for batch in batches:
        means.append(learner.network.encode(batch.pictures, batch.tags)[0].float().cpu())
        rows.append(batch.tags.cpu())
    return GaussianMixture.fit(torch.cat(means).numpy(), torch.cat(rows).numpy(), COMPONENTS, seed=1)
