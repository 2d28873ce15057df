"""Log lines on stderr: readable in a terminal, JSON elsewhere. They carry ids and reasons, never what people wrote;
what is personal all the same (in the text of an error) is redacted.
"""

from __future__ import annotations

import logging
import sys

import structlog

from bot.privacy.redaction import redact, redact_all

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
            _redacted,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    for name in SAID_OTHERWISE:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_RedactingFormatter("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


def _error_in_one_line(
    logger: structlog.typing.WrappedLogger, name: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    if event.pop("exc_info", None):
        event["error"] = repr(sys.exc_info()[1])
    return event


def _redacted(
    logger: structlog.typing.WrappedLogger, name: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    return {key: value if key == "timestamp" else redact_all(value) for key, value in event.items()}


class _RedactingFormatter(logging.Formatter):
    """For the lines of libraries, tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))
