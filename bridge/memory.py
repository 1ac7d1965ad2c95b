"""Memory that goes back to the system: on glibc, freed tiles would otherwise stay in its arenas for hours."""

from __future__ import annotations

import ctypes
import sys

# mallopt(3): parameters and our values. Frames and whole patches get pages of their own and give them back when they
# are freed; without a fixed threshold glibc would raise it to the largest of them and keep all. Lower, and every tile
# of 48 kB pays for fresh pages: an edit took 25 ms longer at 32 kB. Two arenas are enough for a process that waits.
_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8
_LEAST_MAPPED_BYTES = 256 << 10
_ARENAS = 2


def keep_memory_flat() -> None:
    """Set the allocator of this process up; does nothing where it is not glibc's."""
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, _LEAST_MAPPED_BYTES)
        mallopt(_M_ARENA_MAX, _ARENAS)
