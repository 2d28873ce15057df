"""The model card: what a picture model is, what it learnt from, and how good it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from generation.images.evaluation import Figures
from generation.images.model import ImageModel
from generation.images.pictures import PictureSet
from generation.images.report import MEANINGS
from generation.images.training.gallery import as_image, grid
from generation.images.training.options import Options
from generation.images.training.state import State

CARD, SAMPLES = "README.md", "samples.png"
ROWS, COLUMNS = 6, 8
MOST_TAGS = 60
KINDS = {
    "gan": "a residual generator that learnt against a critic (R3GAN)",
    "dcgan": "a DCGAN, the reference that others are compared with",
    "vae": "a variational autoencoder",
}


def write_card(
    folder: Path, model: ImageModel, options: Options, state: State, pictures: PictureSet, figures: Figures | None
) -> None:
    """Writes README.md and samples.png beside the model."""
    rows = _frequent(model, pictures)
    drawn = model.draw([tags for tags in rows for _ in range(COLUMNS)], range(len(rows) * COLUMNS))
    as_image(grid(drawn, COLUMNS)).save(folder / SAMPLES, optimize=True)
    lines = [
        f"# {model.name}",
        "",
        f"This is {KINDS[model.kind]}. It draws pictures of {model.size}x{model.size} pixels in "
        f"{'colour' if model.channels == 3 else 'grey'}.",
        "",
        f"![Samples]({SAMPLES})",
        "",
        *(f"- row {number}: {', '.join(tags) or 'no tags'}" for number, tags in enumerate(rows, 1)),
        "",
        *_training(options, state, pictures),
        *_tags(model, pictures),
        *_figures(figures),
        *_limits(model),
    ]
    (folder / CARD).write_text("\n".join(lines).rstrip() + "\n", "utf-8")


def _frequent(model: ImageModel, pictures: PictureSet) -> list[tuple[str, ...]]:
    counts = Counter(model.tags.known(own) for own in pictures.tags)
    return [tags for tags, _ in counts.most_common(ROWS)]


def _training(options: Options, state: State, pictures: PictureSet) -> Sequence[str]:
    seen = state.step * options.pictures_a_step
    setbacks = f" It went back {state.setbacks} times after a divergence." if state.setbacks else ""
    return (
        "## Training",
        "",
        f"{state.step:,} steps of {options.pictures_a_step} pictures in {state.seconds / 60:.0f} minutes: each of "
        f"{len(pictures):,} pictures was seen about {seen / max(len(pictures), 1):.0f} times.{setbacks} A tenth of the "
        "pictures was held out.",
        "",
        f"- pictures: `{options.data.name}`, hash `{pictures.hash}`, {len(pictures.skipped)} left out",
        f"- options: `{_command(options)}`",
        "",
    )


def _command(options: Options) -> str:
    """What differs from the habits, as it is given on the command line."""
    parts = [f"--kind {options.kind} --size {options.size} --seed {options.seed}"]
    for name in ("batch", "learning_rate", "objective", "penalty"):
        if (value := getattr(options, name)) is not None:
            parts.append(f"--{name.replace('_', '-')} {value}")
    return " ".join(parts)


def _tags(model: ImageModel, pictures: PictureSet) -> Sequence[str]:
    counts = Counter(tag for own in pictures.tags for tag in own if tag in model.tags)
    listed = ", ".join(f"{tag} ({count})" for tag, count in counts.most_common(MOST_TAGS))
    return ("## Tags", "", f"With the number of pictures: {listed}." if listed else "None.", "")


def _figures(figures: Figures | None) -> Sequence[str]:
    if figures is None:
        return ()
    known = figures.to_json()
    return (
        "## Figures",
        "",
        f"Of {figures.samples} samples, in the space of a classifier of the same pictures "
        f"(`{figures.classifier[:16]}`); they cannot be compared with those of another classifier.",
        "",
        "| figure | value | meaning |",
        "| --- | --- | --- |",
        *(f"| {name} | {known[name]:.3g} | {meaning} |" for name, meaning in MEANINGS.items() if name in known),
        "",
    )


def _limits(model: ImageModel) -> Sequence[str]:
    photo = (
        f"- Photographs that it draws again with an error above {model.photo_limit:.4f} are unlike what it learnt from."
        if model.kind == "vae"
        else "- It cannot start from a photograph."
    )
    return (
        "## Limits",
        "",
        "- It can draw what its tags say and nothing else, and only as its pictures show it.",
        "- Whatever is one-sided in the pictures is one-sided in what it draws.",
        photo,
    )
