from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.adapters.web.conversation import Echo
from tests.adapters.web.site import Serve, Site, run_site


@pytest.fixture
def echo() -> Echo:
    return Echo()


@pytest.fixture
def serve(tmp_path: Path, migrated_sqlite: Path, echo: Echo) -> Serve:
    def start(*, deaf: bool = False, **options: Any) -> AbstractAsyncContextManager[Site]:
        return run_site(tmp_path, migrated_sqlite, echo, deaf=deaf, **options)

    return start


@pytest.fixture
async def site(serve: Serve) -> AsyncIterator[Site]:
    async with serve() as running:
        yield running


@pytest.fixture
def http(site: Site) -> aiohttp.ClientSession:
    return site.http


@pytest.fixture
def server_url(site: Site) -> str:
    return site.url
