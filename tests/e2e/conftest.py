"""A real bridge, a real worker, real sockets; one bridge for all tests of a file."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bridge.client import InlayClient
from bridge.compose import Bridge, running_bridge
from bridge.settings import Settings


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def bridge(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bridge]:
    folder: Path = tmp_path_factory.mktemp("data")
    async with running_bridge(Settings(data_folder=folder, port=0, durable=False)) as bridge:
        yield bridge


@pytest_asyncio.fixture(loop_scope="module")
async def client(bridge: Bridge) -> AsyncIterator[InlayClient]:
    async with await InlayClient.connect(bridge.address, bridge.local_token, "test") as client:
        yield client
