"""A real browser in front of a real site."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from tests.adapters.web.conversation import Echo
from tests.adapters.web.site import Serve, Site, run_site

CHROMIUM_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """Chromium; without one the tests are skipped, but with CI set they fail."""
    path = shutil.which("chromium")
    if path is None:
        missing = "No Chromium: install the package chromium"
        pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield browser
        await browser.close()


@pytest.fixture
def echo() -> Echo:
    return Echo()


@pytest.fixture
def serve(tmp_path: Path, migrated_sqlite: Path, echo: Echo) -> Serve:
    """Started again in the same test, a site has its conversations still."""

    def start(*, deaf: bool = False, **options: Any) -> AbstractAsyncContextManager[Site]:
        return run_site(tmp_path, migrated_sqlite, echo, deaf=deaf, **options)

    return start
