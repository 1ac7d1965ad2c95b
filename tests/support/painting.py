"""An engine that paints at once, or when it is let: what it paints follows from the pixels, the mask and the seed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import numpy as np

from engine.api import (
    EditEvent,
    EditFacts,
    EditPreview,
    EditProgress,
    EditRequest,
    EditResult,
    EngineInfo,
)


class PaintingEngine:
    """Every pixel of the selection becomes a sum of all that was seen, so no seen pixel may differ unnoticed.

    ``gate``: results wait for it; it is open at first.
    """

    def __init__(self) -> None:
        self.is_ready = True
        self.gate = asyncio.Event()
        self.gate.set()

    async def start(self) -> None:
        pass

    async def stop(self) -> None:
        pass

    async def info(self) -> EngineInfo:
        return EngineInfo("none", "0", ())

    async def run(self, request: EditRequest) -> AsyncGenerator[EditEvent, None]:
        yield EditProgress(0.25, "Painting")
        yield EditPreview(request.reach_px, 8, np.full((8, 8, 3), request.seed % 256, np.uint8))
        await self.gate.wait()
        seen = int(request.pixels.astype(np.int64).sum()) + request.seed
        pixels = request.pixels.copy()
        inside = request.mask > 0
        pixels[inside] = (pixels[inside].astype(np.int64) * 3 + seen) % 251
        yield EditResult(request.reach_px, pixels, EditFacts("painting", "", "cpu", 0.0, ()))
