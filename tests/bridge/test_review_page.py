"""The team's page over HTTP, and links for oneself: what is served, to whom, and what is not."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web
from support.idle import IdleEngine
from support.pictures import RGB8, picture
from yarl import URL

from bridge import compose
from bridge.access.links import LINK_LIFE_S, Links
from bridge.client import InlayClient, Layer, People, RemoteError, Review, join, link_of, review_link_of
from bridge.compose import Bridge, running_bridge
from bridge.review.page_routes import PageRoutes
from bridge.settings import Settings

SCRIPT = b"document.title = 'built';"


@pytest.fixture(autouse=True)
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as the build leaves it, and something beside it that nobody may read."""
    folder = tmp_path / "bundles" / "review"
    folder.mkdir(parents=True)
    (folder / "page.js").write_bytes(SCRIPT)
    (folder / "page.css").write_bytes(b"body { margin: 0 }")
    (folder / "icon.svg").write_bytes(b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    (tmp_path / "bundles" / "secret.txt").write_text("secret")
    monkeypatch.setattr(compose, "review_page", lambda: folder)
    return folder


@dataclass
class Scene:
    bridge: Bridge
    client: InlayClient
    layer: Layer

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.bridge.port}"

    async def get(self, path: str, **headers: str) -> tuple[aiohttp.ClientResponse, bytes]:
        async with aiohttp.ClientSession() as session:
            # As it stands: nothing is made tidy on the way.
            async with session.get(URL(self.origin + path, encoded=True), headers=headers) as response:
                return response, await response.read()

    async def own_link(self) -> str:
        made = await People(self.client).own_link(self.layer.document_id)
        return made.token


@pytest_asyncio.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    settings = Settings(data_folder=tmp_path / "data", port=0, durable=False)
    async with running_bridge(settings, IdleEngine()) as bridge:
        async with await InlayClient.connect(bridge.address, bridge.local_token) as client:
            yield Scene(bridge, client, await client.open_layer("poster", picture(64, 64), RGB8))


def person_of(client: InlayClient) -> str:
    assert client.welcome is not None and client.welcome.person_id is not None
    return client.welcome.person_id


async def test_the_page_is_served_at_both_addresses_and_may_load_nothing_from_elsewhere(scene: Scene):
    for path in ("/join", f"/d/{scene.layer.document_id}"):
        response, page = await scene.get(path)
        assert response.status == 200
        assert response.content_type == "text/html"
        policy = dict(part.split(" ", 1) for part in response.headers["Content-Security-Policy"].split("; "))
        assert policy == {
            "default-src": "'none'",
            "script-src": "'self'",
            "style-src": "'self'",
            "img-src": "'self' blob: data:",
            "connect-src": f"'self' ws://127.0.0.1:{scene.bridge.port} wss://127.0.0.1:{scene.bridge.port}",
            "frame-ancestors": "'none'",
            "base-uri": "'none'",
            "form-action": "'self'",
        }
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["X-Frame-Options"] == "DENY"
        assert response.headers["Referrer-Policy"] == "no-referrer"
        text = page.decode()
        assert not re.search(r"<script(?![^>]* src=)|<style|\son\w+=|https?://", text)


async def test_what_the_page_loads_is_named_by_its_content_and_kept_for_ever(scene: Scene):
    _, page = await scene.get("/join")
    script = re.search(r'src="([^"]+)"', page.decode())
    assert script is not None
    response, data = await scene.get(script[1])
    assert (response.status, data) == (200, SCRIPT)
    assert response.content_type == "text/javascript"
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    for loaded in re.findall(r'href="([^"]+)"', page.decode()):
        assert (await scene.get(loaded))[0].status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/page/../secret.txt",
        "/page/..%2fsecret.txt",
        "/page/%2e%2e/secret.txt",
        "/page/{hash}/../../secret.txt",
        "/page/{hash}/..%2f..%2fsecret.txt",
        "/page/{hash}/..%5c..%5csecret.txt",
        "/page/{hash}/%2e%2e/%2e%2e/secret.txt",
        "/page//etc/passwd",
        "/page/{hash}/page.js%00.txt",
        "/page/{hash}/page.css/../page.js",
        "/page/00000000000000000000/page.js",
        "/page/",
        "/d/..%2fjoin",
        "/d/%3Cscript%3E",
        "/d/" + "a" * 65,
        "/d/",
    ],
)
async def test_no_address_leads_out_of_the_page(scene: Scene, path: str):
    _, page = await scene.get("/join")
    found = re.search(r"/page/([0-9a-f]+)/page\.js", page.decode())
    assert found is not None
    response, data = await scene.get(path.format(hash=found[1]))
    assert response.status == 404
    assert b"secret" not in data and b"root:" not in data


async def test_the_page_is_served_to_nobody_who_calls_the_bridge_by_another_name(scene: Scene):
    assert (await scene.get("/join", Host="evil.example"))[0].status == 403
    assert (await scene.get("/join", Origin="http://evil.example"))[0].status == 403


async def test_without_a_built_page_the_bridge_says_how_to_get_it():
    app = web.Application()
    app.add_routes(PageRoutes(None).routes())
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        port = runner.addresses[0][1]
        async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/d/abc") as response:
            assert response.status == 503
            assert "install Node" in await response.text()
    finally:
        await runner.cleanup()


# ── links for oneself ────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_link_for_oneself_makes_a_browser_that_very_person_once(scene: Scene):
    token = await scene.own_link()
    link = link_of(scene.bridge.address, token)
    joined = await join(link)
    assert (joined.document_id, joined.role) == (scene.layer.document_id, "owner")
    async with await InlayClient.connect(scene.bridge.address, joined.token) as again:
        assert person_of(again) == person_of(scene.client)
        assert await People(again).invites(scene.layer.document_id) == ()
    with pytest.raises(RemoteError) as refused:
        await join(link)
    assert refused.value.code == "invite_invalid"
    assert review_link_of(scene.bridge.address, "abc", "t") == f"http://localhost:{scene.bridge.port}/d/abc#k=t"


async def test_a_link_for_oneself_gives_no_more_than_one_has_oneself(scene: Scene):
    _, invite = await People(scene.client).invite(scene.layer.document_id, "viewer")
    viewer = await join(link_of(scene.bridge.address, invite), "Vic")
    async with await InlayClient.connect(scene.bridge.address, viewer.token) as client:
        made = await People(client).own_link(scene.layer.document_id)
        with pytest.raises(RemoteError) as refused:
            await People(client).own_link("another-document")
        assert refused.value.code == "not_found"
    joined = await join(link_of(scene.bridge.address, made.token), "Somebody else")
    assert (joined.name, joined.role) == ("Vic", "viewer")


async def test_a_link_of_somebody_who_has_been_put_out_opens_nothing(scene: Scene):
    people = People(scene.client)
    _, invite = await people.invite(scene.layer.document_id, "commenter")
    guest = await join(link_of(scene.bridge.address, invite), "Gone")
    async with await InlayClient.connect(scene.bridge.address, guest.token) as client:
        assert (await Review(client).visit(scene.layer.document_id)).document.role == "commenter"
        made = await People(client).own_link(scene.layer.document_id)
        await people.set_role(scene.layer.document_id, person_of(client), None)
    with pytest.raises(RemoteError) as refused:
        await join(link_of(scene.bridge.address, made.token))
    assert refused.value.code == "invite_invalid"


async def test_two_who_open_a_link_at_the_same_moment_are_not_both_let_in(scene: Scene):
    link = link_of(scene.bridge.address, await scene.own_link())
    came = await asyncio.gather(*(join(link) for _ in range(4)), return_exceptions=True)
    assert sum(not isinstance(one, BaseException) for one in came) == 1


def test_a_link_is_too_old_after_two_minutes():
    now_s = 1000.0
    links = Links(clock=lambda: now_s)
    early, late = links.make("person", "document"), links.make("person", "document")
    now_s += LINK_LIFE_S - 1
    found = links.take(early)
    assert found is not None and (found.person_id, found.document_id) == ("person", "document")
    now_s += 1
    assert links.take(late) is None


def test_links_that_nobody_opens_do_not_fill_the_memory():
    links = Links()
    first = links.make("one", "document")
    others = [links.make("one", "document") for _ in range(16)]
    assert links.take(first) is None
    assert links.take(others[0]) is not None
    assert links.take("") is None
