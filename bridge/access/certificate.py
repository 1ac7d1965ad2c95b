"""A certificate for the bridge on the local network: one of its own, signed by itself, or one that the person has.

Nobody vouches for a self-signed certificate but whoever compares its fingerprint: the bridge prints it, the browser
shows it, and if both are alike there is nobody in between.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from bridge.errors import BridgeError

# Browsers take none that lasts longer than 398 days.
LIFE = timedelta(days=397)
# Made anew so long before its end: a bridge that is always on has its new one before a review is cut off.
RENEW_BEFORE = timedelta(days=30)
# Clocks of other machines may be behind.
_CLOCKS = timedelta(hours=1)
_FOLDER, _CERT, _KEY = "tls", "cert.pem", "key.pem"
_OWNER_ONLY = 0o600


class BadCertificate(BridgeError):
    """The certificate cannot be used."""

    code = "bad_certificate"
    hint = "--cert names a PEM file with the certificate (and what signed it), --key one with its key, not encrypted."


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate on the disk.

    Attributes:
        cert, key: PEM files.
        fingerprint: SHA-256, as browsers show it: ``AB:CD:…``.
        ends_at: in UTC.
        names: host names and addresses that it is for.
        self_signed: nobody else vouches for it.
    """

    cert: Path
    key: Path
    fingerprint: str
    ends_at: datetime
    names: frozenset[str]
    self_signed: bool

    def context(self) -> ssl.SSLContext:
        """For a server.

        Raises:
            BadCertificate: the two do not belong together, or the key has a password.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        # WebSockets upgrade HTTP/1.1.
        context.set_alpn_protocols(["http/1.1"])
        self.load_into(context)
        return context

    def load_into(self, context: ssl.SSLContext) -> None:
        """Serve this one to new connections from now on; raises as `context`."""
        try:
            context.load_cert_chain(self.cert, self.key, password=_no_password)
        except (OSError, ssl.SSLError, ValueError) as error:
            raise BadCertificate(f"The certificate cannot be used: {_reason(error)}.") from error


def read_certificate(cert: Path, key: Path) -> Certificate:
    """A certificate that the person has.

    Raises:
        BadCertificate: it cannot be read, or has ended.
    """
    try:
        found = x509.load_pem_x509_certificate(cert.read_bytes())
    except (OSError, ValueError) as error:
        raise BadCertificate(f"{cert} holds no certificate: {_reason(error)}.") from error
    made = _certificate(found, cert, key)
    if made.ends_at <= datetime.now(UTC):
        raise BadCertificate(f"The certificate in {cert} ended on {made.ends_at:%Y-%m-%d}.", hint="Renew it.")
    made.context()
    return made


def own_certificate(data_folder: Path, names: Collection[str]) -> Certificate:
    """The bridge's own certificate, made or made anew where there is none for these names, or it ends soon.

    Args:
        data_folder: it is kept there; the key is for its owner's eyes only.
        names: host names and addresses, the first is the certificate's own name.

    Raises:
        BadCertificate: it cannot be kept.
    """
    folder = data_folder / _FOLDER
    known = kept_certificate(data_folder)
    if known is not None and known.names >= set(names) and known.ends_at - datetime.now(UTC) > RENEW_BEFORE:
        return known
    key = ec.generate_private_key(ec.SECP256R1())
    cert = _signed(key, tuple(dict.fromkeys(names)))
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # The key first: a certificate beside another's key is found out by `kept_certificate`.
        _write(folder / _KEY, secret)
        _write(folder / _CERT, cert.public_bytes(serialization.Encoding.PEM))
    except OSError as error:
        raise BadCertificate(
            f"No certificate can be kept in {folder}: {_reason(error)}.", hint="Check the folder and its space."
        ) from error
    return _certificate(cert, folder / _CERT, folder / _KEY)


def kept_certificate(data_folder: Path) -> Certificate | None:
    """The bridge's own certificate, whatever it is for; None: there is none, or it cannot be used."""
    cert, key = data_folder / _FOLDER / _CERT, data_folder / _FOLDER / _KEY
    try:
        found = _certificate(x509.load_pem_x509_certificate(cert.read_bytes()), cert, key)
        found.context()
    except (OSError, ValueError, BadCertificate):
        return None
    return found


def _signed(key: ec.EllipticCurvePrivateKey, names: tuple[str, ...]) -> x509.Certificate:
    now = datetime.now(UTC)
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, names[0][:64]),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Inlay, made on this machine"),
        ]
    )
    usage = x509.KeyUsage(
        digital_signature=True, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCKS)
        .not_valid_after(now + LIFE)
        .add_extension(x509.SubjectAlternativeName([_general(one) for one in names]), critical=False)
        # It signs nothing else: whoever lets a browser trust it trusts this one server.
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _certificate(found: x509.Certificate, cert: Path, key: Path) -> Certificate:
    names: set[str] = set()
    try:
        said = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        names |= set(said.get_values_for_type(x509.DNSName))
        names |= {str(address) for address in said.get_values_for_type(x509.IPAddress)}
    except x509.ExtensionNotFound:
        pass
    digest = found.fingerprint(hashes.SHA256()).hex().upper()
    return Certificate(
        cert=cert,
        key=key,
        fingerprint=":".join(digest[start : start + 2] for start in range(0, len(digest), 2)),
        ends_at=found.not_valid_after_utc,
        names=frozenset(names),
        self_signed=found.subject == found.issuer,
    )


def _write(path: Path, data: bytes) -> None:
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    part.replace(path)


def _no_password() -> bytes:
    """Nobody is asked on a terminal that may not be there."""
    return b""


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        return (error.reason or "not a key and its certificate").replace("_", " ").lower()
    return error.strerror or "unreadable" if isinstance(error, OSError) else "not PEM"
