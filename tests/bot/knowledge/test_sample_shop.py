"""The questions of a newcomer find the right page of the sample shop."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.app.parts import load_embedder
from bot.knowledge.index import KnowledgeIndex
from bot.knowledge.library import Library
from bot.messages import Query, Utterance
from bot.sample import write_bot_folder
from bot.settings import Settings
from storage.database import Database
from storage.knowledge import SqlKnowledge

QUESTIONS = {
    # shipping
    "how much is shipping to germany?": "shipping.md#how-much-does-shipping-cost",
    "whats the delivery cost for the UK": "shipping.md#how-much-does-shipping-cost",
    "Do I get free shipping if I spend 80 euros?": "shipping.md#when-is-shipping-free",
    "how long until my stuff arrives in France": "shipping.md#how-long-does-delivery-take-when-will-my-order-arrive",
    "delivery time usa": "shipping.md#how-long-does-delivery-take-when-will-my-order-arrive",
    "I need it tomorrow, is there express delivery?": "shipping.md#express-delivery",
    "until what time do I have to order express": "shipping.md#express-delivery",
    "do you deliver to japan": "shipping.md#which-countries-do-you-ship-and-deliver-to",
    "Where is my package?": "shipping.md#where-is-my-order-how-do-i-track-my-package",
    "tracking number": "shipping.md#where-is-my-order-how-do-i-track-my-package",
    "my parcel never arrived": "shipping.md#my-parcel-is-late-lost-or-has-not-arrived",
    "The box was damaged when it came": "shipping.md#my-parcel-arrived-damaged",
    "i wont be home when the driver comes": "shipping.md#what-happens-if-i-am-not-at-home",
    "can I pick up my order in the shop": "shipping.md#pick-up-your-order-in-our-store-click-and-collect",
    "Do I have to pay customs in Switzerland?": "shipping.md#customs-and-import-duties",
    # returns and refunds
    "how many days do i have to send something back": "returns.md#how-many-days-do-i-have-to-return-something",
    "How do I return a jacket?": "returns.md#how-do-i-return-an-order-or-an-item",
    "is returning free?": "returns.md#what-does-a-return-cost",
    "can i exchange for a bigger size": "returns.md#can-i-exchange-an-item-for-another-size-or-colour",
    "are socks returnable": "returns.md#what-cannot-be-returned",
    "you sent me the wrong jacket": "returns.md#you-sent-me-the-wrong-item",
    "when will i get my refund": "refunds.md#when-do-i-get-my-money-back",
    "Do you refund the shipping fee?": "refunds.md#are-shipping-costs-refunded",
    # warranty and repairs
    "how long is the warrenty on a jacket": "warranty-and-repairs.md#how-long-is-the-warranty",
    "The zip of my jacket broke after two years": "warranty-and-repairs.md#how-long-is-the-warranty",
    "how much does a new zip cost": "warranty-and-repairs.md#repairs-after-the-warranty-or-for-your-own-damage",
    # payment
    "Can I pay with PayPal?": "payment.md#which-payment-methods-do-you-accept",
    "do you take klarna": "payment.md#pay-later-or-in-instalments-with-klarna",
    "My card was declined, what now?": "payment.md#my-card-or-payment-was-declined",
    "I need an invoice for my company": "payment.md#how-do-i-get-an-invoice",
    "where do i enter a discount code": "payment.md#discount-codes",
    # accounts
    "I forgot my password": "account.md#i-forgot-my-password-how-do-i-reset-it",
    "how to reset pasword": "account.md#i-forgot-my-password-how-do-i-reset-it",
    "how can I delete my account": "account.md#delete-my-account",
    "Can I order without an account?": "account.md#do-i-need-an-account-to-order",
    "stop sending me newsletters": "account.md#unsubscribe-from-the-newsletter",
    # store and contact
    "Are you open on Saturday?": "store-and-contact.md#opening-hours-of-the-store",
    "opening hours": "store-and-contact.md#opening-hours-of-the-store",
    "what is the address of your shop": "store-and-contact.md#where-is-your-store-what-is-the-address",
    "phone number of customer service": "store-and-contact.md#how-can-i-contact-customer-service",
    "can I rent a tent": "store-and-contact.md#renting-tents-and-backpacks",
    # sizes
    "what size should I buy?": "sizes.md#what-size-should-i-buy",
    "women's size M chest in cm": "sizes.md#womens-clothing-sizes",
    "what boot size for 26 cm feet": "sizes.md#boot-and-shoe-sizes",
    # gift cards, orders, privacy, loyalty
    "how long is a gift card valid": "gift-cards.md#how-long-is-a-gift-card-valid",
    "i want to cancel my order": "orders.md#how-do-i-cancel-my-order",
    "I entered the wrong delivery address": "orders.md#i-entered-the-wrong-delivery-address-can-i-change-it",
    "I never got a confirmation email": "orders.md#i-have-no-order-confirmation",
    "what data do you save about me": "privacy.md#what-data-do-you-save-about-me",
    "do you sell my data": "privacy.md#do-you-share-my-data",
    "how many points do I need for 5 euros": "trailmates.md#what-are-my-points-worth",
    # questions and answers, care
    "is the jacket waterproof": "faq.csv",
    "student discount?": "faq.csv",
    "where are your products made": "faq.csv",
    "how do i wash my rain jacket": "care.html#how-do-i-wash-a-waterproof-jacket",
    # Chinese
    "寄到德国运费多少钱？": "zh/shipping.md#运费是多少钱",
    "满多少免运费": "zh/shipping.md#满多少包邮",
    "几天能到？": "zh/shipping.md#多久能收到货几天能到",
    "能寄到中国吗": "zh/shipping.md#可以寄到中国吗",
    "我的快递到哪了": "zh/shipping.md#怎样查询物流我的包裹到哪里了",
    "要交关税吗": "zh/shipping.md#关税由谁承担",
    "我想退货，怎么办理？": "zh/returns.md#怎样退货",
    "买了多久之内能退": "zh/returns.md#多少天之内可以退货",
    "衣服太小了能换大一号吗": "zh/returns.md#尺码不合适可以换吗",
    "钱什么时候退给我": "zh/returns.md#退款什么时候到账",
    "支持支付宝吗": "zh/payment.md#可以用哪些方式付款",
    "能开发票吗": "zh/payment.md#怎样开发票",
    "周六几点开门": "zh/store-and-contact.md#门店营业时间",
    "你们店在哪里": "zh/store-and-contact.md#门店在哪里",
    "客服电话是多少": "zh/store-and-contact.md#怎样联系客服",
    "女装M码胸围多少": "zh/sizes.md#女装尺码表",
    "登山靴要买大一码吗": "zh/sizes.md#靴子尺码",
}

FOLLOW_UPS = [
    (
        ["How long does delivery to Germany take?", "Standard delivery to Germany takes 2 to 3 working days."],
        "and how much is that?",
        "shipping.md#how-much-does-shipping-cost",
    ),
    (
        ["Can I return a jacket?", "You can return anything within 60 days of delivery."],
        "is it free?",
        "returns.md#what-does-a-return-cost",
    ),
    (
        ["Do you have gift cards?", "You can buy a gift card for any amount from €10 to €500."],
        "how long are they valid?",
        "gift-cards.md#how-long-is-a-gift-card-valid",
    ),
    (
        ["How long is the warranty on boots?", "Boots have a 2-year warranty."],
        "and for backpacks?",
        "warranty-and-repairs.md#how-long-is-the-warranty",
    ),
    (
        ["寄到德国要多久？", "德国：2 至 3 个工作日。"],
        "运费呢？",
        "zh/shipping.md#运费是多少钱",
    ),
]

FIRST = 0.8
AMONG_THREE = 0.95
"""Shares of the questions for which the expected passage is the first, or one of the first three."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    write_bot_folder(folder)
    return folder


@pytest.fixture
async def index(shop: Path, sqlite_url: str) -> AsyncIterator[KnowledgeIndex]:
    database = await Database.open(sqlite_url)
    knowledge = SqlKnowledge(database)
    await Library(knowledge, [shop / "knowledge"]).sync()
    index = KnowledgeIndex(knowledge, load_embedder(Settings(folder=shop)))
    yield index
    await index.close()
    await database.close()


async def rank(index: KnowledgeIndex, query: Query, source: str) -> int:
    """The place of the expected passage, from 1; 100 when it is not found."""
    found = await index.search(query, k=20)
    return next((place for place, evidence in enumerate(found, 1) if evidence.passage.source == source), 100)


def report(ranks: dict[str, int]) -> str:
    return "\n".join(f"{place:3}  {question}" for question, place in ranks.items() if place > 1)


async def test_a_newcomers_question_finds_its_page(index: KnowledgeIndex) -> None:
    ranks = {question: await rank(index, Query(question), source) for question, source in QUESTIONS.items()}

    places = list(ranks.values())
    assert sum(place == 1 for place in places) >= FIRST * len(places), report(ranks)
    assert sum(place <= 3 for place in places) >= AMONG_THREE * len(places), report(ranks)


@pytest.mark.parametrize(("before", "question", "source"), FOLLOW_UPS, ids=[case[1] for case in FOLLOW_UPS])
async def test_a_follow_up_is_understood_by_what_was_said_before(
    index: KnowledgeIndex, before: list[str], question: str, source: str
) -> None:
    history = (Utterance("user", before[0]), Utterance("assistant", before[1]))

    assert await rank(index, Query(question, history), source) <= 3


async def test_every_expected_page_is_in_the_sample(index: KnowledgeIndex, shop: Path) -> None:
    files = {source.partition("#")[0] for source in QUESTIONS.values()}

    assert all((shop / "knowledge" / file).is_file() for file in files)
    assert files >= {path.relative_to(shop / "knowledge").as_posix() for path in (shop / "knowledge").rglob("*.*")}
