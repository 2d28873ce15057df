"""Log lines on stderr: readable in a terminal, JSON elsewhere. They carry ids and reasons, never what people wrote."""

from __future__ import annotations

import logging
import sys

import structlog

SAID_OTHERWISE = ("discord.client", "discord.shard")
"""Loggers of libraries whose warnings and tracebacks a channel says itself, in one line."""


def configure(*, serving: bool, verbose: bool = False) -> None:
    """Sets the level and the form of all log lines of this process.

    A server logs what it does, with the traceback of what nobody expected; any other command logs errors
    alone, in one line, unless it is `verbose`.
    """
    # Tracebacks without local variables: those may hold secrets and what people wrote.
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        if sys.stderr.isatty()
        else structlog.processors.JSONRenderer()
    )
    whole = serving or verbose
    level = logging.DEBUG if verbose else logging.INFO if serving else logging.ERROR
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info if whole else _error_in_one_line,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    for name in SAID_OTHERWISE:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")


def _error_in_one_line(
    logger: structlog.typing.WrappedLogger, name: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    if event.pop("exc_info", None):
        event["error"] = repr(sys.exc_info()[1])
    return event
