"""An engine that does nothing, for bridges of which only the rest is tested."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from engine.api import EditEvent, EditRequest, EngineInfo


class IdleEngine:
    """Starts, stops and is not ready until it is told."""

    def __init__(self) -> None:
        self.is_ready = False
        self.calls: list[str] = []

    async def start(self) -> None:
        self.calls.append("start")

    async def stop(self) -> None:
        self.calls.append("stop")

    async def info(self) -> EngineInfo:
        return EngineInfo("none", "0", ())

    async def run(self, request: EditRequest) -> AsyncGenerator[EditEvent, None]:
        raise NotImplementedError
        yield
