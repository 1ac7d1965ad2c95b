"""Signed content credentials (C2PA) in an exported picture: that Inlay opened it and edited it, and how.

Signed with the certificate and the key that the settings name, by c2pa-python (the extra ``credentials``); nothing goes
over the network unless a time-stamp server is set. Neither words nor names are in it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from bridge.takeaway.errors import CannotSign
from bridge.takeaway.origins import Origin, uri_of

_ORIGINAL = "original"
_CURVES = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}
_NO_PACKAGE = "Install it: `python -m pip install 'inlay[credentials]'`."
_BAD_KEY = "Set a key in PEM without a password: EC, Ed25519 or RSA."


@dataclass(frozen=True, slots=True)
class Signing:
    """With what to sign.

    Attributes:
        certificates: PEM file, the signer's certificate first, then those that lead to the root.
        key: PEM file of the private key, without a password.
        time_stamps: address of an RFC 3161 server; None: nobody is asked.
    """

    certificates: Path
    key: Path
    time_stamps: str | None = None


def sign(
    path: Path, signed: Path, mime: str, tool: tuple[str, str], origins: Sequence[Origin | None], by: Signing
) -> None:
    """Write the picture at ``path`` with credentials to ``signed``. Blocks.

    Args:
        path, signed: the picture as it is, and the new file.
        mime: what kind of picture.
        tool: the program's name and version.
        origins: of the edits, see `bridge.takeaway.origins`; none: it was only opened.
        by: with what.

    Raises:
        CannotSign: the package is not there, or certificate and key do not do; the message says which.
    """
    c2pa = _package()
    try:
        certificates, key = by.certificates.read_bytes(), by.key.read_bytes()
    except OSError as error:
        raise CannotSign(f"The certificate or its key cannot be read: {error.strerror}.") from None
    try:
        info = c2pa.C2paSignerInfo(_algorithm(key), certificates, key, by.time_stamps)
        quiet = c2pa.Context.from_dict({"builder": {"thumbnail": {"enabled": False}}})
        with (
            quiet,
            c2pa.Signer.from_info(info) as signer,
            c2pa.Builder(json.dumps(_manifest(mime, tool, origins)), quiet) as builder,
            path.open("rb") as source,
            signed.open("w+b") as target,
        ):
            builder.sign(signer, mime, source, target)
    except c2pa.C2paError as error:
        raise CannotSign(f"The content credentials cannot be signed: {str(error)[:200]}.") from None


def _manifest(mime: str, tool: tuple[str, str], origins: Sequence[Origin | None]) -> dict[str, object]:
    name, version = tool
    agent = {"name": name, "version": version}
    actions: list[dict[str, object]] = [{"action": "c2pa.opened", "parameters": {"ingredientIds": [_ORIGINAL]}}]
    for origin in dict.fromkeys(origins):
        if origin is None:
            continue
        actions.append({"action": "c2pa.edited", "digitalSourceType": uri_of(origin), "softwareAgent": agent})
    return {
        "claim_generator_info": [agent],
        "format": mime,
        # What the design program had; its file never was at the bridge, so it is named and not hashed.
        "ingredients": [
            {"title": "Original layer", "relationship": "parentOf", "label": _ORIGINAL, "instance_id": _ORIGINAL}
        ],
        "assertions": [{"label": "c2pa.actions", "data": {"actions": actions}}],
    }


@cache
def _package() -> ModuleType:
    try:
        import c2pa  # noqa: PLC0415 -- an extra; it loads a library of 20 MB
    except ImportError:
        raise CannotSign("c2pa-python is not installed.", hint=_NO_PACKAGE) from None
    return c2pa


def _algorithm(pem: bytes) -> str:
    """What C2PA calls the way in which such a key signs."""
    try:
        key = load_pem_private_key(pem, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise CannotSign("The key cannot be read.", hint=_BAD_KEY) from None
    match key:
        case ec.EllipticCurvePrivateKey() if key.curve.name in _CURVES:
            return _CURVES[key.curve.name]
        case ed25519.Ed25519PrivateKey():
            return "ed25519"
        case rsa.RSAPrivateKey():
            return "ps256"
        case _:
            raise CannotSign("C2PA knows no way to sign with such a key.", hint=_BAD_KEY)
