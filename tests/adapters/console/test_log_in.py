from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.console.attempts import ADDRESSES_REMEMBERED, FailedLogIns
from adapters.console.sessions import Sessions
from bot.console_password import renew_password
from bot.messages import Operator
from bot.streams import LocalStreams
from storage import Store
from tests.adapters.console.browser import SECRET, Browser, Clock, Console, browsing, serving


@pytest.mark.parametrize("path", ["", "/", "?filter=all", "/conversations/c_1", "/events", "/nothing"])
async def test_a_stranger_is_sent_to_the_log_in(stranger: Browser, path: str) -> None:
    page = await stranger.get(f"/console{path}")
    assert (page.status, page.path) == (200, "/console/log-in")


async def test_the_right_password_opens_the_inbox(console: Console, stranger: Browser) -> None:
    page = await stranger.log_in(console.password)
    assert (page.status, page.path) == (200, "/console")
    assert "admin" in page.texts("header.top")[0]


@pytest.mark.parametrize(("name", "password"), [("admin", "wrong"), ("admin", ""), ("nobody", "wrong"), ("", "")])
async def test_a_wrong_password_opens_nothing(stranger: Browser, name: str, password: str) -> None:
    page = await stranger.log_in(password, name)
    assert page.status == 401
    assert page.texts("[role=alert]") == ["This name and password do not fit together."]
    assert (await stranger.get("/console")).path == "/console/log-in"


async def test_an_unknown_name_and_a_wrong_password_read_the_same(stranger: Browser) -> None:
    wrong = await stranger.log_in("wrong", "admin")
    unknown = await stranger.log_in("wrong", "nobody")
    assert wrong.texts("body") == unknown.texts("body")


async def test_the_cookie_is_for_this_site_and_not_for_scripts(console: Console, stranger: Browser) -> None:
    await stranger.get("/console/log-in")
    form = {"token": stranger.page.value("token"), "name": "admin", "password": console.password}
    async with stranger.session.post("/console/log-in", data=form, allow_redirects=False) as response:
        cookie = response.headers["Set-Cookie"]
    assert all(part in cookie for part in ("HttpOnly", "SameSite=Strict", "Path=/console", "Max-Age=43200"))


async def test_behind_https_the_cookie_travels_by_nothing_else(store: Store, streams: LocalStreams) -> None:
    async with serving(store, streams, "", secure=True) as console, browsing(console) as browser:
        assert "Secure" in (await browser.get("/console/log-in")).headers["Set-Cookie"]


async def test_a_session_ends_after_its_hours(console: Console, operator: Browser) -> None:
    console.clock.ahead = 12 * 3600 - 60
    assert (await operator.get("/console")).path == "/console"
    console.clock.ahead = 12 * 3600
    assert (await operator.get("/console")).path == "/console/log-in"


async def test_logging_out_ends_the_session(operator: Browser) -> None:
    await operator.get("/console")
    assert (await operator.post("/console/log-out")).path == "/console/log-in"
    assert (await operator.get("/console")).path == "/console/log-in"


async def test_a_new_password_ends_the_sessions_of_the_old_one(console: Console, operator: Browser) -> None:
    await renew_password(console.store.operators)
    assert (await operator.get("/console")).path == "/console/log-in"


@pytest.mark.parametrize("token", ["", "forged", "é\x00"])
async def test_a_form_of_another_site_is_refused(console: Console, operator: Browser, token: str) -> None:
    conversation = await console.handed_off()
    page = await operator.post(f"/console/conversations/{conversation}/take", token=token)
    assert page.status == 403
    assert (await console.store.desk.counts())["waiting"] == 1


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"no boundary"),
        ("multipart/form-data; boundary=x", b"--x\r\nnothing"),
        ("application/x-www-form-urlencoded; charset=nonsense", b"token=x"),
        ("application/x-www-form-urlencoded", b"token=%ff%fe&token=2"),
        ("application/json", b"{}"),
        ("application/x-www-form-urlencoded", b"x" * 2_000_000),
    ],
)
async def test_a_form_that_is_none_is_refused(stranger: Browser, kind: str, body: bytes) -> None:
    async with stranger.session.post("/console/log-in", data=body, headers={"Content-Type": kind}) as response:
        assert response.status in (400, 403, 413)
        assert "too old" in await response.text() or response.status == 413


async def test_a_log_in_without_the_forms_token_is_refused(console: Console, stranger: Browser) -> None:
    page = await stranger.post("/console/log-in", token="", name="admin", password=console.password)
    assert page.status == 403


async def test_the_token_of_another_session_is_refused(console: Console, operator: Browser, stranger: Browser) -> None:
    conversation = await console.handed_off()
    await stranger.log_in(console.password)
    foreign = (await stranger.get("/console")).value("token")
    assert (await operator.post(f"/console/conversations/{conversation}/take", token=foreign)).status == 403


async def test_guessing_is_stopped_and_later_allowed_again(console: Console, stranger: Browser) -> None:
    for _ in range(10):
        assert (await stranger.log_in("wrong")).status == 401
    page = await stranger.log_in(console.password)
    assert page.status == 429
    assert 0 < int(page.headers["Retry-After"]) <= 300
    console.clock.ahead = 301
    assert (await stranger.log_in(console.password)).path == "/console"


def test_attempts_are_counted_by_address_in_bounded_memory() -> None:
    clock = Clock()
    attempts = FailedLogIns(2, 60, clock)
    assert [attempts.count("a") > 0 for _ in range(3)] == [False, False, True]
    assert attempts.count("b") == 0
    for number in range(ADDRESSES_REMEMBERED + 10):
        attempts.count(f"address {number}")
    assert len(attempts._times) == ADDRESSES_REMEMBERED


def test_a_success_forgets_the_failures_before_it() -> None:
    attempts = FailedLogIns(2, 60)
    attempts.count("a")
    attempts.count("a")
    attempts.forget("a")
    assert attempts.count("a") == 0


@given(st.text())
def test_any_text_as_a_cookie_is_nobodys(cookie: str) -> None:
    assert Sessions(SECRET, 12).recognise(cookie) is None


def test_a_changed_or_foreign_cookie_is_nobodys() -> None:
    sessions = Sessions(SECRET, 12)
    session = sessions.of(Operator("o_1", "admin", "hash"))
    cookie = sessions.seal(session)
    assert sessions.recognise(cookie) == session
    assert Sessions(b"another" * 8, 12).recognise(cookie) is None
    for forged in ("", "x", cookie[:-1], cookie + "A", "é" * 100, cookie.replace(".", "..", 1)):
        assert sessions.recognise(forged) is None
