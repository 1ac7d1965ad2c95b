"""Messages made from the models, good and hostile, and a bridge that only writes down what it is asked."""

from __future__ import annotations

import asyncio
import random
import re
import types
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgpack
import websockets
from pydantic.fields import FieldInfo

from bridge.access.pairing import Pairing
from bridge.connection import Outbox
from bridge.errors import NotFound
from bridge.history.records import Person
from bridge.protocol import messages as m
from bridge.protocol.codec import decode_server, encode
from bridge.protocol.export import client_types, server_types
from bridge.server import Server

TOKEN = "the-right-token"
ANN = Person("ann", "Ann")


# ── messages from the models ─────────────────────────────────────────────────────────────────────────────────────


def any_message(rng: random.Random, kinds: tuple[type[m.Message], ...] | None = None) -> m.Message:
    """A valid message, anywhere within its models' limits."""
    kind = rng.choice(kinds or (*client_types(), *server_types()))
    return kind(**_fields(kind, rng))


def _fields(kind: type[m.Message], rng: random.Random) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, field in kind.model_fields.items():
        if field.is_required() or name == "type" or rng.random() < 0.7:
            fields[name] = _value(field.annotation, list(field.metadata), rng)
    return fields


def _value(annotation: Any, metadata: list[Any], rng: random.Random) -> Any:
    limits = {name: getattr(item, name) for item in metadata for name in _LIMITS if hasattr(item, name)}
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        inner = [rule for part in parts[1:] for rule in (part.metadata if isinstance(part, FieldInfo) else [part])]
        return _value(parts[0], [*metadata, *inner], rng)
    if origin is Literal:
        return rng.choice(parts)
    if origin in (Union, types.UnionType):
        return _value(rng.choice(parts), metadata, rng)
    if origin is tuple:
        if parts[1:] == (...,):
            count = rng.choice((limits.get("min_length", 0), 1, 3))
            return tuple(_value(parts[0], [], rng) for _ in range(count))
        return tuple(_value(part, [], rng) for part in parts)
    return _scalar(annotation, limits, rng)


_LIMITS = ("ge", "le", "lt", "min_length", "max_length", "pattern")


def _scalar(kind: Any, limits: dict[str, Any], rng: random.Random) -> Any:
    if kind is type(None):
        return None
    if kind is bool:
        return rng.random() < 0.5
    if kind is float:
        low, high = limits.get("ge", -1e9), limits.get("le", 1e9)
        return rng.choice((0.0, 1.0, rng.uniform(low, high), 1e-300))
    if kind is int:
        low, high = limits.get("ge", -(2**31)), limits.get("le", limits.get("lt", 2**53) - 1)
        return rng.choice((low, high, rng.randint(low, high)))
    if kind is bytes:
        low, high = limits.get("min_length", 0), min(limits.get("max_length", 64), 4096)
        return rng.randbytes(rng.choice((low, high, rng.randint(low, high))))
    if kind is str:
        low, high = limits.get("min_length", 0), min(limits.get("max_length", 40), 4096)
        if pattern := limits.get("pattern"):
            low, high = map(int, re.findall(r"\{(\d+),(\d+)\}", pattern)[0])
        letters = "abcXYZ019_-" if pattern else "aZ 0é漢🙂\x00\n'\"</"
        return "".join(rng.choice(letters) for _ in range(rng.choice((low, high, rng.randint(low, high)))))
    assert issubclass(kind, m.Message), kind
    return kind(**_fields(kind, rng))


# ── hostile frames ───────────────────────────────────────────────────────────────────────────────────────────────

SECRET = "sesame-7f3a"
_ODD: tuple[Any, ...] = (
    None,
    True,
    -1,
    2**53,
    2**64 - 1,
    -(2**63),
    1.5,
    float("nan"),
    float("inf"),
    "",
    SECRET,
    "x" * 5000,
    "../../etc/passwd",
    b"",
    b"\xff" * 64,
    [],
    {},
    [[[[]]]],
    {"a": {"b": {}}},
    [0] * 300,
    [-1, -1, -1, -1],
    [300_001, 0, 1, 1],
    {"type": "hello"},
)


def hostile_frame(rng: random.Random) -> bytes:
    """A frame that is nearly a message, or nothing like one; the same for the same state of ``rng``."""
    message = any_message(rng, client_types() if rng.random() < 0.9 else server_types())
    fields: dict[Any, Any] = message.model_dump()
    for _ in range(rng.choice((0, 1, 1, 2, 4))):
        _spoil(fields, rng)
    data = msgpack.packb(fields)
    match rng.randrange(12):
        case 0:
            return data[: rng.randrange(len(data))]
        case 1:
            return data + rng.randbytes(rng.randrange(1, 9))
        case 2:
            spoilt = bytearray(data)
            for _ in range(rng.randrange(1, 6)):
                spoilt[rng.randrange(len(spoilt))] = rng.randrange(256)
            return bytes(spoilt)
        case 3:
            return rng.choice((b"", rng.randbytes(rng.randrange(200)), b"\xdd\x00\x0f\x00\x00" * 500, b"\x91" * 5000))
        case _:
            return data


def _spoil(fields: dict[Any, Any], rng: random.Random) -> None:
    name = rng.choice(list(fields)) if fields else "type"
    match rng.randrange(7):
        case 0:
            fields.pop(name, None)
        case 1:
            fields[rng.choice((SECRET, "__class__", "ID", "", "x" * 300))] = rng.choice(_ODD)
        case 2:
            fields["type"] = rng.choice((*_ODD, "edit.start ", "Hello", "error", "welcome", "edit"))
        case 3 if any(isinstance(value, tuple) for value in fields.values()):
            name = next(name for name, value in fields.items() if isinstance(value, tuple))
            fields[name] = [*fields[name], rng.choice(_ODD)]
        case _:
            fields[name] = rng.choice(_ODD)


# ── a bridge for tests ───────────────────────────────────────────────────────────────────────────────────────────


class Recorder:
    """Handlers that know one token and write down what they are asked.

    ``answer`` is called for each message; by default an edit is not found, and other things are done.
    """

    def __init__(self) -> None:
        self.pairing = Pairing()
        self.handled: list[m.ClientMessage] = []
        self.outs: list[Outbox] = []
        self.left_outs: list[Outbox] = []

    async def authenticate(self, token: str) -> Person | None:
        return ANN if token == TOKEN else None

    async def pair(self, code: str, name: str, peer: str) -> tuple[str, Person]:
        self.pairing.redeem(code, peer)
        return TOKEN, ANN

    async def handle(self, message: m.ClientMessage, out: Outbox) -> None:
        self.handled.append(message)
        if out not in self.outs:
            self.outs.append(out)
        await self.answer(message, out)

    async def answer(self, message: m.ClientMessage, out: Outbox) -> None:
        if isinstance(message, m.EditTiles | m.EditHave | m.PatchAck):
            return
        if isinstance(message, m.EditCancel | m.EditResume):
            raise NotFound("edit")
        if isinstance(message, m.PatchFetch):
            raise RuntimeError(f"a bug that quotes {SECRET}")
        await out.send(m.Done(re=message.id))

    async def left(self, out: Outbox) -> None:
        self.left_outs.append(out)


@asynccontextmanager
async def serving(handlers: Recorder, **options: Any) -> AsyncIterator[Server]:
    """A server on a free port."""
    server = Server(handlers, **options)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


class Client:
    """A plain client: one message out, one message in."""

    def __init__(self, socket: websockets.ClientConnection) -> None:
        self.socket = socket

    async def send(self, message: m.Message) -> None:
        await self.socket.send(encode(message))

    async def receive(self) -> Any:
        data = await asyncio.wait_for(self.socket.recv(), 20)
        assert isinstance(data, bytes)
        return decode_server(data)

    async def ask(self, message: m.Message) -> Any:
        await self.send(message)
        return await self.receive()

    async def hello(self, token: str | None = TOKEN) -> Any:
        return await self.ask(m.Hello(id=1, protocol=m.PROTOCOL_VERSION, client="test", token=token))

    async def close_code(self) -> int:
        """Wait until the bridge closes the socket."""
        try:
            async with asyncio.timeout(20):
                while True:
                    await self.socket.recv()
        except websockets.ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006


@asynccontextmanager
async def connected(server: Server, **options: Any) -> AsyncIterator[Client]:
    """A client that has not said hello."""
    url = f"ws://127.0.0.1:{server.port}/ws"
    async with websockets.connect(url, max_size=None, close_timeout=2, **options) as socket:
        yield Client(socket)


async def settled(condition: Any) -> None:
    """Wait until the condition holds; fails when it does not in time."""
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.005)
