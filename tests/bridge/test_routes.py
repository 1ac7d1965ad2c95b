"""Every route of HTTP × every role × no cookie × a wrong one × a foreign page, from the server's real list of routes.

The twin of `test_rights`, which does the same for every message. A route without a row in `roles.ROUTES` fails here.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web
from support.histories import Host
from support.idle import IdleEngine

from bridge.access.cookies import COOKIE
from bridge.access.roles import ROUTES, Role
from bridge.access.tokens import token_hash
from bridge.client import Bin, InlayClient, People
from bridge.compose import Bridge, running_bridge
from bridge.history.store import History
from bridge.settings import Settings
from engine.geometry import PixelRect

pytestmark = pytest.mark.asyncio(loop_scope="module")

ROLES: tuple[Role, ...] = get_args(Role)
NOBODY = "nobody"
LOOK = {"owner", "editor", "approver", "commenter", "viewer"}
# Who gets what, written down once more, by hand. Of these the cookie is asked …
EXPECTED: dict[str, set[str]] = {
    "GET /tiles/{version_id}/{level}/{cell}": LOOK,
    "GET /tiles/{from_id}..{version_id}/difference/{level}/{cell}": LOOK,
}
# … and these are the same for everybody: the page itself, or an address or a body that is the proof.
OPEN: dict[str, set[int]] = {
    "GET /": {200},
    "GET /health": {200},
    "GET /ws": {426},
    "GET /join": {200, 503},
    "GET /d/{document_id}": {200, 503},
    "GET /page/{path}": {404},
    "GET /take/{token}": {404},
    "POST /session": {403},
    "DELETE /session": {403},
}


@dataclass(frozen=True)
class Scene:
    bridge: Bridge
    tokens: dict[str, str]
    ids: dict[str, str]
    binned: dict[str, str]
    secret: str

    @property
    def own(self) -> str:
        return f"http://localhost:{self.bridge.port}"

    async def ask(self, name: str, ids: dict[str, str], token: str | None, **headers: str) -> tuple[int, bytes]:
        method, _, path = name.partition(" ")
        path = re.sub(r"\{(\w+)\}", lambda found: ids[found[1]], path)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if token is not None:
            sent["Cookie"] = f"{COOKIE}={token}"
        async with (
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
            session.request(method, f"{self.own}{path}", headers=sent, allow_redirects=False) as response,
        ):
            assert "Access-Control-Allow-Origin" not in response.headers
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            return response.status, await response.read()


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    folder: Path = tmp_path_factory.mktemp("data")
    async with running_bridge(Settings(data_folder=folder, port=0, durable=False), IdleEngine()) as bridge:
        history = await History.open(folder, durable=False)
        owner = await history.people.by_token(token_hash(bridge.local_token))
        assert owner is not None
        hosts = [await Host.open(history, person=owner, key=key) for key in ("poster", "deleted")]
        ids = []
        for host in hosts:
            source_id = await host.head()
            landing = await host.edit(PixelRect(0, 0, 128, 128), 3)
            ids.append(
                {
                    "document_id": host.layer.document_id,
                    "version_id": landing.head_version_id,
                    "from_id": source_id,
                    "level": "0",
                    "cell": "0_0",
                    "path": "page.js",
                    "token": "nothing",
                }
            )
        tokens = {"owner": bridge.local_token}
        for role in (*ROLES[1:], NOBODY):
            tokens[role] = f"token-of-{role}"
            person = await history.people.add(role, token_hash(tokens[role]))
            if role != NOBODY:
                for host in hosts:
                    await history.members.set_role(host.layer.document_id, person.person_id, role)
        await history.close()
        async with await InlayClient.connect(bridge.address, bridge.local_token) as client:
            _, secret = await People(client).invite(hosts[0].layer.document_id, "viewer")
            await Bin(client).delete(hosts[1].layer.document_id)
        yield Scene(bridge, tokens, *ids, secret)


def names_of(bridge: Bridge) -> set[str]:
    """The routes that the server has, as it has them; whoever may read may ask for the headers alone."""
    runner = bridge.server._runner
    assert runner is not None and isinstance(runner.app, web.Application)
    found = set()
    for route in runner.app.router.routes():
        assert route.resource is not None
        if route.method != "HEAD":
            found.add(f"{route.method} {route.resource.canonical}")
    return found


async def test_every_route_of_the_server_is_in_the_tables(scene: Scene):
    served = names_of(scene.bridge)
    assert served <= set(ROUTES), "a route without a row in access/roles.ROUTES"
    assert served == set(EXPECTED) | set(OPEN) and not set(EXPECTED) & set(OPEN)
    assert {name for name in served if ROUTES[name] is None} == set(OPEN)


@pytest.mark.parametrize("role", [*ROLES, NOBODY])
async def test_each_role_gets_what_it_may_and_nothing_else(scene: Scene, role: str):
    for name, allowed in EXPECTED.items():
        status, _ = await scene.ask(name, scene.ids, scene.tokens[role], Sec_Fetch_Site="same-origin")
        assert status == (200 if role in allowed else 404 if role == NOBODY else 403), name
        status, _ = await scene.ask(name, scene.binned, scene.tokens[role], Sec_Fetch_Site="same-origin")
        assert status == 404, f"{name} of a document in the bin"
    for name, statuses in OPEN.items():
        status, _ = await scene.ask(name, scene.ids, scene.tokens[role], Sec_Fetch_Site="same-origin")
        assert status in statuses, name


async def test_a_version_of_another_document_is_not_compared_with_ones_own(scene: Scene):
    """The gate asks of the version that an address ends with; the one that it begins with is of the same layer."""
    name = "GET /tiles/{from_id}..{version_id}/difference/{level}/{cell}"
    for other in (scene.binned["version_id"], scene.binned["from_id"], "nothing-there"):
        ids = scene.ids | {"from_id": other}
        status, _ = await scene.ask(name, ids, scene.tokens["viewer"], Sec_Fetch_Site="same-origin")
        assert status == 404, other


@pytest.mark.parametrize("token", [None, "", "wrong", "x" * 4000, "SECRET", "token-of-owner"])
async def test_without_a_cookie_or_with_a_wrong_one_nothing_is_said_to_exist(scene: Scene, token: str | None):
    token = scene.secret if token == "SECRET" else token  # an invite's token is no cookie
    nothing = dict.fromkeys(scene.ids, "nothing-there") | {"level": "0", "cell": "0_0"}
    for name in EXPECTED:
        answers = [
            await scene.ask(name, ids, token, Sec_Fetch_Site="same-origin")
            for ids in (scene.ids, scene.binned, nothing)
        ]
        assert answers[0] == answers[1] == answers[2], name
        assert answers[0][0] == 404, name


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "https://evil.example", "Sec_Fetch_Site": "same-origin", "X_Inlay_Page": "1"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Site": "none"},
        {"Origin": "null"},
        {"Origin": "http://localhost:1", "Sec_Fetch_Site": "same-site"},
        {"Host": "evil.example"},
        {},
    ],
    ids=str,
)
async def test_a_foreign_page_gets_nothing_with_the_owners_own_cookie(scene: Scene, headers: dict[str, str]):
    for name in EXPECTED:
        status, body = await scene.ask(name, scene.ids, scene.tokens["owner"], **headers)
        assert status in (403, 404), (name, headers)
        assert b"PNG" not in body and b"JFIF" not in body
    for name in ("POST /session", "DELETE /session"):
        assert (await scene.ask(name, scene.ids, scene.tokens["owner"], **headers))[0] == 403, name
    status, _ = await scene.ask(
        "GET /tiles/{version_id}/{level}/{cell}", scene.ids, scene.tokens["owner"], Sec_Fetch_Site="same-origin"
    )
    assert status == 200, "the cookie is as good as before"


async def test_no_method_but_those_of_the_table_is_answered(scene: Scene):
    for path in {name.partition(" ")[2] for name in names_of(scene.bridge)}:
        for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"):
            if f"{method} {path}" in ROUTES or method == "CONNECT":
                continue
            status, _ = await scene.ask(f"{method} {path}", scene.ids, scene.tokens["owner"], Origin=scene.own)
            assert status == 405, (method, path)
