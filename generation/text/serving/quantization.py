"""int8 linear layers for the CPU: weights scaled per output channel, activations as they come.

PyTorch's kernel rounds all rows of a batch to 7 bits with one scale, so a reply may differ in a near tie from the one
it would get alone; the compiled kernel rounds each row to 8 bits by itself, which costs less accuracy.

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

    def __init__(self, linear: nn.Linear, by_row: bool = False) -> None:
        """With `by_row`, activations are rounded as the compiled kernel does it."""
        super().__init__()
        self.by_row = by_row
        weight = linear.weight.detach()
        scales = weight.abs().amax(1).clamp(min=1e-8) / 127
        zeros = torch.zeros(len(scales), dtype=torch.long)
        with warnings.catch_warnings():  # torch warns of its quantised tensors, and has no other way to these kernels
            warnings.simplefilter("ignore")
            quantised = torch.quantize_per_channel(weight, scales.double(), zeros, 0, torch.qint8)
            bias = None if linear.bias is None else linear.bias.detach()
            self.packed = torch.ops.quantized.linear_prepack(quantised, bias)

    def forward(self, x: Tensor) -> Tensor:
        if self.by_row:
            weights, scales, bias = self.unpacked()
            return nn.functional.linear(_rounded_rows(x), weights * scales[:, None], bias)
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
    small, places = _all_int8(model)
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


def quantised_by_row(model: GPT2, probe: Tensor) -> GPT2 | None:
    """A copy with int8 linear layers only, for the compiled kernel; None where that costs too much accuracy."""
    small, _ = _all_int8(model, by_row=True)
    return small if _divergence(model, small, probe) <= LARGEST_CHANGE else None


def _all_int8(model: GPT2, by_row: bool = False) -> tuple[GPT2, list[_Place]]:
    small = copy.deepcopy(model)
    places = [_Place(module, name, by_row) for module in small.modules() for name in _linears(module)]
    for place in places:
        place.use(place.int8)
    return small, places


class _Place:
    """Where a linear layer is in a model, and the two that may be there."""

    def __init__(self, module: nn.Module, name: str, by_row: bool) -> None:
        self._module = module
        self._name = name
        self.float = getattr(module, name)
        self.int8 = Int8Linear(self.float, by_row)

    def use(self, layer: nn.Module) -> None:
        setattr(self._module, self._name, layer)


def _linears(module: nn.Module) -> list[str]:
    return [name for name, child in module.named_children() if isinstance(child, nn.Linear)]


def _rounded_rows(x: Tensor) -> Tensor:
    """Each row as the nearest of 256 numbers from its least to its largest, 0 among them."""
    least, most = x.amin(-1, keepdim=True).clamp(max=0), x.amax(-1, keepdim=True).clamp(min=0)
    scale = ((most - least) / 255).clamp(min=1e-20)
    zero = (-least / scale).round()
    return (((x / scale).round() + zero).clamp(0, 255) - zero) * scale


@torch.inference_mode()
def _divergence(model: GPT2, other: GPT2, ids: Tensor) -> float:
    """Kullback-Leibler divergence of the predictions, mean over positions: the nats per token that `other` loses
    on text that `model` predicts rightly. It needs far less text than comparing two perplexities."""
    right = model.logits(model(ids)).log_softmax(-1)
    near = other.logits(other(ids)).log_softmax(-1)
    return float(nn.functional.kl_div(near, right, log_target=True, reduction="none").sum(-1).mean())
