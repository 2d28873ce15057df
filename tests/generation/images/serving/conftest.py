"""Picture models with random weights, small enough to draw in a few milliseconds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from generation.images.networks import Kind
from tests.generation.images.test_model import stored

Installed = Callable[..., Path]


@pytest.fixture
def installed(tmp_path: Path) -> Installed:
    """Makes the folders of these kinds under one folder; returns it."""

    def make(*kinds: Kind, photo_limit: float = 1.0) -> Path:
        for kind in kinds:
            replace(stored(kind), photo_limit=photo_limit).save(tmp_path / kind)
        return tmp_path

    return make
