"""Reads files in a process of its own, so that a file that makes a parser hang, crash or eat memory harms nobody.

The two processes talk in frames: eight bytes of length, then JSON. Run as a module, this is the child.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import resource
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from bot.errors import KnowledgeError
from bot.messages import Passage

SECONDS = 60.0
MEMORY_BYTES = 2 * 1024**3

_LENGTH_BYTES = 8


class Reader:
    """Reads one file at a time; the child starts with the first one. Use it as `async with Reader() as reader`."""

    def __init__(self, seconds: float = SECONDS, memory_bytes: int = MEMORY_BYTES) -> None:
        self._seconds = seconds
        self._memory_bytes = memory_bytes
        self._child: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Reader:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._end()

    async def read(self, path: Path, document_id: str, source: str) -> list[Passage]:
        """The passages of a file; raises KnowledgeError with the reason alone, also after too long or a crash."""
        try:
            answer = await asyncio.wait_for(self._exchange([str(path), document_id, source]), self._seconds)
        except TimeoutError:
            await self._end()
            raise KnowledgeError(f"reading it takes longer than {self._seconds:g} seconds") from None
        except (asyncio.IncompleteReadError, ConnectionError):
            await self._end()
            raise KnowledgeError("its parser broke down over it; the file is damaged or made to do harm") from None
        except BaseException:
            await self._end()
            raise
        if isinstance(answer, str):
            raise KnowledgeError(answer)
        return [Passage(**values | {"heading": tuple(values["heading"])}) for values in answer]

    async def _exchange(self, request: list[str]) -> Any:
        if self._child is None:
            self._child = await self._start()
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        body = json.dumps(request).encode()
        self._child.stdin.write(len(body).to_bytes(_LENGTH_BYTES, "big") + body)
        await self._child.stdin.drain()
        length = int.from_bytes(await self._child.stdout.readexactly(_LENGTH_BYTES), "big")
        return await asyncio.to_thread(json.loads, await self._child.stdout.readexactly(length))

    async def _start(self) -> asyncio.subprocess.Process:
        """The child gets the import path and nothing else of this process: no settings and no secrets."""
        environment = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PATH": os.environ.get("PATH", "")}
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",  # the current folder may hold anything, also folders named like our packages
            "-m",
            __spec__.name,
            str(self._memory_bytes),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=environment,
        )

    async def _end(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            await child.wait()


def main(memory_bytes: int) -> None:
    """Answers requests on stdin until it ends; whatever a library prints goes to stderr."""
    with contextlib.suppress(ValueError, OSError):  # not every system can bound a process
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    while request := _receive(sys.stdin.buffer):
        body = json.dumps(_answer(*json.loads(request))).encode()
        out.write(len(body).to_bytes(_LENGTH_BYTES, "big") + body)
        out.flush()


def _receive(stream: BinaryIO) -> bytes:
    return stream.read(int.from_bytes(stream.read(_LENGTH_BYTES), "big"))


def _answer(path: str, document_id: str, source: str) -> list[dict[str, Any]] | str:
    from bot.knowledge.ingest.reading import read_passages

    try:
        return [asdict(passage) for passage in read_passages(Path(path), document_id, source)]
    except KnowledgeError as error:
        return str(error)
    except MemoryError:
        return "reading it takes too much memory"
    except Exception as error:
        return f"it cannot be parsed ({type(error).__name__})"


if __name__ == "__main__":
    main(int(sys.argv[1]))
