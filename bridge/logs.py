"""The log: structlog to stderr, for people or as JSON lines; payloads never get into it."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import MutableMapping
from types import TracebackType
from typing import TextIO, cast

import structlog

from bridge.errors import BridgeError
from engine.errors import EngineError

# Longer texts may be somebody's words or pixels; ids and our own texts are shorter.
_TEXT_CHARS = 200
_ITEMS = 8
# What these errors say is ours, or the system's; what others say may quote what came in.
_PLAIN_ERRORS = (BridgeError, EngineError, OSError)

_EventDict = MutableMapping[str, object]
_ExcInfo = tuple[type[BaseException] | None, BaseException | None, TracebackType | None]


def configure(*, as_json: bool = False, level: int = logging.INFO, stream: TextIO | None = None) -> None:
    """Set the log up for this process; called by the command line, never at import.

    Args:
        as_json: one JSON object a line instead of coloured text.
        level: of `logging`.
        stream: stderr, unless a test wants another.
    """
    out = stream or sys.stderr
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        without_quotes,
        without_payloads,
    ]
    for_people = structlog.dev.ConsoleRenderer(colors=out.isatty())
    renderer: structlog.typing.Processor = structlog.processors.JSONRenderer() if as_json else for_people
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(out),
        cache_logger_on_first_use=False,
    )
    # What libraries log with `logging` goes the same way.
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(level, logging.WARNING))


def without_payloads(logger: object, method: str, event: _EventDict) -> _EventDict:
    """A structlog processor: bytes become their length, long texts and lists are cut."""
    return {key: value if key == "exception" else _short(value) for key, value in event.items() if key[:1] != "_"} | {
        key: value for key, value in event.items() if key[:1] == "_"
    }


def without_quotes(logger: object, method: str, event: _EventDict) -> _EventDict:
    """A structlog processor: an exception becomes its frames and its type, without what it quotes."""
    found = event.pop("exc_info", None)
    if found is True:
        found = sys.exc_info()
    if isinstance(found, BaseException):
        found = (type(found), found, found.__traceback__)
    if isinstance(found, tuple) and len(cast(tuple[object, ...], found)) == 3:
        _, error, _ = cast(_ExcInfo, found)
        if error is not None:  # (None, None, None) where nothing was being handled
            event["exception"] = describe(error)
    return event


def describe(error: BaseException) -> str:
    """The error and what it came from, innermost first: frames, types, and texts of errors known to quote nothing."""
    parts: list[str] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        frames = "".join(traceback.format_tb(current.__traceback__))
        said = f": {_short(str(current))}" if isinstance(current, _PLAIN_ERRORS) else ""
        parts.append(f"{frames}{type(current).__name__}{said}")
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return "\n\n".join(reversed(parts))


def _short(value: object) -> object:
    match value:
        case None | bool() | int() | float():
            return value
        case bytes() | bytearray():
            return f"<{len(value)} bytes>"
        case str():
            return value if len(value) <= _TEXT_CHARS else f"{value[:_TEXT_CHARS]}… ({len(value)} characters)"
        case list() | tuple() | set() | frozenset():
            items = list(cast(list[object], value))
            more = [f"… {len(items) - _ITEMS} more"] if len(items) > _ITEMS else []
            return [*(_short(item) for item in items[:_ITEMS]), *more]
        case dict():
            pairs = list(cast(dict[object, object], value).items())
            return {str(_short(str(key))): _short(item) for key, item in pairs[:_ITEMS]}
        case _:
            # A message, an array: its text would be its contents.
            return f"<{type(value).__name__}>"
