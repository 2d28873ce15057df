"""A GPT-2 as serving runs it: rows of tokens from many requests in one matrix, without a module call in between.

Training and evaluation use `GPT2` itself. Here all tokens of a step lie one below the other, [N, width], whatever
request they belong to; which of them see each other is the business of the attention that is passed in.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from generation.text.model import GPT2, Block
from generation.text.serving.quantization import Int8Linear

Attend = Callable[[int, Tensor], Tensor]
"""(layer, queries, keys and values [N, 3, heads, width / heads]) to the attended values [N, width]."""
FEW = 8  # tokens for which one slow kernel is quicker than six
SLOPE = 2 * math.sqrt(2 / math.pi)
Linear = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class _Layer:
    before_attention: Linear
    queries_keys_values: Linear
    attended: Linear
    before_feed_forward: Linear
    wider: Linear
    narrower: Linear


class Decoder:
    """Runs the weights of `model`, which it shares; int8 layers stay int8."""

    def __init__(self, model: GPT2) -> None:
        self.shape = model.shape
        self._tokens = model.transformer.wte.weight
        self._positions = model.transformer.wpe.weight
        self._layers = [_layer(block) for block in model.transformer.h if isinstance(block, Block)]
        self._last = _norm(model.transformer.ln_f)
        self.logits: Linear = _linear(model.lm_head)
        """Hidden states [..., width] to logits [..., vocabulary]."""

    def __call__(self, ids: Tensor, positions: Tensor, attend: Attend) -> Tensor:
        """Token ids [N] at `positions` [N] to hidden states [N, width]."""
        heads = (len(ids), 3, self.shape.heads, self.shape.width // self.shape.heads)
        x = self._tokens[ids] + self._positions[positions]
        for number, layer in enumerate(self._layers):
            parts = layer.queries_keys_values(layer.before_attention(x)).view(heads)
            x += layer.attended(attend(number, parts))
            x += layer.narrower(_gelu(layer.wider(layer.before_feed_forward(x))))
        return self._last(x)


def _gelu(x: Tensor) -> Tensor:
    """GPT-2's tanh form; as x sigmoid(2u), which it equals, it takes half as long on a CPU, but for few tokens."""
    if len(x) < FEW or x.device.type != "cpu":
        return F.gelu(x, approximate="tanh")
    twice = x * x
    twice.mul_(0.044715 * SLOPE).add_(SLOPE).mul_(x)
    return twice.sigmoid_().mul_(x)


def _layer(block: Block) -> _Layer:
    return _Layer(
        _norm(block.ln_1),
        _linear(block.attn.c_attn),
        _linear(block.attn.c_proj),
        _norm(block.ln_2),
        _linear(block.mlp.c_fc),
        _linear(block.mlp.c_proj),
    )


def _norm(norm: nn.LayerNorm) -> Linear:
    weight, bias, shape, epsilon = norm.weight, norm.bias, list(norm.normalized_shape), norm.eps
    return lambda x: torch.layer_norm(x, shape, weight, bias, epsilon)


def _linear(linear: nn.Linear | Int8Linear) -> Linear:
    """The kernel itself: a module's call would cost as much as a small layer's product for one token."""
    if isinstance(linear, Int8Linear):
        packed, kernel = linear.packed, torch.ops.quantized.linear_dynamic.default
        return lambda x: kernel(x, packed, True)
    return partial(F.linear, weight=linear.weight, bias=linear.bias)
