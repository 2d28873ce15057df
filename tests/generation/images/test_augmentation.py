"""What a critic's pictures undergo: different for each picture, differentiable, and decided by chance alone."""

from __future__ import annotations

import pytest
import torch

from generation.images.augmentation import Policy, augmented, mirrored


def chance(seed: int = 1) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("policy", ["colour", "translation", "cutout"])
def test_a_policy_changes_each_picture_in_its_own_way_and_the_same_chance_does_the_same(policy: Policy) -> None:
    pictures = torch.rand(1, 3, 16, 16).expand(6, -1, -1, -1) + 1
    changed = augmented(pictures, [policy], chance())
    assert changed.shape == pictures.shape
    assert torch.equal(changed, augmented(pictures, [policy], chance()))
    assert len({tuple(picture.flatten().tolist()) for picture in changed}) > 3
    assert torch.equal(augmented(pictures, [], chance()), pictures)


def test_translation_moves_a_dot_by_an_eighth_at_most() -> None:
    pictures = torch.zeros(64, 1, 16, 16)
    pictures[:, :, 8, 8] = 1.0
    moved = augmented(pictures, ["translation"], chance())
    places = {tuple(place) for place in moved.nonzero()[:, 2:].tolist()}
    assert moved.sum() == 64
    assert places <= {(8 + down, 8 + right) for down in range(-2, 3) for right in range(-2, 3)}
    assert len(places) > 15


def test_cutout_empties_a_square_of_half_the_side() -> None:
    kept = augmented(torch.ones(64, 1, 16, 16), ["cutout"], chance())
    emptied = (kept == 0).sum((1, 2, 3))
    assert emptied.max() <= 64
    assert emptied.float().mean() > 30


def test_the_gradient_reaches_the_pictures_that_were_given() -> None:
    pictures = torch.rand(4, 3, 16, 16, requires_grad=True)
    augmented(pictures, ["colour", "translation", "cutout"], chance()).sum().backward()  # type: ignore[no-untyped-call]
    assert pictures.grad is not None
    assert (pictures.grad != 0).any((1, 2, 3)).all()


def test_about_half_of_the_pictures_are_mirrored() -> None:
    pictures = torch.rand(200, 1, 4, 4)
    turned = mirrored(pictures, chance())
    flipped = (turned == pictures.flip(3)).all(3).all(2).all(1)
    kept = (turned == pictures).all(3).all(2).all(1)
    assert (flipped | kept).all()
    assert 70 < int(flipped.sum()) < 130
