"""The generators in memory: loaded when they are first needed, exchanged when others serve."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from generation.errors import ModelUnusable
from generation.images.model import ImageModel
from generation.images.stored import CONFIG, WEIGHTS

Kind = Literal["gan", "vae"]
FolderOf = Callable[[Kind], Path | None]
"""Where the generator of a kind lies now; None for one that is switched off."""
KINDS: tuple[Kind, ...] = ("gan", "vae")
HOW_TO = "Train one on a folder of pictures with `parley train image`, and let it serve with `parley models promote`."


class Models:
    """For one thread, but for `kinds`."""

    def __init__(self, folder_of: FolderOf, device: str) -> None:
        self._folder_of = folder_of
        self._device = device
        self._loaded: dict[Kind, tuple[object, ImageModel]] = {}

    def kinds(self) -> tuple[Kind, ...]:
        """Those whose folders hold a model."""
        return tuple(kind for kind in KINDS if self._stamp(kind) is not None)

    def of(self, kind: Kind | None) -> ImageModel:
        """The generator of a kind, or the first that there is; loads it if need be. Raises ModelUnusable."""
        installed = self.kinds()
        if not installed:
            raise ModelUnusable(f"No picture generator is installed. {HOW_TO}")
        wanted = kind or installed[0]
        folder = self._folder_of(wanted)
        if wanted not in installed or folder is None:
            where = f"there is no model in {folder}" if folder else f"images.{wanted} is switched off in the settings"
            raise ModelUnusable(f"No generator of the kind {wanted!r} is installed: {where}. {HOW_TO}")
        stamp = self._stamp(wanted)
        known = self._loaded.get(wanted)
        if known is None or known[0] != stamp:
            self._loaded.pop(wanted, None)
            known = self._loaded[wanted] = (stamp, ImageModel.load(folder, self._device))
        return known[1]

    @property
    def count(self) -> int:
        """How many are in memory."""
        return len(self._loaded)

    def unload(self) -> None:
        """Gives the memory back."""
        self._loaded.clear()

    def _stamp(self, kind: Kind) -> object:
        """Another value when another model lies there; None when there is none."""
        folder = self._folder_of(kind)
        if folder is None:
            return None
        try:
            return folder, *((folder / name).stat().st_mtime_ns for name in (CONFIG, WEIGHTS))
        except OSError:
            return None
