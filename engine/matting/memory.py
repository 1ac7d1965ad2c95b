"""The last cut-outs, kept: a series or variations ask for the same subject again for every candidate.

Keyed by what was asked, so that nothing can be stale; bounded in bytes, the newest stay.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

import numpy as np

T = TypeVar("T")
Key = bytes


def key_of(*parts: str | np.ndarray) -> Key:
    """A digest of texts and arrays, their shapes and types among it."""
    digest = hashlib.blake2b(digest_size=20)
    for part in parts:
        if isinstance(part, str):
            digest.update(f"{len(part)}:{part};".encode())
        else:
            digest.update(f"{part.dtype.str}{part.shape};".encode())
            digest.update(np.ascontiguousarray(part).data.cast("B"))
    return digest.digest()


class Memory(Generic[T]):
    """The newest answers, of at most so many bytes together."""

    def __init__(self, most_bytes: int, size_of: Callable[[T], int]) -> None:
        self._most, self._size_of = most_bytes, size_of
        self._kept: OrderedDict[Key, T] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Key, make: Callable[[], T]) -> T:
        """The kept answer, or ``make``'s, which is kept if it is small enough. What ``make`` raises is not kept."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = make()
        with self._lock:
            if self._size_of(made) <= self._most:
                self._kept[key] = made
                while sum(map(self._size_of, self._kept.values())) > self._most:
                    self._kept.popitem(last=False)
        return made

    def __len__(self) -> int:
        return len(self._kept)
