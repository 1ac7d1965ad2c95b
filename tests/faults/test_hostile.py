"""What a hostile program or page can send to the door: nothing breaks, nothing leaks, others are served."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import io
import logging
import os
import random
import struct
from collections import Counter
from collections.abc import Iterator

import psutil
import pytest
import structlog
import websockets
from support.wire import (
    SECRET,
    TOKEN,
    Client,
    Recorder,
    connected,
    hostile_frame,
    serving,
    settled,
)

from bridge import logs
from bridge.protocol import messages as m
from bridge.protocol.codec import decode_server
from bridge.server import Server

MESSAGES = 10_000
# What 10,000 hostile messages may leave behind; one frame's worth of objects is tens of MB at the worst.
GROWTH_BYTES = 64 << 20


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    logs.configure(as_json=True, stream=stream, level=logging.DEBUG)
    yield stream
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


def memory() -> int:
    gc.collect()
    return psutil.Process(os.getpid()).memory_info().rss


async def answers(client: Client, frames: list[bytes], mark: int) -> tuple[list[bytes], bool]:
    """Send the frames and a ping; what came back before its answer, and whether the socket is still open."""
    heard: list[bytes] = []
    try:
        for frame in frames:
            await client.socket.send(frame)
        await client.send(m.Ping(id=mark))
        while True:
            data = await asyncio.wait_for(client.socket.recv(), 20)
            assert isinstance(data, bytes)
            message = decode_server(data)
            if isinstance(message, m.Done) and message.re == mark:
                return heard, True
            heard.append(data)
    except websockets.ConnectionClosed:
        return heard, False


async def attack(server: Server, rng: random.Random, count: int, token: str | None, codes: Counter[str]) -> None:
    sent = 0
    while sent < count:
        async with connected(server) as client:
            if rng.random() < 0.9:
                await client.hello(token)
            is_open = True
            while is_open and sent < count:
                frames = [hostile_frame(rng) for _ in range(20)]
                heard, is_open = await answers(client, frames, 2**52 + sent)
                sent += len(frames)
                for data in heard:
                    assert SECRET.encode() not in data
                    assert b"Traceback" not in data
                    message = decode_server(data)
                    codes[message.code if isinstance(message, m.Error) else message.type] += 1


async def test_ten_thousand_hostile_messages_do_no_harm(log: io.StringIO):
    handlers = Recorder()
    codes: Counter[str] = Counter()
    async with serving(handlers) as server:
        await attack(server, random.Random(0), 500, TOKEN, codes)
        before = memory()
        await asyncio.gather(
            *(
                attack(server, random.Random(seed), MESSAGES // 5, TOKEN if seed < 4 else None, codes)
                for seed in range(5)
            )
        )
        await settled(lambda: server.connections == 0)
        assert memory() - before < GROWTH_BYTES
        async with connected(server) as client:
            assert (await client.hello()).person == "Ann"
            assert (await client.ask(m.Ping(id=1))).re == 1
    assert len(handlers.left_outs) > 0
    assert len(handlers.handled) > 100
    assert codes.keys() >= {"malformed", "unknown_message", "not_paired", "out_of_order", "internal", "done"}
    said = log.getvalue()
    assert SECRET not in said
    assert "x" * 300 not in said
    assert "message refused" in said
    assert "RuntimeError" in said


async def test_two_hundred_idle_sockets_do_not_keep_a_good_client_out():
    async with serving(Recorder()) as server, contextlib.AsyncExitStack() as idle:
        for _ in range(200):
            await idle.enter_async_context(connected(server))
        async with connected(server) as client:
            assert (await client.hello()).person == "Ann"
            for number in range(50):
                assert (await client.ask(m.Ping(id=number))).re == number
            assert server.connections <= 65


async def test_two_hundred_idle_connections_without_a_request_do_not_either():
    async with serving(Recorder()) as server:
        idle = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(200)]
        async with connected(server) as client:
            assert (await client.hello()).person == "Ann"
        for _, writer in idle:
            writer.close()


async def test_a_paired_client_is_never_pushed_out_by_idle_ones():
    async with serving(Recorder()) as server, connected(server) as client:
        await client.hello()
        async with contextlib.AsyncExitStack() as idle:
            for _ in range(100):
                await idle.enter_async_context(connected(server))
            assert (await client.ask(m.Ping(id=7))).re == 7


@pytest.mark.parametrize("size", [m.FRAME_BYTES + 1, m.FRAME_BYTES + 2, 8 * m.FRAME_BYTES])
async def test_an_oversized_frame_closes_its_socket_only(size: int):
    async with serving(Recorder()) as server, connected(server) as good, connected(server) as bad:
        await good.hello()
        await bad.hello()
        with contextlib.suppress(websockets.ConnectionClosed):
            await bad.socket.send(b"\xc0" * size)
            said = await bad.receive()
            assert said.code == "too_large"
            await bad.socket.close()
        assert (await good.ask(m.Ping(id=1))).re == 1
        await settled(lambda: server.connections == 1)


async def raw_websocket(server: Server) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A socket past its handshake, for frames that no library sends."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(
        f"GET /ws HTTP/1.1\r\nHost: localhost:{server.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
    )
    assert b" 101 " in (await reader.readuntil(b"\r\n\r\n"))
    return reader, writer


def frame_header(first: int, length: int, *, masked: bool = True) -> bytes:
    return struct.pack("!BBQ", first, (0x80 if masked else 0) | 127, length) + (bytes(4) if masked else b"")


@pytest.mark.parametrize(
    "frames",
    [
        frame_header(0x82, 2**62),
        frame_header(0x82, 2**63 + 5),
        frame_header(0xC2, 10) + bytes(10),
        frame_header(0x83, 10) + bytes(10),
        frame_header(0x80, 10) + bytes(10),
        frame_header(0x82, 10, masked=False) + bytes(10),
        frame_header(0x89, 5000) + bytes(5000),
        frame_header(0x81, 4) + b"\xff\xfe\xfd\xfc",
        b"\x00" * 100,
        b"\xff" * 100,
        random.Random(3).randbytes(500),
    ],
    ids=[
        "claims-2**62",
        "claims-2**63",
        "compressed",
        "opcode-3",
        "continues-nothing",
        "unmasked",
        "long-ping",
        "text-not-utf8",
        "zeros",
        "ones",
        "noise",
    ],
)
async def test_frames_that_break_the_websocket_rules_cost_only_their_socket(frames: bytes):
    async with serving(Recorder(), hello_s=1) as server, connected(server) as good:
        await good.hello()
        before = memory()
        reader, writer = await raw_websocket(server)
        writer.write(frames)
        with contextlib.suppress(ConnectionError):
            assert b"Traceback" not in await asyncio.wait_for(reader.read(), 20)
        writer.close()
        assert (await good.ask(m.Ping(id=1))).re == 1
        await settled(lambda: server.connections == 1)
        assert memory() - before < 16 << 20


async def test_a_message_in_endless_pieces_is_cut_at_the_size_of_a_frame():
    async with serving(Recorder()) as server:
        before = memory()
        reader, writer = await raw_websocket(server)
        piece = 64 << 10
        sent = 0
        with contextlib.suppress(ConnectionError):
            writer.write(frame_header(0x02, piece) + bytes(piece))
            while sent < 64 << 20 and not reader.at_eof():
                writer.write(frame_header(0x00, piece) + bytes(piece))
                sent += piece
                await asyncio.wait_for(writer.drain(), 20)
        writer.close()
        await settled(lambda: server.connections == 0)
        assert sent < 48 << 20
        assert memory() - before < 32 << 20


async def test_a_flood_of_pings_is_answered_or_slowed_but_never_piles_up():
    async with serving(Recorder(), stalled_s=0.5, heartbeat_s=2) as server, connected(server) as good:
        await good.hello()
        before = memory()
        _, writer = await raw_websocket(server)
        ping = b"\x89\xfd" + bytes(4) + b"x" * 125
        with contextlib.suppress(ConnectionError, TimeoutError):
            for _ in range(200):
                writer.write(ping * 500)
                await asyncio.wait_for(writer.drain(), 1)
        assert memory() - before < 48 << 20
        writer.close()
        assert (await good.ask(m.Ping(id=1))).re == 1


async def test_requests_without_end_are_refused():
    async with serving(Recorder()) as server:
        for head in (b"GET /" + b"a" * 100_000, b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 50_000, b"\x16\x03\x01" * 9000):
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            with contextlib.suppress(ConnectionError):
                writer.write(head)
                answer = await asyncio.wait_for(reader.read(), 20)
                assert b" 400 " in answer or answer == b""
                assert b"Traceback" not in answer
            writer.close()


async def test_guessing_tokens_gets_nowhere():
    handlers = Recorder()
    async with serving(handlers) as server:
        for guess in ("", " ", TOKEN.upper(), TOKEN + " ", TOKEN[:-1], "' OR 1=1 --", "\x00", "é" * 100):
            async with connected(server) as client:
                assert (await client.hello(guess)).person_id is None
                assert (await client.ask(m.DocumentList(id=2))).code == "not_paired"
    assert handlers.handled == []


async def test_guessing_pairing_codes_gets_nowhere(log: io.StringIO):
    handlers = Recorder()
    codes: Counter[str] = Counter()
    async with serving(handlers) as server:
        for _ in range(20):
            async with connected(server) as client:
                await client.hello(None)
                for number in range(9):
                    said = await client.ask(m.Pair(id=number, code=f"{SECRET}{number}", name="Eve"))
                    codes[said.code] += 1
    assert codes["pairing_failed"] <= 6
    assert codes["too_many_attempts"] >= 170
    assert "too_many_attempts" in log.getvalue()
    assert SECRET not in log.getvalue()
