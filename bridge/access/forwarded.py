"""Behind a reverse proxy: what it says of who asks, believed only if it is one of those named in the settings.

Only one family of headers is read, the one that the settings name: proxies write their own over what a client sent, and
pass the other family on as it came.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Literal

from bridge.errors import Malformed

Family = Literal["x-forwarded", "forwarded"]
_Address = IPv4Address | IPv6Address
# Of a client that the proxy itself does not name (RFC 7239, 6).
_NOBODY = ("unknown", "_")
_PAIR = re.compile(r"""\s*([A-Za-z0-9!#$%&'*+.^_`|~-]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*))\s*(?:([;,])|$)""")


@dataclass(frozen=True, slots=True)
class Seen:
    """What the client sees of us and we of it, through the proxy.

    Attributes:
        client: its address, as text.
        scheme: ``https`` or ``http``, by which it reached the proxy; None: not said.
        host: what it called us, as in Host; None: not said.
    """

    client: str
    scheme: str | None
    host: str | None


class Proxies:
    """The proxies that are believed.

    Args:
        addresses: addresses or networks, as ``10.0.0.7`` or ``10.0.0.0/24``.
        family: which headers they write.

    Raises:
        ValueError: one of them is no address.
    """

    def __init__(self, addresses: Sequence[str] = (), family: Family = "x-forwarded") -> None:
        self._networks: tuple[IPv4Network | IPv6Network, ...] = tuple(map(ip_network, addresses))
        self._family: Family = family

    def seen(self, peer: str, header: Callable[[str], Sequence[str]]) -> Seen | None:
        """Who asks, through a proxy; None: nobody is believed here, or nothing is said.

        Args:
            peer: who opened the connection.
            header: all values of a header, by its name.

        Raises:
            Malformed: a believed proxy says what cannot be read.
        """
        if not self._is_trusted(peer):
            return None
        hops = _forwarded(header) if self._family == "forwarded" else _x_forwarded(header)
        # From the nearest on: each was said by the one before it, which is believed.
        for client, scheme, host in reversed(hops):
            found = Seen(client, scheme, host)
            if not self._is_trusted(client):
                return found
        return Seen(*hops[0]) if hops else None

    def _is_trusted(self, address: str) -> bool:
        try:
            known = ip_address(address.partition("%")[0])
        except ValueError:
            return False
        known = known.ipv4_mapped or known if isinstance(known, IPv6Address) else known
        return any(known in network for network in self._networks)


_Hop = tuple[str, str | None, str | None]


def _x_forwarded(header: Callable[[str], Sequence[str]]) -> list[_Hop]:
    clients = [_client(item) for item in _items(header("X-Forwarded-For"))]
    schemes, hosts = _items(header("X-Forwarded-Proto")), _items(header("X-Forwarded-Host"))
    # Where each proxy added one of its own they go together, else the nearest proxy's say is for all.
    count = len(clients)
    said = schemes if len(schemes) == count else schemes[-1:] * count
    called = hosts if len(hosts) == count else hosts[-1:] * count
    return [
        (client, _scheme(said[number]) if said else None, called[number] if called else None)
        for number, client in enumerate(clients)
    ]


def _forwarded(header: Callable[[str], Sequence[str]]) -> list[_Hop]:
    hops: list[_Hop] = []
    for value in header("Forwarded"):
        pairs: dict[str, str] = {}
        at = 0
        while at < len(value):
            found = _PAIR.match(value, at)
            if found is None:
                raise Malformed("A proxy's Forwarded header cannot be read.")
            pairs[found[1].lower()] = re.sub(r"\\(.)", r"\1", found[2]) if found[2] is not None else found[3]
            at = found.end()
            if found[4] != ";":
                hops.append(_hop(pairs))
                pairs = {}
        if pairs:
            hops.append(_hop(pairs))
    return hops


def _hop(pairs: dict[str, str]) -> _Hop:
    scheme = pairs.get("proto")
    return _client(pairs.get("for", "unknown")), None if scheme is None else _scheme(scheme), pairs.get("host")


def _items(values: Sequence[str]) -> list[str]:
    return [item.strip() for value in values for item in value.split(",") if item.strip()]


def _client(text: str) -> str:
    """An address out of ``192.0.2.1``, ``192.0.2.1:4711``, ``[2001:db8::1]:4711``."""
    if text.lower().startswith(_NOBODY):
        return "unknown"
    bare = text[1 : text.find("]")] if text.startswith("[") else text
    if bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        return str(ip_address(bare))
    except ValueError:
        raise Malformed("A proxy names a client by no address.") from None


def _scheme(text: str) -> str:
    if text.lower() not in ("http", "https"):
        raise Malformed("A proxy names a scheme that is none.")
    return text.lower()
