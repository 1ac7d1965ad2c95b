"""Operations for tests of the worker: they sleep in steps, crash, lie and run out of memory."""

from __future__ import annotations

import os
import time

import numpy as np
import torch

from engine.api import EditFacts, EditRequest, EditResult
from engine.operations.report import Report

FACTS = EditFacts("test", "", "cpu", 0.0)


def warm_up(device: torch.device) -> None:
    """Nothing to warm."""


def invert(request: EditRequest, report: Report, device: torch.device) -> EditResult:
    report.progress(0.5, "inverting")
    report.preview(request.reach_px, 1, np.zeros((*request.pixels.shape[:2], 3), np.uint8))
    flipped = request.pixels[::-1].copy()
    return EditResult(request.reach_px, flipped, FACTS)


def steps(request: EditRequest, report: Report, device: torch.device) -> EditResult:
    """Half a minute in steps of 10 ms, unless it is cancelled."""
    for step in range(3000):
        report.progress(step / 3000, "sleeping")
        time.sleep(0.01)
    return invert(request, report, device)


def deaf(request: EditRequest, report: Report, device: torch.device) -> EditResult:
    """Never checks."""
    report.progress(0.0, "deaf")
    time.sleep(30)
    return invert(request, report, device)


def crash(request: EditRequest, report: Report, device: torch.device) -> EditResult:
    report.progress(0.1, "crashing")
    os._exit(7)


def memory(request: EditRequest, report: Report, device: torch.device) -> EditResult:
    raise MemoryError


def too_much(request: EditRequest, report: Report, device: torch.device) -> EditResult:
    """What torch says when the CPU's memory is not enough."""
    torch.empty(1 << 60, dtype=torch.uint8)
    return invert(request, report, device)


def bug(request: EditRequest, report: Report, device: torch.device) -> EditResult:
    raise ZeroDivisionError("secret detail")


def chatty(request: EditRequest, report: Report, device: torch.device) -> EditResult:
    """Prints on stdout, where the frames go."""
    print("x" * 100_000)
    os.write(1, b"\x00\xff" * 1000)
    return invert(request, report, device)


def remove(request: EditRequest, report: Report, device: torch.device) -> EditResult:
    """Noise inside the mask, in place of the real one, where only the way matters."""
    report.progress(0.1, "filling")
    report.preview(request.reach_px, 8, np.zeros((*request.mask[::8, ::8].shape, 3), np.uint8))
    time.sleep(0.05)
    report.check()
    rng = np.random.default_rng(request.seed)
    noise = (rng.random(request.pixels.shape) * request.format.depth.white).astype(request.pixels.dtype)
    filled = np.where(request.mask[..., None] > 0, noise, request.pixels)
    return EditResult(request.reach_px, filled, FACTS)


_MET: list[str] = []


def meet(request: EditRequest, report: Report, device: torch.device) -> EditResult:
    """Ends when as many edits as the seed says have come to it."""
    _MET.append(request.edit_id)
    for _ in range(1500):
        report.check()
        time.sleep(0.01)
        if len(_MET) >= request.seed:
            return invert(request, report, device)
    raise TimeoutError(f"only {len(_MET)} came")


OPERATIONS = {
    operation.__name__: operation
    for operation in (invert, steps, deaf, crash, memory, too_much, bug, chatty, remove, meet)
}
