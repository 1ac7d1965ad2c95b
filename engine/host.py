"""The bridge's side of the worker process: starts it, feeds it, cancels it, replaces it when it dies. No torch here."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path
from typing import cast

import numpy as np
import structlog

from engine import wire
from engine.api import EditEvent, EditPreview, EditProgress, EditRequest, EngineInfo
from engine.errors import EngineError, WorkerCrashed, error_from_code
from engine.geometry import PixelRect
from engine.models.memory import Device
from engine.segments import Segments
from engine.starting import not_started, signal_that_ended

_log = structlog.get_logger(__name__)
# torch can take this long to import from a cold, slow disk.
READY_TIMEOUT_S = 180.0
# Most operations stop within 50 ms. A large step of a large hole may take longer: nobody waits for its end, only the
# next edit does.
CANCEL_PATIENCE_S = 0.06
# One that has not answered for so long hangs, and its process is replaced.
CANCEL_TIMEOUT_S = 2.0
# After a failed start the next try waits 1, 2, 4 … seconds, at most this.
_LONGEST_BACKOFF_S = 30.0
# Shared memory of the edits that run at once. What they compute with is several times that; one edit may have more,
# alone.
_SEGMENTS_BYTES = 192 << 20
_LOG_LINE_CHARS = 300
# OpenMP's threads spin while they wait for each other. Beside a busy program, such as the designer's own, that made an
# edit ten times slower; sleeping costs nothing that could be measured. Must be set before torch is imported.
POLITE_THREADS = {"OMP_WAIT_POLICY": "PASSIVE", "KMP_BLOCKTIME": "0"}
# Every selection has a size of its own, and oneDNN keeps compiled kernels for a thousand of them, glibc an arena a
# thread: both grow for hours of work without being of use again.
LEAN_MEMORY = {"ONEDNN_PRIMITIVE_CACHE_CAPACITY": "32", "MALLOC_ARENA_MAX": "2"}


# Programs of ours are started here: `python -m` looks in the current folder first, and a folder that a person happens
# to be in may hold anything, also something called “engine”.
HOME = Path(__file__).resolve().parents[1]


def environment() -> dict[str, str]:
    """The environment for a process that computes with torch: ours, with threads that sleep and memory that is lean."""
    return {**POLITE_THREADS, **LEAN_MEMORY, **os.environ}


def let_threads_sleep() -> None:
    """Set `POLITE_THREADS` for this process, which is about to import torch itself (benchmarks, tests)."""
    for name, value in POLITE_THREADS.items():
        os.environ.setdefault(name, value)


Frames = asyncio.Queue[wire.Fields | None]


@dataclass(slots=True, eq=False)
class _Worker:
    """One worker process.

    Attributes:
        first: what it says before any edit: that it is ready.
        replaced: it was ended because an edit did not stop; the others in it begin again in the next one.
        runs: what it says of each running edit, by the number that the edit was sent with; None: nothing more comes.
    """

    process: Process
    info: EngineInfo = field(default_factory=lambda: EngineInfo("", "", ()))
    ended: bool = False
    replaced: bool = False
    first: Frames = field(default_factory=Frames)
    runs: dict[int, Frames] = field(default_factory=dict[int, Frames])

    async def read(self) -> None:
        """Read frames until the process ends; a task of its own, so that no cancelled edit loses half a frame."""
        stdout = self.process.stdout
        assert stdout is not None, "started with a pipe"
        try:
            while True:
                prefix = await stdout.readexactly(wire.LENGTH_BYTES)
                fields = wire.unpack(await stdout.readexactly(wire.frame_length(prefix)))
                run = fields.get("run")
                frames = self.runs.get(run) if isinstance(run, int) else self.first
                if frames is not None:
                    frames.put_nowait(fields)
        except (asyncio.IncompleteReadError, ConnectionError, WorkerCrashed):
            self.ended = True
            for frames in (self.first, *self.runs.values()):
                frames.put_nowait(None)

    def begin(self, run: int) -> Frames:
        """Where this edit's frames will come.

        Raises:
            WorkerCrashed: the process has ended.
        """
        if self.ended:
            raise WorkerCrashed
        return self.runs.setdefault(run, Frames())

    async def send(self, fields: wire.Fields) -> None:
        stdin = self.process.stdin
        assert stdin is not None, "started with a pipe"
        try:
            stdin.write(wire.pack(fields))
            await stdin.drain()
        except (ConnectionError, OSError):
            raise WorkerCrashed from None

    @property
    def is_alive(self) -> bool:
        """A closed pipe tells of a death sooner than the exit code does."""
        return self.process.returncode is None and not self.ended


async def _received(frames: Frames) -> wire.Fields:
    """The next frame.

    Raises:
        WorkerCrashed: there will be none.
    """
    fields = await frames.get()
    if fields is None:
        frames.put_nowait(None)
        raise WorkerCrashed
    return fields


@dataclass(frozen=True, slots=True)
class OpenModels:
    """Open models for a worker.

    Attributes:
        folder: where those that were pulled are.
        budget_bytes: of the device's memory, for weights that are kept; None: a share of it.
        fast: they may compute the selection alone, which is an approximation.
    """

    folder: Path
    budget_bytes: int | None = None
    fast: bool = False

    def arguments(self) -> list[str]:
        """For the worker's command line."""
        budget = [] if self.budget_bytes is None else ["--models-bytes", str(self.budget_bytes)]
        return ["--models", str(self.folder), *budget, *(["--fast"] if self.fast else [])]


class WorkerEngine:
    """`engine.api.Engine` over one worker process, in which several edits run at once (`engine.batcher`).

    Each has a segment of shared memory of its own, and what the worker says of it carries its number. When the process
    dies all of them fail; when it is ended because one did not stop, the others begin again in another.

    Args:
        device: ``cuda``, ``mps``, ``xpu``, ``cpu``, or None to let the worker choose.
        threads: CPU threads of the worker, or None.
        at_once: edits that may run at once.
        operations: ``module:NAME`` of the operations it runs; tests have their own.
        models: the open models that it may load; None: none.
    """

    def __init__(
        self,
        device: str | None = None,
        threads: int | None = None,
        at_once: int = 1,
        operations: str = "engine.operations.registry:OPERATIONS",
        models: OpenModels | None = None,
    ) -> None:
        self._arguments = ["--operations", operations, "--at-once", str(at_once)]
        if models is not None:
            self._arguments += models.arguments()
        if device is not None:
            self._arguments += ["--device", device]
        if threads is not None:
            self._arguments += ["--threads", str(threads)]
        self._worker: _Worker | None = None
        self._starting: asyncio.Task[_Worker] | None = None
        self._segments = Segments(at_once, _SEGMENTS_BYTES)
        self._runs = 0
        self._failures = 0
        self._failed_at = 0.0
        self._pipes: set[asyncio.Task[None]] = set()
        self._stopping: set[asyncio.Task[None]] = set()

    @property
    def is_ready(self) -> bool:
        """See `engine.api.Engine.is_ready`."""
        starting = self._starting
        started = starting is not None and starting.done() and not starting.cancelled() and starting.exception() is None
        return started or (self._worker is not None and self._worker.is_alive)

    @property
    def pid(self) -> int | None:
        """The worker's process id, None while there is none."""
        return self._worker.process.pid if self._worker is not None and self._worker.is_alive else None

    @property
    def device(self) -> Device | None:
        """The memory of what it runs on, as it was when the worker started; None while that is not known."""
        if self._worker is None or not self._worker.info.memory:
            return None
        return Device(**self._worker.info.memory)  # pyright: ignore[reportArgumentType] -- names are ours on both sides

    async def start(self) -> None:
        """Begin to start the worker; returns at once."""
        self._begin()

    async def stop(self) -> None:
        """End the worker, whatever it does."""
        starting, self._starting = self._starting, None
        if starting is not None:
            starting.cancel()
            with suppress(asyncio.CancelledError, EngineError):
                await starting
        await self._discard(self._worker)
        if self._stopping:
            await asyncio.wait(self._stopping)
        self._segments.close()

    async def info(self) -> EngineInfo:
        """See `engine.api.Engine.info`."""
        return (await self._ready()).info

    async def run(self, request: EditRequest) -> AsyncGenerator[EditEvent, None]:
        """See `engine.api.Engine.run`."""
        size = wire.bytes_needed(request)
        segment = await self._segments.lend(size)
        stopping: asyncio.Task[None] | None = None
        try:
            ended = False
            while not ended:
                worker = await self._ready()
                fields = await _written(request, segment)
                self._runs += 1
                run, left = self._runs, True
                frames = worker.begin(run)
                try:
                    await worker.send({**fields, "run": run})
                    while not ended:
                        answer = await _received(frames)
                        ended = answer["say"] in ("result", "error")
                        left = not ended
                        yield self._event(answer, request, segment, cast(int, fields["result_at"]))
                except WorkerCrashed:
                    left = False
                    await self._discard(worker)
                    if not worker.replaced:
                        raise
                finally:
                    if left:  # whoever reads has gone; the segment is free when the worker has left the edit
                        stopping = self._stop_run(worker, run, segment, size)
                        await asyncio.wait([stopping], timeout=CANCEL_PATIENCE_S)
                    else:
                        worker.runs.pop(run, None)
        finally:
            if stopping is None:
                self._segments.give_back(segment, size)

    def _event(self, answer: wire.Fields, request: EditRequest, segment: SharedMemory, at: int) -> EditEvent:
        match answer["say"]:
            case "progress":
                return EditProgress(cast(float, answer["fraction"]), cast(str, answer["stage"]))
            case "preview":
                shape = cast(tuple[int, int, int], answer["shape"])
                pixels = np.frombuffer(cast(bytes, answer["data"]), np.uint8).reshape(shape)
                return EditPreview(_rect(answer), cast(int, answer["scale"]), pixels)
            case "result":
                return wire.read_result(answer, request, at, segment)
            case "error":
                code, message, hint = (cast(str, answer[key]) for key in ("code", "message", "hint"))
                raise error_from_code(code, message, hint)
            case _:
                raise WorkerCrashed("The engine's process sent something unreadable.")

    def _stop_run(self, worker: _Worker, run: int, segment: SharedMemory, size: int) -> asyncio.Task[None]:
        stopping = asyncio.create_task(self._cancel(worker, run, segment, size), name="worker stop")
        self._stopping.add(stopping)
        stopping.add_done_callback(self._stopping.discard)
        return stopping

    async def _cancel(self, worker: _Worker, run: int, segment: SharedMemory, size: int) -> None:
        """Stop the edit and wait for its last frame; a worker that does not answer is replaced."""
        buffer = segment.buf
        assert buffer is not None, "the segment is open"
        buffer[0] = wire.CANCEL
        try:
            async with asyncio.timeout(CANCEL_TIMEOUT_S):
                while (await _received(worker.runs[run]))["say"] not in ("result", "error"):
                    pass
        except TimeoutError:
            _log.warning("worker replaced", reason="it did not stop when told")
            worker.replaced = True
            await self._discard(worker)
        except WorkerCrashed:
            await self._discard(worker)
        finally:
            worker.runs.pop(run, None)
            self._segments.give_back(segment, size)

    # ── the process ──────────────────────────────────────────────────────────────────────────────────────────

    def _begin(self) -> asyncio.Task[_Worker]:
        if self._starting is None:
            self._starting = asyncio.create_task(self._start(), name="worker start")
        return self._starting

    async def _ready(self) -> _Worker:
        """The worker, started again if it has died.

        Raises:
            WorkerCrashed: it cannot be started.
        """
        if self._worker is not None and not self._worker.is_alive:
            await self._discard(self._worker)
        if self._worker is None:
            starting = self._begin()
            try:
                self._worker = await asyncio.shield(starting)
            finally:
                if starting.done():
                    self._starting = None
        assert self._worker is not None, "started above"
        return self._worker

    async def _start(self) -> _Worker:
        wait_s = min(_LONGEST_BACKOFF_S, 2.0 ** (self._failures - 1)) if self._failures else 0.0
        if time.monotonic() < self._failed_at + wait_s:
            await asyncio.sleep(self._failed_at + wait_s - time.monotonic())
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "engine.worker",
            *self._arguments,
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            env=environment(),
            cwd=HOME,
        )
        worker = _Worker(process)
        for work in (worker.read(), _log_lines(process)):
            task = asyncio.create_task(work, name="worker pipe")
            self._pipes.add(task)
            task.add_done_callback(self._pipes.discard)
        try:
            async with asyncio.timeout(READY_TIMEOUT_S):
                ready = await _received(worker.first)
        except (TimeoutError, WorkerCrashed) as error:
            self._failures += 1
            self._failed_at = time.monotonic()
            try:
                ended_by = None if isinstance(error, TimeoutError) else await signal_that_ended(process)
            finally:
                await _kill(process)
            raise not_started(ended_by) from None
        except BaseException:
            await _kill(process)
            raise
        self._failures = 0
        models = cast(tuple[str, ...], ready["models"])
        memory = cast(dict[str, str | int], ready["memory"])
        worker.info = EngineInfo(cast(str, ready["device"]), cast(str, ready["torch"]), models, memory)
        _log.info("worker ready", device=worker.info.device, pid=process.pid)
        return worker

    async def _discard(self, worker: _Worker | None) -> None:
        """End this worker, if it is not replaced already; the next edit starts another."""
        if worker is None:
            return
        if self._worker is worker:
            self._worker = None
        # Whoever comes here later than another waits as well: a segment is free when nobody can write into it.
        await _kill(worker.process)


async def _written(request: EditRequest, segment: SharedMemory) -> wire.Fields:
    """`wire.write_request` in a thread; who is cancelled waits for its end, since others get the segment."""
    writing = asyncio.create_task(asyncio.to_thread(wire.write_request, request, segment))
    try:
        return await asyncio.shield(writing)
    except asyncio.CancelledError:
        await asyncio.wait([writing])
        raise


def _rect(answer: wire.Fields) -> PixelRect:
    return PixelRect(*cast(tuple[int, int, int, int], answer["rect"]))


async def _kill(process: Process) -> None:
    with suppress(ProcessLookupError):
        process.kill()
    await process.wait()


async def _log_lines(process: Process) -> None:
    """What the worker prints, line by line, shortened."""
    stderr = process.stderr
    assert stderr is not None, "started with a pipe"
    while True:
        try:
            line = await stderr.readline()
        except ValueError:  # longer than the reader's buffer: dropped
            continue
        if not line:
            return
        _log.info("worker says", line=line.decode(errors="replace").rstrip()[:_LOG_LINE_CHARS])
