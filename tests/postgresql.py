"""A real PostgreSQL server for tests: one that is given, or one started in a temporary folder."""

from __future__ import annotations

import asyncio
import getpass
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import asyncpg
from sqlalchemy import URL, make_url

from storage.migrations import upgrade
from storage.tables import Table

VARIABLE = "PARLEY_TEST_POSTGRESQL"
FAST = "-c fsync=off -c full_page_writes=off -c synchronous_commit=off -c max_connections=200"


END_OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


class Missing(Exception):
    """There is no server, and none can be started."""


@dataclass
class Server:
    """A server on which databases may be made. `url` names a database to connect to for that."""

    url: URL
    cleared: list[URL] = field(default_factory=list)

    async def create(self) -> URL:
        """A new, empty database."""
        name = f"parley_{uuid4().hex}"
        await execute(self.url, f'CREATE DATABASE "{name}"')
        return self.url.set(database=name)

    async def drop(self, url: URL) -> None:
        """Removes a database, whoever is still connected to it."""
        await execute(self.url, f'DROP DATABASE IF EXISTS "{url.database}" WITH (FORCE)')

    async def migrated(self) -> URL:
        """A migrated database without rows: a cleared one, which is much quicker to have than a new one."""
        if self.cleared:
            return self.cleared.pop()
        url = await self.create()
        await upgrade(url.render_as_string(hide_password=False))
        return url

    async def clear(self, url: URL) -> None:
        """Takes the rows out of a migrated database, for the next test."""
        await execute(url, END_OTHERS, f"TRUNCATE {', '.join(Table.metadata.tables)}")
        self.cleared.append(url)

    async def close(self) -> None:
        """Removes the cleared databases."""
        for url in self.cleared:
            await self.drop(url)


async def execute(url: URL, *statements: str) -> None:
    """Runs statements outside of any transaction."""
    connection = await asyncpg.connect(
        host=url.host, port=url.port, user=url.username, password=url.password, database=url.database
    )
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


@contextmanager
def running_server(settings: str = FAST) -> Iterator[Server]:
    """The server named by PARLEY_TEST_POSTGRESQL, or a new one with these settings; raises Missing."""
    if given := os.environ.get(VARIABLE):
        server = Server(make_url(given).set(drivername="postgresql+asyncpg"))
        yield server
        asyncio.run(server.close())
        return
    folder = Path(tempfile.mkdtemp(prefix="parley-postgresql-"))
    try:
        process = start(folder / "data", unprivileged_user(folder), settings=settings)
        try:
            yield Server(process.url)
        finally:
            process.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True)
class Process:
    """A server of our own on a data folder."""

    data: Path
    user: str
    port: int

    @property
    def url(self) -> URL:
        return URL.create("postgresql+asyncpg", "parley", host="127.0.0.1", port=self.port, database="postgres")

    def stop(self) -> None:
        """Ends it at once, as a crash would."""
        _run(self.user, "pg_ctl", "-D", self.data, "-w", "-m", "immediate", "stop")


def start(data: Path, user: str, port: int = 0, settings: str = FAST) -> Process:
    """Starts a server on a folder, which is made if it is not there; raises Missing.

    As it is set it forgets the last transactions in a crash; empty `settings` make it keep them.
    """
    if not data.exists():
        _run(user, "initdb", "-D", data, "-A", "trust", "-U", "parley", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
    process = Process(data, user, port or free_port())
    options = f"-p {process.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' {settings}"
    _run(user, "pg_ctl", "-D", data, "-w", "-l", data.parent / "log", "-o", options, "start")
    return process


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def unprivileged_user(folder: Path) -> str:
    """PostgreSQL does not run as root: somebody else gets the folder then."""
    if os.geteuid() != 0:
        return getpass.getuser()
    for name in ("postgres", "nobody"):
        try:
            account = pwd.getpwnam(name)
        except KeyError:
            continue
        os.chown(folder, account.pw_uid, account.pw_gid)
        return name
    raise Missing("PostgreSQL needs an unprivileged user, and there is none.")


def _run(user: str, program: str, *arguments: str | Path) -> None:
    prefix = ["runuser", "-u", user, "--"] if os.geteuid() == 0 else []
    command = [*prefix, str(_binaries() / program), *map(str, arguments)]
    done = subprocess.run(command, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=60, text=True)
    if done.returncode:
        raise Missing(f"{program} failed: {done.stderr.strip()}")


def _binaries() -> Path:
    if found := shutil.which("initdb"):
        return Path(found).parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    if not versions:
        raise Missing("PostgreSQL is not installed (Debian: apt install postgresql).")
    return versions[-1]
