"""Attacks as scripts, at a real bridge: each gets nowhere, and others are answered all the while.

`test_hostile` is about messages that are none; here everybody speaks well, and means ill.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
import websockets
from support.histories import Host
from support.idle import IdleEngine
from support.wire import connected

from bridge.access.cookies import COOKIE
from bridge.access.guard import OF_ONE_PERSON
from bridge.access.tokens import token_hash
from bridge.client import InlayClient, People, RemoteError, Review, Search, join, link_of
from bridge.compose import Bridge, running_bridge
from bridge.editing.delivery import Delivery
from bridge.history.store import History
from bridge.protocol import messages as m
from bridge.settings import Settings
from engine.geometry import PixelRect

XSS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "javascript:alert(1)",
    "<svg/onload=alert(1)>",
    "{{constructor.constructor('alert(1)')()}}",
    "</title><script>alert(1)</script>",
    "<!--><script>alert(1)</script>",
    "' onmouseover='alert(1)",
)
SECRETS = (b"SQLite format 3", b"root:x:", b"[project]", b"BEGIN PRIVATE KEY")


@dataclass(frozen=True)
class Scene:
    bridge: Bridge
    folder: Path
    host: Host
    version_id: str
    tokens: dict[str, str]

    @property
    def own(self) -> str:
        return f"http://localhost:{self.bridge.port}"

    @property
    def document_id(self) -> str:
        return self.host.layer.document_id


@pytest_asyncio.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with running_bridge(Settings(data_folder=tmp_path, port=0, durable=False), IdleEngine()) as bridge:
        history = await History.open(tmp_path, durable=False)
        owner = await history.people.by_token(token_hash(bridge.local_token))
        assert owner is not None
        host = await Host.open(history, person=owner)
        landing = await host.edit(PixelRect(0, 0, 128, 128), 1)
        tokens = {"owner": bridge.local_token}
        for role in ("editor", "approver", "commenter", "viewer"):
            tokens[role] = f"token-of-{role}"
            person = await history.people.add(role, token_hash(tokens[role]))
            await history.members.set_role(host.layer.document_id, person.person_id, role)
        yield Scene(bridge, tmp_path, host, landing.head_version_id, tokens)
        await history.close()


async def raw(port: int, data: bytes, patience_s: float = 20) -> bytes:
    """What a socket answers to exactly these bytes, until it is closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(data)
        await writer.drain()
        async with asyncio.timeout(patience_s):
            return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


def request(path: str, port: int, *headers: str, method: str = "GET") -> bytes:
    lines = (f"{method} {path} HTTP/1.1", f"Host: localhost:{port}", "Connection: close", *headers)
    return "\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n\r\n"


async def beside(scene: Scene, attack: Callable[[], Awaitable[Any]], questions: int = 30) -> int:
    """Others ask while the attack goes on; how many of their questions were answered before it ended."""
    answered = 0
    async with await InlayClient.connect(scene.bridge.address, scene.tokens["editor"]) as client:
        attacking = asyncio.ensure_future(attack())
        while not attacking.done() or answered < questions:
            async with asyncio.timeout(10):
                await client.tree_of(scene.host.layer.layer_id)
            answered += not attacking.done() or answered < questions
            if answered >= questions and attacking.done():
                break
        await attacking
    return answered


# ── floods ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("role", ["viewer", "commenter"])
async def test_a_thousand_comments_a_second_are_bounded_and_others_are_answered_meanwhile(scene: Scene, role: str):
    codes: Counter[str] = Counter()

    async def flood() -> None:
        async with connected(scene.bridge.server) as client:
            await client.hello(scene.tokens[role])
            for number in range(2000):
                await client.send(
                    m.CommentAdd(id=number, comment_id=f"{role}-{number:06d}", version_id=scene.version_id, text="x")
                )
            while codes.total() < 2000:
                answer = await client.receive()
                if getattr(answer, "re", None) is not None:
                    codes[getattr(answer, "code", answer.type)] += 1

    started = asyncio.get_running_loop().time()
    answered = await beside(scene, flood)
    took_s = asyncio.get_running_loop().time() - started
    async with await InlayClient.connect(scene.bridge.address, scene.tokens["owner"]) as client:
        stored = len(await Review(client).comments(scene.document_id))
    assert stored <= (0 if role == "viewer" else 31 + 3 * took_s)
    assert codes["too_fast"] >= 2000 - 31 - 3 * took_s
    assert answered >= 30


async def test_one_person_on_many_sockets_writes_no_more_and_takes_nobodys_seat(scene: Scene):
    stack = contextlib.AsyncExitStack()
    async with stack:
        sockets = [await stack.enter_async_context(connected(scene.bridge.server)) for _ in range(OF_ONE_PERSON + 6)]
        for one in sockets:
            with contextlib.suppress(websockets.ConnectionClosed):
                await one.hello(scene.tokens["viewer"])
        gone = [await one.close_code() for one in sockets[:6]]
        assert set(gone) == {1013}
        assert scene.bridge.server.connections == OF_ONE_PERSON
        assert (await sockets[-1].ask(m.DocumentList(id=3))).type == "documents"
        codes: Counter[str] = Counter()
        for one in sockets[6:]:
            answer = await one.ask(m.ApprovalSet(id=9, version_id=scene.version_id, verdict="approved"))
            codes[answer.code] += 1
        assert codes["too_fast"] > 20, "all their sockets are one person's"
        async with await InlayClient.connect(scene.bridge.address, scene.tokens["owner"]) as client:
            assert await client.documents()


async def test_searching_and_looking_without_pause_keeps_nobody_waiting(scene: Scene):
    async def flood() -> None:
        async with await InlayClient.connect(scene.bridge.address, scene.tokens["viewer"]) as client:

            async def one(number: int) -> str:
                try:
                    await (
                        Search(client).find("x" * (number % 40))
                        if number % 2
                        else Review(client).picture(scene.version_id, side_px=16 + number % 64)
                    )
                except RemoteError as error:
                    return error.code
                return "done"

            codes = Counter(await asyncio.gather(*(one(number) for number in range(400))))
            assert codes.keys() <= {"done", "too_fast", "busy"} and codes["too_fast"] > 100

    assert await beside(scene, flood) >= 30


async def test_asking_for_patches_and_taking_none_holds_two_and_keeps_nobody_waiting(scene: Scene, monkeypatch: Any):
    asked, held = 300, [0]
    real = Delivery.send

    async def send(self: Delivery, *args: Any, **options: Any) -> None:
        held[0] += 1
        await real(self, *args, **options)

    monkeypatch.setattr(Delivery, "send", send)
    async with connected(scene.bridge.server) as client:
        await client.hello(scene.tokens["viewer"])
        for number in range(asked):
            await client.send(m.PatchFetch(id=number + 10, version_id=scene.version_id))
        codes = Counter[str]()
        while codes["busy"] < asked - 128:
            answer = await client.receive()
            if isinstance(answer, m.Error):
                codes[answer.code] += 1
        assert set(codes) == {"busy"} and held[0] <= 2
        async with await InlayClient.connect(scene.bridge.address, scene.tokens["editor"]) as other:
            await other.tree_of(scene.host.layer.layer_id)


# ── guessing ─────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_guessing_invites_is_paced_and_tells_nothing(scene: Scene):
    async with await InlayClient.connect(scene.bridge.address, scene.tokens["owner"]) as client:
        _, token = await People(client).invite(scene.document_id, "viewer")
    guesses = [token[:-1], token + "x", token.swapcase(), "x", " " * 20, "0" * 43, "é" * 40, token[::-1]]
    headers = {"Origin": scene.own, "Content-Type": "application/json"}
    answers: Counter[tuple[int, str]] = Counter()
    async with aiohttp.ClientSession() as session:
        for number in range(60):
            body = {"token": guesses[number % len(guesses)], "name": "x"}
            async with session.post(f"{scene.own}/session", json=body, headers=headers) as response:
                assert "Set-Cookie" not in response.headers
                said = await response.text()
                answers[response.status, re.sub(r"[\d.]+", "N", said)] += 1
                if response.status == 429:
                    assert int(response.headers["Retry-After"]) >= 1
    assert len(answers) == 2, "one answer for every wrong token, one for whoever goes on"
    assert {status for status, _ in answers} == {403, 429}
    assert sum(count for (status, _), count in answers.items() if status == 403) <= 30


async def test_guessing_one_time_addresses_is_paced_and_tells_nothing(scene: Scene):
    async with await InlayClient.connect(scene.bridge.address, scene.tokens["viewer"]) as client:
        own = (await People(client).own_link(scene.document_id)).token
    answers: Counter[tuple[int, bytes]] = Counter()
    async with aiohttp.ClientSession() as session:
        for number in range(60):
            # A link for oneself is no address of a file; neither is what is nearly one.
            guess = own if number == 0 else "".join(random.Random(number).choices("abcXYZ019_-", k=43))
            async with session.get(f"{scene.own}/take/{guess}") as response:
                answers[response.status, await response.read()] += 1
    assert {status for status, _ in answers} == {404, 429} and len(answers) == 2
    joined = await join(f"{scene.own}/join#{own}")
    assert joined.role == "viewer", "the guess did not use it up"


# ── other sites ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://localhost:1", "http://127.0.0.1.evil.example"]
)
@pytest.mark.parametrize(
    "kind", ["application/json", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]
)
async def test_no_form_and_no_fetch_of_another_site_does_anything(scene: Scene, origin: str, kind: str):
    async with await InlayClient.connect(scene.bridge.address, scene.tokens["owner"]) as client:
        _, token = await People(client).invite(scene.document_id, "viewer", once=True)
    cookie = f"{COOKIE}={scene.tokens['owner']}"
    headers = {"Origin": origin, "Content-Type": kind, "Cookie": cookie}
    body = f'{{"token": "{token}", "name": "x"}}'
    async with aiohttp.ClientSession() as session:
        for method in ("POST", "DELETE"):
            async with session.request(method, f"{scene.own}/session", data=body, headers=headers) as response:
                assert response.status == 403
                assert "Set-Cookie" not in response.headers
    with contextlib.suppress(websockets.InvalidStatus):
        async with connected(scene.bridge.server, origin=origin, additional_headers={"Cookie": cookie}) as socket_:
            assert (await socket_.hello(None)).person_id is None
    # The invite was not used up, and the cookie's token is as good as before.
    assert (await join(f"{scene.own}/join#{token}", "Guest")).role == "viewer"
    async with await InlayClient.connect(scene.bridge.address, scene.tokens["owner"]) as client:
        assert await client.documents()


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1.nip.io:{port}", "localhost.evil.example:{port}"]
)
async def test_a_name_that_was_pointed_here_opens_nothing(scene: Scene, host: str):
    port = scene.bridge.port
    name = host.format(port=port)
    for path in (
        "/",
        "/ws",
        "/join",
        f"/d/{scene.document_id}",
        f"/tiles/{scene.version_id}/0/0_0",
        "/take/x",
        "/page/x",
    ):
        data = f"GET {path} HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n".encode()
        answer = await raw(port, data)
        assert answer.startswith(b"HTTP/1.1 403"), (path, answer[:60])


# ── paths ────────────────────────────────────────────────────────────────────────────────────────────────────────

_UP = ("../", "..%2f", "%2e%2e/", "%2e%2e%2f", "..%5c", "....//", "%252e%252e%252f", "..%c0%af", "..;/", "\\..\\")
_FILES = ("history.sqlite3", "local-token", "etc/passwd", "pyproject.toml", "tls/key.pem")


async def test_no_path_leads_out_of_tiles_takes_or_the_page(scene: Scene):
    cookie = f"Cookie: {COOKIE}={scene.tokens['owner']}"
    page = "Sec-Fetch-Site: same-origin"
    token = scene.bridge.local_token.encode()
    tile = f"/tiles/{scene.version_id}"
    tried = 0
    for up in _UP:
        for deep in (1, 4):
            for file in _FILES:
                for base in (
                    "/tiles/", f"{tile}/", f"{tile}/0/", "/take/", "/page/", "/d/", "/",
                ):  # fmt: skip
                    answer = await raw(
                        scene.bridge.port, request(f"{base}{up * deep}{file}", scene.bridge.port, cookie, page)
                    )
                    status = answer.split(b" ", 2)[1] if answer else b"000"
                    assert status in (b"400", b"403", b"404", b"429", b"000"), (base, up, status)
                    assert token not in answer and not any(secret in answer for secret in SECRETS)
                    tried += 1
    assert tried == len(_UP) * 2 * len(_FILES) * 7


@pytest.mark.parametrize(
    "place",
    [
        "0/-1_0", "0/0_-1", "-1/0_0", "99/0_0", "0/99999999999999999999_0", "0/0", "0/0_0_0", "0/٣_٣", "0/0x1_0",
        "0/1e3_0",
        "0/0_0%00.png", "0/%20" + "0_0", "1.5/0_0", "0/" + "9" * 3000 + "_0", "00/0_0", "0/00_0",
    ],
)  # fmt: skip
async def test_what_is_no_tile_is_no_address(scene: Scene, place: str):
    answer = await raw(
        scene.bridge.port,
        request(
            f"/tiles/{scene.version_id}/{place}", scene.bridge.port,
            f"Cookie: {COOKIE}={scene.tokens['owner']}", "Sec-Fetch-Site: same-origin",
        ),
    )  # fmt: skip
    assert answer.split(b" ", 2)[1] in (b"400", b"404"), answer[:80]


# ── too much, too slowly ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "lines",
    [
        (f"X: {'a' * 20_000}",),
        (f"Cookie: {'b' * 60_000}",),
        tuple(f"X-{number}: {'c' * 100}" for number in range(5_000)),
        (f"{'n' * 20_000}: x",),
        ("Content-Length: 5", "Content-Length: 6"),
        ("Transfer-Encoding: chunked", "Content-Length: 6"),
        ("X: a\x00b",),
        ("Host: evil.example",),
        (" folded: x",),
    ],
    ids=range(9),
)
async def test_headers_that_are_too_large_or_ambiguous_are_refused(scene: Scene, lines: tuple[str, ...]):
    answer = await raw(scene.bridge.port, request("/health", scene.bridge.port, *lines))
    assert not answer or answer.split(b" ", 2)[1] in (b"400", b"403", b"431"), answer[:80]
    assert b"HTTP/1.1 200" not in answer
    assert b"Traceback" not in answer
    assert b"200" in (await raw(scene.bridge.port, request("/health", scene.bridge.port)))[:20]


@pytest.mark.parametrize("size", [5_000, 1_000_000, 1 << 40])
async def test_bodies_that_are_too_large_are_refused_before_they_are_here(scene: Scene, size: int):
    head = request(
        "/session", scene.bridge.port, f"Origin: {scene.own}", "Content-Type: application/json",
        f"Content-Length: {size}", method="POST",
    )  # fmt: skip
    answer = await raw(scene.bridge.port, head + b"x" * min(size, 100_000))
    assert not answer or answer.split(b" ", 2)[1] in (b"400", b"413"), answer[:80]


async def test_a_body_that_drips_is_cut(scene: Scene, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("bridge.review.routes._BODY_S", 0.3)
    head = request(
        "/session", scene.bridge.port, f"Origin: {scene.own}", "Content-Type: application/json", "Content-Length: 4000",
        method="POST",
    )  # fmt: skip
    reader, writer = await asyncio.open_connection("127.0.0.1", scene.bridge.port)
    writer.write(head)
    answer = b""
    async with asyncio.timeout(20):
        while not answer:
            with contextlib.suppress(ConnectionError):
                writer.write(b"x")
                await writer.drain()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.05):
                    answer = await reader.read(100)
                    break
    writer.close()
    assert not answer or answer.split(b" ", 2)[1] == b"400"


async def test_requests_that_drip_are_cut_also_after_a_good_one_and_others_are_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Slowloris: headers that never end, on fresh connections and on those that were good once."""
    monkeypatch.setattr("bridge.server.HELLO_S", 0.4)
    monkeypatch.setattr("bridge.server._KEEP_ALIVE_S", 0.4)
    monkeypatch.setitem(__import__("bridge.server", fromlist=["Server"]).Server.__init__.__kwdefaults__, "hello_s", 0.4)
    async with running_bridge(Settings(data_folder=tmp_path, port=0, durable=False), IdleEngine()) as bridge:
        port = bridge.port
        good = f"GET /health HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n".encode()

        async def drip(first: bytes) -> bool:
            """Whether the bridge ended it."""
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                if first:
                    writer.write(first)
                    assert b"200" in await reader.read(15)
                    await asyncio.sleep(0.05)
                writer.write(f"GET / HTTP/1.1\r\nHost: localhost:{port}\r\n".encode())
                for number in range(200):
                    writer.write(f"X-{number}: y\r\n".encode())
                    await writer.drain()
                    await asyncio.sleep(0.05)
                    if reader.at_eof() or writer.is_closing():
                        return True
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(0.001):
                            while await reader.read(1000):
                                pass
                            return True
            except ConnectionError:
                return True
            finally:
                writer.close()
            return False

        ended = asyncio.gather(*(drip(good if number % 2 else b"") for number in range(40)))
        for _ in range(10):
            assert b"200" in (await raw(port, request("/health", port)))[:20]
            await asyncio.sleep(0.05)
        assert all(await ended)


# ── what people type ─────────────────────────────────────────────────────────────────────────────────────────────


class Tags(HTMLParser):
    """What a browser would make of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.attributes: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.attributes += [f"{name}={value}" for name, value in attrs]


@pytest.mark.parametrize("words", XSS)
async def test_what_is_typed_stays_text_wherever_the_bridge_says_it(scene: Scene, words: str):
    """On the page a browser proves it (`review-attacks.test.ts`); here what the bridge itself makes of texts."""
    name = words[:60]
    async with await InlayClient.connect(scene.bridge.address, scene.tokens["owner"]) as owner:
        layer = await owner.open_layer(f"key {words}", scene.host.pixels, scene.host.layer.format, title=words)
        assert layer.head_version_id is not None
        _, token = await People(owner).invite(layer.document_id, "commenter", name=name)
        guest = await join(link_of(scene.bridge.address, token), name)
        async with await InlayClient.connect(scene.bridge.address, guest.token) as client:
            comment = await Review(client).comment(layer.head_version_id, words)
            assert comment.text == words and comment.author == name
            hit = (await Search(client).find(f'"{words.replace(chr(34), " ")}"')).hits
            assert all("<script" not in one.text or one.text == words for one in hit)
        with pytest.raises(RemoteError) as caught:
            await Search(owner).find(f"op:{words}")
        assert caught.value.code == "search_unclear"
        made = await owner.request(
            lambda number: m.TakeReport(id=number, document_id=layer.document_id, kind="html", versions="all"), m.TakeIs
        )
        async with aiohttp.ClientSession() as session:
            async with session.get(f"{scene.own}/take/{made.token}") as response:
                report = await response.text()
                said = response.headers["Content-Disposition"]
                assert response.headers["X-Content-Type-Options"] == "nosniff"
                assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert said.startswith("attachment;") and not re.search(r"[\r\n<>]", said)
    tags = Tags()
    tags.feed(report)
    assert {"script", "svg", "iframe", "object", "embed"}.isdisjoint(tags.seen)
    assert not [value for value in tags.attributes if re.match(r"on|.*javascript:", value, re.IGNORECASE)]
    async with aiohttp.ClientSession() as session:
        for path in (f"/d/{words}", f"/join?x={words}", f"/take/{words}", f"/nothing/{words}"):
            async with session.get(scene.own + path) as response:
                assert words not in await response.text()


async def test_whatever_a_request_says_no_answer_has_a_header_of_its_choosing(scene: Scene):
    for path in ("/d/x%0d%0aSet-Cookie:%20a=b", "/take/x%0d%0aSet-Cookie:%20a=b", "/join%0d%0aSet-Cookie:%20a=b"):
        answer = await raw(scene.bridge.port, request(path, scene.bridge.port))
        assert b"set-cookie" not in answer.lower()


async def test_no_answer_may_be_framed_sniffed_or_told_to_others(scene: Scene):
    async with aiohttp.ClientSession() as session:
        for path in ("/", "/join", f"/d/{scene.document_id}", "/health", "/nothing", "/take/x", "/tiles/x/0/0_0"):
            async with session.get(scene.own + path) as response:
                headers = response.headers
                assert headers["Referrer-Policy"] == "no-referrer", path
                assert headers["X-Frame-Options"] == "DENY"
                assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
                assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
                policy = headers["Content-Security-Policy"]
                assert "frame-ancestors 'none'" in policy and "unsafe-eval" not in policy
                assert "script-src 'unsafe-inline'" not in policy
