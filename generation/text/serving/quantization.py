"""int8 linear layers for the CPU: weights scaled per output channel, activations per call as they come.

As the rows of a batch share one scale, a reply may differ in a near tie from the one it would get alone.

The float model stays the reference: `quantised` gives it back unchanged where int8 costs too much accuracy.
"""

from __future__ import annotations

import copy
import warnings

import torch
from torch import Tensor, nn

from generation.text.model import GPT2

LARGEST_CHANGE = 0.01  # nats per token, as a share of the perplexity nearly the same


class Int8Linear(nn.Module):
    """Stands in for a linear layer; inputs and outputs are float32."""

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        weight = linear.weight.detach()
        scales = weight.abs().amax(1).clamp(min=1e-8) / 127
        zeros = torch.zeros(len(scales), dtype=torch.long)
        with warnings.catch_warnings():  # torch warns of its quantised tensors, and has no other way to these kernels
            warnings.simplefilter("ignore")
            quantised = torch.quantize_per_channel(weight, scales.double(), zeros, 0, torch.qint8)
            bias = None if linear.bias is None else linear.bias.detach()
            self.packed = torch.ops.quantized.linear_prepack(quantised, bias)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = torch.ops.quantized.linear_dynamic(x, self.packed, True)
        return out


def quantised(model: GPT2, probe: Tensor) -> GPT2:
    """A copy with int8 linear layers if it predicts much as the model does on the ids [B, T], else the model."""
    small = copy.deepcopy(model)
    for module in list(small.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, nn.Linear):
                setattr(module, name, Int8Linear(child))
    return small if _divergence(model, small, probe) <= LARGEST_CHANGE else model


@torch.inference_mode()
def _divergence(model: GPT2, other: GPT2, ids: Tensor) -> float:
    """Kullback-Leibler divergence of the predictions, mean over positions: the nats per token that `other` loses
    on text that `model` predicts rightly. It needs far less text than comparing two perplexities."""
    right = model.logits(model(ids)).log_softmax(-1)
    near = other.logits(other(ids)).log_softmax(-1)
    return float(nn.functional.kl_div(near, right, log_target=True, reduction="none").sum(-1).mean())
