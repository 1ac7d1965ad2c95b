"""The `inlay` command in this process: its own `main` with arguments, environment and exit code, without the two
seconds that a process takes to begin. What is about processes themselves starts one."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog

from bridge.cli import main


@dataclass(frozen=True, slots=True)
class Said:
    """How a command ended, and what it printed."""

    returncode: int
    stdout: str
    stderr: str


class Commands:
    """Runs commands, one after the other.

    Args:
        capture: of the test's own output.
        data: the folder that they work in.
    """

    def __init__(self, capture: pytest.CaptureFixture[str], data: Path) -> None:
        self._capture, self._data = capture, data

    def __call__(self, *arguments: str | Path, **environment: str) -> Said:
        """
        Raises:
            BaseException: what the command would have shown as a traceback.
        """
        self._capture.readouterr()
        with pytest.MonkeyPatch.context() as patch, _same_log():
            patch.setattr(sys, "argv", ["inlay", *map(str, arguments)])
            for name, value in {"INLAY_DATA_FOLDER": str(self._data), "COLUMNS": "120", **environment}.items():
                patch.setitem(os.environ, name, value)
            try:
                main()
                code = 0
            except SystemExit as ended:
                code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        return Said(code, *self._capture.readouterr())


@contextmanager
def _same_log() -> Generator[None]:
    """A command sets the log up for its process; this one goes on with the log that it had."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        yield
    finally:
        structlog.reset_defaults()
        root.handlers[:] = handlers
        root.setLevel(level)
