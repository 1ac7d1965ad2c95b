"""A worker that does not get ready: what ended it is told, and not that something is missing where nothing is."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from engine.errors import WorkerCrashed
from engine.host import WorkerEngine
from engine.starting import not_started, signal_that_ended


async def ended(code: str) -> int | None:
    """By what signal a process of this code ended."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code)
    return await signal_that_ended(process)


@pytest.mark.parametrize(
    ("code", "by"),
    [("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", 9), ("import os; os.abort()", 6)]
    + [("raise SystemExit(1)", None), ("", None)],
)
async def test_a_signal_is_told_from_an_end_of_its_own(code: str, by: int | None):
    assert await ended(code) == by


async def test_a_process_that_lives_on_was_ended_by_nothing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("engine.starting._LAST_BREATH_S", 0.01)
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", "import time; time.sleep(60)")
    assert await signal_that_ended(process) is None
    process.kill()
    await process.wait()


def test_being_killed_is_told_as_want_of_memory_and_other_signals_by_name():
    assert "does not start" in str(not_started(None)) and "doctor" in not_started(None).hint
    assert "The system ended" in str(not_started(9)) and "memory" in str(not_started(9)) + not_started(9).hint
    assert "SIGSEGV" in str(not_started(11)) and "memory" not in str(not_started(11))
    assert "signal 200" in str(not_started(200))


async def test_a_worker_that_is_killed_while_it_starts_is_told_as_that(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "killed_at_once.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    engine = WorkerEngine(operations="killed_at_once:NOTHING")
    with pytest.raises(WorkerCrashed) as caught:
        await engine.info()
    assert "SIGKILL" in str(caught.value) and "memory" in str(caught.value)
    await engine.stop()
