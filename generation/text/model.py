"""GPT-2, from tokens to logits (Radford et al., 2019, "Language Models are Unsupervised Multitask Learners").

The modules carry GPT-2's own names, so that a state dict of `GPT2LMHeadModel` fits; only its linear
weights lie transposed there (see checkpoint.py). How a query attends to the past is left to the caller:
training attends within the batch, serving attends through a key-value cache.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Attend = Callable[[int, Tensor, Tensor, Tensor], Tensor]
"""(layer, queries, keys, values), each [B, heads, T, width / heads], to the attended values of the same shape."""


@dataclass(frozen=True)
class Shape:
    """The numbers that make a GPT-2."""

    vocabulary: int
    context: int = 512
    width: int = 320
    layers: int = 6
    heads: int = 5
    epsilon: float = 1e-5


def attend_causally(layer: int, queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    """Each position sees itself and those before it in the same row."""
    return F.scaled_dot_product_attention(queries, keys, values, is_causal=True)


class Attention(nn.Module):
    def __init__(self, shape: Shape, layer: int) -> None:
        super().__init__()
        self.layer = layer
        self.heads = shape.heads
        self.c_attn = nn.Linear(shape.width, 3 * shape.width)
        self.c_proj = nn.Linear(shape.width, shape.width)

    def forward(self, x: Tensor, attend: Attend) -> Tensor:
        rows, length, width = x.shape
        parts = self.c_attn(x).view(rows, length, 3, self.heads, width // self.heads)
        queries, keys, values = parts.permute(2, 0, 3, 1, 4).unbind(0)  # each [B, heads, T, width / heads]
        y = attend(self.layer, queries, keys, values)
        out: Tensor = self.c_proj(y.transpose(1, 2).reshape(rows, length, width))
        return out


class FeedForward(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.c_fc = nn.Linear(shape.width, 4 * shape.width)
        self.c_proj = nn.Linear(4 * shape.width, shape.width)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))
        return out


class Block(nn.Module):
    def __init__(self, shape: Shape, layer: int) -> None:
        super().__init__()
        self.ln_1 = nn.LayerNorm(shape.width, eps=shape.epsilon)
        self.attn = Attention(shape, layer)
        self.ln_2 = nn.LayerNorm(shape.width, eps=shape.epsilon)
        self.mlp = FeedForward(shape)

    def forward(self, x: Tensor, attend: Attend) -> Tensor:
        x = x + self.attn(self.ln_1(x), attend)
        out: Tensor = x + self.mlp(self.ln_2(x))
        return out


class Transformer(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.wte = nn.Embedding(shape.vocabulary, shape.width)
        self.wpe = nn.Embedding(shape.context, shape.width)
        self.h = nn.ModuleList(Block(shape, layer) for layer in range(shape.layers))
        self.ln_f = nn.LayerNorm(shape.width, eps=shape.epsilon)

    def forward(self, ids: Tensor, positions: Tensor, attend: Attend) -> Tensor:
        x = self.wte(ids) + self.wpe(positions)
        for block in self.h:
            x = block(x, attend)
        out: Tensor = self.ln_f(x)
        return out


class GPT2(nn.Module):
    """The whole model; the output layer shares the token embedding's weights."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.transformer = Transformer(shape)
        self.lm_head = nn.Linear(shape.width, shape.vocabulary, bias=False)
        self.lm_head.weight = self.transformer.wte.weight
        self.apply(self._initialise)
        for name, weight in self.named_parameters():
            if name.endswith("c_proj.weight"):  # GPT-2: residual paths start smaller the deeper the model is
                nn.init.normal_(weight, std=0.02 / math.sqrt(2 * shape.layers))

    @staticmethod
    def _initialise(module: nn.Module) -> None:
        if isinstance(module, nn.Linear | nn.Embedding):
            nn.init.normal_(module.weight, std=0.02)
        if isinstance(module, nn.Linear) and module.bias is not None:
            nn.init.zeros_(module.bias)

    def forward(self, ids: Tensor, positions: Tensor | None = None, attend: Attend = attend_causally) -> Tensor:
        """Token ids [B, T] to hidden states [B, T, width]; positions count from 0 unless given [B, T]."""
        if positions is None:
            positions = torch.arange(ids.shape[1], device=ids.device).expand_as(ids)
        hidden: Tensor = self.transformer(ids, positions, attend)
        return hidden

    def logits(self, hidden: Tensor) -> Tensor:
        """Hidden states [..., width] to next-token logits [..., vocabulary]."""
        out: Tensor = self.lm_head(hidden)
        return out
