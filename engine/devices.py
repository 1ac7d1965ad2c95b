"""Which device the engine uses, and how it is set up."""

from __future__ import annotations

import ctypes
import gc
import sys

import psutil
import torch

from engine.errors import BadRequest, OutOfMemory


def choose_device(name: str | None = None) -> torch.device:
    """The device of that name, or the best there is: CUDA, then MPS, then XPU, then the CPU.

    Raises:
        BadRequest: there is no such device here.
    """
    if name is None:
        return next(device for device in available_devices())
    try:
        wanted = torch.device(name)
    except RuntimeError:
        raise BadRequest(f"There is no kind of device called “{name}”.", hint="Use cuda, mps, xpu or cpu.") from None
    if wanted.type not in {device.type for device in available_devices()}:
        raise BadRequest(f"There is no “{name}” device here.", hint="Leave the device out to have one chosen.")
    return wanted


def available_devices() -> list[torch.device]:
    """Devices of this machine, the fastest kind first; the CPU is always the last."""
    devices: list[torch.device] = []
    if torch.cuda.is_available():
        devices.append(torch.device("cuda:0"))
    if torch.backends.mps.is_available():
        devices.append(torch.device("mps"))
    if hasattr(torch, "xpu") and torch.xpu.is_available():
        devices.append(torch.device("xpu:0"))
    return [*devices, torch.device("cpu")]


def prepare(device: torch.device, threads: int | None = None) -> None:
    """Threads, and the settings that make the same seed give the same result (P4)."""
    torch.set_num_threads(threads or psutil.cpu_count(logical=False) or 1)
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.deterministic = True
    # TF32 differs between cards; the exemplar's comparisons want full float32 everywhere.
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False


def ran_out_of_memory(error: BaseException) -> bool:
    """Whether it says that there was no room.

    On a CPU torch tells of that by a plain RuntimeError: “DefaultCPUAllocator: can't allocate memory” (on Windows “not
    enough memory”).
    """
    if isinstance(error, MemoryError | torch.OutOfMemoryError | OutOfMemory):
        return True
    return isinstance(error, RuntimeError) and any(
        sign in str(error) for sign in ("allocate memory", "not enough memory")
    )


def release_memory(device: torch.device) -> None:
    """Give back what an edit no longer needs, so that memory stays flat over many edits."""
    gc.collect()
    if device.type == "cuda":
        torch.cuda.empty_cache()
    elif sys.platform == "linux":
        # glibc keeps freed arenas; without this a worker grows to the sum of its threads' peaks.
        libc = ctypes.CDLL(None)
        if hasattr(libc, "malloc_trim"):
            libc.malloc_trim(0)
