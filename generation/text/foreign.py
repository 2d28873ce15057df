"""GPT-2s that others made: hub names, and folders without our tokenizer file, through transformers.

transformers is imported here only, and late: it takes longer to import than the built-in model to start.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from generation.errors import ModelUnusable
from generation.text import checkpoint
from generation.text.model import GPT2, Shape


def load_foreign(name: str) -> tuple[GPT2, Tokenizer]:
    """Model and tokenizer by hub name or folder; raises ModelUnusable with the reason in one line."""
    if looks_like_path(name) and not Path(name).is_dir():
        raise ModelUnusable(f"There is no model folder {name}.")
    if Path(name).is_dir():
        checkpoint.read_config(Path(name))
    import transformers

    transformers.logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    loaded: Any
    try:
        loaded = transformers.GPT2LMHeadModel.from_pretrained(name, use_safetensors=True, output_loading_info=True)
        tokenizer = transformers.AutoTokenizer.from_pretrained(name, use_fast=True).backend_tokenizer
    except Exception as error:  # each step of it raises its own kinds
        raise ModelUnusable(f"The model {name!r} cannot be loaded: {_first_line(error)}") from None
    model, loading = loaded
    if loading["missing_keys"]:
        raise ModelUnusable(
            f"The model {name!r} lacks the weights of {', '.join(sorted(loading['missing_keys'])[:3])}."
        )
    config = model.config
    checkpoint.refuse_variants(config.to_dict(), name)
    shape = Shape(
        config.vocab_size, config.n_positions, config.n_embd, config.n_layer, config.n_head, config.layer_norm_epsilon
    )
    checkpoint.refuse_misfit(tokenizer, shape, name)
    return checkpoint.build(shape, model.state_dict(), name), tokenizer


def looks_like_path(name: str) -> bool:
    """Whether a name can only be a folder: it starts like a path, or has more parts than `owner/model`."""
    return name.startswith((".", "~", os.sep)) or name.count("/") > 1


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0][:300]
