from __future__ import annotations

import os
import ssl
import stat
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bridge.access import certificate as certificates
from bridge.access.certificate import BadCertificate, kept_certificate, own_certificate, read_certificate

NAMES = ("studio", "studio.local", "192.0.2.7", "2001:db8::7")


def test_one_of_its_own_is_for_the_names_and_for_this_server_alone(tmp_path: Path):
    made = own_certificate(tmp_path, NAMES)
    assert made.names == set(NAMES) and made.self_signed
    assert timedelta(days=396) < made.ends_at - datetime.now(UTC) <= timedelta(days=397)
    found = x509.load_pem_x509_certificate(made.cert.read_bytes())
    assert not found.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    der = ssl.PEM_cert_to_DER_cert(made.cert.read_text())
    assert made.fingerprint.replace(":", "").lower() == sha256(der).hexdigest()


@pytest.mark.skipif(os.name != "posix", reason="permissions")
def test_its_key_is_for_its_owners_eyes_only(tmp_path: Path):
    made = own_certificate(tmp_path, NAMES)
    assert stat.S_IMODE(made.key.stat().st_mode) == 0o600
    assert stat.S_IMODE(made.key.parent.stat().st_mode) == 0o700


def test_it_stays_the_same_so_that_a_browser_that_was_told_to_trust_it_goes_on(tmp_path: Path):
    made = own_certificate(tmp_path, NAMES)
    assert own_certificate(tmp_path, NAMES) == made == kept_certificate(tmp_path)
    assert own_certificate(tmp_path, NAMES[:2]) == made, "an address that is gone for a while changes nothing"


def test_it_is_made_anew_for_another_address_before_it_ends_and_when_it_is_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    seen = {own_certificate(tmp_path, NAMES).fingerprint}
    seen.add(own_certificate(tmp_path, (*NAMES, "192.0.2.8")).fingerprint)
    assert len(seen) == 2
    monkeypatch.setattr(certificates, "RENEW_BEFORE", timedelta(days=398))
    seen.add(own_certificate(tmp_path, NAMES).fingerprint)
    monkeypatch.undo()
    assert len(seen) == 3
    (tmp_path / "tls" / "key.pem").write_bytes(b"nonsense")
    assert kept_certificate(tmp_path) is None
    seen.add(own_certificate(tmp_path, NAMES).fingerprint)
    assert len(seen) == 4


def test_another_ones_key_is_found_out(tmp_path: Path):
    own_certificate(tmp_path, NAMES)
    other = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "tls" / "key.pem").write_bytes(other)
    assert kept_certificate(tmp_path) is None
    with pytest.raises(BadCertificate, match="key"):
        read_certificate(tmp_path / "tls" / "cert.pem", tmp_path / "tls" / "key.pem")


def test_a_key_with_a_password_is_refused_and_nobody_is_asked(tmp_path: Path):
    made = own_certificate(tmp_path, NAMES)
    key = serialization.load_pem_private_key(made.key.read_bytes(), None)
    locked = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"secret")
    )
    made.key.write_bytes(locked)
    with pytest.raises(BadCertificate):
        read_certificate(made.cert, made.key)


def test_what_is_no_certificate_or_has_ended_is_said_to_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(BadCertificate, match="holds no certificate"):
        read_certificate(tmp_path / "nothing.pem", tmp_path / "nothing.pem")
    (tmp_path / "text.pem").write_text("hello")
    with pytest.raises(BadCertificate, match="holds no certificate"):
        read_certificate(tmp_path / "text.pem", tmp_path / "text.pem")
    monkeypatch.setattr(certificates, "LIFE", timedelta(seconds=-1))
    made = own_certificate(tmp_path, NAMES)
    with pytest.raises(BadCertificate, match="ended on"):
        read_certificate(made.cert, made.key)
