from __future__ import annotations

import asyncio
import contextlib
import socket
import subprocess
import sys

import aiohttp
import pytest
from support.wire import Client, Recorder, connected, serving, settled
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from bridge.errors import PortTaken
from bridge.protocol import messages as m
from bridge.server import Server


async def get(server: Server, path: str, method: str = "GET", **headers: str) -> tuple[int, str, dict[str, str]]:
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, f"http://127.0.0.1:{server.port}{path}", headers=headers) as response,
    ):
        return response.status, await response.text(), dict(response.headers)


def has_v6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
async def test_one_port_serves_both_loopback_addresses(host: str):
    if host == "[::1]" and not has_v6():
        pytest.skip("no IPv6 loopback here")
    async with serving(Recorder()) as server, connect(f"ws://{host}:{server.port}/ws") as socket:
        assert (await Client(socket).hello()).person == "Ann"


async def test_only_loopback_is_listened_on():
    async with serving(Recorder()) as server:
        addresses = {sock.getsockname()[0] for listener in server._listening for sock in listener.sockets}
    assert addresses <= {"127.0.0.1", "::1"}


async def test_a_port_that_is_taken_is_said_to_be():
    async with serving(Recorder()) as server:
        with pytest.raises(PortTaken) as caught:
            await Server(Recorder(), port=server.port).start()
    assert caught.value.port == server.port


async def test_a_port_taken_only_on_the_other_address_is_taken_too():
    if not has_v6():
        pytest.skip("no IPv6 loopback here")
    with socket.socket(socket.AF_INET6) as other:
        other.bind(("::1", 0))
        other.listen()
        with pytest.raises(PortTaken):
            await Server(Recorder(), port=other.getsockname()[1]).start()


async def test_the_port_is_free_again_after_a_stop():
    async with serving(Recorder()) as server:
        port = server.port
    async with serving(Recorder(), port=port):
        pass


async def test_a_machine_without_ipv6_is_served(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("bridge.doors._has_v6", lambda host: False)
    async with serving(Recorder()) as server, connected(server) as client:
        assert (await client.hello()).person_id == "ann"


async def test_health_says_who_answers():
    async with serving(Recorder(), ready=lambda: False) as server:
        status, text, _ = await get(server, "/health")
    assert status == 200
    assert '"name": "Inlay"' in text
    assert '"ready": false' in text
    assert f'"protocol": {m.PROTOCOL_VERSION}' in text


async def test_the_page_tells_what_this_is_and_every_answer_is_locked_down():
    async with serving(Recorder()) as server:
        for path, status in (("/", 200), ("/health", 200), ("/nothing", 404), ("/ws", 426)):
            found, text, headers = await get(server, path)
            assert found == status
            assert "Traceback" not in text
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["X-Frame-Options"] == "DENY"
            assert "default-src 'none'" in headers["Content-Security-Policy"]
            assert headers["Server"] == "Inlay"
            assert "Access-Control-Allow-Origin" not in headers


@pytest.mark.parametrize(
    "path", ["/../etc/passwd", "/%2e%2e/etc/passwd", "/static/", "//evil.example/", "/ws/../health"]
)
async def test_no_path_leads_to_files(path: str):
    async with serving(Recorder()) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost:{server.port}\r\nConnection: close\r\n\r\n".encode())
        answer = await reader.read()
        writer.close()
    assert answer.split(b"\r\n")[0].split()[1] in (b"400", b"404")
    assert b"root:" not in answer


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE"])
async def test_only_reading_is_served(method: str):
    async with serving(Recorder()) as server:
        for path in ("/", "/health", "/ws"):
            assert (await get(server, path, method))[0] == 405


@pytest.mark.parametrize("path", ["/", "/health", "/ws", "/nothing"])
async def test_another_host_is_refused_everywhere(path: str):
    async with serving(Recorder()) as server:
        status, text, _ = await get(server, path, Host="evil.example")
        assert status == 403
        assert "inlay serve" in text
        assert (await get(server, path, Origin="http://evil.example"))[0] == 403


async def test_an_evil_page_gets_no_socket_and_a_null_origin_is_neither_trusted_nor_refused():
    handlers = Recorder()
    async with serving(handlers) as server:
        for origin in ("http://evil.example", "http://localhost:1", "file://"):
            with pytest.raises(InvalidStatus) as caught:
                async with connected(server, origin=origin):
                    pass
            assert caught.value.response.status_code == 403
        async with connected(server, origin="null") as client:
            assert (await client.hello(None)).person_id is None
            assert (await client.ask(m.DocumentList(id=2))).code == "not_paired"
        async with connected(server, origin="null") as client:
            assert (await client.hello()).person_id == "ann"
    assert handlers.handled == []


async def test_origins_and_names_of_the_settings_are_served():
    async with serving(Recorder(), origins=("https://team.example",), host_names=("studio.local",)) as server:
        async with connected(server, origin="https://team.example") as client:
            assert (await client.hello()).person_id == "ann"
        assert (await get(server, "/health", Host="studio.local:1234"))[0] == 200


async def test_a_stop_says_goodbye_to_every_socket():
    handlers = Recorder()
    async with serving(handlers) as server, connected(server) as one, connected(server) as two:
        await one.hello()
        await two.hello(None)
        codes = asyncio.gather(one.close_code(), two.close_code())
        await server.stop()
        assert await codes == [1001, 1001]
        assert server.connections == 0
    assert len(handlers.left_outs) == 1


async def test_a_stop_does_not_wait_for_a_client_that_is_deaf():
    async with serving(Recorder()) as server:
        _, writer = await asyncio.open_connection("127.0.0.1", server.port)
        async with asyncio.timeout(10):
            await server.stop()
        writer.close()


async def test_a_client_may_or_may_not_offer_compression():
    async with serving(Recorder()) as server:
        for compression in ("deflate", None):
            async with connected(server, compression=compression) as client:
                assert client.socket.protocol.extensions == []
                assert (await client.hello()).person_id == "ann"


async def test_a_bug_in_a_route_stays_inside():
    def broken() -> bool:
        raise RuntimeError("secret-of-the-bug")

    async with serving(Recorder(), ready=broken) as server:
        status, text, _ = await get(server, "/health")
    assert status == 500
    assert "secret" not in text
    assert "Traceback" not in text


async def test_a_connection_that_never_asks_anything_is_cut():
    async with serving(Recorder(), hello_s=0.2) as server:
        for begun in (b"", b"GET /health HTTP/1.1\r\nHost: loc"):
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(begun)
            async with asyncio.timeout(10):
                with contextlib.suppress(ConnectionResetError):
                    assert b"200" not in await reader.read()
            writer.close()


async def test_connections_too_many_are_turned_away():
    async with serving(Recorder(), sockets=2) as server:
        opened = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(4)]
        await asyncio.sleep(0.05)
        with pytest.raises((ConnectionError, aiohttp.ClientError)):
            await get(server, "/health")
        for _, writer in opened:
            writer.close()
        await settled(lambda: len(server._door.server.connections) == 0)
        assert (await get(server, "/health"))[0] == 200


async def test_when_all_seats_are_paired_the_next_is_told():
    async with serving(Recorder(), sockets=1) as server, connected(server) as client:
        await client.hello()
        with pytest.raises(InvalidStatus) as caught:
            async with connected(server):
                pass
        assert caught.value.response.status_code == 503


def test_the_server_never_imports_torch():
    code = "import sys, bridge.server; print(sorted(set(sys.modules) & {'torch', 'imagecodecs', 'PIL'}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
