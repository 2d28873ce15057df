"""One step of a generator against a critic."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from generation.images import losses
from generation.images.augmentation import Policy, augmented
from generation.images.networks import Architecture, DCGANCritic, DCGANGenerator, ResidualCritic, ResidualGenerator
from generation.images.training.acceleration import autocast, compiled
from generation.images.training.average import Average
from generation.images.training.batches import Batch, dropped
from generation.images.training.learner import Moment
from generation.images.training.options import Objective, Options
from generation.images.training.schedule import cosine, set_rate

LAZY = 8  # steps from penalty to penalty, which then counts as often (Karras et al., 2020, "lazy regularization")
PENALTY_END = 0.1  # of the penalty's weight in the beginning
RAISED = 4.0  # how many times the penalty weighs after each setback

Score = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True, slots=True)
class Game:
    """What critic and generator make small, both of scores of real and of drawn pictures [N]."""

    critic: Score
    generator: Score


GAMES: Mapping[Objective, Game] = {
    "relativistic": Game(losses.relativistic_critic, losses.relativistic_generator),
    "non-saturating": Game(losses.minimax_critic, lambda real, drawn: losses.non_saturating_generator(drawn)),
    "minimax": Game(losses.minimax_critic, lambda real, drawn: losses.minimax_generator(drawn)),
    "hinge": Game(losses.hinge_critic, lambda real, drawn: losses.hinge_generator(drawn)),
}


class Adversaries:
    """A generator with its average, and its critic."""

    def __init__(
        self, architecture: Architecture, options: Options, policies: tuple[Policy, ...], device: torch.device
    ) -> None:
        residual = architecture.kind == "gan"
        self._generator = (ResidualGenerator if residual else DCGANGenerator)(architecture).to(device)
        self._critic = (ResidualCritic if residual else DCGANCritic)(architecture).to(device)
        self._average = Average(self._generator)
        self._generate = compiled(self._generator, device)
        betas = options.habits.betas
        self._generator_optimizer = torch.optim.Adam(self._generator.parameters(), options.rates[0], betas)
        self._critic_optimizer = torch.optim.Adam(self._critic.parameters(), options.rates[0], betas)
        self._game = GAMES[options.game]
        self._penalty = _penalty(options, architecture.size)
        self._options = options
        self._policies = policies
        self._latent = architecture.latent
        self._autocast = autocast(options.precision, device)

    @property
    def parts(self) -> dict[str, nn.Module | torch.optim.Optimizer]:
        return {
            "generator": self._generator,
            "critic": self._critic,
            "average": self._average.network,
            "generator optimizer": self._generator_optimizer,
            "critic optimizer": self._critic_optimizer,
        }

    @torch.no_grad()
    def drawn(self, latents: Tensor, tags: Tensor) -> Tensor:
        pictures: Tensor = self._average.network(latents, tags)
        return pictures

    def step(self, batch: Batch, moment: Moment) -> dict[str, float]:
        """The critic learns, then the generator from what it has drawn for the critic."""
        set_rate((self._generator_optimizer, self._critic_optimizer), cosine(*self._options.rates, moment.share))
        batch = Batch(batch.pictures, dropped(batch.tags, self._options.tag_dropout, moment.chance))
        latents = torch.randn(len(batch), self._latent, generator=moment.chance).to(batch.pictures.device)
        with self._autocast():
            drawn = self._generate(latents, batch.tags)
        figures = self._teach_critic(batch, drawn.detach().float(), moment)
        figures["generator"] = self._teach_generator(batch, drawn.float(), moment)
        self._average.update(self._generator, moment.step)
        return figures

    def _teach_critic(self, batch: Batch, drawn: Tensor, moment: Moment) -> dict[str, float]:
        weight = self.penalty_weight(moment)
        penalized = weight > 0 and moment.step % LAZY == 0
        real, drawn = (each.detach().requires_grad_(penalized) for each in (batch.pictures, drawn))
        with self._autocast(enabled=not penalized):  # second derivatives want all of their digits
            scores, drawn_scores = (self._scores(each, batch.tags, moment) for each in (real, drawn))
        loss = self._game.critic(scores, drawn_scores)
        figures = {"critic": loss.item(), "real score": scores.mean().item(), "drawn score": drawn_scores.mean().item()}
        if penalized:
            penalties = losses.zero_centred_penalty(scores, real), losses.zero_centred_penalty(drawn_scores, drawn)
            loss = loss + LAZY * weight / 2 * sum(penalties)
            figures |= {"R1": penalties[0].item(), "R2": penalties[1].item()}
        _update(self._critic_optimizer, loss)
        return figures

    def _teach_generator(self, batch: Batch, drawn: Tensor, moment: Moment) -> float:
        self._critic.requires_grad_(False)
        with self._autocast():
            with torch.no_grad():
                real = self._scores(batch.pictures, batch.tags, moment)
            loss = self._game.generator(real, self._scores(drawn, batch.tags, moment))
        _update(self._generator_optimizer, loss)
        self._critic.requires_grad_(True)
        return loss.item()

    def _scores(self, pictures: Tensor, tags: Tensor, moment: Moment) -> Tensor:
        scores: Tensor = self._critic(augmented(pictures, self._policies, moment.chance), tags)
        return scores.float()

    def penalty_weight(self, moment: Moment) -> float:
        """What R1 and R2 count, less towards the end; a setback raises it, and brings it in where there was none."""
        first = self._penalty * RAISED**moment.setbacks
        if not self._penalty and moment.setbacks:
            first = RAISED ** (moment.setbacks - 1)
        return cosine(first, PENALTY_END * first, moment.share)


def _penalty(options: Options, size: int) -> float:
    """The weight in the beginning, which grows with the number of pixels."""
    return options.habits.penalty * (size / 64) ** 2 if options.penalty is None else options.penalty


def _update(optimizer: torch.optim.Optimizer, loss: Tensor) -> None:
    optimizer.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    optimizer.step()
