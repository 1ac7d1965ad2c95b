"""The bridge on the network: real TLS sockets, real cookies; and behind a proxy that is believed or not."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import socket
import ssl
import warnings
from collections.abc import AsyncIterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import websockets
from support.idle import IdleEngine
from support.pictures import RGB8, picture
from support.wire import Client

from bridge.access.certificate import own_certificate
from bridge.access.network import NeedsTls, NetworkAddress, network_addresses
from bridge.cli.lan import lan_panel
from bridge.client import InlayClient, People, RemoteError, link_of
from bridge.compose import Bridge, running_bridge
from bridge.doors import OF_ONE_ADDRESS
from bridge.lan import Lan, NoNetwork, open_lan
from bridge.protocol import messages as m
from bridge.settings import Settings

pytestmark = pytest.mark.asyncio(loop_scope="module")
HERE = "192.0.2.77"


@dataclass(frozen=True)
class Served:
    bridge: Bridge
    settings: Settings
    document_id: str
    cert: str

    @property
    def lan(self) -> Lan:
        assert self.bridge.lan is not None
        return self.bridge.lan

    @property
    def port(self) -> int:
        assert self.bridge.server.network_port is not None
        return self.bridge.server.network_port

    def trusting(self) -> ssl.SSLContext:
        """A browser that was told to trust the certificate."""
        context = ssl.create_default_context(cadata=self.cert)
        context.check_hostname = True
        return context


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def served(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    folder = tmp_path_factory.mktemp("data")
    settings = Settings(
        data_folder=folder, port=0, durable=False, lan=True, lan_port=0, lan_self_signed=True,
        trusted_proxies=("127.0.0.1",), host_names=("review.example",),
    )  # fmt: skip
    # Loopback stands for the network: the machine that tests this may have no other.
    address = NetworkAddress("test0", "127.0.0.1", "127.0.0.0/8", False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bridge.lan.network_addresses", lambda: (address,))
        async with running_bridge(settings, IdleEngine()) as bridge:
            async with await InlayClient.connect(bridge.address, bridge.local_token) as client:
                layer = await client.open_layer("poster", picture(40, 60), RGB8)
            yield Served(bridge, settings, layer.document_id, (folder / "tls" / "cert.pem").read_text())


async def invite(served: Served) -> m.InviteIs:
    async with await InlayClient.connect(served.bridge.address, served.bridge.local_token) as client:
        return await People(client).invite_link(served.document_id, "commenter")


def ask(
    port: int, method: str, path: str, body: object = None, context: ssl.SSLContext | None = None, **headers: str
) -> tuple[int, str, list[tuple[str, str]]]:
    """One request, with exactly these headers."""
    kind: Any = http.client.HTTPConnection if context is None else http.client.HTTPSConnection
    connection = kind("127.0.0.1", port, timeout=20, **({} if context is None else {"context": context}))
    try:
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        data = b"" if body is None else json.dumps(body).encode()
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        for name, value in {"Content-Length": str(len(data)), **sent}.items():
            connection.putheader(name, value)
        connection.endheaders(data or None)
        response = connection.getresponse()
        return response.status, response.read().decode(), response.getheaders()
    finally:
        connection.close()


async def joined(served: Served, token: str) -> tuple[str, str]:
    """The cookie that the invite gives over TLS, and the whole header that set it."""
    own = f"127.0.0.1:{served.port}"
    status, _, headers = await asyncio.to_thread(
        ask, served.port, "POST", "/session", {"token": token, "name": "Guest"}, served.trusting(),
        Host=own, Origin=f"https://{own}", Content_Type="application/json",
    )  # fmt: skip
    assert status == 200
    cookie = dict(headers)["Set-Cookie"]
    return cookie.partition(";")[0], cookie


@contextlib.asynccontextmanager
async def socket_of(served: Served, **options: Any) -> AsyncIterator[Client]:
    url = f"wss://127.0.0.1:{served.port}/ws"
    async with websockets.connect(url, ssl=served.trusting(), **options) as connection:
        yield Client(connection)


# ── what is open ─────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_guest_comes_in_by_tls_with_a_cookie_that_only_tls_carries(served: Served):
    made = await invite(served)
    assert made.link == f"https://127.0.0.1:{served.port}/join#{made.token}"
    cookie, whole = await joined(served, made.token or "")
    assert cookie.startswith("__Host-inlay_session=")
    for part in ("Secure", "HttpOnly", "SameSite=Strict", "Path=/"):
        assert part in whole
    assert "Domain" not in whole
    origin = f"https://127.0.0.1:{served.port}"
    async with socket_of(served, origin=origin, additional_headers={"Cookie": cookie}) as client:
        assert (await client.hello(None)).person == "Guest"
        opened = await client.ask(m.DocumentVisit(id=2, document_id=served.document_id))
        assert opened.document.role == "commenter"


async def test_plugins_go_on_by_plain_loopback_beside_it(served: Served):
    async with await InlayClient.connect(served.bridge.address, served.bridge.local_token) as client:
        assert [one.document_id for one in await client.documents()] == [served.document_id]


async def test_the_certificate_is_the_one_whose_fingerprint_is_shown(served: Served):
    def shown() -> str:
        with socket.create_connection(("127.0.0.1", served.port)) as plain:
            with served.trusting().wrap_socket(plain, server_hostname="127.0.0.1") as tls:
                der = tls.getpeercert(binary_form=True)
                assert der is not None and tls.version() in ("TLSv1.2", "TLSv1.3")
                return sha256(der).hexdigest()

    assert served.lan.certificate is not None
    fingerprint = served.lan.certificate.fingerprint
    assert await asyncio.to_thread(shown) == fingerprint.replace(":", "").lower()
    from rich.console import Console  # noqa: PLC0415

    out = Console(width=120, record=True, file=__import__("io").StringIO())
    out.print(lan_panel(served.lan, served.port, served.bridge.server.public_url or ""))
    said = out.export_text()
    assert fingerprint[:48] in said and fingerprint[48:] in said
    for words in (
        f"https://127.0.0.1:{served.port}",
        "127.0.0.0/8",
        "invite",
        "loopback only",
        "SHA-256",
    ):
        assert words in said


async def test_old_versions_of_tls_and_plain_http_get_nowhere(served: Served):
    def old() -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with warnings.catch_warnings(action="ignore"):
            context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
        with socket.create_connection(("127.0.0.1", served.port)) as plain:
            context.wrap_socket(plain)

    def plain() -> bytes:
        with socket.create_connection(("127.0.0.1", served.port)) as connection:
            connection.sendall(f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{served.port}\r\n\r\n".encode())
            return connection.recv(1000)

    with pytest.raises((ssl.SSLError, OSError)):
        await asyncio.to_thread(old)
    with contextlib.suppress(ConnectionError):
        assert b"HTTP" not in await asyncio.to_thread(plain)


# ── what stays closed ────────────────────────────────────────────────────────────────────────────────────────────


async def test_the_local_token_lets_nobody_in_over_the_network(served: Served):
    async with socket_of(served) as client:
        assert (await client.hello(served.bridge.local_token)).person_id is None
        assert (await client.ask(m.DocumentList(id=2))).code == "not_paired"


async def test_the_local_token_is_no_cookie_over_the_network(served: Served):
    own = f"127.0.0.1:{served.port}"
    cookie = f"__Host-inlay_session={served.bridge.local_token}"
    for method, path in (("GET", f"/d/{served.document_id}"), ("POST", "/session")):
        status, _, _ = await asyncio.to_thread(
            ask, served.port, method, path, None, served.trusting(),
            Host=own, Origin=f"https://{own}", Content_Type="application/json", Cookie=cookie,
        )  # fmt: skip
        assert status == 403, path


async def test_no_code_is_even_compared_over_the_network(served: Served):
    code = served.bridge.pairing.code
    async with socket_of(served) as client:
        await client.hello(None)
        for number, tried in enumerate(("AAAA-AAAA", code), start=2):
            assert (await client.ask(m.Pair(id=number, code=tried, name="x"))).code == "no_pairing_here"
    assert served.bridge.pairing.code == code, "not used up"


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost", "review.example.evil.example", "127.0.0.1:1", "127.0.0.2", "[::1]"]
)
async def test_names_that_were_not_said_are_refused_against_rebinding(served: Served, host: str):
    name = host if ":" in host.rpartition("]")[2] else f"{host}:{served.port}"
    status, _, _ = await asyncio.to_thread(ask, served.port, "GET", "/health", None, served.trusting(), Host=name)
    assert status == 403


async def test_loopbacks_names_are_not_the_networks_and_the_other_way_round(served: Served):
    status, _, _ = await asyncio.to_thread(ask, served.bridge.port, "GET", "/health", Host=f"127.0.0.1:{served.port}")
    assert status == 403


@pytest.mark.parametrize("origin", ["http://{own}", "https://evil.example", "null", "https://localhost:{port}"])
async def test_a_page_that_did_not_come_by_tls_from_here_is_a_foreign_one(served: Served, origin: str):
    own = f"127.0.0.1:{served.port}"
    status, _, _ = await asyncio.to_thread(
        ask, served.port, "GET", "/health", None, served.trusting(),
        Host=own, Origin=origin.format(own=own, port=served.port),
    )  # fmt: skip
    assert status == 403


async def test_strict_transport_is_asked_for_only_where_somebody_else_vouches(
    served: Served,
):
    own = f"127.0.0.1:{served.port}"
    _, _, headers = await asyncio.to_thread(ask, served.port, "GET", "/health", None, served.trusting(), Host=own)
    assert "Strict-Transport-Security" not in dict(headers)
    object.__setattr__(served.lan.network, "always_tls", True)
    try:
        _, _, headers = await asyncio.to_thread(ask, served.port, "GET", "/health", None, served.trusting(), Host=own)
        assert dict(headers)["Strict-Transport-Security"].startswith("max-age=")
        _, _, headers = await asyncio.to_thread(
            ask, served.bridge.port, "GET", "/health", Host=f"localhost:{served.bridge.port}"
        )
        assert "Strict-Transport-Security" not in dict(headers)
    finally:
        object.__setattr__(served.lan.network, "always_tls", False)


async def test_one_address_never_has_all_places_and_loopback_has_its_own(served: Served):
    held: list[socket.socket] = []
    try:
        for _ in range(OF_ONE_ADDRESS + 20):
            held.append(await asyncio.to_thread(socket.create_connection, ("127.0.0.1", served.port)))

        async def cut() -> int:
            loop = asyncio.get_running_loop()
            gone = 0
            for one in held:
                one.setblocking(False)
                with contextlib.suppress(TimeoutError, ConnectionError):
                    async with asyncio.timeout(0.01):
                        gone += await loop.sock_recv(one, 1) == b""
            return gone

        async with asyncio.timeout(10):
            while await cut() < 20:
                await asyncio.sleep(0.05)
        async with await InlayClient.connect(served.bridge.address, served.bridge.local_token) as client:
            assert await client.documents()
    finally:
        for one in held:
            one.close()


# ── how it is opened ─────────────────────────────────────────────────────────────────────────────────────────────


async def test_without_tls_it_is_refused_unless_somebody_says_so(tmp_path: Path):
    with pytest.raises(NeedsTls) as caught:
        open_lan(Settings(data_folder=tmp_path, lan=True))
    for words in ("--self-signed", "--cert", "--insecure-lan", "read along"):
        assert words in caught.value.hint
    with pytest.raises(NeedsTls, match="belong together"):
        open_lan(Settings(data_folder=tmp_path, lan=True, lan_cert=tmp_path / "cert.pem"))
    assert open_lan(Settings(data_folder=tmp_path)) is None
    assert not (tmp_path / "tls").exists()


async def test_once_made_the_certificate_is_used_again_and_insecure_is_said_in_red(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("bridge.lan.network_addresses", lambda: (NetworkAddress("eth9", HERE, "192.0.2.0/24", False),))
    first = open_lan(Settings(data_folder=tmp_path, lan=True, lan_self_signed=True))
    again = open_lan(Settings(data_folder=tmp_path, lan=True))
    assert first is not None and again is not None and first.certificate is not None
    assert again.certificate == first.certificate and HERE in first.certificate.names
    insecure = open_lan(Settings(data_folder=tmp_path, lan=True, lan_insecure=True))
    assert insecure is not None and insecure.network.scheme == "http"
    assert lan_panel(insecure, 9418, f"http://{HERE}:9418").border_style == "red"
    monkeypatch.setattr("bridge.lan.network_addresses", lambda: ())
    with pytest.raises(NoNetwork):
        open_lan(Settings(data_folder=tmp_path, lan=True))


async def test_the_persons_own_certificate_names_the_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("bridge.lan.network_addresses", lambda: (NetworkAddress("eth9", HERE, "192.0.2.0/24", False),))
    made = own_certificate(tmp_path / "elsewhere", ("review.studio.example",))
    lan = open_lan(Settings(data_folder=tmp_path, lan=True, lan_cert=made.cert, lan_key=made.key))
    assert lan is not None and lan.network.names[0] == "review.studio.example"
    assert not lan.network.always_tls, "signed by itself"
    assert lan.renew() is None


async def test_a_certificate_is_renewed_while_the_bridge_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("bridge.lan.network_addresses", lambda: (NetworkAddress("eth9", HERE, "192.0.2.0/24", False),))
    lan = open_lan(Settings(data_folder=tmp_path, lan=True, lan_self_signed=True))
    assert lan is not None and lan.certificate is not None
    before = lan.certificate.fingerprint
    assert lan.renew() is None
    from datetime import timedelta  # noqa: PLC0415

    monkeypatch.setattr("bridge.access.certificate.RENEW_BEFORE", timedelta(days=398))
    made = lan.renew()
    assert made is not None and made != before and lan.certificate.fingerprint == made


async def test_this_machines_own_addresses_are_told_apart():
    for one in network_addresses():
        assert not one.address.startswith(("127.", "169.254.", "fe80"))
        assert "/" in one.network


# ── behind a proxy ───────────────────────────────────────────────────────────────────────────────────────────────

FORWARDED = {
    "X_Forwarded_For": "203.0.113.9", "X_Forwarded_Proto": "https", "X_Forwarded_Host": "review.example",
}  # fmt: skip


async def test_through_a_named_proxy_the_page_is_at_home(served: Served):
    made = await invite(served)
    host = f"localhost:{served.bridge.port}"
    status, body, headers = await asyncio.to_thread(
        ask, served.bridge.port, "POST", "/session", {"token": made.token, "name": "Guest"},
        Host=host, Origin="https://review.example", Content_Type="application/json", **FORWARDED,
    )  # fmt: skip
    assert status == 200, body
    cookie = dict(headers)["Set-Cookie"]
    assert cookie.startswith("__Host-inlay_session=") and "Secure" in cookie
    sent = {name.replace("_", "-"): value for name, value in FORWARDED.items()} | {"Cookie": cookie.partition(";")[0]}
    url = f"ws://localhost:{served.bridge.port}/ws"
    async with websockets.connect(url, origin="https://review.example", additional_headers=sent) as connection:  # type: ignore[arg-type]
        assert (await Client(connection).hello(None)).person == "Guest"


@pytest.mark.parametrize("origin", ["http://review.example", "https://evil.example", "https://localhost:{port}"])
async def test_through_a_proxy_foreign_pages_stay_foreign(served: Served, origin: str):
    status, _, _ = await asyncio.to_thread(
        ask, served.bridge.port, "POST", "/session", {"token": "x"},
        Host=f"localhost:{served.bridge.port}", Origin=origin.format(port=served.bridge.port),
        Content_Type="application/json", **FORWARDED,
    )  # fmt: skip
    assert status == 403


async def test_through_a_proxy_nobody_pairs_or_comes_in_by_the_local_token(served: Served):
    sent = {name.replace("_", "-"): value for name, value in FORWARDED.items()}
    url = f"ws://localhost:{served.bridge.port}/ws"
    async with websockets.connect(url, additional_headers=sent) as connection:
        client = Client(connection)
        assert (await client.hello(served.bridge.local_token)).person_id is None
        assert (await client.ask(m.Pair(id=2, code=served.bridge.pairing.code, name="x"))).code == "no_pairing_here"


async def test_a_proxy_that_says_nonsense_gets_no_answer_to_it(served: Served):
    status, _, _ = await asyncio.to_thread(
        ask, served.bridge.port, "GET", "/health",
        Host=f"localhost:{served.bridge.port}", X_Forwarded_For="evil.example",
    )  # fmt: skip
    assert status == 400


async def test_over_the_network_nobody_is_a_proxy(served: Served):
    """The machine of the settings' proxy is this one; over TLS even its word is nothing."""
    own = f"127.0.0.1:{served.port}"
    status, _, _ = await asyncio.to_thread(
        ask, served.port, "GET", "/health", None, served.trusting(),
        **{"Host": "evil.example", **FORWARDED, "X_Forwarded_Host": own},
    )  # fmt: skip
    assert status == 403


async def test_tries_are_counted_by_the_client_behind_the_proxy(served: Served):
    async def tries(client: str, count: int) -> list[int]:
        headers = FORWARDED | {"X_Forwarded_For": client}
        return [
            (
                await asyncio.to_thread(
                    ask, served.bridge.port, "POST", "/session", {"token": "guess"},
                    Host=f"localhost:{served.bridge.port}", Origin="https://review.example",
                    Content_Type="application/json", **headers,
                )
            )[0]
            for _ in range(count)
        ]  # fmt: skip

    assert 429 in await tries("203.0.113.50", 30)
    assert await tries("203.0.113.51", 1) == [403]


async def test_an_invites_link_names_the_public_address_of_the_settings(tmp_path: Path):
    settings = Settings(data_folder=tmp_path, port=0, durable=False, public_url="https://review.example/")
    async with running_bridge(settings, IdleEngine()) as bridge:
        async with await InlayClient.connect(bridge.address, bridge.local_token) as client:
            layer = await client.open_layer("poster", picture(40, 60), RGB8)
            made = await People(client).invite_link(layer.document_id, "viewer")
    assert made.link == f"https://review.example/join#{made.token}"


async def test_without_a_network_links_are_for_this_machine(tmp_path: Path):
    async with running_bridge(Settings(data_folder=tmp_path, port=0, durable=False), IdleEngine()) as bridge:
        async with await InlayClient.connect(bridge.address, bridge.local_token) as client:
            layer = await client.open_layer("poster", picture(40, 60), RGB8)
            made = await People(client).invite_link(layer.document_id, "viewer")
            assert made.link is None
            with pytest.raises(RemoteError):
                await InlayClient.connect(bridge.address, link_of(bridge.address, "no token"))
