"""The local server: one port for HTTP and WebSocket, on 127.0.0.1 and ::1; routes, headers and lifecycle."""

from __future__ import annotations

import asyncio
import errno
import socket
import sys
from collections.abc import Awaitable, Callable, Collection, Coroutine, Sequence
from importlib.metadata import PackageNotFoundError, version

import structlog
from aiohttp import web

from bridge.access.cookies import token_in
from bridge.access.guard import HEARTBEAT_S, HELLO_S, SOCKETS, UNPAIRED_SOCKETS, Guard, Seats, TooManySockets
from bridge.connection import (
    CLOSE_GOING_AWAY,
    CLOSE_TRY_LATER,
    GOODBYE_S,
    STALLED_S,
    Connection,
    Handlers,
)
from bridge.errors import BadOrigin, PortTaken
from bridge.logs import describe
from bridge.protocol.codec import warm_up
from bridge.protocol.messages import FRAME_BYTES, PROTOCOL_VERSION
from bridge.protocol.session import Session

_log = structlog.get_logger(__name__)

NAME = "Inlay"
# A frame may be as large as the protocol says; one byte more is refused by aiohttp before it is read.
_MAX_MESSAGE = FRAME_BYTES + 1
# Of a request by HTTP: an invite's token and a name.
_MOST_BODY = 4096
_KEEP_ALIVE_S = 15.0
_BACKLOG = 128
# Ports to try for one that is free on both addresses.
_PORT_TRIES = 20
_HEADERS = {
    "Server": NAME,
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_PAGES_OWN = ("Cache-Control", "Content-Security-Policy")
_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Inlay</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:36em;margin:4em auto;padding:0 1em}</style>
<h1>Inlay is running</h1>
<p>This is the bridge between your design program and the engine that edits layers on this machine.
There is nothing to do here: open the Inlay plugin, and type the code that <code>inlay pair</code> shows.</p>
</html>
"""

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def bridge_version() -> str:
    """The installed package's version."""
    try:
        return version("inlay")
    except PackageNotFoundError:
        return "0"


class Server:
    """Listens, guards the door and gives every socket a `Connection`.

    Args:
        handlers: the bridge behind it.
        port: 0 picks one that is free on both addresses.
        host_names, origins: see `bridge.access.guard.Guard`.
        routes: of rooms that speak HTTP; their requests pass the guard first, then the gate.
        allow: the gate, see `bridge.access.gate`: raises what a request that may not be made is answered with.
        ready: whether edits can be run at once; said by ``/health``.
        sockets, unpaired_sockets: see `bridge.access.guard`.
        heartbeat_s, hello_s, stalled_s: see `bridge.access.guard` and `bridge.connection`.
    """

    def __init__(
        self,
        handlers: Handlers,
        *,
        port: int = 0,
        host_names: Collection[str] = (),
        origins: Collection[str] = (),
        routes: Sequence[web.RouteDef] = (),
        allow: Callable[[web.Request], Awaitable[None]] | None = None,
        ready: Callable[[], bool] = lambda: True,
        sockets: int = SOCKETS,
        unpaired_sockets: int = UNPAIRED_SOCKETS,
        heartbeat_s: float = HEARTBEAT_S,
        hello_s: float = HELLO_S,
        stalled_s: float = STALLED_S,
    ) -> None:
        self._handlers = handlers
        self._wanted_port = port
        self._host_names = tuple(host_names)
        self._origins = tuple(origins)
        self._routes = tuple(routes)
        self._allow = allow
        self._ready = ready
        self._heartbeat_s = heartbeat_s
        self._hello_s = hello_s
        self._stalled_s = stalled_s
        self._version = bridge_version()
        self._guard = Guard(port, self._host_names, self._origins)
        self._seats: Seats[Connection] = Seats(sockets, unpaired_sockets)
        self._door = _Door(sockets * 2, hello_s)
        self._runner: web.AppRunner | None = None
        self._listening: list[asyncio.Server] = []
        self._ending: set[asyncio.Task[None]] = set()
        self.port = port

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"ws://localhost:{self.port}/ws"

    @property
    def connections(self) -> int:
        """Open WebSockets."""
        return len(self._seats)

    async def start(self) -> None:
        """Listen; ``port`` is known afterwards.

        Raises:
            PortTaken: somebody else listens there.
        """
        sockets = _bind(self._wanted_port)
        self.port = int(sockets[0].getsockname()[1])
        self._guard = Guard(self.port, self._host_names, self._origins)
        app = web.Application(middlewares=[self._middleware], client_max_size=_MOST_BODY)
        app.add_routes([web.get("/", self._page), web.get("/health", self._health), web.get("/ws", self._socket)])
        app.add_routes(self._routes)
        app.on_response_prepare.append(_add_headers)
        self._runner = web.AppRunner(
            app,
            access_log=None,
            handle_signals=False,
            keepalive_timeout=_KEEP_ALIVE_S,
            shutdown_timeout=GOODBYE_S,
        )
        await self._runner.setup()
        assert self._runner.server is not None, "set up above"
        self._door.server = self._runner.server
        loop = asyncio.get_running_loop()
        self._listening = [await loop.create_server(self._door, sock=listener) for listener in sockets]
        warm_up()
        _log.info("listening", port=self.port, addresses=[listener.getsockname()[0] for listener in sockets])

    async def stop(self) -> None:
        """Stop listening and close every socket with 1001."""
        for listener in self._listening:
            listener.close()
        self._listening = []
        self._door.close()
        await asyncio.gather(*(connection.end(CLOSE_GOING_AWAY, "bridge_stops") for connection in self._seats))
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    # ── routes ───────────────────────────────────────────────────────────────────────────────────────────────

    async def _page(self, request: web.Request) -> web.Response:
        return web.Response(text=_PAGE, content_type="text/html")

    async def _health(self, request: web.Request) -> web.Response:
        health = {"name": NAME, "version": self._version, "protocol": PROTOCOL_VERSION, "ready": self._ready()}
        return web.json_response(health)

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        response = web.WebSocketResponse(
            timeout=GOODBYE_S,
            heartbeat=self._heartbeat_s,
            # Layers' pixels come packed already, and UXP has no extensions.
            compress=False,
            max_msg_size=_MAX_MESSAGE,
        )
        if not response.can_prepare(request):
            return web.Response(status=426, text="This is a WebSocket.", headers={"Upgrade": "websocket"})
        transport = request.transport
        if transport is None:
            return web.Response(status=400)
        connection = Connection(
            response,
            transport.abort,
            request.remote or "",
            Session(f"{NAME} {self._version}", _cookie(request)),
            self._handlers,
            self._seats.proved,
            hello_s=self._hello_s,
            stalled_s=self._stalled_s,
        )
        try:
            replaced = self._seats.take(connection)
        except TooManySockets:
            return web.Response(status=503, text="Too many programs are connected.")
        try:
            if replaced is not None:
                _log.info("connection replaced", open=len(self._seats))
                self._spawn(replaced.end(CLOSE_TRY_LATER, "too_many_sockets"))
            await response.prepare(request)
            await connection.run()
        except ConnectionError:
            _log.debug("client left during the handshake")
        finally:
            self._seats.leave(connection)
        return response

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    @web.middleware
    async def _middleware(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        """Host and Origin first, then whether the person may; nothing of a bug reaches the client."""
        self._door.entered(request.protocol)
        try:
            self._guard.check(request.headers.getall("Host", []), request.headers.getall("Origin", []))
            if self._allow is not None:
                await self._allow(request)
            return await handler(request)
        except BadOrigin as error:
            _log.info("request refused", code=error.code)
            return web.Response(status=403, text=f"{error} {error.hint}")
        except web.HTTPException as response:
            return web.Response(status=response.status, text=response.reason)
        except Exception as error:
            _log.error("request failed", exception=describe(error))
            return web.Response(status=500, text="That did not work.")


class _Door:
    """Takes TCP connections; one that sends no request for too long is cut, and there are only so many.

    Args:
        limit: connections at once, WebSockets included.
        patience_s: until the first request is here, headers and all.
    """

    def __init__(self, limit: int, patience_s: float) -> None:
        self.server: web.Server | None = None
        self._limit = limit
        self._patience_s = patience_s
        self._silent: dict[web.RequestHandler, asyncio.TimerHandle] = {}

    def __call__(self) -> asyncio.BaseProtocol:
        """A new connection: asyncio's protocol factory."""
        if self.server is None or len(self.server.connections) >= self._limit:
            return _TurnedAway()
        handler = self.server()
        loop = asyncio.get_running_loop()
        self._silent[handler] = loop.call_later(self._patience_s, self._cut, handler)
        return handler

    def entered(self, handler: web.RequestHandler) -> None:
        """A request has come in on this connection."""
        timer = self._silent.pop(handler, None)
        if timer is not None:
            timer.cancel()

    def close(self) -> None:
        """Nobody is waited for any more."""
        for timer in self._silent.values():
            timer.cancel()
        self._silent.clear()

    def _cut(self, handler: web.RequestHandler) -> None:
        del self._silent[handler]
        if handler.transport is not None:
            handler.transport.abort()


class _TurnedAway(asyncio.Protocol):
    """A connection too many."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.WriteTransport):
            transport.abort()


def _cookie(request: web.Request) -> str | None:
    """The token of a browser that shows a page of this bridge; of any other page's it is not even read."""
    headers = request.headers
    return token_in(request.cookies, headers.getall("Host", []), headers.getall("Origin", []))


async def _add_headers(request: web.BaseRequest, response: web.StreamResponse) -> None:
    """Ours everywhere; a page of its own may say what it loads, and how long it is kept."""
    own = {name: response.headers[name] for name in _PAGES_OWN if name in response.headers}
    response.headers.update(_HEADERS | own)


def _bind(port: int) -> list[socket.socket]:
    """Sockets on 127.0.0.1 and, where the machine has it, ::1, with the same port.

    Raises:
        PortTaken: the port, or with 0 every one that was tried, is taken on one of them.
    """
    for _ in range(_PORT_TRIES if port == 0 else 1):
        v4 = _listener(socket.AF_INET, "127.0.0.1", port)
        if v4 is None:
            break
        chosen = int(v4.getsockname()[1])
        if not _has_v6_loopback():
            return [v4]
        v6 = _listener(socket.AF_INET6, "::1", chosen)
        if v6 is not None:
            return [v4, v6]
        v4.close()
    raise PortTaken(port)


def _listener(family: socket.AddressFamily, host: str, port: int) -> socket.socket | None:
    """A bound socket, or None when the port is taken."""
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        if sys.platform == "win32":
            # There SO_REUSEADDR would let another program take the port over while we listen.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
        listener.setblocking(False)
    except OSError as error:
        listener.close()
        if error.errno in (errno.EADDRINUSE, errno.EACCES):
            return None
        raise
    return listener


def _has_v6_loopback() -> bool:
    """Whether ::1 can be listened on: not on machines where IPv6 is switched off."""
    if not socket.has_ipv6:
        return False
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True
