"""Tiles over HTTP, at a real bridge: who gets them, how long they are kept, and what is no address."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import aiohttp
import numpy as np
import pytest
import pytest_asyncio
from PIL import Image
from support.histories import Host
from support.idle import IdleEngine
from support.wire import connected
from yarl import URL

from bridge.access.cookies import COOKIE
from bridge.access.roles import Role
from bridge.access.tokens import token_hash
from bridge.compose import Bridge, running_bridge
from bridge.history.store import History
from bridge.protocol import messages as m
from bridge.settings import Settings
from engine.geometry import PixelRect, Size

pytestmark = pytest.mark.asyncio(loop_scope="module")
ROLES: tuple[Role, ...] = get_args(Role)


@dataclass(frozen=True)
class Scene:
    bridge: Bridge
    host: Host
    first: str
    second: str

    async def get(self, path: str, who: str = "owner", **headers: str) -> tuple[aiohttp.ClientResponse, bytes]:
        address = URL(f"http://localhost:{self.bridge.port}{path}", encoded=True)
        own = {"X-Inlay-Page": "1"} | {name.replace("_", "-"): value for name, value in headers.items()}
        async with aiohttp.ClientSession(cookies={COOKIE: f"token-of-{who}"}) as session:
            async with session.get(address, headers=own) as response:
                return response, await response.read()

    async def ask(self, message: m.Message) -> object:
        async with connected(self.bridge.server) as client:
            await client.hello("token-of-owner")
            await client.send(message)
            return await client.receive()


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    folder: Path = tmp_path_factory.mktemp("data")
    async with running_bridge(Settings(data_folder=folder, port=0, durable=False), IdleEngine()) as bridge:
        beside = await History.open(folder, durable=False)
        owner = await beside.people.add("owner", token_hash("token-of-owner"))
        host = await Host.open(beside, Size(600, 400), person=owner)
        for role in (*ROLES[1:], "nobody"):
            person = await beside.people.add(role, token_hash(f"token-of-{role}"))
            if role != "nobody":
                await beside.members.set_role(host.layer.document_id, person.person_id, role)
        whole = host.finished(host.layer.size.rect, await host.head(), host.pixels)
        first = (await beside.versions.land(whole)).head_version_id
        second = (await host.edit(PixelRect(40, 50, 140, 160))).head_version_id
        yield Scene(bridge, host, first, second)
        await beside.close()


async def test_everybody_in_the_document_may_look_and_nobody_else(scene: Scene):
    path = f"/tiles/{scene.second}/0/1_0"
    for role in ROLES:
        response, data = await scene.get(path, role)
        assert (response.status, response.content_type) == (200, "image/png")
        found = np.asarray(Image.open(io.BytesIO(data)))
        assert np.array_equal(found, scene.host.pixels[:256, 256:512])
    for who in ("nobody", "guessed"):
        refused, body = await scene.get(path, who)
        missing, none = await scene.get("/tiles/nothing/0/1_0", who)
        assert (refused.status, body) == (missing.status, none) == (404, b"Not Found")


async def test_a_difference_is_shown_to_everybody_in_the_document_and_to_nobody_else(scene: Scene):
    path = f"/tiles/{scene.first}..{scene.second}/difference/0/0_0?by=8"
    for role in ROLES:
        response, data = await scene.get(path, role)
        assert (response.status, response.content_type) == (200, "image/png")
        assert np.asarray(Image.open(io.BytesIO(data)))[60, 60].any()
    nothing = f"/tiles/{scene.first}..nothing/difference/0/0_0?by=8"
    for who in ("nobody", "guessed"):
        for address in (path, nothing):
            response, data = await scene.get(address, who)
            assert (response.status, data) == (404, b"Not Found")


@pytest.mark.parametrize("by", ["0", "-1", "1.5", "65536", "999999", "x", "%D9%A1", "1e3"])
async def test_what_is_no_gain_is_no_address(scene: Scene, by: str):
    response, _ = await scene.get(f"/tiles/{scene.first}..{scene.second}/difference/0/0_0?by={by}")
    assert response.status == 404


async def test_versions_of_two_layers_have_no_difference(scene: Scene):
    other = await Host.open(scene.host.history, Size(600, 400), person=scene.host.person, key="another")
    for pair in (f"{await other.head()}..{scene.second}", f"nothing..{scene.second}", f"..{scene.second}", ".."):
        response, _ = await scene.get(f"/tiles/{pair}/difference/0/0_0")
        assert response.status == 404


async def test_a_tile_of_a_named_pyramid_is_kept_for_ever_and_any_other_is_asked_for_again(scene: Scene):
    canvas = await scene.ask(m.VersionCanvas(id=1, version_id=scene.second))
    assert isinstance(canvas, m.VersionCanvasIs)
    assert (canvas.width, canvas.height, canvas.levels, canvas.known) == (600, 400, 3, b"")
    settled, data = await scene.get(f"/tiles/{scene.second}/1/0_0?of={canvas.pyramid}")
    assert settled.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert (settled.content_type, settled.headers["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
    for address in ("", "?of=0123", "?of="):
        response, again = await scene.get(f"/tiles/{scene.second}/1/0_0{address}")
        assert (response.headers["Cache-Control"], again) == ("private, no-cache", data)
    tag = settled.headers["ETag"]
    same, none = await scene.get(f"/tiles/{scene.second}/1/0_0", If_None_Match=tag)
    assert (same.status, none) == (304, b"")
    other, _ = await scene.get(f"/tiles/{scene.first}/1/0_0", If_None_Match=tag)
    assert other.status == 200 and other.headers["ETag"] != tag
    # What the edit did not touch has one name in both versions.
    far = [(await scene.get(f"/tiles/{version}/0/2_1"))[0].headers["ETag"] for version in (scene.first, scene.second)]
    assert far[0] == far[1]


@pytest.mark.parametrize(
    "place",
    [
        "0/3_0", "0/0_2", "3/0_0", "9/0_0", "19/0_0", "20/0_0", "-1/0_0", "00/0_0", "0x0/0_0", "1.0/0_0", "/0_0",
        "0/", "0/0", "0/0_", "0/_0", "0/0_0_0", "0/-1_0", "0/+1_0", "0/01_0", "0/1e0_0", "0/0_0.png", "0/0%5f0%00",
        "0/..%2f0_0", "0/%2e%2e/0_0", "..%2f..%2fetc/passwd", "0/99999_99999", "0/999999999999999999999_0",
        "0/%D9%A1_0", "%D9%A0/0_0",
    ],
)  # fmt: skip
async def test_what_is_no_tile_is_not_there(scene: Scene, place: str):
    response, data = await scene.get(f"/tiles/{scene.second}/{place}")
    assert (response.status, data) == (404, b"Not Found")


@pytest.mark.parametrize(
    "version", ["..", "..%2f..%2fhistory.sqlite3", "%2e%2e", "a%00b", "x" * 5000, "'%20or%201=1--", "*"]
)
async def test_no_address_leads_out_of_the_versions(scene: Scene, version: str):
    response, data = await scene.get(f"/tiles/{version}/0/0_0")
    assert response.status == 404 and b"SQLite" not in data


async def test_one_pixel_is_told_in_the_layers_own_numbers(scene: Scene):
    for x, y in ((0, 0), (130, 60), (599, 399)):
        told = await scene.ask(m.VersionPixel(id=1, version_id=scene.second, x=x, y=y))
        assert isinstance(told, m.VersionPixelIs)
        assert told.values == tuple(float(value) for value in scene.host.pixels[y, x])
    beyond = await scene.ask(m.VersionPixel(id=1, version_id=scene.second, x=600, y=0))
    assert isinstance(beyond, m.Error) and beyond.code == "bad_place"
