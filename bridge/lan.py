"""`inlay serve --lan`: how the bridge is opened to the local network, decided from the settings and kept true.

It needs TLS: a certificate that the person has, one that is made here, or their word that they want none. Loopback
stays as it is, plain and for the plugins, on its own port.
"""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass

import structlog

from bridge.access.certificate import Certificate, kept_certificate, own_certificate, read_certificate
from bridge.access.network import NeedsTls, NetworkAddress, host_names, names_of, network_addresses
from bridge.errors import BridgeError
from bridge.server import Network
from bridge.settings import Settings

_log = structlog.get_logger(__name__)
# A certificate is looked at so often; it is made anew a month before it ends.
_LOOK_S = 3600.0


class NoNetwork(BridgeError):
    """This machine is on no network."""

    code = "no_network"
    hint = "Connect it to one, or leave --lan away."


@dataclass(slots=True, eq=False)
class Lan:
    """The bridge on the network.

    Attributes:
        network: for the server.
        addresses: of this machine, the one that links name first.
        certificate: what is served now; None: without TLS.
    """

    network: Network
    addresses: tuple[NetworkAddress, ...]
    certificate: Certificate | None
    _settings: Settings

    async def renew_always(self) -> None:
        """Make the bridge's own certificate anew before it ends, for as long as the bridge runs."""
        while True:
            await asyncio.sleep(_LOOK_S)
            await asyncio.to_thread(self.renew)

    def renew(self) -> str | None:
        """The fingerprint of a certificate that was made anew; None: the old one is good. Blocks."""
        if self.network.context is None or self.certificate is None or not _is_own(self._settings):
            return None
        try:
            made = own_certificate(self._settings.data_folder, self.network.names)
            made.load_into(self.network.context)
        except BridgeError as error:
            _log.warning("certificate not renewed", error=error.code)
            return None
        if made.fingerprint == self.certificate.fingerprint:
            return None
        self.certificate = made
        _log.info("certificate renewed", sha256=made.fingerprint, ends=f"{made.ends_at:%Y-%m-%d}")
        return made.fingerprint


def open_lan(settings: Settings) -> Lan | None:
    """What the settings say; None: only loopback. Blocks.

    Raises:
        NeedsTls: neither a certificate nor the word that none is wanted.
        NoNetwork: there is none.
        BadCertificate: see `bridge.access.certificate`.
    """
    if not settings.lan:
        return None
    certificate = None if settings.lan_insecure else _certificate(settings)
    addresses = network_addresses()
    if not addresses:
        raise NoNetwork
    first = addresses[0].address
    names = (first, *(name for name in names_of(addresses) if name != first))
    if settings.lan_insecure:
        return Lan(Network(settings.lan_port, None, names, settings.lan_pairing), addresses, None, settings)
    if certificate is None:
        certificate = own_certificate(settings.data_folder, (*host_names(), *(one.address for one in addresses)))
    else:
        # A certificate that somebody vouches for is for its names: links say the first of them.
        vouched = tuple(sorted(name for name in certificate.names if "*" not in name))
        names = (*vouched, *(name for name in names if name not in vouched))
    context: ssl.SSLContext = certificate.context()
    network = Network(settings.lan_port, context, names, settings.lan_pairing, always_tls=not certificate.self_signed)
    return Lan(network, addresses, certificate, settings)


def _certificate(settings: Settings) -> Certificate | None:
    """The person's own certificate; None: the bridge's is to be used."""
    if settings.lan_cert is not None or settings.lan_key is not None:
        if settings.lan_cert is None or settings.lan_key is None:
            raise NeedsTls("A certificate and its key belong together.", hint="Give both --cert and --key.")
        return read_certificate(settings.lan_cert, settings.lan_key)
    if not settings.lan_self_signed and kept_certificate(settings.data_folder) is None:
        raise NeedsTls
    return None


def _is_own(settings: Settings) -> bool:
    return settings.lan_cert is None
