"""Wishes for pictures in plain words, and what a shop is asked that is none."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from bot.phrases import Phrases
from bot.routing.pictures import picture_wish
from bot.routing.router import Router

PHRASES = Phrases()
ROUTER = Router.load(PHRASES)
DATA = Path(__file__).parents[4] / "shared" / "data"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("draw me a red dress", "a red dress"),
        ("Draw a hat!", "a hat"),
        ("Please draw two blue shirts", "two blue shirts"),
        ("can you draw me a dress please?", "a dress"),
        ("Could you please paint a yellow skirt?", "a yellow skirt"),
        ("make me a picture of a red dress", "a red dress"),
        ("Generate an image of white shoes", "white shoes"),
        ("create four funny pictures of a hat", "a hat"),
        ("I want you to draw a black hat seed 7", "a black hat seed 7"),
        ("imagine a blue coat", "a blue coat"),
        ("画一件红色的连衣裙", "一件红色的连衣裙"),
        ("请帮我画一顶帽子。", "一顶帽子"),
        ("你能给我画一双白色的鞋子吗？", "一双白色的鞋子"),
        ("生成一张红色连衣裙的图片", "红色连衣裙的图片"),
        ("Zeichne mir bitte ein rotes Kleid", "ein rotes Kleid"),
        ("kannst du mir einen grünen Hut zeichnen?", "einen grünen Hut"),
        ("Erstelle ein Bild von einem Hut", "einem Hut"),
        ("dessine-moi une robe rouge", "une robe rouge"),
        ("Dibújame un vestido rojo, por favor", "un vestido rojo"),
        ("crea una imagen de un sombrero", "un sombrero"),
    ],
)
def test_a_wish_for_a_picture_is_taken_with_its_words(text: str, words: str) -> None:
    intent = ROUTER.route(text)
    assert (intent.label, intent.kind, intent.argument) == ("image", "draw", words)


@pytest.mark.parametrize(
    "text",
    [
        "do you have pictures of the red dress?",
        "Can you send me a picture of the red dress?",
        "show me a photo of this tent",
        "Where can I see more images of the jacket?",
        "The picture of the dress shows another colour.",
        "how do I draw the cord of the hood tight?",
        "Can I draw money from my gift card?",
        "draw up an invoice please",
        "Can you draw the winner of the raffle?",
        "make me an offer for four tents",
        "create an account for me",
        "I want to create an order with a picture of my logo on the shirt",
        "the paint on my bottle comes off",
        "paint for shoes",
        "imagine my surprise when the parcel was empty",
        "这条裙子有图片吗？",
        "图片和实物颜色不一样",
        "画质怎么样？",
        "可以发我一张照片吗？",
        "有没有画画的本子",
        "Haben Sie Bilder von dem roten Kleid?",
        "Avez-vous des photos de la robe rouge ?",
        "¿Tienen fotos del vestido rojo?",
    ],
)
def test_a_question_about_pictures_that_exist_is_none(text: str) -> None:
    assert picture_wish(text) is None
    assert ROUTER.route(text).label != "image"


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("variations", "vary"),
        ("Make some variations of this photo, please.", "vary"),
        ("变体", "vary"),
        ("blend these two photos", "blend"),
        ("Mix my last two pictures as a GIF", "blend"),
        ("融合这两张照片", "blend"),
    ],
)
def test_what_is_wanted_of_photos_is_told_apart(text: str, action: str) -> None:
    intent = ROUTER.route(text)
    assert (intent.label, intent.kind) == ("image", action)


@pytest.mark.parametrize("action", ["again", "similar", "four", "vary", "blend"])
def test_the_buttons_under_a_picture_mean_the_same_in_every_language(action: str) -> None:
    for label in PHRASES.everywhere(f"picture_{action}"):
        intent = ROUTER.route(label)
        assert (intent.label, intent.kind) == ("image", action), label


def test_of_a_customers_messages_to_real_services_none_is_taken_for_one() -> None:
    files = sorted(DATA.glob("*/intents.jsonl.gz"))
    if not files:
        pytest.skip("needs ../shared/data")
    texts = [json.loads(line)["text"] for file in files for line in gzip.decompress(file.read_bytes()).splitlines()]
    taken = [text for text in texts if picture_wish(text)]
    assert len(texts) > 100_000
    assert not taken
