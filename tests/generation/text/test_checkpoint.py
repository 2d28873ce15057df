"""Checkpoints go out and in through Hugging Face's format; what cannot be used is refused in one line."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
import transformers
from tokenizers import Tokenizer

from generation.errors import ModelUnusable
from generation.text import bases, checkpoint
from generation.text.layout import SPECIAL_TOKENS
from generation.text.model import GPT2
from generation.text.tokenizer import save_tokenizer, train_tokenizer

IDS = torch.tensor([[5, 6, 7, 8, 9]])


def logits(model: GPT2) -> torch.Tensor:
    with torch.no_grad():
        return model.logits(model(IDS))


def test_transformers_loads_what_is_saved_and_computes_the_same(model: GPT2, folder: Path) -> None:
    theirs = transformers.GPT2LMHeadModel.from_pretrained(folder)
    torch.testing.assert_close(theirs(IDS).logits.detach(), logits(model), atol=2e-4, rtol=1e-4)
    assert transformers.AutoTokenizer.from_pretrained(folder)("Hello!").input_ids


def test_what_is_saved_comes_back(model: GPT2, folder: Path) -> None:
    known, tokenizer = checkpoint.load(folder)
    assert torch.equal(logits(known), logits(model))
    assert tokenizer.token_to_id(SPECIAL_TOKENS[0]) == 0


def test_sixteen_bits_are_half_the_size_and_nearly_the_same(model: GPT2, tokenizer: Tokenizer, tmp_path: Path) -> None:
    checkpoint.save(model, tokenizer, tmp_path)
    known, _ = checkpoint.load(tmp_path)
    size = (tmp_path / "model.safetensors").stat().st_size
    assert size < 2.1 * sum(weight.numel() for weight in model.parameters()) + 4000
    assert (logits(known) - logits(model)).abs().max() < 0.1


def test_a_foreign_gpt2_without_our_tokenizer_file_loads_through_transformers(tmp_path: Path) -> None:
    config = transformers.GPT2Config(vocab_size=300, n_positions=32, n_embd=16, n_layer=1, n_head=2)
    theirs = transformers.GPT2LMHeadModel(config)
    theirs.train(False)
    theirs.save_pretrained(tmp_path)
    vocabulary = {token: number for number, token in enumerate(["<|endoftext|>", *"abcdefgh", "Ġ", "ab"])}
    (tmp_path / "vocab.json").write_text(json.dumps(vocabulary))
    (tmp_path / "merges.txt").write_text("#version: 0.2\na b\n")
    (tmp_path / "tokenizer_config.json").write_text('{"tokenizer_class": "GPT2Tokenizer"}')
    model, tokenizer = bases.load_any(str(tmp_path))
    with torch.no_grad():
        torch.testing.assert_close(model.logits(model(IDS)), theirs(IDS).logits, atol=1e-4, rtol=1e-4)
    assert tokenizer.encode("abc").tokens == ["ab", "c"]


def test_a_base_learns_the_special_tokens_without_forgetting_the_others(model: GPT2) -> None:
    plain = train_tokenizer(["hello there"], 300)
    settings = json.loads(plain.to_str())
    settings["added_tokens"] = []
    shift = len(SPECIAL_TOKENS)
    settings["model"]["vocab"] = {t: n - shift for t, n in settings["model"]["vocab"].items() if n >= shift}
    stripped = Tokenizer.from_str(json.dumps(settings))
    small = GPT2(type(model.shape)(**{**vars(model.shape), "vocabulary": stripped.get_vocab_size()}))
    grown, tokenizer = bases.with_special_tokens(small, stripped)
    assert grown.shape.vocabulary == tokenizer.get_vocab_size() == small.shape.vocabulary + shift
    torch.testing.assert_close(logits(grown)[..., : small.shape.vocabulary], logits(small))


def _missing(folder: Path) -> None:
    shutil.rmtree(folder)


def _other_architecture(folder: Path) -> None:
    (folder / "config.json").write_text('{"model_type": "llama"}')


def _no_config(folder: Path) -> None:
    (folder / "config.json").unlink()


def _broken_config(folder: Path) -> None:
    (folder / "config.json").write_text("{")


def _other_width(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "n_embd": 48}))


def _heads_that_do_not_divide(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "n_head": 5}))


def _untied_output(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "tie_word_embeddings": False}))


def _other_activation(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "activation_function": "relu"}))


def _truncated(folder: Path) -> None:
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-1000])


def _pickle(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    torch.save({}, folder / "pytorch_model.bin")


def _too_many_tokens(folder: Path) -> None:
    save_tokenizer(
        train_tokenizer(["many different words for a tokenizer " + str(n) for n in range(500)], 700), folder, 64
    )


def _gap_in_the_tokens(folder: Path) -> None:
    settings = json.loads((folder / "tokenizer.json").read_text())
    settings["model"]["vocab"].popitem()
    settings["model"]["vocab"]["far"] = 100_000
    settings["model"]["merges"] = []
    (folder / "tokenizer.json").write_text(json.dumps(settings))


def _broken_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").write_text("{}")


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (_missing, "no model folder"),
        (_other_architecture, "type 'llama'; only gpt2"),
        (_no_config, "no config.json"),
        (_broken_config, "not valid JSON"),
        (_other_width, "do not fit"),
        (_heads_that_do_not_divide, "5 heads"),
        (_untied_output, "tie_word_embeddings=False"),
        (_other_activation, "'relu'; only gelu_new"),
        (_truncated, "cannot be read"),
        (_pickle, "pickled weights"),
        (_too_many_tokens, "the model only"),
        (_gap_in_the_tokens, "100001 tokens, the model only"),
        (_broken_tokenizer, "tokenizer.json"),
    ],
)
def test_a_folder_that_cannot_be_used_is_refused_in_one_line(
    spoil: Callable[[Path], None], reason: str, folder: Path, tmp_path: Path
) -> None:
    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    spoil(copy)
    with pytest.raises(ModelUnusable, match=reason) as caught:
        bases.load_any(str(copy))
    assert "\n" not in str(caught.value)


def test_a_hub_name_that_nobody_can_reach_is_refused_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(ModelUnusable, match="nobody/nothing") as caught:
        bases.load_any("nobody/nothing")
    assert "\n" not in str(caught.value)
