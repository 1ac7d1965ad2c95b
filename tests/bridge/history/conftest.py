"""A history that forgets nothing but is not flushed to the disk, so that tests are quick."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from support.histories import Host

from bridge.history.store import History


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest_asyncio.fixture
async def history(folder: Path) -> AsyncIterator[History]:
    history = await History.open(folder, durable=False)
    yield history
    await history.close()


@pytest_asyncio.fixture
async def host(history: History) -> Host:
    return await Host.open(history)
