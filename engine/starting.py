"""Why a worker process did not get ready. No torch here."""

from __future__ import annotations

import asyncio
import signal
from asyncio.subprocess import Process
from contextlib import suppress

from engine.errors import WorkerCrashed

# Between the end of what a process says and its own.
_LAST_BREATH_S = 1.0
# SIGKILL, which Windows has not: what a system ends processes with when memory runs out.
_KILLED = 9


async def signal_that_ended(process: Process) -> int | None:
    """The number of the signal by which a process ended that has closed its pipe; None: of itself, or not at all."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_LAST_BREATH_S):
            await process.wait()
    code = process.returncode
    return -code if code is not None and code < 0 else None


def not_started(ended_by: int | None) -> WorkerCrashed:
    """What is told of a worker that did not get ready.

    Args:
        ended_by: as `signal_that_ended` says.
    """
    if ended_by is None:
        return WorkerCrashed(
            "The engine's process does not start.", hint="Run `inlay doctor`; it says what is missing."
        )
    name = next((one.name for one in signal.Signals if one == ended_by), f"signal {ended_by}")
    if ended_by == _KILLED:
        return WorkerCrashed(
            f"The system ended the engine's process while it started ({name}), most likely because memory ran out.",
            hint="Close what takes much memory, then try again; nothing of the layer was changed.",
        )
    return WorkerCrashed(
        f"The engine's process was ended by the system while it started ({name}).",
        hint="Try again; if that happens twice, run `inlay doctor`.",
    )
