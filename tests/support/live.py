"""Bytes of tensors that are alive, without a GPU's counter."""

from __future__ import annotations

import weakref
from collections.abc import Callable

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten


class LiveBytes(TorchDispatchMode):
    """Inside it, storages that operations make are counted until they are gone; what was there before is not.

    Attributes:
        now, peak: bytes. What an operation needs within itself is not seen.
    """

    def __init__(self) -> None:
        super().__init__()
        self.now = self.peak = 0
        self._known: set[int] = set()

    def __torch_dispatch__(
        self,
        func: Callable[..., object],
        types: object,
        args: tuple[object, ...] = (),
        kwargs: dict[str, object] | None = None,
    ) -> object:
        found = func(*args, **(kwargs or {}))
        before = {
            part.untyped_storage()._cdata for part in tree_flatten((args, kwargs))[0] if isinstance(part, torch.Tensor)
        }
        for part in tree_flatten(found)[0]:
            if isinstance(part, torch.Tensor) and part.device.type != "meta":
                self._count(part.untyped_storage(), before)
        return found

    def _count(self, storage: torch.UntypedStorage, before: set[int]) -> None:
        key = storage._cdata
        if key in self._known or key in before:
            return
        self._known.add(key)
        self.now += storage.nbytes()
        self.peak = max(self.peak, self.now)
        weakref.finalize(storage, self._gone, key, storage.nbytes())

    def _gone(self, key: int, size: int) -> None:
        self._known.discard(key)
        self.now -= size
