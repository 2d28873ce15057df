"""The image engine: real models with random weights behind its queue."""

from __future__ import annotations

import asyncio
import hashlib
import io
import shutil
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from generation.errors import EngineBusy, GenerationCancelled, ModelUnusable, PhotoRefused, UnlikeTraining
from generation.images.model import ImageModel
from generation.images.pictures import read_photo
from generation.images.serving import provenance
from generation.images.serving.engine import ImageEngine
from generation.images.serving.models import Kind
from tests.generation.images.serving.conftest import Installed

TAGS = ("dress", "red")


@asynccontextmanager
async def opened(folder: Path, **options: Any) -> AsyncIterator[ImageEngine]:
    engine = ImageEngine(lambda kind: folder / kind, device="cpu", **options)
    try:
        yield engine
    finally:
        await engine.close()


def pixels(content: bytes) -> Any:
    with Image.open(io.BytesIO(content)) as image:
        return np.asarray(image.convert("RGB")).astype(int)


def photo(seed: int = 1, side: int = 48) -> bytes:
    file = io.BytesIO()
    noise = np.random.default_rng(seed).integers(0, 256, (side, side, 3), np.uint8)
    Image.fromarray(noise).save(file, "JPEG")
    return file.getvalue()


class Gate:
    """Holds the engine's thread up at its first stop, until it is opened."""

    def __init__(self) -> None:
        self.reached, self.open = threading.Event(), threading.Event()

    def __call__(self) -> bool:
        self.reached.set()
        self.open.wait(20)
        return False


async def test_a_seed_makes_its_picture_again_whatever_else_is_drawn(installed: Installed) -> None:
    async with opened(installed("gan", "vae")) as engine:
        assert await engine.tags() == ("blue", "dress", "hat", "red")
        (alone,) = await engine.draw(TAGS, seed=7)
        six, seven = await engine.draw(TAGS, seed=6, count=2)
        assert alone == seven != six
        assert (alone.seed, alone.kind, alone.tags, alone.width, alone.mime) == (7, "gan", TAGS, 256, "image/png")
        assert pixels(alone.content).shape == (256, 256, 3)
        (raw,) = await engine.draw(TAGS, seed=7, size=32)
        drawn = ImageModel.load(installed() / "gan", "cpu").draw([TAGS], [7])[0]
        assert np.array_equal(pixels(raw.content), drawn)


async def test_without_a_seed_new_pictures_come_with_seeds_that_make_them_again(installed: Installed) -> None:
    async with opened(installed("vae")) as engine:
        first, second = await engine.draw(TAGS, count=2)
        assert first.content != second.content
    async with opened(installed("vae")) as engine:  # nothing is cached here
        assert await engine.draw(TAGS, seed=second.seed) == (second,)


async def test_a_picture_that_was_drawn_is_not_drawn_again(installed: Installed, monkeypatch: Any) -> None:
    async with opened(installed("gan")) as engine:
        (first,) = await engine.draw(TAGS, seed=7)
        monkeypatch.setattr(ImageModel, "draw", None)
        assert await engine.draw(TAGS, seed=7) == (first,)


async def test_pictures_like_one_are_nearer_to_it_than_others_are(installed: Installed) -> None:
    async with opened(installed("gan", "vae")) as engine:
        for kind in ("gan", "vae"):
            (base,) = await engine.draw(TAGS, seed=7, kind=kind)
            near = await engine.resemble(TAGS, 7, kind=kind, count=4)
            far = await engine.draw(TAGS, seed=100, count=8, kind=kind)
            differences = [np.abs(pixels(each.content) - pixels(base.content)).mean() for each in (*near, *far)]
            assert 0 < np.mean(differences[:4]) < np.mean(differences[4:])
            assert {each.seed for each in near} == {7}
            assert len({each.content for each in near}) == 4


async def test_a_photo_becomes_variations_that_say_so(installed: Installed) -> None:
    async with opened(installed("gan", "vae")) as engine:
        varied = await engine.vary(photo(), seed=3)
        assert len({each.content for each in varied}) == 4
        assert await engine.vary(photo(), seed=3) == varied
        origin = provenance.read(varied[0].content)
        assert origin is not None
        assert (origin.kind, origin.from_photo) == ("vae", True)


async def test_two_photos_become_the_way_between_them(installed: Installed) -> None:
    async with opened(installed("vae")) as engine:
        steps = await engine.blend(photo(1), photo(2), size=32)
        assert len(steps) == 4
        model = ImageModel.load(installed() / "vae", "cpu")
        (film,) = await engine.blend(photo(1), photo(2), moving=True)
        assert film.mime == "image/gif"
        for content, step in ((photo(1), steps[0]), (photo(2), steps[-1])):
            mean, _ = model.encode(read_photo(content, size=32)[None])
            assert np.array_equal(pixels(step.content), model.decode(mean, [()])[0])


async def test_a_photo_unlike_the_training_set_or_none_at_all_is_refused(installed: Installed) -> None:
    async with opened(installed("gan", "vae", photo_limit=1e-6)) as engine:
        with pytest.raises(UnlikeTraining, match="something else"):
            await engine.vary(photo())
        with pytest.raises(UnlikeTraining):
            await engine.blend(photo(1), photo(2))
        with pytest.raises(PhotoRefused):
            await engine.vary(b"%PDF-1.4 no picture")


async def test_what_is_not_installed_is_said_with_the_way_to_get_it(installed: Installed, tmp_path: Path) -> None:
    async with opened(tmp_path) as engine:
        assert engine.kinds() == ()
        with pytest.raises(ModelUnusable, match=r"No picture generator is installed.*parley train image"):
            await engine.draw(TAGS)
        installed("gan")
        assert engine.kinds() == ("gan",)
        assert await engine.draw(TAGS)
        with pytest.raises(ModelUnusable, match="kind 'vae'"):
            await engine.vary(photo())
        with pytest.raises(ModelUnusable, match="no tag 'green'"):
            await engine.draw(("green",))


async def test_another_model_serves_as_soon_as_it_lies_there(installed: Installed, tmp_path: Path) -> None:
    async with opened(installed("gan", "vae")) as engine:
        (before,) = await engine.draw(TAGS, seed=7)
        shutil.rmtree(tmp_path / "gan")
        shutil.copytree(tmp_path / "vae", tmp_path / "gan")
        (after,) = await engine.draw(TAGS, seed=7)
        assert (before.kind, after.kind) == ("gan", "vae")
        assert before.model != after.model


async def test_models_leave_the_memory_when_nobody_draws(installed: Installed) -> None:
    async with opened(installed("gan"), idle_seconds=0.05) as engine:
        assert await engine.draw(TAGS)
        async with asyncio.timeout(20):
            while await asyncio.to_thread(lambda: engine.loaded):
                pass
        assert await engine.draw(TAGS)


async def test_whoever_waits_is_told_the_place_and_a_full_queue_is_busy(installed: Installed) -> None:
    gate = Gate()
    places: dict[str, list[int]] = {"first": [], "second": [], "third": []}
    async with opened(installed("gan"), is_talking=gate, queue=2) as engine:

        def ask(name: str) -> asyncio.Task[Any]:
            return asyncio.create_task(engine.draw(TAGS, seed=1, on_place=places[name].append))

        tasks = [ask("first")]
        await asyncio.to_thread(gate.reached.wait, 20)
        tasks += [ask("second"), ask("third")]
        await asyncio.sleep(0)
        with pytest.raises(EngineBusy, match="2 pictures are waiting") as busy:
            await engine.draw(TAGS)
        assert busy.value.retry_after > 0
        gate.open.set()
        await asyncio.gather(*tasks)
    assert places == {"first": [1], "second": [2, 1], "third": [3, 2, 1]}


async def test_what_nobody_waits_for_any_more_is_not_drawn(installed: Installed) -> None:
    gate = Gate()
    async with opened(installed("gan"), is_talking=gate) as engine:
        running = asyncio.create_task(engine.draw(TAGS, count=500))
        await asyncio.to_thread(gate.reached.wait, 20)
        waiting = asyncio.create_task(engine.draw(TAGS, seed=1))
        last = asyncio.create_task(engine.draw(TAGS, seed=2))
        await asyncio.sleep(0)
        for task in (running, waiting):
            task.cancel()
        gate.open.set()
        assert await asyncio.wait_for(last, 10)  # 500 candidates would have taken longer


async def test_a_request_that_waits_too_long_ends_in_words(installed: Installed) -> None:
    async with opened(installed("gan"), seconds=0.3, is_talking=lambda: True) as engine:
        with pytest.raises(GenerationCancelled, match=r"within 0\.3 seconds"):
            await engine.draw(TAGS)


async def test_closing_ends_what_is_under_way_and_what_waits(installed: Installed) -> None:
    gate = Gate()
    async with opened(installed("gan"), is_talking=gate) as engine:
        tasks = [asyncio.create_task(engine.draw(TAGS)) for _ in range(2)]
        await asyncio.to_thread(gate.reached.wait, 20)
        closing = asyncio.create_task(engine.close())
        await asyncio.sleep(0)
        gate.open.set()
        await closing
        for task in tasks:
            with pytest.raises(GenerationCancelled, match="shutting down"):
                await task
        with pytest.raises(GenerationCancelled, match="shutting down"):
            await engine.draw(TAGS)


async def test_pictures_wait_while_text_is_generated(installed: Installed) -> None:
    talking, asked = threading.Event(), threading.Semaphore(0)
    talking.set()

    def is_talking() -> bool:
        asked.release()
        return talking.is_set()

    async with opened(installed("gan"), is_talking=is_talking) as engine:
        drawing = asyncio.create_task(engine.draw(TAGS, seed=1))
        await asyncio.to_thread(lambda: [asked.acquire(timeout=20) for _ in range(5)])
        assert not drawing.done()
        talking.clear()
        assert await drawing


def test_a_model_is_named_by_its_weights(installed: Installed) -> None:
    async def draw(kind: Kind) -> str:
        async with opened(installed(kind)) as engine:
            (drawing,) = await engine.draw(TAGS, kind=kind)
            return drawing.model

    folder = installed("gan")
    content = hashlib.sha256(
        (folder / "gan/config.json").read_bytes() + (folder / "gan/model.safetensors").read_bytes()
    )
    assert asyncio.run(draw("gan")) == f"gan {content.hexdigest()[:12]}"
