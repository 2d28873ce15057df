"""`parley imagine` and `--verify`, and generators that are promoted and taken back."""

from __future__ import annotations

import asyncio
import base64
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
import openai
import pytest
from PIL import Image

from bot.cli import run
from bot.cli.preview import half_blocks
from generation.images.networks import Kind
from generation.images.serving import provenance
from tests.bot.cli.test_serve import PARLEY, ask, served
from tests.generation.images.test_model import stored

SECONDS = 60


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A gan and a vae with random weights, which know: blue, dress, hat, red."""
    folder = tmp_path_factory.mktemp("models")
    kinds: tuple[Kind, ...] = ("gan", "vae", "dcgan")
    for kind in kinds:
        replace(stored(kind), photo_limit=1.0).save(folder / kind)
    return folder


@pytest.fixture(autouse=True)
def generators(shop: Path, models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in ("gan", "vae"):
        monkeypatch.setenv(f"PARLEY_IMAGES__{kind.upper()}", str(models / kind))


def parley(shop: Path, *words: str | Path) -> int:
    return run([*map(str, words), "--bot", str(shop)])


def photo(path: Path, seed: int) -> Path:
    pixels = np.random.default_rng(seed).integers(0, 256, (40, 40, 3), np.uint8)
    Image.fromarray(pixels).save(path)
    return path


def test_a_picture_is_drawn_and_recognised_until_it_is_changed(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "new" / "dress.png"
    assert parley(shop, "imagine", "a big red dress", "--seed", "7", "-o", out) == 0
    said = capsys.readouterr()
    assert said.out == f"{out}\n"
    assert "seed 7" in said.err
    assert "Not used: big" in said.err
    assert parley(shop, "imagine", "--verify", out) == 0
    assert "This bot made" in capsys.readouterr().out

    with Image.open(out) as image:
        assert image.size == (256, 256)
        image.convert("L").save(tmp_path / "grey.png", pnginfo=None)
    assert parley(shop, "imagine", "--verify", tmp_path / "grey.png", "--json") == 1
    assert json.loads(capsys.readouterr().out) == {"made_here": False, "says": None}
    out.write_bytes(out.read_bytes() + b"\0")
    assert parley(shop, "imagine", "--verify", out) == 1
    assert "It says of itself: AI-generated picture: red, dress" in capsys.readouterr().out


def test_several_pictures_are_numbered_and_listed(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ("imagine", "红色连衣裙", "--kind", "vae", "--count", "3", "--size", "64", "--json")
    assert parley(shop, *command, "-o", tmp_path / "d.png") == 0
    made = json.loads(capsys.readouterr().out)
    assert [Path(row["file"]).name for row in made] == ["d-1.png", "d-2.png", "d-3.png"]
    assert {(row["kind"], *row["tags"], row["width"]) for row in made} == {("vae", "red", "dress", 64)}
    assert (
        parley(
            shop,
            "imagine",
            "red dress",
            "--kind",
            "vae",
            "--seed",
            made[0]["seed"],
            "--size",
            "64",
            "-o",
            tmp_path / "again.png",
        )
        == 0
    )
    assert (tmp_path / "again.png").read_bytes() == Path(made[0]["file"]).read_bytes()


def test_photos_become_variations_and_a_film(shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = photo(tmp_path / "a.png", 1), photo(tmp_path / "b.jpg", 2)
    assert parley(shop, "imagine", "--from", first, "--count", "2", "-o", tmp_path / "v.png", "--json") == 0
    assert len(json.loads(capsys.readouterr().out)) == 2
    assert parley(shop, "imagine", "--from", first, "--blend", second, "-o", tmp_path / "film.gif") == 0
    assert parley(shop, "imagine", "--verify", tmp_path / "film.gif") == 0


@pytest.mark.parametrize(
    ("words", "code", "reason"),
    [
        (("an elephant", "-o", "x.png"), 2, "cannot be drawn. This generator knows: blue, dress, hat, red"),
        (("red dress",), 2, "-o FILE"),
        (("--blend", "a.png", "-o", "x.png"), 2, "--from IMAGE"),
        (("--from", "nowhere.png", "-o", "x.png"), 2, "nowhere.png cannot be read"),
        (("--from", "parley.toml", "-o", "x.png"), 2, "picture cannot be used"),
        (("--verify", "nowhere.png"), 2, "nowhere.png cannot be read"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    shop: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    code: int,
    reason: str,
) -> None:
    monkeypatch.chdir(shop)
    assert parley(shop, "imagine", *words) == code
    (line,) = capsys.readouterr().err.splitlines()
    assert reason in line


def test_without_a_generator_the_way_to_one_is_said(
    shop: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for kind in ("GAN", "VAE"):
        monkeypatch.setenv(f"PARLEY_IMAGES__{kind}", "")
    assert parley(shop, "imagine", "red dress", "-o", "x.png") == 1
    assert "No picture generator is installed. Train one" in capsys.readouterr().err


def test_the_doctor_names_the_generators_and_one_that_is_missing(
    shop: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    parley(shop, "doctor", "--json")
    found = {finding["what"]: finding for finding in json.loads(capsys.readouterr().out)}
    assert found["pictures"]["detail"] == "gan with 4 tags, vae with 4 tags"
    monkeypatch.setenv("PARLEY_IMAGES__VAE", "nowhere")
    assert parley(shop, "doctor", "--json") == 1
    found = {finding["what"]: finding for finding in json.loads(capsys.readouterr().out)}
    assert found["pictures"]["detail"] == f"images.vae: there is no generator in {shop / 'nowhere'}."


def test_the_terminal_tells_where_a_reply_s_picture_is(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert parley(shop, "ask", "draw a red dress, seed 7") == 0
    caption, *_, path = capsys.readouterr().out.splitlines()
    assert caption == "AI-generated picture: red, dress. Seed 7 makes it again."
    file = Path(path.strip())
    assert file.parent == shop / "pictures"
    assert parley(shop, "imagine", "--verify", file) == 0


def test_a_new_bot_can_draw_with_what_ships(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for kind in ("GAN", "VAE"):
        monkeypatch.delenv(f"PARLEY_IMAGES__{kind}")
    assert parley(shop, "imagine", "a red dress", "-o", tmp_path / "dress.png", "--json") == 0
    (made,) = json.loads(capsys.readouterr().out)
    assert (made["kind"], made["tags"], made["unused"]) == ("gan", ["red", "dress"], [])


def test_a_preview_has_two_pixels_in_a_character(tmp_path: Path) -> None:
    pixels = np.zeros((4, 4, 3), np.uint8)
    pixels[::2] = (255, 0, 0)
    Image.fromarray(pixels).save(tmp_path / "x.png")
    preview = half_blocks((tmp_path / "x.png").read_bytes(), columns=4)
    assert preview is not None
    assert preview.plain == "▀▀▀▀\n▀▀▀▀\n"
    assert str(preview.spans[0].style) == "rgb(255,0,0) on rgb(0,0,0)"
    assert half_blocks(b"no picture") is None


def test_a_generator_is_promoted_for_its_kind_listed_and_taken_back(
    shop: Path, models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    replace(stored("dcgan"), photo_limit=0.5).save(tmp_path / "mine")
    (tmp_path / "mine" / "metrics.json").write_text('{"fid": 12.5, "classifier": "abc"}')
    assert parley(shop, "models", "promote", tmp_path / "mine", "--json") == 0
    promoted = json.loads(capsys.readouterr().out)
    assert promoted["scores"] == {"fid": 12.5}
    assert parley(shop, "imagine", "hat", "-o", tmp_path / "hat.png", "--json") == 0
    assert json.loads(capsys.readouterr().out)[0]["model"].startswith(promoted["id"])

    assert parley(shop, "models", "list", "--json") == 0
    serving = {row["kind"]: row["id"] for row in json.loads(capsys.readouterr().out) if row["serving"]}
    assert serving["gan"] == promoted["id"]
    assert serving["vae"] == str(models / "vae")
    assert parley(shop, "models", "promote", tmp_path / "mine") == 2
    assert parley(shop, "models", "rollback", "--kind", "vae") == 1
    capsys.readouterr()
    assert parley(shop, "models", "rollback") == 0
    assert capsys.readouterr().out == f"images.gan ({models / 'gan'}) serves again.\n"


def test_a_generator_with_worse_figures_is_refused(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, fid, change in (("good", 10.0, 1.0), ("bad", 20.0, 1.1)):
        model = stored("vae")
        replace(model, weights={key: change * weight for key, weight in model.weights.items()}).save(tmp_path / name)
        (tmp_path / name / "metrics.json").write_text(json.dumps({"fid": fid, "classifier": "abc"}))
    assert parley(shop, "models", "promote", tmp_path / "good") == 0
    capsys.readouterr()
    assert parley(shop, "models", "promote", tmp_path / "bad") == 1
    assert "fid is 20, beyond 11 (the current model has 10)" in capsys.readouterr().err


async def test_a_running_bot_draws_for_openais_client_with_what_is_promoted(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARLEY_IMAGES__DAILY_PER_USER", "3")
    replace(stored("gan"), photo_limit=0.9).save(tmp_path / "mine")
    async with (
        served(shop) as (_, address, _),
        openai.AsyncOpenAI(base_url=f"{address}/v1", api_key="none", max_retries=0) as client,
    ):
        made = await client.images.generate(prompt="a big red dress", n=2, size="1024x1024", user="ann")
        assert made.data is not None
        assert [picture.revised_prompt for picture in made.data] == ["red, dress"] * 2
        assert (made.model_extra or {})["unused"] == ["big"]
        async with aiohttp.ClientSession() as session, session.get(made.data[0].url or "") as answer:
            with Image.open(io.BytesIO(await answer.read())) as image:
                assert (image.format, image.size) == ("PNG", (1024, 1024))
        with pytest.raises(openai.RateLimitError, match="3 pictures a day"):
            await client.images.generate(prompt="hat", n=2, user="ann")
        await refuses(client)

        assert (await origin(client)).model.startswith("gan ")
        process = await asyncio.create_subprocess_exec(PARLEY, "models", "promote", tmp_path / "mine", "--bot", shop)
        assert await asyncio.wait_for(process.wait(), SECONDS) == 0
        assert (await origin(client)).model.startswith("mine-")
        reply = await ask(address, "draw me a red dress")
        assert (reply["route"], len(reply["attachments"])) == ("image", 1)


async def refuses(client: openai.AsyncOpenAI) -> None:
    """What cannot be drawn is refused with the reason."""
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"prompt": "an elephant"}, "knows: blue, dress, hat, red"),
        ({"prompt": "hat", "size": "1792x1024"}, "size: must be auto or a square"),
        ({"prompt": "hat", "n": 11}, "n: input should be less than or equal to 10"),
    ]
    for body, reason in wrong:
        with pytest.raises(openai.BadRequestError, match=reason):
            await client.images.generate(**body)


async def origin(client: openai.AsyncOpenAI) -> provenance.Provenance:
    """What a picture of the API says of itself."""
    made = await client.images.generate(prompt="red dress", response_format="b64_json")
    assert made.data is not None
    said = provenance.read(base64.b64decode(made.data[0].b64_json or ""))
    assert said is not None
    return said
