"""Models on disk, in Hugging Face's format for GPT-2: config.json, model.safetensors, tokenizer.json.

`GPT2LMHeadModel.from_pretrained` loads what `save` writes. `load` reads such a folder without
transformers, whose import alone would take most of the time a start may take.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import Tensor

from generation.errors import ModelUnusable
from generation.text.layout import END
from generation.text.model import GPT2, Shape
from generation.text.tokenizer import save_tokenizer

TRANSPOSED = ("attn.c_attn.weight", "attn.c_proj.weight", "mlp.c_fc.weight", "mlp.c_proj.weight")
VARIANTS = {  # what some models of the same type do differently
    "tie_word_embeddings": True,
    "scale_attn_weights": True,
    "scale_attn_by_inverse_layer_idx": False,
    "add_cross_attention": False,
}
BUFFERS = (".attn.bias", ".attn.masked_bias")  # masks that old checkpoints carry


def save(model: GPT2, tokenizer: Tokenizer, folder: Path, dtype: torch.dtype = torch.float16) -> None:
    """Writes a folder that both `load` and transformers read."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = to_hugging_face(model.state_dict(), dtype)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "config.json").write_text(json.dumps(_config(model.shape, tokenizer, dtype), indent=1) + "\n", "utf-8")
    save_tokenizer(tokenizer, folder, model.shape.context)


def load(folder: Path) -> tuple[GPT2, Tokenizer]:
    """The model in float32 and its tokenizer; raises ModelUnusable when the folder holds no GPT-2 that fits."""
    config = read_config(folder)
    if not (folder / "tokenizer.json").is_file():
        raise ModelUnusable(f"{folder} has no tokenizer.json.")
    try:
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    except Exception as error:  # the library raises bare Exception
        raise ModelUnusable(f"{folder / 'tokenizer.json'} cannot be read: {error}.") from None
    shape = _shape(config, folder)
    refuse_misfit(tokenizer, shape, str(folder))
    return build(shape, _weights(folder), str(folder)), tokenizer


def refuse_misfit(tokenizer: Tokenizer, shape: Shape, name: str) -> None:
    """Raises ModelUnusable when the tokenizer has tokens that the model knows nothing of."""
    highest = max(tokenizer.get_vocab(with_added_tokens=True).values(), default=0)
    if highest >= shape.vocabulary:
        raise ModelUnusable(f"The tokenizer of {name} has {highest + 1} tokens, the model only {shape.vocabulary}.")


def refuse_variants(config: dict[str, Any], name: str) -> None:
    """Raises ModelUnusable for a GPT-2 that computes something else than GPT-2 did."""
    activation = config.get("activation_function") or "gelu_new"
    if activation not in ("gelu_new", "gelu_pytorch_tanh"):
        raise ModelUnusable(f"{name} uses the activation {activation!r}; only gelu_new can be used.")
    for setting, usual in VARIANTS.items():
        if (given := config.get(setting, usual)) != usual:
            raise ModelUnusable(f"{name} has {setting}={given} in its config.json; only {usual} can be used.")


def build(shape: Shape, weights: dict[str, Tensor], name: str) -> GPT2:
    """A model with GPT-2 weights named and laid out as Hugging Face does; raises ModelUnusable if they do not fit."""
    model = GPT2(shape)  # not on the meta device: that alone would import for 1.5 seconds
    state = from_hugging_face(weights)
    try:
        model.load_state_dict(state, assign=True)
    except RuntimeError as error:
        reason = " ".join(str(error).split())[:300]
        raise ModelUnusable(f"The weights of {name} do not fit its config.json: {reason}") from None
    model.lm_head.weight = model.transformer.wte.weight
    return model


def read_config(folder: Path) -> dict[str, Any]:
    """The folder's config.json; raises ModelUnusable when there is none or it is not a GPT-2's."""
    if not folder.is_dir():
        raise ModelUnusable(f"There is no model folder {folder}.")
    try:
        config = json.loads((folder / "config.json").read_text("utf-8"))
    except OSError:
        raise ModelUnusable(f"{folder} has no config.json: it is not a model in Hugging Face format.") from None
    except ValueError:
        raise ModelUnusable(f"{folder / 'config.json'} is not valid JSON.") from None
    kind = config.get("model_type") if isinstance(config, dict) else None
    if kind != "gpt2":
        raise ModelUnusable(f"{folder} holds a model of type {kind!r}; only gpt2 can be used.")
    return dict(config)


def from_hugging_face(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """Hugging Face's GPT-2 weights as this project's state dict, in float32."""
    state: dict[str, Tensor] = {}
    for name, weight in weights.items():
        if name.endswith(BUFFERS):
            continue
        full = name if name.startswith(("transformer.", "lm_head.")) else f"transformer.{name}"
        state[full] = (weight.t() if name.endswith(TRANSPOSED) else weight).to(torch.float32).contiguous()
    if "transformer.wte.weight" in state:
        state["lm_head.weight"] = state["transformer.wte.weight"]
    return state


def to_hugging_face(state: dict[str, Tensor], dtype: torch.dtype) -> dict[str, Tensor]:
    """This project's state dict with Hugging Face's names and layout."""
    return {
        name: (weight.t() if name.endswith(TRANSPOSED) else weight).to(dtype).contiguous()
        for name, weight in state.items()
        if name != "lm_head.weight"
    }


def _weights(folder: Path) -> dict[str, Tensor]:
    file = folder / "model.safetensors"
    if not file.is_file():
        if any(folder.glob("*.bin")) or any(folder.glob("*.pt")):
            raise ModelUnusable(
                f"{folder} has only pickled weights, which can run code when read; convert them to safetensors."
            )
        raise ModelUnusable(f"{folder} has no model.safetensors.")
    try:
        return load_file(file)
    except (SafetensorError, OSError) as error:
        raise ModelUnusable(f"{file} cannot be read ({error}); copy or download it again.") from None


def _shape(config: dict[str, Any], folder: Path) -> Shape:
    refuse_variants(config, str(folder))
    try:
        shape = Shape(
            vocabulary=int(config["vocab_size"]),
            context=int(config.get("n_positions", 1024)),
            width=int(config.get("n_embd", 768)),
            layers=int(config.get("n_layer", 12)),
            heads=int(config.get("n_head", 12)),
            epsilon=float(config.get("layer_norm_epsilon", 1e-5)),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ModelUnusable(f"{folder / 'config.json'} lacks or misstates {error}.") from None
    if shape.width % shape.heads:
        raise ModelUnusable(f"{folder / 'config.json'}: {shape.heads} heads do not divide a width of {shape.width}.")
    return shape


def _config(shape: Shape, tokenizer: Tokenizer, dtype: torch.dtype) -> dict[str, Any]:
    end = tokenizer.token_to_id(END)
    return {
        "architectures": ["GPT2LMHeadModel"],
        "model_type": "gpt2",
        "activation_function": "gelu_new",
        "vocab_size": shape.vocabulary,
        "n_positions": shape.context,
        "n_embd": shape.width,
        "n_layer": shape.layers,
        "n_head": shape.heads,
        "layer_norm_epsilon": shape.epsilon,
        "bos_token_id": end,
        "eos_token_id": end,
        "tie_word_embeddings": True,
        "torch_dtype": str(dtype).removeprefix("torch."),
    }
