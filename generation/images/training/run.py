"""Training of a picture model: one straight page from a set of pictures to a folder that can be drawn from.

What a run needs to go on after Ctrl-C or a kill lies in its folder (state.py); the same options then give the same
model as an uninterrupted run, if its end is given in steps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch

from generation.images.assessment import assess
from generation.images.augmentation import Policy
from generation.images.colours import colour_tags
from generation.images.devices import device_of
from generation.images.evaluation import Figures
from generation.images.networks import Architecture
from generation.images.pictures import PictureSet, read_pictures
from generation.images.tags import TagVocabulary
from generation.images.training import finishing
from generation.images.training.adversarial import Adversaries
from generation.images.training.batches import Batches, chance_of
from generation.images.training.card import write_card
from generation.images.training.course import Course, Schedule
from generation.images.training.gallery import FILM, Gallery
from generation.images.training.health import Health
from generation.images.training.options import Options
from generation.images.training.progress import Progress
from generation.images.training.state import Run, State
from generation.images.training.variational import Autoencoder
from generation.interrupts import deferred_interrupt
from generation.text.tracking import opened_trackers

HELD_OUT = 0.1
RAREST_TAG = 2  # pictures
MOST_ROWS = 8  # of a grid of samples, and columns
GRID_PIXELS = 1024  # a side, at most
MOST_AUGMENTED = 20_000  # pictures; a critic does not learn more than these by heart


def train(options: Options, report: Callable[[Progress], None], say: Callable[[str], None]) -> Path:
    """Trains and returns the folder of the finished model, `options.out`.

    `report` is called after each step, `say` with what the owner of the pictures should know. Ctrl-C ends the run after
    the current step with its state saved (KeyboardInterrupt). Raises ModelUnusable when the pictures cannot be used,
    when the run to resume was made with others or other options, and when training diverges again and again.
    """
    if options.threads:
        torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    device = device_of(options.device)
    options = replace(options, large=device.type == "cuda" if options.large is None else options.large)
    pictures = _pictures(options, say)
    training, validation = pictures.split(HELD_OUT)
    tags = TagVocabulary.of(training.tags, least=RAREST_TAG)
    architecture = Architecture.of(options.kind, options.size, pictures.channels, len(tags), large=bool(options.large))
    run = Run.open(options.out, {"options": options.identity(), "data": pictures.hash}, options.resume)
    batches = Batches(training, tags, size=options.pictures_a_step, mirror=options.mirror, device=device)
    learner = _learner(options, architecture, _policies(options, training), device)
    health = Health(batches, architecture.latent, device)
    gallery = _gallery(run.folder, batches, architecture, device)
    with (
        opened_trackers(options.trackers, run.folder, run.identity["options"]) as trackers,
        deferred_interrupt() as interrupted,
    ):
        course = Course(_schedule(options), run, batches, learner, health, gallery, trackers, say)
        state = course.complete(report, interrupted)
    facts = {"steps": state.step, "seconds": round(state.seconds), "data": pictures.hash, "pictures": len(pictures)}
    model = finishing.store(options.out, learner, architecture, tags, (training, validation), batches, facts)
    figures = _assessed(options, pictures, run, state, say) if options.report else None
    write_card(options.out, model, options, state, pictures, figures)
    return options.out


def _pictures(options: Options, say: Callable[[str], None]) -> PictureSet:
    pictures = read_pictures(options.data, size=options.size, channels=options.channels)
    if options.colours and pictures.channels == 3:
        pictures = pictures.tagged(colour_tags(pictures.images))
    for skipped in pictures.skipped:
        say(f"{skipped.name} is left out: {skipped.reason}.")
    for warning in pictures.warnings:
        say(warning)
    return pictures


def _assessed(options: Options, pictures: PictureSet, run: Run, state: State, say: Callable[[str], None]) -> Figures:
    """The figures of the stored model, with its classifier and its report."""
    facts = {"trained": f"{state.step:,} steps in {state.seconds / 60:.1f} minutes"}
    film = run.folder / FILM
    return assess(options.out, pictures, losses=state.losses, film=film, facts=facts, say=say, device=options.device)


def _policies(options: Options, training: PictureSet) -> tuple[Policy, ...]:
    """Those that were asked for; else, for small sets, those that leave colours alone, which may be tags."""
    if options.policies is not None:
        return options.policies
    return ("translation", "cutout") if len(training) < MOST_AUGMENTED else ()


def _learner(
    options: Options, architecture: Architecture, policies: tuple[Policy, ...], device: torch.device
) -> Adversaries | Autoencoder:
    if architecture.kind == "vae":
        return Autoencoder(architecture, options, device)
    return Adversaries(architecture, options, policies, device)


def _schedule(options: Options) -> Schedule:
    return Schedule(
        steps=options.planned_steps,
        seconds=60 * options.minutes if options.minutes else None,
        batch=options.pictures_a_step,
        samples_every=options.samples_every,
        save_seconds=options.save_seconds,
        seed=options.seed,
    )


def _gallery(folder: Path, batches: Batches, architecture: Architecture, device: torch.device) -> Gallery:
    """Each row of the grid has the tags of one training picture."""
    rows = min(MOST_ROWS, GRID_PIXELS // architecture.size)
    chance = chance_of(0, rows)
    tags = batches.draw(chance).tags
    tags = tags[torch.arange(rows) % len(tags)].repeat_interleave(rows, 0)
    latents = torch.randn(len(tags), architecture.latent, generator=chance).to(device)
    return Gallery(folder, latents, tags, columns=rows)
