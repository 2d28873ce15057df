"""The colour of what a picture shows, by one of eleven names, so that "red dress" can be learnt from "dress" alone.

What is far in colour from the border is the subject; each of its pixels votes for a name, more so near the middle.
Names follow Berlin and Kay, 1969, "Basic Color Terms", as regions of lightness L*, chroma C* and hue h of CIELAB.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

NAMES = ("black", "white", "grey", "red", "orange", "yellow", "green", "blue", "purple", "pink", "brown")
SIDE = 32
"""Pictures are looked at in this size, which takes out most of the texture."""
BORDER = 2
GROUNDS = 3
"""A background may have so many colours, such as floor and wall."""
GROUND_SHARE = 0.2
LEAST_DISTANCE = 12.0
"""In CIELAB; a just noticeable difference is about 2."""
LEAST_SUBJECT = 0.06
LEAST_VOTES = 0.5

Pixels = NDArray[np.uint8]
Numbers = NDArray[np.float64]

_D65 = np.array([0.95047, 1.0, 1.08883])
_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
_NEARNESS = np.exp(-np.square(np.linspace(-1, 1, SIDE)) / (2 * 0.5**2))


def colour_of(image: Pixels) -> str | None:
    """The name of the subject's colour, from RGB uint8 [H, W, 3]; None for grey pictures and mixed colours."""
    if image.shape[2] == 1:
        return None
    lab = to_lab(_small(image))
    subject = _subject(lab)
    votes = np.bincount(_names(lab)[subject], np.outer(_NEARNESS, _NEARNESS)[subject], len(NAMES))
    winner = int(votes.argmax())
    return NAMES[winner] if votes[winner] >= LEAST_VOTES * votes.sum() else None


def colour_tags(images: Iterable[Pixels]) -> list[tuple[str, ...]]:
    """For each picture its colour, or nothing; for `PictureSet.tagged`."""
    return [(colour,) if (colour := colour_of(image)) else () for image in images]


def to_lab(rgb: Pixels) -> Numbers:
    """sRGB (IEC 61966-2-1) of uint8 [..., 3] in CIELAB (CIE 15, white D65) [..., 3]."""
    values = rgb / 255.0
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    xyz = linear @ _XYZ.T / _D65
    x, y, z = np.moveaxis(np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116), -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def name_of(rgb: tuple[int, int, int]) -> str:
    """The name of one colour."""
    return NAMES[int(_names(to_lab(np.array(rgb, np.uint8)[None]))[0])]


def _small(image: Pixels) -> Pixels:
    from PIL import Image

    return np.asarray(Image.fromarray(image).resize((SIDE, SIDE), Image.Resampling.BOX))


def _subject(lab: Numbers) -> NDArray[np.bool_]:
    """Which pixels [SIDE, SIDE] are not of the border's colours; the middle, where hardly any are."""
    inside = np.zeros((SIDE, SIDE), bool)
    inside[BORDER:-BORDER, BORDER:-BORDER] = True
    grounds = _grounds(lab[~inside])
    distance = np.linalg.norm(lab[:, :, None] - grounds, axis=-1).min(-1)
    subject: NDArray[np.bool_] = inside & (distance > max(LEAST_DISTANCE, _threshold(distance[inside])))
    if subject.mean() >= LEAST_SUBJECT:
        return subject
    middle = np.zeros((SIDE, SIDE), bool)
    middle[SIDE // 4 : -SIDE // 4, SIDE // 4 : -SIDE // 4] = True
    return middle


def _grounds(border: Numbers) -> Numbers:
    """The main colours of border pixels [N, 3] by k-means, begun at quantiles of lightness."""
    order = np.argsort(border[:, 0], kind="stable")
    centres = np.stack([part.mean(0) for part in np.array_split(border[order], GROUNDS)])
    for _ in range(5):
        nearest = np.linalg.norm(border[:, None] - centres, axis=-1).argmin(1)
        centres = np.stack(
            [border[nearest == k].mean(0) if (nearest == k).any() else centres[k] for k in range(GROUNDS)]
        )
    counts = np.bincount(nearest, minlength=GROUNDS)
    return centres[counts >= GROUND_SHARE * len(border)]


def _threshold(values: Numbers) -> float:
    """Where values fall apart into two groups with the most variance between them (Otsu, 1979)."""
    counts, edges = np.histogram(values, 32)
    middles = (edges[:-1] + edges[1:]) / 2
    below, total = np.cumsum(counts), np.cumsum(counts * middles)
    above = len(values) - below
    with np.errstate(invalid="ignore", divide="ignore"):
        between = np.square(total[-1] * below - total * len(values)) / (below * above)
    return float(edges[1 + int(np.nan_to_num(between[:-1], posinf=0.0).argmax())])


def _names(lab: Numbers) -> NDArray[np.intp]:
    """The number in NAMES of each colour of CIELAB [..., 3]; the first region that fits."""
    light, chroma = lab[..., 0], np.hypot(lab[..., 1], lab[..., 2])
    hue = np.degrees(np.arctan2(lab[..., 2], lab[..., 1])) % 360
    regions = [
        ((light < 14) & (chroma < 30), "black"),
        ((light < 22) & (chroma < 14), "black"),
        ((chroma < 8) & (light < 34), "black"),
        ((chroma < 8) & (light < 74), "grey"),
        (chroma < 8, "white"),
        ((light > 82) & (chroma < 20) & (hue > 60) & (hue < 125), "white"),
        ((hue < 20) & (light > 45), "pink"),
        (hue < 20, "red"),
        ((hue < 48) & (chroma >= 35), "red"),
        ((hue < 48) & (light > 66), "pink"),
        (hue < 48, "brown"),
        ((hue < 82) & (chroma >= 50) & (light >= 52), "orange"),
        (hue < 82, "brown"),
        ((hue < 112) & (chroma >= 35) & (light >= 58), "yellow"),
        (hue < 95, "brown"),
        (hue < 195, "green"),
        (hue < 308, "blue"),
        ((hue < 335) & ((light < 58) | (chroma < 60)), "purple"),
        ((hue < 352) & (light < 45), "purple"),
        (light < 42, "red"),
    ]
    return np.select([where for where, _ in regions], [NAMES.index(name) for _, name in regions], NAMES.index("pink"))
