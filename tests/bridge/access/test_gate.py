"""The gate of HTTP: whose cookie counts, and that no route is there that the table does not know."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from support.idle import IdleEngine
from support.pictures import RGB8, picture

from bridge.access.cookies import COOKIE
from bridge.access.gate import PAGE_HEADER
from bridge.access.roles import ROUTES
from bridge.client import InlayClient
from bridge.compose import Bridge, running_bridge
from bridge.settings import Settings

pytestmark = pytest.mark.asyncio(loop_scope="module")
TILE = "GET /tiles/{version_id}/{level}/{cell}"


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def bridge(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bridge]:
    folder: Path = tmp_path_factory.mktemp("data")
    async with running_bridge(Settings(data_folder=folder, port=0, durable=False), IdleEngine()) as bridge:
        yield bridge


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def version_id(bridge: Bridge) -> str:
    async with await InlayClient.connect(bridge.address, bridge.local_token) as client:
        layer = await client.open_layer("poster", picture(64, 64), RGB8)
        assert layer.head_version_id is not None
        return layer.head_version_id


async def status(bridge: Bridge, version_id: str, cookie: str | None, **headers: str) -> int:
    address = f"http://localhost:{bridge.port}/tiles/{version_id}/0/0_0"
    cookies = {} if cookie is None else {COOKIE: cookie}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with aiohttp.ClientSession(cookies=cookies) as session, session.get(address, headers=named) as response:
        return response.status


@pytest.mark.parametrize(
    "says",
    [{"Origin": "http://localhost:{port}"}, {"Sec_Fetch_Site": "same-origin"}, {PAGE_HEADER.replace("-", "_"): "1"}],
    ids=["own Origin", "same origin", "own header"],
)
async def test_a_cookie_counts_for_what_a_page_of_this_bridge_asks(bridge: Bridge, version_id: str, says):
    headers = {name: value.format(port=bridge.port) for name, value in says.items()}
    assert await status(bridge, version_id, bridge.local_token, **headers) == 200
    assert await status(bridge, version_id, None, **headers) == 404
    assert await status(bridge, version_id, "guessed", **headers) == 404


@pytest.mark.parametrize(
    "says",
    [
        {},
        {"Origin": "null"},
        {"Origin": "null", "X_Inlay_Page": "1"},
        {"Origin": "null", "Sec_Fetch_Site": "same-origin"},
        {"Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "none"},
        {"Sec_Fetch_Site": "same-site", "X_Inlay_Page": "1"},
        {"X_Inlay_Page": "yes"},
    ],
    ids=str,
)
async def test_of_any_other_page_the_cookie_is_not_even_read(bridge: Bridge, version_id: str, says):
    assert await status(bridge, version_id, bridge.local_token, **says) == 404


async def test_what_the_table_does_not_know_is_not_there(bridge: Bridge, version_id: str, monkeypatch):
    headers = {"Sec_Fetch_Site": "same-origin"}
    monkeypatch.delitem(ROUTES, TILE)
    assert await status(bridge, version_id, bridge.local_token, **headers) == 404


async def test_a_right_that_the_role_has_not_is_refused(bridge: Bridge, version_id: str, monkeypatch):
    monkeypatch.setattr("bridge.access.gate.may", lambda role, right: False)
    assert await status(bridge, version_id, bridge.local_token, Sec_Fetch_Site="same-origin") == 403
