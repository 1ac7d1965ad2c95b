"""The local network as a way in: by which names and addresses it reaches this machine, and under what conditions."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_interface

import psutil

from bridge.errors import AccessError

# Nothing is sent there: asking for the way to it tells which of our addresses others see. (RFC 5737)
_ANYWHERE = ("192.0.2.1", 9)


class NeedsTls(AccessError):
    """On the network the bridge is served by TLS only."""

    code = "needs_tls"
    hint = (
        "Add --self-signed to make a certificate on this machine, or --cert and --key for one that you have. "
        "--insecure-lan goes without: then everybody on the network can read along, and take over a guest's session."
    )


@dataclass(frozen=True, slots=True)
class NetworkAddress:
    """One of this machine's addresses.

    Attributes:
        interface: as the system calls it.
        address: as text.
        network: who shares it, as ``192.168.1.0/24``.
        is_public: it may be reached from the whole internet, unless something in between forbids it.
    """

    interface: str
    address: str
    network: str
    is_public: bool


def network_addresses() -> tuple[NetworkAddress, ...]:
    """This machine's addresses on networks that are up, the one that others see first; loopback is none."""
    up = {name for name, state in psutil.net_if_stats().items() if state.isup}
    found: list[NetworkAddress] = []
    for name, addresses in psutil.net_if_addrs().items():
        for one in addresses if name in up else ():
            if one.family not in (socket.AF_INET, socket.AF_INET6):
                continue
            address = ip_address(one.address.partition("%")[0])
            if address.is_loopback or address.is_link_local:
                continue
            found.append(NetworkAddress(name, str(address), _network(address, one.netmask), address.is_global))
    first = _seen_by_others()
    return tuple(sorted(found, key=lambda one: (one.address != first, ":" in one.address, one.is_public, one.address)))


def host_names() -> tuple[str, ...]:
    """What this machine is called on its networks."""
    name = socket.gethostname().strip(".").lower()
    if not name or name == "localhost":
        return ()
    return (name,) if "." in name else (name, f"{name}.local")


def names_of(addresses: Sequence[NetworkAddress]) -> tuple[str, ...]:
    """All that this machine may be called over the network: for a certificate, and for the Host header."""
    return (*host_names(), *(one.address for one in addresses))


def in_url(address: str) -> str:
    """The address as it stands in a URL."""
    return f"[{address}]" if ":" in address else address


def _network(address: IPv4Address | IPv6Address, netmask: str | None) -> str:
    mask = (netmask or "").partition("%")[0]
    if isinstance(address, IPv6Address):
        prefix = bin(int(ip_address(mask))).count("1") if mask else 64
        return str(ip_interface(f"{address}/{prefix}").network)
    return str(ip_interface(f"{address}/{mask or 32}").network)


def _seen_by_others() -> str | None:
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect(_ANYWHERE)
            return str(probe.getsockname()[0])
    except OSError:
        return None
