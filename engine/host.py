"""The bridge's side of the worker process: starts it, feeds it, cancels it, replaces it when it dies. No torch here."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path
from typing import cast

import numpy as np
import structlog

from engine import wire
from engine.api import EditEvent, EditPreview, EditProgress, EditRequest, EngineInfo
from engine.errors import EngineError, OutOfMemory, WorkerCrashed, error_from_code
from engine.geometry import PixelRect
from engine.models.memory import Device

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
# A segment up to this size is kept for the next edit; larger ones go back to the system.
_KEPT_SEGMENT_BYTES = 64 << 20
_LEAST_SEGMENT_BYTES = 1 << 20
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


@dataclass(slots=True, eq=False)
class _Worker:
    """One worker process that said it is ready."""

    process: Process
    info: EngineInfo = field(default_factory=lambda: EngineInfo("", "", ()))
    ended: bool = False
    frames: asyncio.Queue[wire.Fields | None] = field(default_factory=asyncio.Queue[wire.Fields | None])

    async def read(self) -> None:
        """Read frames until the process ends; a task of its own, so that no cancelled edit loses half a frame."""
        stdout = self.process.stdout
        assert stdout is not None, "started with a pipe"
        try:
            while True:
                prefix = await stdout.readexactly(wire.LENGTH_BYTES)
                self.frames.put_nowait(wire.unpack(await stdout.readexactly(wire.frame_length(prefix))))
        except (asyncio.IncompleteReadError, ConnectionError, WorkerCrashed):
            self.ended = True
            self.frames.put_nowait(None)

    async def send(self, fields: wire.Fields) -> None:
        stdin = self.process.stdin
        assert stdin is not None, "started with a pipe"
        try:
            stdin.write(wire.pack(fields))
            await stdin.drain()
        except (ConnectionError, OSError):
            raise WorkerCrashed from None

    async def receive(self) -> wire.Fields:
        """The next frame.

        Raises:
            WorkerCrashed: there will be none.
        """
        fields = await self.frames.get()
        if fields is None:
            self.frames.put_nowait(None)
            raise WorkerCrashed
        return fields

    @property
    def is_alive(self) -> bool:
        """A closed pipe tells of a death sooner than the exit code does."""
        return self.process.returncode is None and not self.ended


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
    """`engine.api.Engine` over one worker process; edits run one after another.

    Args:
        device: ``cuda``, ``mps``, ``xpu``, ``cpu``, or None to let the worker choose.
        threads: CPU threads of the worker, or None.
        operations: ``module:NAME`` of the operations it runs; tests have their own.
        models: the open models that it may load; None: none.
    """

    def __init__(
        self,
        device: str | None = None,
        threads: int | None = None,
        operations: str = "engine.operations.registry:OPERATIONS",
        models: OpenModels | None = None,
    ) -> None:
        self._arguments = ["--operations", operations]
        if models is not None:
            self._arguments += models.arguments()
        if device is not None:
            self._arguments += ["--device", device]
        if threads is not None:
            self._arguments += ["--threads", str(threads)]
        self._worker: _Worker | None = None
        self._starting: asyncio.Task[_Worker] | None = None
        self._turn = asyncio.Lock()
        self._segment: SharedMemory | None = None
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
        await self._discard()
        if self._stopping:
            await asyncio.wait(self._stopping)
        if self._segment is not None:
            _remove(self._segment)
            self._segment = None

    async def info(self) -> EngineInfo:
        """See `engine.api.Engine.info`."""
        return (await self._ready()).info

    async def run(self, request: EditRequest) -> AsyncGenerator[EditEvent, None]:
        """See `engine.api.Engine.run`."""
        turn = await self._turn_taken()
        try:
            worker = await self._ready()
            segment = self._segment_of(wire.bytes_needed(request))
            fields = await asyncio.to_thread(wire.write_request, request, segment)
            ended = False
            try:
                await worker.send(fields)
                while not ended:
                    answer = await worker.receive()
                    ended = answer["say"] in ("result", "error")
                    yield self._event(answer, request, segment, cast(int, fields["result_at"]))
            except WorkerCrashed:
                ended = True
                await self._discard()
                raise
            finally:
                if ended:
                    self._let_go(segment)
                else:  # whoever reads has gone; the turn ends when the worker is idle again
                    stopping = asyncio.create_task(self._cancel(worker, segment, turn.pop_all()), name="worker stop")
                    self._stopping.add(stopping)
                    stopping.add_done_callback(self._stopping.discard)
                    await asyncio.wait([stopping], timeout=CANCEL_PATIENCE_S)
        finally:
            turn.close()

    async def _turn_taken(self) -> ExitStack:
        """Wait for the worker; closing the stack gives it to the next."""
        await self._turn.acquire()
        turn = ExitStack()
        turn.callback(self._turn.release)
        return turn

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

    async def _cancel(self, worker: _Worker, segment: SharedMemory, turn: ExitStack) -> None:
        """Stop the running edit and wait for its last frame; a worker that does not answer is replaced."""
        buffer = segment.buf
        assert buffer is not None, "the segment is open"
        buffer[0] = wire.CANCEL
        with turn:
            try:
                async with asyncio.timeout(CANCEL_TIMEOUT_S):
                    while (await worker.receive())["say"] not in ("result", "error"):
                        pass
            except (TimeoutError, WorkerCrashed):
                _log.warning("worker replaced", reason="it did not stop when told")
                await self._discard()
            self._let_go(segment)

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
            await self._discard()
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
                ready = await worker.receive()
        except (TimeoutError, WorkerCrashed):
            self._failures += 1
            self._failed_at = time.monotonic()
            await _kill(process)
            raise WorkerCrashed(
                "The engine's process does not start.", hint="Run `inlay doctor`; it says what is missing."
            ) from None
        except BaseException:
            await _kill(process)
            raise
        self._failures = 0
        models = cast(tuple[str, ...], ready["models"])
        memory = cast(dict[str, str | int], ready["memory"])
        worker.info = EngineInfo(cast(str, ready["device"]), cast(str, ready["torch"]), models, memory)
        _log.info("worker ready", device=worker.info.device, pid=process.pid)
        return worker

    async def _discard(self) -> None:
        """End the worker; the next edit starts another."""
        worker, self._worker = self._worker, None
        if worker is not None:
            await _kill(worker.process)
        # The dead one may have left its segment in any state.
        if self._segment is not None and worker is not None:
            _remove(self._segment)
            self._segment = None

    # ── shared memory ────────────────────────────────────────────────────────────────────────────────────────

    def _segment_of(self, size: int) -> SharedMemory:
        """A segment of at least this size: the last one if it is large enough.

        Raises:
            OutOfMemory: there is no room for one.
        """
        if self._segment is not None and self._segment.size >= size:
            return self._segment
        if self._segment is not None:
            _remove(self._segment)
            self._segment = None
        try:
            self._segment = _reserved(max(_LEAST_SEGMENT_BYTES, 1 << (size - 1).bit_length()))
        except OSError:
            raise OutOfMemory("There is no shared memory left for this edit.") from None
        return self._segment

    def _let_go(self, segment: SharedMemory) -> None:
        if segment is self._segment and segment.size > _KEPT_SEGMENT_BYTES:
            _remove(segment)
            self._segment = None


def _rect(answer: wire.Fields) -> PixelRect:
    return PixelRect(*cast(tuple[int, int, int, int], answer["rect"]))


def _reserved(size: int) -> SharedMemory:
    """A segment whose memory is there: on Linux it is otherwise only promised, and writing ends the process.

    Raises:
        OSError: there is no room.
    """
    segment = SharedMemory(create=True, size=size)
    if sys.platform == "linux":
        try:
            place = os.open(f"/dev/shm/{segment.name}", os.O_RDWR)  # noqa: S108 -- made by us a line above
            try:
                os.posix_fallocate(place, 0, size)
            finally:
                os.close(place)
        except OSError:
            _remove(segment)
            raise
    return segment


def _remove(segment: SharedMemory) -> None:
    segment.close()
    with suppress(FileNotFoundError):
        segment.unlink()


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
