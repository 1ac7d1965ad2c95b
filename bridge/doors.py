"""Where connections come in: loopback's door, and the network's, which are counted apart.

Whoever crowds the network's door keeps nobody from loopback's, and one address never has all of the network's places.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
import sys
from collections import Counter
from collections.abc import Coroutine
from contextlib import suppress
from ipaddress import IPv6Address, IPv6Network, ip_address

import structlog
from aiohttp import web

from bridge.errors import PortTaken

_log = structlog.get_logger(__name__)

_BACKLOG = 128
# Ports to try for one that is free on both addresses.
_PORT_TRIES = 20
# Addresses remembered until those who left are forgotten, all at once.
_ADDRESSES = 1024
# Connections of one address on the network: a browser needs a handful, an office behind one address some dozens.
OF_ONE_ADDRESS = 64
# A handshake takes milliseconds; whoever needs longer keeps a place that others need.
HANDSHAKE_S = 10.0
# Handshakes at once: each takes some memory and a moment of the processor.
_HANDSHAKES = 256
# When the system has no more descriptors, trying again at once would keep the processor busy and nothing else.
_OUT_OF_FILES_S = 0.2


class Door:
    """Takes TCP connections; one that sends no request for too long is cut, and there are only so many.

    Args:
        limit: connections at once, WebSockets included.
        patience_s: until the first request is here, headers and all.

    Attributes:
        server, port: whose connections are counted, and which of them are this door's; set before it opens.
    """

    def __init__(self, limit: int, patience_s: float) -> None:
        self.server: web.Server | None = None
        self._limit = limit
        self._patience_s = patience_s
        self._silent: dict[web.RequestHandler, asyncio.TimerHandle] = {}
        self.port = 0

    def __call__(self) -> asyncio.BaseProtocol:
        """A new connection: asyncio's protocol factory."""
        if self.server is None or self._is_full():
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

    def _is_full(self) -> bool:
        assert self.server is not None, "asked before"
        if len(self.server.connections) < self._limit:
            return False
        return sum(_port_of(one) == self.port for one in self.server.connections) >= self._limit

    def _cut(self, handler: web.RequestHandler) -> None:
        del self._silent[handler]
        if handler.transport is not None:
            handler.transport.abort()


class NetworkDoor:
    """The network's: it looks at who comes before anything is said, TLS included.

    Args:
        door: for those that are let through.
        context: for TLS; None: without.
        of_one: connections of one address at once.
    """

    def __init__(self, door: Door, context: ssl.SSLContext | None, of_one: int = OF_ONE_ADDRESS) -> None:
        self._door = door
        self._context = context
        self._of_one = of_one
        self._shaking: Counter[str] = Counter()
        self._inside: dict[str, set[web.RequestHandler]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def open(self, listener: socket.socket) -> None:
        """Take connections of this listener until `close`."""
        self._spawn(self._listen(listener))

    async def close(self) -> None:
        """Take none any more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _listen(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        with listener:
            while True:
                try:
                    connection, address = await loop.sock_accept(listener)
                except OSError as error:
                    _log.warning("no connection taken", error=error.strerror)
                    await asyncio.sleep(_OUT_OF_FILES_S)
                    continue
                peer = network_of(str(address[0]))
                if self._count(peer) >= self._of_one or self._shaking.total() >= _HANDSHAKES:
                    connection.close()
                else:
                    self._spawn(self._take(connection, peer))

    async def _take(self, connection: socket.socket, peer: str) -> None:
        loop = asyncio.get_running_loop()
        self._shaking[peer] += 1
        try:
            _, handler = await loop.connect_accepted_socket(
                self._door,
                connection,
                ssl=self._context,
                ssl_handshake_timeout=None if self._context is None else HANDSHAKE_S,
            )
        except (OSError, TimeoutError) as error:  # TLS errors are among the first
            _log.debug("no handshake", error=type(error).__name__)
            connection.close()
            return
        finally:
            self._shaking[peer] -= 1
            if not self._shaking[peer]:
                del self._shaking[peer]
        if isinstance(handler, web.RequestHandler):
            self._inside.setdefault(peer, set()).add(handler)

    def _count(self, peer: str) -> int:
        """How many connections this address has, or is about to have."""
        # Whoever left is forgotten with the next look, and all who left once there are many.
        for other in list(self._inside) if len(self._inside) > _ADDRESSES else [peer]:
            inside = {handler for handler in self._inside.pop(other, ()) if handler.transport is not None}
            if inside:
                self._inside[other] = inside
        return len(self._inside.get(peer, ())) + self._shaking[peer]

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def network_of(address: str) -> str:
    """What one person may have of addresses: of IPv6 a /64, whose host may take any it likes; of IPv4 one."""
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or IPv6Network((int(found), 128)).supernet(new_prefix=64))
    return str(found)


def _port_of(handler: web.RequestHandler) -> int | None:
    name = None if handler.transport is None else handler.transport.get_extra_info("sockname")
    return int(name[1]) if name else None


class _TurnedAway(asyncio.Protocol):
    """A connection too many."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.WriteTransport):
            transport.abort()


def bind_loopback(port: int) -> list[socket.socket]:
    """Sockets on 127.0.0.1 and, where the machine has it, ::1, with the same port.

    Raises:
        PortTaken: the port, or with 0 every one that was tried, is taken on one of them.
    """
    return _bind(port, "127.0.0.1", "::1" if _has_v6("::1") else None)


def bind_network(port: int) -> list[socket.socket]:
    """Sockets on all addresses of the machine, IPv4 and where it has it IPv6, with the same port.

    Raises:
        PortTaken: see `bind_loopback`.
    """
    return _bind(port, "0.0.0.0", "::" if _has_v6("::") else None)  # noqa: S104 -- what `--lan` is for


def _bind(port: int, host_v4: str, host_v6: str | None) -> list[socket.socket]:
    for _ in range(_PORT_TRIES if port == 0 else 1):
        v4 = _listener(socket.AF_INET, host_v4, port)
        if v4 is None:
            break
        chosen = int(v4.getsockname()[1])
        if host_v6 is None:
            return [v4]
        v6 = _listener(socket.AF_INET6, host_v6, chosen)
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


def _has_v6(host: str) -> bool:
    """Whether that address can be listened on: not on machines where IPv6 is switched off."""
    if not socket.has_ipv6:
        return False
    with suppress(OSError), socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
        probe.bind((host, 0))
        return True
    return False
