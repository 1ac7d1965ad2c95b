"""Bytes of tensors that are alive, where no device counts them."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping, Sequence
from typing import cast

import torch
from torch.utils._python_dispatch import TorchDispatchMode  # torch's documented way to see every operation
from torch.utils._pytree import tree_leaves


class LiveBytes(TorchDispatchMode):
    """Inside it, memory that operations make is counted until it is let go; what was there before is not.

    What an operation needs within itself (a convolution's workspace) is not seen.

    Attributes:
        now, peak: bytes.
    """

    def __init__(self) -> None:
        super().__init__()
        self.now = self.peak = 0
        self._known: set[int] = set()

    def __torch_dispatch__(
        self,
        func: Callable[..., object],
        types: Sequence[type],
        args: tuple[object, ...] = (),
        kwargs: Mapping[str, object] | None = None,
    ) -> object:
        made = func(*args, **(kwargs or {}))
        given = {id_of(tensor) for tensor in _tensors((args, kwargs))}
        for tensor in _tensors(made):
            if id_of(tensor) not in given:
                self._count(tensor.untyped_storage())
        return made

    def _count(self, storage: torch.UntypedStorage) -> None:
        place = _place(storage)
        if place in self._known:
            return
        self._known.add(place)
        size = storage.nbytes()
        self.now += size
        self.peak = max(self.peak, self.now)
        weakref.finalize(storage, self._gone, place, size)

    def _gone(self, place: int, size: int) -> None:
        self._known.discard(place)
        self.now -= size


def id_of(tensor: torch.Tensor) -> int:
    """Which memory it is a view of."""
    return _place(tensor.untyped_storage())


def _place(storage: torch.UntypedStorage) -> int:
    return cast(int, storage._cdata)  # pyright: ignore[reportPrivateUsage] -- no public name tells storages apart


def _tensors(tree: object) -> list[torch.Tensor]:
    return [leaf for leaf in cast(list[object], tree_leaves(tree)) if isinstance(leaf, torch.Tensor)]
