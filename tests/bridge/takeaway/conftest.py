"""A history with a layer in it, and what is exported of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from support.histories import Host

from bridge.history.store import History


@pytest_asyncio.fixture
async def history(tmp_path: Path) -> AsyncIterator[History]:
    history = await History.open(tmp_path / "data", durable=False)
    yield history
    await history.close()


@pytest_asyncio.fixture
async def host(history: History) -> Host:
    return await Host.open(history)
