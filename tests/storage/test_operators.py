from __future__ import annotations

import asyncio

import pytest

from bot.console_password import PasswordAccounts, ensure_operator, renew_password
from bot.errors import UsageError
from bot.streams import LocalStreams
from storage import Store
from tests.storage.examples import RealClock, opened


async def test_the_first_account_is_made_once_and_its_password_fits(store: Store) -> None:
    password = await ensure_operator(store.operators)
    assert password
    assert await ensure_operator(store.operators) is None
    operator = await PasswordAccounts(store.operators).check("admin", password)
    assert operator is not None
    assert operator.name == "admin"
    assert password not in operator.password_hash


async def test_of_processes_that_start_at_once_one_makes_the_account(database_url: str) -> None:
    streams = LocalStreams()
    async with opened(database_url, streams, RealClock()) as one, opened(database_url, streams, RealClock()) as two:
        passwords = await asyncio.gather(*(ensure_operator(store.operators) for store in (one, two)))
        made = [password for password in passwords if password]
        assert len(made) == 1
        assert await PasswordAccounts(one.operators).check("admin", made[0])


async def test_a_new_password_replaces_the_old_one(store: Store) -> None:
    accounts = PasswordAccounts(store.operators)
    old = await renew_password(store.operators)
    new = await renew_password(store.operators)
    assert await accounts.check("admin", old) is None
    assert await accounts.check("admin", new)


async def test_other_names_and_passwords_do_not_fit(store: Store) -> None:
    password = await renew_password(store.operators)
    accounts = PasswordAccounts(store.operators)
    for name in ("nobody", "", "admin\x00", "ADMIN", "\ud800", "x" * 10_000):
        assert await accounts.check(name, password) is None
        assert await accounts.find(name) is None
    for wrong in ("", "wrong", "\ud800", "\x00", password + "x", "x" * 1_000_000):
        assert await accounts.check("admin", wrong) is None


async def test_an_account_needs_a_name_that_can_be_stored(store: Store) -> None:
    for name in ("", "\x00", "x" * 256, "new\nline"):
        with pytest.raises(UsageError):
            await renew_password(store.operators, name)


async def test_a_damaged_hash_lets_nobody_in(store: Store) -> None:
    await store.operators.set_password("admin", "not a hash")
    assert await PasswordAccounts(store.operators).check("admin", "not a hash") is None
