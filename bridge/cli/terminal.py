"""What all commands share: the two consoles, settings, and how a command ends."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import TypeVar

import typer
from pydantic import ValidationError
from rich.console import Console

from bridge.errors import BridgeError
from bridge.settings import Settings
from engine.errors import EngineError

_T = TypeVar("_T")
# What shells expect of a program ended by Ctrl-C.
EXIT_INTERRUPTED = 130
EXIT_FAILED = 1


def console() -> Console:
    """For results: stdout."""
    return Console(highlight=False)


def messages() -> Console:
    """For progress and errors: stderr, so that results can be piped."""
    return Console(stderr=True, highlight=False)


def settings_from(**given: object) -> Settings:
    """Settings of the environment, with those options that were given.

    Raises:
        typer.BadParameter: one of them cannot be; says which.
    """
    try:
        return Settings.model_validate({name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(str(part) for part in first["loc"])
        raise typer.BadParameter(f"INLAY_{name.upper()} or its option: {first['msg']}.") from None


def run(work: Coroutine[None, None, _T]) -> _T:
    """Run a command's coroutine; Ctrl-C cancels it, and once it has cleaned up the command ends with 130."""
    try:
        return asyncio.run(work)
    except KeyboardInterrupt:
        messages().print("Stopped; nothing was left half-done.")
        raise typer.Exit(EXIT_INTERRUPTED) from None


def print_error(error: Exception) -> None:
    """One line what happened, one what to do."""
    out = messages()
    if isinstance(error, BridgeError | EngineError):
        out.print(f"[bold red]✗[/] {_plain(str(error))}", soft_wrap=True)
        if error.hint:
            out.print(f"  {_plain(error.hint)}", soft_wrap=True)
    else:
        out.print(f"[bold red]✗[/] Something went wrong inside Inlay ({type(error).__name__}).", soft_wrap=True)
        out.print("  Run it again as `inlay --debug …` to see where, and tell us.", soft_wrap=True)


def error_fields(error: BridgeError | EngineError) -> dict[str, object]:
    """An error for ``--json``."""
    return {"ok": False, "code": error.code, "message": str(error), "hint": error.hint}


def print_json(fields: dict[str, object]) -> None:
    """One line of JSON on stdout."""
    sys.stdout.write(json.dumps(fields, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def document_key(photo: Path) -> str:
    """What a photo file's document is called: its absolute path, or, where that is too long, its end and a hash."""
    from hashlib import sha256  # noqa: PLC0415 -- only for odd paths

    # A name that is no text (Linux allows any bytes) goes to the bridge with its odd bytes spelled out.
    path = str(photo.resolve()).encode(errors="backslashreplace").decode()
    if len(path) <= _KEY_CHARS:
        return path
    return f"…{path[-_KEY_TAIL_CHARS:]} {sha256(path.encode()).hexdigest()}"


# `bridge.protocol.fields.Name`.
_KEY_CHARS = 200
_KEY_TAIL_CHARS = 120


def _plain(text: str) -> str:
    """Square brackets are rich's markup; in our texts they are only brackets."""
    return text.replace("[", r"\[")
