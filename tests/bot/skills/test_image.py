"""Pictures in a conversation: a real store, real generators with random weights."""

from __future__ import annotations

import hashlib
import io
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bot.app.pictures import translated
from bot.knowledge.index import KnowledgeIndex
from bot.messages import Attachment, Draft
from bot.settings import BotSection, ImagesSection, Settings
from bot.streams import LocalStreams
from generation.embedding import StaticEmbedder
from generation.images.serving import provenance
from generation.images.serving.engine import ImageEngine
from storage import Store
from tests.bot.skills.commands.conversation import PHRASES, Customer, pipeline
from tests.generation.images.test_model import stored

Meet = Callable[..., Customer]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A gan and a vae for: blue, dress, hat, red."""
    folder = tmp_path_factory.mktemp("models")
    stored("gan").save(folder / "gan")
    replace(stored("vae"), photo_limit=1.0).save(folder / "vae")
    replace(stored("vae"), photo_limit=1e-6).save(folder / "narrow" / "vae")
    return folder


@pytest.fixture
async def store(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Store]:
    store = await Store.open(sqlite_url, LocalStreams(), coalesce_seconds=0, files=tmp_path / "files")
    yield store
    await store.close()


@pytest.fixture
async def meet(
    store: Store, shop_index: KnowledgeIndex, embedder: StaticEmbedder, models: Path, tmp_path: Path
) -> AsyncIterator[Meet]:
    """Makes a customer of a bot whose generators lie in `folder`."""
    engines = []

    def make(folder: Path = models, daily: int = 50, **who: str) -> Customer:
        settings = Settings(folder=tmp_path, bot=BotSection(name="Nora"), images=ImagesSection(daily_per_user=daily))
        engine = ImageEngine(lambda kind: folder / kind, device="cpu", translated=translated)
        engines.append(engine)
        return Customer(store, pipeline(store, shop_index, embedder, settings, engine), **who)

    yield make
    for engine in engines:
        await engine.close()


def said(key: str, language: str = "en", **values: str) -> str:
    return PHRASES.text(key, language, **values)


async def sent(store: Store, seed: int = 1) -> Attachment:
    """A photo as a channel keeps it."""
    file = io.BytesIO()
    pixels = np.random.default_rng(seed).integers(0, 256, (48, 64, 3), np.uint8)
    Image.fromarray(pixels).save(file, "JPEG")
    url = await store.files.save(file.getvalue(), mime="image/jpeg", name="photo.jpg")
    return Attachment("image", url, "image/jpeg", 64, 48)


async def origins(store: Store, draft: Draft) -> list[provenance.Provenance]:
    """What the files of a reply say of themselves; each is recorded by its hash."""
    found = []
    for attachment, picture in zip(draft.attachments, draft.drawn, strict=True):
        file = await store.files.load(attachment.url)
        assert file.mime == attachment.mime
        assert await store.pictures.find(hashlib.sha256(file.content).hexdigest()) == picture
        origin = provenance.read(file.content)
        assert origin is not None
        found.append(origin)
    return found


async def test_a_picture_comes_with_its_origin_and_what_can_be_done_next(store: Store, meet: Meet) -> None:
    draft = await meet().say("/image a big red dress")
    (origin,) = await origins(store, draft)
    assert draft.route == "image"
    assert (origin.tags, origin.kind, origin.from_photo) == (("red", "dress"), "gan", False)
    caption = said("picture_caption", tags="red, dress", seed=str(origin.seed))
    assert draft.text == f"{caption}\n{said('picture_unused', words='big')}"
    assert draft.quick_replies == (said("picture_again"), said("picture_similar"), said("picture_four"))
    (attachment,) = draft.attachments
    assert (attachment.kind, attachment.mime, attachment.width, attachment.height) == ("image", "image/png", 256, 256)
    assert attachment.name == f"red-dress-{origin.seed}.png"


async def test_a_seed_makes_the_same_file_again(store: Store, meet: Meet) -> None:
    first = await meet().say("/image red dress seed 7")
    other = await meet(conversation="ben-1", user="ben").say("draw me a red dress, seed 7")
    assert first.drawn[0].digest == other.drawn[0].digest
    assert first.drawn[0].seed == 7


async def test_plain_words_in_chinese_are_answered_in_chinese(store: Store, meet: Meet) -> None:
    draft = await meet().say("画一件红色的连衣裙")
    (origin,) = await origins(store, draft)
    assert draft.text == said("picture_caption", "zh", tags="红色, 连衣裙", seed=str(origin.seed))
    assert draft.quick_replies[0] == said("picture_again", "zh")


async def test_the_buttons_go_on_from_the_last_picture(store: Store, meet: Meet) -> None:
    anna = meet()
    first = await anna.say("/image blue hat")
    again, similar, four = [await anna.say(label) for label in first.quick_replies]
    for draft, count in ((again, 1), (similar, 4), (four, 4)):
        pictures = await origins(store, draft)
        assert {origin.tags for origin in pictures} == {("blue", "hat")}
        assert len({picture.digest for picture in draft.drawn}) == count
    assert again.drawn[0].seed != first.drawn[0].seed
    assert similar.text == said("picture_similar_caption", tags="blue, hat")
    assert {picture.seed for picture in similar.drawn} == {again.drawn[0].seed}
    assert four.text.startswith(said("pictures_caption", tags="blue, hat", seed="X").split("X")[0])


async def test_what_cannot_be_drawn_is_said_with_what_can(store: Store, meet: Meet) -> None:
    draft = await meet().say("/image an elephant")
    assert not draft.attachments
    assert draft.text.splitlines() == [
        said("picture_not_understood"),
        said("picture_ask", example="red dress"),
        said("picture_known", tags="blue, dress, hat, red"),
    ]
    assert (await meet().say("/image")).text.splitlines() == draft.text.splitlines()[1:]
    assert (await meet(conversation="c2").say(said("picture_again"))).text.startswith(said("picture_none_yet"))


async def test_a_photo_alone_is_kept_and_variations_are_offered(store: Store, meet: Meet) -> None:
    anna = meet()
    draft = await anna.say("", await sent(store))
    assert draft.quick_replies == (said("person_button"), said("picture_vary"))
    assert said("offer_person") in draft.text
    varied = await anna.say(said("picture_vary"))
    assert varied.text == said("picture_varied_caption")
    assert [origin.from_photo for origin in await origins(store, varied)] == [True] * 4
    assert varied.quick_replies == (said("picture_vary"),)


@pytest.mark.parametrize("caption", ["/image", "/image variations", "variations", "make variations of this photo"])
async def test_a_photo_with_words_becomes_variations(store: Store, meet: Meet, caption: str) -> None:
    photo = await sent(store)
    draft = await meet().say(caption, photo)
    assert len(draft.attachments) == 4
    assert {picture.sources for picture in draft.drawn} == {(photo.url,)}


async def test_two_photos_become_four_steps_or_a_film(store: Store, meet: Meet) -> None:
    anna = meet()
    first, second = await sent(store, 1), await sent(store, 2)
    steps = await anna.say("/image", first, second)
    assert len(steps.attachments) == 4
    assert steps.text == said("picture_blended_caption")
    film = await anna.say("blend my last two photos as a gif")
    (attachment,) = film.attachments
    assert attachment.mime == "image/gif"
    assert film.drawn[0].sources == (first.url, second.url)
    assert len((await anna.say(said("picture_blend"))).attachments) == 4


async def test_a_second_photo_alone_may_be_blended_with_the_first(store: Store, meet: Meet) -> None:
    anna = meet()
    await anna.say("", await sent(store, 1))
    draft = await anna.say("", await sent(store, 2))
    assert draft.quick_replies[1:] == (said("picture_vary"), said("picture_blend"))


async def test_without_photos_they_are_asked_for(store: Store, meet: Meet) -> None:
    anna = meet()
    assert (await anna.say("/image variations")).text == said("picture_no_photo")
    await anna.say("", await sent(store))
    assert (await anna.say("blend these two photos")).text == said("picture_no_second")


async def test_a_photo_unlike_the_training_set_is_said_instead_of_sending_mud(
    store: Store, meet: Meet, models: Path
) -> None:
    draft = await meet(models / "narrow").say("/image", await sent(store))
    assert (draft.text, draft.attachments) == (said("picture_unlike"), ())


async def test_a_file_that_only_claims_to_be_a_photo_is_refused_in_words(store: Store, meet: Meet) -> None:
    url = await store.files.save(b"GIF89a and no more", mime="image/gif", name="x.gif")
    draft = await meet().say("/image", Attachment("image", url, "image/gif"))
    assert (draft.text, draft.attachments) == (said("picture_refused"), ())


async def test_a_day_has_its_limit(store: Store, meet: Meet) -> None:
    anna = meet(daily=3)
    await anna.say("/image red dress")
    assert len((await anna.say("/image four red dresses")).attachments) == 2
    assert (await anna.say("/image red dress")).text == said("picture_limit", count="3")
    assert (await meet(daily=3, conversation="ben-1", user="ben").say("/image red dress")).attachments


async def test_without_a_generator_that_is_said(store: Store, meet: Meet, tmp_path: Path) -> None:
    anna = meet(tmp_path)
    for text in ("/image red dress", "draw me a red dress"):
        draft = await anna.say(text)
        assert (draft.text, draft.route) == (said("image_unavailable"), "image")
    assert (await anna.say("", await sent(store))).quick_replies == (said("person_button"),)
