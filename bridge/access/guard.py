"""Who may knock: Host and Origin of every request, and how many sockets may be open.

Neither lets anybody in; the token does. The Host check stops DNS rebinding (a page whose name was pointed at
127.0.0.1), the Origin check stops pages of other sites. ``Origin: null`` is what Figma's plugin frame sends and what
any page can make a frame send: it is neither trusted nor refused.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import urlsplit

from bridge.errors import AccessError, BadOrigin

T = TypeVar("T", bound=Hashable)

LOOPBACK_NAMES = frozenset(("localhost", "127.0.0.1", "[::1]"))
_DEFAULT_PORTS = {"http": 80, "https": 443}

# Sockets open at once in all; a bridge serves the programs of one machine and a few colleagues.
SOCKETS = 512
# Of them not yet paired. Beyond, the one that has waited longest goes, so that a good client always gets in.
UNPAIRED_SOCKETS = 64
# Of one person's, paired: their plugins, and more tabs than anybody reads. Beyond, their own oldest goes, so that
# nobody takes the seats of others.
OF_ONE_PERSON = 64
# A client says hello at once; a person who types a pairing code has as long as the code lives.
HELLO_S = 10.0
PAIRING_S = 600.0
# Pings to each socket; no pong for half of it and it is closed.
HEARTBEAT_S = 30.0


class TooManySockets(AccessError):
    """Too many programs are connected."""

    code = "too_many_sockets"
    hint = "Close a program that uses this bridge, then try again."


@dataclass(frozen=True, slots=True)
class Guard:
    """Checks what a request says about where it goes and where it comes from.

    Attributes:
        port: the bridge's own.
        host_names: names beside the loopback ones that may stand in Host, with any port or none.
        origins: web origins beside our own, as ``https://host:port``.
    """

    port: int
    host_names: Collection[str] = ()
    origins: Collection[str] = ()

    def check(self, hosts: Sequence[str], origins: Sequence[str], scheme: str = "http") -> None:
        """Check the values of the Host and Origin headers, as many as the request has.

        Args:
            hosts, origins: the values.
            scheme: by which the request came, to a proxy in front of us if there is one.

        Raises:
            BadOrigin: one of them is not served.
        """
        if len(hosts) != 1 or not self._serves(hosts[0]):
            raise BadOrigin("This bridge is not called by that name.")
        own = f"{scheme}://{hosts[0]}".lower()
        if len(origins) > 1 or not all(origin.lower() == own or self._takes(origin) for origin in origins):
            raise BadOrigin("That page may not talk to this bridge.")

    def _serves(self, host: str) -> bool:
        name, port = _name_and_port(host.lower())
        if name in LOOPBACK_NAMES:
            return (port if port is not None else _DEFAULT_PORTS["http"]) == self.port
        return name in {known.lower() for known in self.host_names}

    def _takes(self, origin: str) -> bool:
        if origin == "null" or origin.lower() in {known.lower().rstrip("/") for known in self.origins}:
            return True
        scheme, separator, host = origin.lower().partition("://")
        if not separator or scheme not in _DEFAULT_PORTS:
            return False
        name, port = _name_and_port(host)
        return name in LOOPBACK_NAMES and (port if port is not None else _DEFAULT_PORTS[scheme]) == self.port


@dataclass(frozen=True, slots=True)
class NetworkGuard:
    """The same for what comes over the network: the names that were said there, and nothing of loopback.

    Attributes:
        port: where the network gets in.
        names: that may stand in Host with that port: the machine's names and addresses.
        host_names: as in `Guard`.
        scheme: ``https``, or ``http`` where TLS was given up: a page that came by the other one, from whoever sits in
            between, is another page.
    """

    port: int
    names: Collection[str]
    host_names: Collection[str] = ()
    scheme: str = "https"

    def check(self, hosts: Sequence[str], origins: Sequence[str], local: str) -> None:
        """Check the values of the Host and Origin headers.

        Args:
            hosts, origins: the values.
            local: the address that the request reached, in whatever network we came into meanwhile. No name is
                pointed at it by a foreign page: it is an address itself.

        Raises:
            BadOrigin: one of them is not served.
        """
        if len(hosts) != 1 or not self._serves(hosts[0], local):
            raise BadOrigin("This bridge is not called by that name.")
        if len(origins) > 1 or not all(origin.lower() == f"{self.scheme}://{hosts[0]}".lower() for origin in origins):
            raise BadOrigin("That page may not talk to this bridge.")

    def _serves(self, host: str, local: str) -> bool:
        name, port = _name_and_port(host.lower())
        if name and name in {known.lower() for known in self.host_names}:
            return True
        known = {known.lower() for known in (*self.names, local)}
        return (port if port is not None else _DEFAULT_PORTS[self.scheme]) == self.port and _bare(name) in known


def is_loopback(host: str) -> bool:
    """Whether a Host header names this machine to itself."""
    return _name_and_port(host.lower())[0] in LOOPBACK_NAMES


def _bare(name: str) -> str:
    return name[1:-1] if name.startswith("[") and name.endswith("]") else name


def _name_and_port(host: str) -> tuple[str, int | None]:
    """Name and port of a Host header; an empty name for anything that is not exactly that."""
    try:
        parts = urlsplit(f"//{host}")
        port = parts.port
    except ValueError:
        return "", None
    if parts.netloc != host or "@" in host or any(char.isspace() for char in host):
        return "", None
    name = host.rpartition(":")[0] if port is not None else host
    return name, port


class Seats(Generic[T]):
    """The sockets that are open: how many, and which of them have not proved themselves.

    Args:
        limit: sockets in all.
        unpaired_limit: of them without a token.
        of_one_person: of them with the tokens of one person.
    """

    def __init__(
        self, limit: int = SOCKETS, unpaired_limit: int = UNPAIRED_SOCKETS, of_one_person: int = OF_ONE_PERSON
    ) -> None:
        self._limit = limit
        self._unpaired_limit = unpaired_limit
        self._of_one_person = of_one_person
        self._unpaired: OrderedDict[T, None] = OrderedDict()
        self._paired: OrderedDict[T, str] = OrderedDict()

    def __len__(self) -> int:
        return len(self._unpaired) + len(self._paired)

    def __iter__(self) -> Iterator[T]:
        return iter((*self._unpaired, *self._paired))

    def take(self, socket: T) -> T | None:
        """Give it a seat; returns the socket that must go for it, if one must.

        That is the unpaired one that has waited longest; its seat is free from now on.

        Raises:
            TooManySockets: all seats are taken by paired clients.
        """
        full = len(self) >= self._limit or len(self._unpaired) >= self._unpaired_limit
        oldest = next(iter(self._unpaired), None) if full else None
        if full and oldest is None:
            raise TooManySockets
        if oldest is not None:
            del self._unpaired[oldest]
        self._unpaired[socket] = None
        return oldest

    def proved(self, socket: T, person_id: str = "") -> T | None:
        """It has shown a token of that person; returns the socket of theirs that must go for it, if one must."""
        if socket not in self._unpaired:
            return None
        del self._unpaired[socket]
        self._paired[socket] = person_id
        if not person_id:
            return None
        theirs = [one for one, whose in self._paired.items() if whose == person_id]
        if len(theirs) <= self._of_one_person:
            return None
        del self._paired[theirs[0]]
        return theirs[0]

    def leave(self, socket: T) -> None:
        """It is closed."""
        self._unpaired.pop(socket, None)
        self._paired.pop(socket, None)
