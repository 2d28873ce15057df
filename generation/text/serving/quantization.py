"""int8 linear layers for the CPU: weights scaled per output channel, activations per call as they come.

As the rows of a batch share one scale, a reply may differ in a near tie from the one it would get alone.

The float model stays the reference: what int8 would change too much stays float.
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

    def unpacked(self) -> tuple[Tensor, Tensor, Tensor | None]:
        """The weights [outputs, inputs] in int8, their scales [outputs], and the bias."""
        weight, bias = torch.ops.quantized.linear_unpack(self.packed)
        return weight.int_repr(), weight.q_per_channel_scales().float(), bias


def quantised(model: GPT2, probe: Tensor) -> GPT2:
    """A copy with int8 linear layers that predicts much as the model does on the ids [B, T].

    Where that costs too much accuracy, the layers that cost most stay in float: few have such outliers (Dettmers
    et al., 2022, "LLM.int8()"). If even the best ones cost too much, it is the model itself.
    """
    small = copy.deepcopy(model)
    places = [_Place(module, name) for module in small.modules() for name in _linears(module)]
    for place in places:
        place.use(place.int8)
    if _divergence(model, small, probe) <= LARGEST_CHANGE:
        return small
    for place in places:
        place.use(place.float)
    costs = []
    for place in places:
        place.use(place.int8)
        costs.append(_divergence(model, small, probe))
        place.use(place.float)
    spent = 0.0
    for cost, place in sorted(zip(costs, places, strict=True), key=lambda pair: pair[0]):
        spent += cost
        if spent <= LARGEST_CHANGE:
            place.use(place.int8)
    return small if _divergence(model, small, probe) <= LARGEST_CHANGE else model


class _Place:
    """Where a linear layer is in a model, and the two that may be there."""

    def __init__(self, module: nn.Module, name: str) -> None:
        self._module = module
        self._name = name
        self.float = getattr(module, name)
        self.int8 = Int8Linear(self.float)

    def use(self, layer: nn.Module) -> None:
        setattr(self._module, self._name, layer)


def _linears(module: nn.Module) -> list[str]:
    return [name for name, child in module.named_children() if isinstance(child, nn.Linear)]


@torch.inference_mode()
def _divergence(model: GPT2, other: GPT2, ids: Tensor) -> float:
    """Kullback-Leibler divergence of the predictions, mean over positions: the nats per token that `other` loses
    on text that `model` predicts rightly. It needs far less text than comparing two perplexities."""
    right = model.logits(model(ids)).log_softmax(-1)
    near = other.logits(other(ids)).log_softmax(-1)
    return float(nn.functional.kl_div(near, right, log_target=True, reduction="none").sum(-1).mean())
