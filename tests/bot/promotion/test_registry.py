"""Promoted models are kept as they were, serve one after the other, and can be taken back."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import pytest

from bot.errors import ModelError, NotFound
from bot.promotion.registry import ModelKind, Promoted, Registry, describe, kind_of

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(tmp_path / "bot")


def trained(folder: Path, weights: str = "weights") -> Path:
    (folder / "run").mkdir(parents=True)
    (folder / "model.safetensors").write_text(weights)
    (folder / "config.json").write_text("{}")
    lineage = {"base": "builtin", "data": {"faq.csv": "ab"}, "training": ["a", "b", "c"], "validation": ["d"]}
    (folder / "run" / "lineage.json").write_text(json.dumps(lineage))
    cleaning = {"languages": {"en": 90, "de": 8, "yue": 1, "und": 30}, "openers": ["Ahoy"]}
    (folder / "run" / "cleaning.json").write_text(json.dumps(cleaning))
    (folder / "run" / "state.pt").write_text("large")
    return folder


def promoted(registry: Registry, folder: Path, text_model: str = "builtin") -> Promoted:
    model = describe(folder, text_model, NOW)
    registry.promote(model, folder)
    return model


def test_a_model_tells_its_lineage(tmp_path: Path) -> None:
    model = describe(trained(tmp_path / "friendly"), "builtin", NOW)
    assert model.id == f"friendly-{model.digest[:8]}"
    assert (model.base, model.data, model.conversations) == ("builtin", {"faq.csv": "ab"}, 3)
    assert model.languages == ("de", "en")
    assert model.openers == ("Ahoy",)
    assert model.promoted_at == "2026-01-02T03:04:05+00:00"


def test_a_folder_without_a_finished_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no finished model: model\.safetensors is missing"):
        describe(tmp_path, "builtin", NOW)


def test_a_model_that_was_made_elsewhere_has_no_lineage_and_a_broken_one_is_refused(tmp_path: Path) -> None:
    folder = trained(tmp_path / "foreign")
    (folder / "run" / "cleaning.json").unlink()
    assert describe(folder, "builtin", NOW).languages == ()
    (folder / "run" / "lineage.json").write_text("{")
    with pytest.raises(ModelError, match=r"lineage\.json cannot be read"):
        describe(folder, "builtin", NOW)


def test_what_serves_does_not_change_with_its_training_folder(registry: Registry, tmp_path: Path) -> None:
    folder = trained(tmp_path / "friendly")
    model = promoted(registry, folder)
    (folder / "model.safetensors").write_text("trained on")
    kept = registry.path(model)
    assert (kept / "model.safetensors").read_text() == "weights"
    assert not (kept / "run" / "state.pt").exists()
    assert registry.current("builtin") == model
    assert registry.find(str(kept)) == model
    assert registry.find("builtin") is None


def test_rollback_goes_back_step_by_step_to_the_model_of_the_settings(registry: Registry, tmp_path: Path) -> None:
    first = promoted(registry, trained(tmp_path / "first", "1"))
    second = promoted(registry, trained(tmp_path / "second", "2"))
    assert registry.current("builtin") == second
    assert registry.rollback() == ("text", first)
    assert registry.current("builtin") == first
    assert registry.rollback() == ("text", None)
    assert registry.current("builtin") is None
    with pytest.raises(NotFound, match="No model was promoted"):
        registry.rollback()
    assert [model.id for model in registry.read().models] == [first.id, second.id]


def test_each_kind_of_model_is_promoted_and_taken_back_by_itself(registry: Registry, tmp_path: Path) -> None:
    models: dict[ModelKind, Promoted] = {}
    for kind in get_args(ModelKind):
        folder = trained(tmp_path / kind, kind)
        models[kind] = describe(folder, "builtin", NOW, kind)
        registry.promote(models[kind], folder)
    assert registry.current("builtin") == models["text"]
    assert registry.rollback("gan") == ("gan", None)
    assert registry.rollback() == ("vae", None)
    with pytest.raises(NotFound):
        registry.rollback("vae")
    assert registry.current("builtin", "vae") is None
    assert registry.current("builtin", "text") == models["text"]


@pytest.mark.parametrize(
    ("config", "kind"),
    [
        ({"architecture": {"kind": "gan"}}, "gan"),
        ({"architecture": {"kind": "dcgan"}}, "gan"),
        ({"architecture": {"kind": "vae"}}, "vae"),
        ({"model_type": "gpt2", "architecture": None}, "text"),
    ],
)
def test_a_folder_tells_what_its_model_is_for(config: object, kind: str, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(config))
    assert kind_of(tmp_path) == kind


def test_a_promotion_holds_as_long_as_the_settings_name_the_same_model(registry: Registry, tmp_path: Path) -> None:
    model = promoted(registry, trained(tmp_path / "friendly"))
    assert registry.current("builtin") == model
    assert registry.current("gpt2") is None


def test_a_model_that_is_promoted_again_stands_once_in_the_register(registry: Registry, tmp_path: Path) -> None:
    folder = trained(tmp_path / "friendly")
    promoted(registry, folder)
    registry.rollback()
    again = replace(describe(folder, "builtin", NOW), stories="6 of 6")
    registry.promote(again, folder)
    assert registry.read().models == (again,)
    assert registry.current("builtin") == again


def test_the_stamp_changes_with_the_register(registry: Registry, tmp_path: Path) -> None:
    assert registry.stamp() == 0
    promoted(registry, trained(tmp_path / "first", "1"))
    before = registry.stamp()
    promoted(registry, trained(tmp_path / "second", "2"))
    assert registry.stamp() not in (0, before)


@pytest.mark.parametrize("content", ["", "[]", '{"models": [{"id": 3}], "served": []}'])
def test_a_broken_register_is_named(registry: Registry, content: str) -> None:
    registry.folder.mkdir(parents=True)
    (registry.folder / "models.json").write_text(content)
    with pytest.raises(ModelError, match=r"models\.json cannot be read"):
        registry.current("builtin")
