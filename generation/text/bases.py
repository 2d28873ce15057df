"""What a training run starts from: random weights, a folder, or a model of the Hugging Face hub."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.utils import checkpoint as checkpointing

from generation.errors import ModelUnusable
from generation.text import checkpoint
from generation.text.dialogues import Dialogue
from generation.text.layout import SPECIAL_TOKENS
from generation.text.model import GPT2, Shape
from generation.text.small_talk import read_topics
from generation.text.tokenizer import train_tokenizer

BUILT_IN = Path(__file__).parent.parent / "weights" / "text"
SIZES = {  # width, layers, heads, context
    "tiny": (64, 2, 2, 128),
    "small": (320, 6, 5, 512),
    "medium": (512, 8, 8, 512),
    "gpt2": (768, 12, 12, 1024),
}


def load_base(
    base: str, dialogues: list[Dialogue], vocabulary: int, context: int | None, run: Path
) -> tuple[GPT2, Tokenizer]:
    """Model and tokenizer to start from; a tokenizer trained for the run is kept in its folder.

    Raises ModelUnusable for a size, folder or hub name that cannot be used.
    """
    if not base.startswith("scratch:"):
        model, tokenizer = load_any(base)
        return with_special_tokens(model, tokenizer)
    size = base.removeprefix("scratch:")
    if size not in SIZES:
        raise ModelUnusable(f"There is no size {size!r}; choose one of {', '.join(SIZES)}.")
    tokenizer = _tokenizer(dialogues, vocabulary, run / "tokenizer.json")
    width, layers, heads, length = SIZES[size]
    return GPT2(Shape(tokenizer.get_vocab_size(), context or length, width, layers, heads)), tokenizer


def resolved(base: str) -> str:
    """The folder of the model that comes with this package for `builtin`; other names as they are."""
    return str(BUILT_IN) if base == "builtin" else base


def load_any(name: str) -> tuple[GPT2, Tokenizer]:
    """A GPT-2 from a folder, `builtin`, or by its hub name through transformers; raises ModelUnusable."""
    name = resolved(name)
    folder = Path(name)
    if folder.is_dir() and (folder / "tokenizer.json").is_file():
        return checkpoint.load(folder)
    from generation.text.foreign import load_foreign

    return load_foreign(name)


def with_special_tokens(model: GPT2, tokenizer: Tokenizer) -> tuple[GPT2, Tokenizer]:
    """The model made to know the layout's special tokens; new ones start at the mean of the known tokens."""
    if all(tokenizer.token_to_id(token) is not None for token in SPECIAL_TOKENS):
        return model, tokenizer
    tokenizer.add_special_tokens(list(SPECIAL_TOKENS))
    known = model.transformer.wte.weight.detach()
    missing = tokenizer.get_vocab_size() - len(known)
    if missing > 0:
        mean = known.mean(0, keepdim=True)
        weights: Tensor = torch.cat([known, mean + 0.02 * torch.randn(missing, known.shape[1])])
        shape = Shape(**{**vars(model.shape), "vocabulary": len(weights)})
        state = {**model.state_dict(), "transformer.wte.weight": weights, "lm_head.weight": weights}
        model = GPT2(shape)
        model.load_state_dict(state)
    return model, tokenizer


def recompute(model: GPT2) -> None:
    """Makes the blocks forget what they computed and compute it again for the gradient (Chen et al., 2016,
    "Training Deep Nets with Sublinear Memory Cost"): less memory, a third more time."""
    for block in model.transformer.h:
        block.forward = partial(checkpointing.checkpoint, block.forward, use_reentrant=False)


def with_lora(model: GPT2, rank: int = 8) -> nn.Module:
    """The model with LoRA adapters (Hu et al., 2021) on its linear layers, all else frozen; needs `peft`."""
    try:
        from peft import LoraConfig
        from peft.tuners.lora import LoraModel
    except ImportError:
        raise ModelUnusable("LoRA needs the package peft: pip install 'parley-bot[training]'.") from None
    settings = LoraConfig(r=rank, lora_alpha=2 * rank, target_modules=["c_attn", "c_proj", "c_fc"])
    adapted: nn.Module = LoraModel(model, settings, "default")
    return adapted


def merged(model: nn.Module) -> GPT2:
    """The plain model with its adapters folded into the weights."""
    plain: GPT2 = model.merge_and_unload()  # type: ignore[operator]
    return plain


def _tokenizer(dialogues: list[Dialogue], vocabulary: int, file: Path) -> Tokenizer:
    if file.is_file():
        return Tokenizer.from_file(str(file))
    texts = [turn.text for dialogue in dialogues for turn in dialogue.turns]
    texts += [text for topic in read_topics() for text in (*topic.user, *topic.assistant) for _ in range(5)]
    tokenizer = train_tokenizer(texts, vocabulary)
    tokenizer.save(str(file))
    return tokenizer
