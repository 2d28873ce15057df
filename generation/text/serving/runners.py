"""Which runner a model gets on which device."""

from __future__ import annotations

import logging

import torch

from generation.text.model import GPT2
from generation.text.serving import kernel
from generation.text.serving.graphs import GraphRunner
from generation.text.serving.kernel_runner import KernelRunner, fits
from generation.text.serving.runner import Runner
from generation.text.serving.torch_runner import TorchRunner

log = logging.getLogger(__name__)


def make_runner(model: GPT2, slots: int, device: torch.device) -> Runner:
    """The runner for a device; where the GPU has no room for the model, one for the CPU, and a warning."""
    if device.type != "cpu":
        try:
            return GraphRunner(model, slots, device)
        except RuntimeError as error:
            log.warning("the GPU cannot be used (%s); the language model runs on the CPU", str(error).splitlines()[0])
    if fits(model) and (compiled := kernel.load()):
        return KernelRunner(compiled, model, slots)
    return TorchRunner(model, slots, torch.device("cpu"))
