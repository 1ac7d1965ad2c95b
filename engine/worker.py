"""The process that owns the device: takes edits from its host, a few at once, until the host is gone.

Started as ``python -m engine.worker``. Frames come on stdin and go on stdout (`engine.wire`); whatever else prints
ends up on stderr, which the host logs. Edits that run at once compute by turns and share the forwards of their token
steps (`engine.batcher`).
"""

from __future__ import annotations

import argparse
import gc
import importlib
import os
import queue
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
import numpy.typing as npt
import torch

from engine import wire
from engine.api import EditRequest, EditResult
from engine.batcher import Batcher, Seat
from engine.devices import choose_device, prepare, ran_out_of_memory, release_memory
from engine.errors import Cancelled, EngineError, OperationFailed, OutOfMemory, UnknownOperation
from engine.geometry import PixelRect
from engine.models.keeper import Keeper
from engine.models.pulled import PulledModels
from engine.models.this_device import this_device
from engine.operations.report import Report

Operation = Callable[[EditRequest, Report, torch.device], EditResult]
# A preview must fit one message to a client with room to spare.
_PREVIEW_BYTES = 512 << 10


class _Pipe:
    """Frames to the host, whole ones whichever thread sends them."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._lock = threading.Lock()

    def send(self, **fields: object) -> None:
        with self._lock:
            self._out.write(wire.pack(fields))
            self._out.flush()


class _Run:
    """One edit on its way: what its operation tells goes to the host, and others have their turns in between."""

    def __init__(self, pipe: _Pipe, segment: SharedMemory, run: int) -> None:
        self._pipe = pipe
        self._segment = segment
        self._run = run
        self.seat: Seat | None = None
        self.previews = False

    def progress(self, fraction: float, stage: str) -> None:
        self.check()
        self.send(say="progress", fraction=float(fraction), stage=stage)

    def preview(self, rect_px: PixelRect, scale: int, pixels: npt.NDArray[np.uint8]) -> None:
        self.check()
        if not self.previews:
            return
        while pixels.nbytes > _PREVIEW_BYTES:
            pixels, scale = pixels[::2, ::2], scale * 2
        self.send(say="preview", rect=rect_px.as_tuple(), scale=scale, shape=pixels.shape, data=pixels.tobytes())

    def check(self) -> None:
        self.stop_if_told()
        if self.seat is not None:
            self.seat.pause()

    def stop_if_told(self) -> None:
        """As `check`, but keeps the turn.

        Raises:
            Cancelled: the edit is to stop.
        """
        buffer = self._segment.buf
        if buffer is not None and buffer[0] == wire.CANCEL:
            raise Cancelled

    def send(self, **fields: object) -> None:
        """A frame of this edit's."""
        self._pipe.send(run=self._run, **fields)


def main() -> None:
    """Run until the host closes stdin."""
    arguments = _arguments()
    pipe = _Pipe(_take_stdout())
    requests: queue.SimpleQueue[wire.Fields] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(sys.stdin.buffer, requests), daemon=True).start()

    device = choose_device(arguments.device)
    prepare(device, arguments.threads)
    operations, warm_up = _operations(arguments, device)
    warm_up(device)
    # What is loaded stays: looking through it after each edit took a tenth of a second, in which nobody computes.
    gc.collect()
    gc.freeze()
    models = tuple(operations)
    memory = asdict(this_device(arguments.device))
    pipe.send(say="ready", device=str(device), torch=torch.__version__, models=models, memory=memory, pid=os.getpid())

    batcher = Batcher()
    # As many threads as edits at once: each keeps its OpenMP team for the next edit.
    threads = [
        threading.Thread(target=_take_edits, args=(requests, operations, device, pipe, batcher), daemon=True)
        for _ in range(arguments.at_once)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _take_edits(
    requests: queue.SimpleQueue[wire.Fields],
    operations: Mapping[str, Operation],
    device: torch.device,
    pipe: _Pipe,
    batcher: Batcher,
) -> None:
    """One edit after another, for ever; other threads do the same."""
    try:
        while True:
            _take_edit(requests.get(), operations, device, pipe, batcher)
            release_memory(device)
    except BaseException:
        # A thread that ends would leave its edit without an end: the host is told by the end of all.
        traceback.print_exc(file=sys.stderr)
        os._exit(1)


def _take_edit(
    fields: wire.Fields,
    operations: Mapping[str, Operation],
    device: torch.device,
    pipe: _Pipe,
    batcher: Batcher,
) -> None:
    segment = wire.attach(cast(str, fields["segment"]))
    run = _Run(pipe, segment, cast(int, fields["run"]))
    last = _edit(fields, segment, operations, device, run, batcher)
    # The last frame says that nobody here looks into the segment any more.
    segment.close()
    run.send(**last)


def _edit(
    fields: wire.Fields,
    segment: SharedMemory,
    operations: Mapping[str, Operation],
    device: torch.device,
    run: _Run,
    batcher: Batcher,
) -> wire.Fields:
    """Run one edit; gives its last frame, a result or an error."""
    began = time.perf_counter()
    try:
        with batcher.edit(run.stop_if_told) as run.seat, torch.inference_mode():
            request = wire.read_request(fields, segment)
            operation = operations.get(request.operation)
            if operation is None:
                raise UnknownOperation(f"There is no operation called “{request.operation}”.")
            run.previews = request.previews
            result = operation(request, run, device)
            result = replace(result, facts=replace(result.facts, engine_s=time.perf_counter() - began))
            return wire.write_result(result, request, cast(int, fields["result_at"]), segment)
    except EngineError as error:
        return _said(error)
    except Exception as error:
        if ran_out_of_memory(error):
            return _said(OutOfMemory())
        traceback.print_exc(file=sys.stderr)
        return _said(OperationFailed())
    finally:
        run.seat = None


def _said(error: EngineError) -> wire.Fields:
    return {"say": "error", "code": error.code, "message": str(error), "hint": error.hint}


def _read(stdin: BinaryIO, requests: queue.SimpleQueue[wire.Fields]) -> None:
    """Read frames until the host is gone, and then end at once, whatever is running."""
    try:
        while prefix := stdin.read(wire.LENGTH_BYTES):
            requests.put(wire.unpack(stdin.read(wire.frame_length(prefix))))
    finally:
        # Also when the host died in the middle of a frame.
        os._exit(0)


def _take_stdout() -> BinaryIO:
    """The pipe to the host; from now on whatever prints goes to stderr."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.setmode(sys.stdin.fileno(), os.O_BINARY)
        msvcrt.setmode(sys.stdout.fileno(), os.O_BINARY)
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return out


def _operations(
    arguments: argparse.Namespace, device: torch.device
) -> tuple[Mapping[str, Operation], Callable[[torch.device], None]]:
    """The operations at ``module:NAME`` and, in the same module, ``warm_up(device)``; with the open models in a folder
    where one is given, and the module knows what to do ``with_models``.
    """
    module_name, _, name = arguments.operations.partition(":")
    module = importlib.import_module(module_name)
    operations = cast(Mapping[str, Operation], getattr(module, name))
    if arguments.models is not None and hasattr(module, "with_models"):
        keeper = Keeper(PulledModels(arguments.models), device, arguments.models_bytes)
        operations = cast(Mapping[str, Operation], module.with_models(keeper, fast=arguments.fast))
    return operations, cast(Callable[[torch.device], None], module.warm_up)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Inlay's engine process; started by the bridge.")
    parser.add_argument("--device", default=None)
    parser.add_argument("--threads", type=int, default=None)
    parser.add_argument("--at-once", type=int, default=1)
    parser.add_argument("--operations", default="engine.operations.registry:OPERATIONS")
    parser.add_argument("--models", type=Path, default=None, help="folder of open models")
    parser.add_argument("--models-bytes", type=int, default=None, help="for their weights, of the device's memory")
    parser.add_argument("--fast", action="store_true", help="open models may compute the selection alone")
    return parser.parse_args()


if __name__ == "__main__":
    main()
