"""The local server: one port for HTTP and WebSocket, on 127.0.0.1 and ::1; routes, headers and lifecycle."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Collection, Coroutine, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

import structlog
from aiohttp import web

from bridge.access.cookies import LIFE_S, held, token_in
from bridge.access.forwarded import Proxies
from bridge.access.guard import (
    HEARTBEAT_S,
    HELLO_S,
    SOCKETS,
    UNPAIRED_SOCKETS,
    Guard,
    NetworkGuard,
    Seats,
    TooManySockets,
    is_loopback,
)
from bridge.access.network import in_url
from bridge.connection import (
    CLOSE_GOING_AWAY,
    CLOSE_TRY_LATER,
    GOODBYE_S,
    STALLED_S,
    Connection,
    Handlers,
)
from bridge.doors import Door, NetworkDoor, bind_loopback, bind_network
from bridge.errors import BadOrigin, Malformed
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
# Of a name that the person has a certificate for: as long as a guest's cookie.
_ALWAYS_TLS = f"max-age={LIFE_S}"
_PAGES_OWN = ("Cache-Control", "Content-Security-Policy")
_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Inlay</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:36em;margin:4em auto;padding:0 1em}</style>
<h1>Inlay is running</h1>
<p>This is the bridge between your design program and the engine that edits layers on this machine.
There is nothing to do here: open the Inlay plugin, and type the code that <code>inlay pair</code> shows.</p>
</html>
"""

# What is known of the request that a task answers: it may come from elsewhere than this machine; its answer says to
# come by TLS only.
_OUTSIDE: ContextVar[bool] = ContextVar("outside", default=False)
_ALWAYS: ContextVar[bool] = ContextVar("always_tls", default=False)

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def bridge_version() -> str:
    """The installed package's version."""
    try:
        return version("inlay")
    except PackageNotFoundError:
        return "0"


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """How the bridge is open to the network, beside loopback.

    Attributes:
        port: 0 picks one.
        context: for TLS; None: without, which somebody has chosen.
        names: host names and addresses that the Host header may carry, the one that links name first.
        pairing: programs may be paired over the network, and come in by their tokens; else only guests, by cookies.
        always_tls: browsers are told to come by TLS only, for names of which somebody else vouches.
    """

    port: int
    context: ssl.SSLContext | None
    names: tuple[str, ...]
    pairing: bool = False
    always_tls: bool = False

    @property
    def scheme(self) -> str:
        return "http" if self.context is None else "https"


class Server:
    """Listens, guards the door and gives every socket a `Connection`.

    Args:
        handlers: the bridge behind it.
        port: 0 picks one that is free on both addresses.
        host_names, origins: see `bridge.access.guard.Guard`.
        network: how it is open to the network too; None: it is not.
        proxies: whose word on who asks is taken.
        public_url: where others reach it, if that is known better than from ``network``.
        keeps_inside: tokens that are good on loopback only.
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
        network: Network | None = None,
        proxies: Proxies | None = None,
        public_url: str | None = None,
        keeps_inside: Collection[str] = (),
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
        self._network = network
        self._proxies = proxies or Proxies()
        self._public_url = public_url
        self._keeps_inside = frozenset(keeps_inside)
        self._routes = tuple(routes)
        self._allow = allow
        self._ready = ready
        self._heartbeat_s = heartbeat_s
        self._hello_s = hello_s
        self._stalled_s = stalled_s
        self._version = bridge_version()
        self._guard = Guard(port, self._host_names, self._origins)
        self._network_guard: NetworkGuard | None = None
        # Counted apart: a crowd on the network leaves loopback's seats and places free.
        self._seats: Seats[Connection] = Seats(sockets, unpaired_sockets)
        self._network_seats: Seats[Connection] = Seats(sockets, unpaired_sockets)
        self._door = Door(sockets * 2, hello_s)
        self._network_door = Door(sockets * 2, hello_s)
        self._entrance: NetworkDoor | None = None
        self._runner: web.AppRunner | None = None
        self._listening: list[asyncio.Server] = []
        self._ending: set[asyncio.Task[None]] = set()
        self.port = port

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"ws://localhost:{self.port}/ws"

    @property
    def network_port(self) -> int | None:
        """Where the network gets in; None: nowhere."""
        return None if self._network_guard is None else self._network_guard.port

    @property
    def public_url(self) -> str | None:
        """Where others reach this bridge, as ``https://HOST:PORT``; None: nowhere but on this machine."""
        if self._public_url is not None or self._network is None or self._network_guard is None:
            return self._public_url
        return f"{self._network.scheme}://{in_url(self._network.names[0])}:{self._network_guard.port}"

    @property
    def connections(self) -> int:
        """Open WebSockets."""
        return len(self._seats) + len(self._network_seats)

    async def start(self) -> None:
        """Listen; ``port`` is known afterwards.

        Raises:
            PortTaken: somebody else listens there.
        """
        sockets = bind_loopback(self._wanted_port)
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
            # What is sent after its refusal is read only so long.
            lingering_time=GOODBYE_S,
            shutdown_timeout=GOODBYE_S,
        )
        await self._runner.setup()
        assert self._runner.server is not None, "set up above"
        self._door.server, self._door.port = self._runner.server, self.port
        loop = asyncio.get_running_loop()
        self._listening = [await loop.create_server(self._door, sock=listener) for listener in sockets]
        if self._network is not None:
            self._open_network(self._network)
        warm_up()
        _log.info("listening", port=self.port, addresses=[listener.getsockname()[0] for listener in sockets])

    def _open_network(self, network: Network) -> None:
        assert self._runner is not None, "started"
        self._entrance = NetworkDoor(self._network_door, network.context)
        listeners = bind_network(network.port)
        port = int(listeners[0].getsockname()[1])
        self._network_door.server, self._network_door.port = self._runner.server, port
        self._network_guard = NetworkGuard(port, network.names, self._host_names, network.scheme)
        for listener in listeners:
            self._entrance.open(listener)
        _log.info("open to the network", port=port, tls=network.context is not None)

    async def stop(self) -> None:
        """Stop listening and close every socket with 1001."""
        if self._entrance is not None:
            await self._entrance.close()
        for listener in self._listening:
            listener.close()
        self._listening = []
        self._door.close()
        self._network_door.close()
        open_ = (*self._seats, *self._network_seats)
        await asyncio.gather(*(connection.end(CLOSE_GOING_AWAY, "bridge_stops") for connection in open_))
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
        outside = _OUTSIDE.get()
        seats = self._network_seats if outside else self._seats
        only_cookies = outside and not (self._network is not None and self._network.pairing)
        connection = Connection(
            response,
            transport.abort,
            request.remote or "",
            Session(f"{NAME} {self._version}", _cookie(request), only_cookies=only_cookies),
            self._handlers,
            lambda proved: self._proved(proved, seats),
            hello_s=self._hello_s,
            stalled_s=self._stalled_s,
            refused=self._keeps_inside if outside else (),
        )
        try:
            replaced = seats.take(connection)
        except TooManySockets:
            return web.Response(status=503, text="Too many programs are connected.")
        try:
            if replaced is not None:
                _log.info("connection replaced", open=len(seats))
                self._spawn(replaced.end(CLOSE_TRY_LATER, "too_many_sockets"))
            await response.prepare(request)
            await connection.run()
        except ConnectionError:
            _log.debug("client left during the handshake")
        finally:
            seats.leave(connection)
        return response

    def _proved(self, connection: Connection, seats: Seats[Connection]) -> None:
        too_many = seats.proved(connection, connection.person.person_id)
        if too_many is not None:
            _log.info("connection replaced", open=len(seats))
            self._spawn(too_many.end(CLOSE_TRY_LATER, "too_many_sockets"))

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    @web.middleware
    async def _middleware(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        """Host and Origin first, then whether the person may; nothing of a bug reaches the client."""
        for door in (self._door, self._network_door):
            door.entered(request.protocol)
        try:
            request = self._checked(request)
            if _OUTSIDE.get() and held(request.cookies) in self._keeps_inside:
                raise BadOrigin("That token is good on its own machine only.")
            if self._allow is not None:
                await self._allow(request)
            return await handler(request)
        except BadOrigin as error:
            _log.info("request refused", code=error.code)
            return web.Response(status=403, text=f"{error} {error.hint}")
        except Malformed as error:
            return web.Response(status=400, text=str(error))
        except web.HTTPException as response:
            return web.Response(status=response.status, text=response.reason)
        except Exception as error:
            _log.error("request failed", exception=describe(error))
            return web.Response(status=500, text="That did not work.")

    def _checked(self, request: web.Request) -> web.Request:
        """The request as its client sent it, when a proxy that we believe stands between; Host and Origin are ours.

        Raises:
            BadOrigin: they are not.
            Malformed: the proxy's headers cannot be read.
        """
        name = request.transport.get_extra_info("sockname") if request.transport is not None else None
        local, port = (str(name[0]), int(name[1])) if name else ("", 0)
        guard = self._network_guard
        if guard is not None and port == guard.port and port != self.port:
            guard.check(request.headers.getall("Host", []), request.headers.getall("Origin", []), local)
            _OUTSIDE.set(True)
            _ALWAYS.set(self._network is not None and self._network.always_tls)
            return request
        seen = self._proxies.seen(request.remote or "", lambda header: request.headers.getall(header, []))
        if seen is not None:
            headers = request.headers.copy()
            if seen.host is not None:
                headers["Host"] = seen.host
            request = request.clone(
                remote=seen.client,
                scheme=seen.scheme or request.scheme,
                host=headers.get("Host", ""),
                headers=headers,
            )
        hosts = request.headers.getall("Host", [])
        self._guard.check(hosts, request.headers.getall("Origin", []), request.scheme)
        # What a proxy passes on, or what comes by another name than loopback's, may come from anywhere.
        _OUTSIDE.set(seen is not None or not is_loopback(hosts[0]))
        return request


def _cookie(request: web.Request) -> str | None:
    """The token of a browser that shows a page of this bridge; of any other page's it is not even read."""
    headers = request.headers
    return token_in(request.cookies, headers.getall("Host", []), headers.getall("Origin", []))


async def _add_headers(request: web.BaseRequest, response: web.StreamResponse) -> None:
    """Ours everywhere; a page of its own may say what it loads, and how long it is kept."""
    own = {name: response.headers[name] for name in _PAGES_OWN if name in response.headers}
    response.headers.update(_HEADERS | own)
    if _ALWAYS.get():
        response.headers["Strict-Transport-Security"] = _ALWAYS_TLS
