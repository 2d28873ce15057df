"""Which runner a model gets on which device."""

from __future__ import annotations

import logging

import torch
from torch import Tensor, nn

from generation.text.model import GPT2
from generation.text.serving import kernel
from generation.text.serving.graphs import GraphRunner
from generation.text.serving.kernel_runner import KernelRunner, fits
from generation.text.serving.quantization import quantised, quantised_by_row
from generation.text.serving.runner import Runner
from generation.text.serving.torch_runner import TorchRunner

log = logging.getLogger(__name__)


def prepared(model: GPT2, probe: Tensor) -> GPT2:
    """The model as the CPU runs it soonest without saying anything else: int8 as far as the ids [B, T] allow it."""
    if fits(model.shape) and kernel.load() and (small := quantised_by_row(model, probe)):
        return small
    return quantised(model, probe)


def make_runner(model: GPT2, slots: int, device: torch.device) -> Runner:
    """The runner for a device; where the GPU has no room for the model, one for the CPU, and a warning."""
    if device.type != "cpu":
        try:
            return GraphRunner(model, slots, device)
        except RuntimeError as error:
            log.warning("the GPU cannot be used (%s); the language model runs on the CPU", str(error).splitlines()[0])
    if _is_int8(model) and fits(model.shape) and (compiled := kernel.load()):
        return KernelRunner(compiled, model, slots)
    return TorchRunner(model, slots, torch.device("cpu"))


def _is_int8(model: GPT2) -> bool:
    return not any(isinstance(module, nn.Linear) for module in model.modules())
