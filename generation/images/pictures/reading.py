"""A set of pictures from a folder, a zip archive or a numpy archive."""

from __future__ import annotations

import os
import warnings
import zipfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from generation.errors import ModelUnusable
from generation.images.pictures import decoding, labels, sources
from generation.images.pictures.decoding import Limits, Pixels, Undecodable
from generation.images.pictures.sets import FEWEST, PictureSet, Skipped, without_repeats

MOST_BYTES = 8 * 2**30
GREY = 3
"""Channels that differ by no more than this everywhere are grey; JPEG makes small differences of its own."""

Report = Callable[[float], None]
"""Told which share of the set has been read."""


def read_pictures(
    path: Path, *, size: int, channels: int | None = None, report: Report = lambda share: None
) -> PictureSet:
    """Every usable picture under `path`, as `size` x `size` pixels, and a reason for every other one.

    `path` is a folder, a .zip (tags from sub-folders, or from `labels.csv`, see `labels`), or an .npz with `images`
    (uint8 [N, H, W] or [N, H, W, 3 or 4]) and, if there are any, `labels` with `label_names` and `names`. Without
    `channels` the set is grey (1) if all of its pictures are, and in colour (3) otherwise. Raises ModelUnusable
    when the file cannot be read, or has fewer than ten usable pictures.
    """
    limits = Limits(least_side=max(16, size // 4))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # their size is checked against the limits
        if path.suffix == ".npz":
            found = _from_numpy(path, size, limits)
        elif path.is_dir():
            found = _from_files(sources.Folder(path), size, limits, report)
        elif zipfile.is_zipfile(path):
            found = _from_files(sources.Archive(path), size, limits, report)
        else:
            raise ModelUnusable(f"{path} is no folder, .zip or .npz with pictures.")
    usable = without_repeats(found)
    if len(usable) < FEWEST:
        raise ModelUnusable(_too_few(path, usable))
    return replace(usable, images=_in_channels(usable.images, channels))


def _from_files(source: sources.Source, size: int, limits: Limits, report: Report) -> PictureSet:
    listed = labels.LABELS in source.names
    tags = labels.read_labels(source.read(labels.LABELS, limits.content_bytes)) if listed else {}
    pictures = [name for name in source.names if sources.is_picture(name)]
    _check_memory(len(pictures), size)

    def read(name: str) -> Pixels | Skipped:
        try:
            return decoding.decode(source.read(name, limits.content_bytes), size, limits)
        except Undecodable as error:
            return Skipped(name, str(error))

    results: list[Pixels | Skipped] = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for result in pool.map(read, pictures):
            results.append(result)
            report(len(results) / len(pictures))
    names = [name for name, result in zip(pictures, results, strict=True) if not isinstance(result, Skipped)]
    others = [Skipped(name, "not a picture") for name in source.names if name not in {*pictures, labels.LABELS}]
    missing = [Skipped(name, f"in {labels.LABELS}, but not there") for name in tags if name not in source.names]
    return PictureSet(
        _stack([result for result in results if not isinstance(result, Skipped)], size),
        tuple(tags.get(name) or labels.of_folders(name) for name in names),
        tuple(names),
        (*(result for result in results if isinstance(result, Skipped)), *others, *missing),
    )


def _from_numpy(path: Path, size: int, limits: Limits) -> PictureSet:
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in ("images", "labels", "label_names", "names") if name in archive}
    except (OSError, ValueError, EOFError, MemoryError, zipfile.BadZipFile) as error:
        raise ModelUnusable(f"{path} is no readable numpy archive: {error}.") from None
    images = arrays.get("images")
    if images is None or images.dtype != np.uint8 or images.ndim not in (3, 4) or images.shape[3:] not in _DEPTHS:
        raise ModelUnusable(f"{path} needs `images` as uint8 [N, height, width] or [N, height, width, 3].")
    if min(images.shape[1:3]) < limits.least_side:
        raise ModelUnusable(f"The pictures in {path} are too small: {images.shape[2]}x{images.shape[1]} pixels.")
    _check_memory(len(images), size)
    names = arrays.get("names", np.arange(len(images)))
    if len(names) != len(images):
        raise ModelUnusable(f"{path} has {len(images)} images, but {len(names)} names.")
    if images.shape[3:] == (1,):
        images = images[..., 0]
    pixels = [decoding.from_array(image, size) for image in images]
    return PictureSet(_stack(pixels, size), _array_tags(path, arrays, len(images)), tuple(str(name) for name in names))


_DEPTHS = ((), (1,), (3,), (4,))


def _array_tags(path: Path, arrays: dict[str, NDArray[np.generic]], count: int) -> tuple[tuple[str, ...], ...]:
    if "labels" not in arrays:
        return ((),) * count
    given = arrays["labels"]
    names = [labels.clean(str(name)) for name in arrays.get("label_names", ())]
    numbers = given.dtype.kind in "ui"
    if (
        len(given) != count
        or given.ndim != 1
        or (numbers and names and not 0 <= given.min() <= given.max() < len(names))
    ):
        raise ModelUnusable(f"{path}: `labels` needs one number a picture, each with a name in `label_names`.")
    return tuple((names[int(label)] if numbers and names else labels.clean(str(label)),) for label in given)


def _stack(pixels: Sequence[Pixels], size: int) -> Pixels:
    return np.stack(pixels) if pixels else np.zeros((0, size, size, 3), np.uint8)


def _in_channels(images: Pixels, channels: int | None) -> Pixels:
    """RGB pictures [N, size, size, 3] in one or three channels; luminance by ITU-R BT.601."""
    blocks = np.array_split(images, max(len(images) // 256, 1))
    if channels is None:
        channels = 1 if all(_is_grey(block) for block in blocks) else 3
    if channels == 3:
        return images
    weights = np.array([0.299, 0.587, 0.114], np.float32)
    return np.concatenate([np.rint(block @ weights).astype(np.uint8) for block in blocks])[..., None]


def _is_grey(images: Pixels) -> bool:
    red, green, blue = np.moveaxis(images.astype(np.int16), -1, 0)
    return max(int(np.abs(one - green).max()) for one in (red, blue)) <= GREY


def _check_memory(count: int, size: int) -> None:
    if (needed := count * size * size * 3) > MOST_BYTES:
        raise ModelUnusable(
            f"{count} pictures of {size}x{size} pixels take {needed / 2**30:.0f} GiB of memory, more than "
            f"{MOST_BYTES / 2**30:.0f}: give fewer, or a smaller size."
        )


def _too_few(path: Path, found: PictureSet) -> str:
    first = "; ".join(f"{skipped.name}: {skipped.reason}" for skipped in found.skipped[:3])
    more = f" ({len(found.skipped)} were skipped, such as {first})" if first else ""
    return f"{path} has {len(found)} usable pictures{more}. A generator needs {FEWEST} at the very least."
