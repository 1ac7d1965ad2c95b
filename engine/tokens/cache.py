"""Windows that were opened already: another prompt, another seed, another candidate on the same selection skips the
prefill.

A window is known by what the prefill reads, to the bit, so what comes from here is what opening it again would give:
the context attends to nothing but context (`engine.tokens.transformer`).
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict

import torch
from torch import Tensor

from engine.tokens.region import Region, open_region
from engine.tokens.transformer import Transformer

# A window of 16×16 tokens and six layers of 256 keeps three megabytes: a strip's pieces and the selection before.
_MOST_WINDOWS = 12


class OpenedRegions:
    """The last windows that were opened, by their content. Of one model; safe to share between threads."""

    def __init__(self, most: int = _MOST_WINDOWS) -> None:
        """
        Args:
            most: windows kept; the one not used for longest goes first. 0 keeps none.
        """
        self._most = most
        self._kept: OrderedDict[bytes, Region] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def open(self, model: Transformer, ground: Tensor, known: Tensor, region: Tensor) -> Region:
        """`open_region`, or what it gave for the same window.

        Raises:
            EmptySelection: no token is to be drawn.
        """
        key = _key(model, ground, known, region)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        opened = open_region(model, ground, known, region)
        with self._lock:
            self._kept[key] = opened
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return opened


def _key(model: Transformer, ground: Tensor, known: Tensor, region: Tensor) -> bytes:
    """All that `open_region` reads, as one hash."""
    told = hashlib.sha256(f"{id(model)} {model.dtype} {ground.device} {ground.dtype} {tuple(ground.shape)}".encode())
    for part in (ground, known, region):
        told.update(part.detach().cpu().contiguous().view(torch.uint8).numpy().data)
    return told.digest()
