"""Settings, frozen; the only reader of the environment (``INLAY_…``)."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

import platformdirs
from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

# Fixed, because the plugins' manifests list it; unassigned by IANA and not used by the peers we know.
DEFAULT_PORT = 9417
# Beside it: a port of its own, so that loopback stays plain for the plugins, which cannot trust a certificate.
DEFAULT_LAN_PORT = 9418


def default_data_folder() -> Path:
    """Where this person's programs keep data, on this platform."""
    return Path(platformdirs.user_data_dir("inlay", appauthor=False))


class Settings(BaseSettings):
    """Everything that can be set.

    Attributes:
        data_folder: database, blobs and this machine's own token.
        port: one port for HTTP and WebSocket on 127.0.0.1 and ::1; 0 picks a free one.
        host_names: names beside localhost, 127.0.0.1 and ::1 that a Host header may carry.
        origins: web origins beside our own that may open a socket.
        lan: whether browsers on the local network are let in too; see `bridge.cli.serve` for what it needs.
        lan_port: where they are.
        lan_self_signed: make a certificate for that on this machine.
        lan_cert, lan_key: PEM files of one that there is.
        lan_insecure: without TLS.
        lan_pairing: programs may be paired over the network too.
        public_url: where others reach this bridge, as ``https://review.studio.example``: what invites name.
        trusted_proxies: addresses or networks of reverse proxies whose word on who asks is taken.
        forwarded_headers: which headers those write: ``x-forwarded`` (X-Forwarded-For, -Proto, -Host) or ``forwarded``.
        device: ``cuda``, ``mps``, ``xpu``, ``cpu``, or None to choose.
        threads: CPU threads of the engine, or None to choose.
        edits_at_once: edits that may run at once in the engine, where they share the forwards of their token steps.
        durable: wait for the disk (fsync) before anything is acknowledged.
        tile_cache_bytes: tiles of unchanged surroundings kept in memory, so that they are not sent again.
        edits_per_person: edits of one person that may wait or run at once.
        log_json: log lines as JSON.
        check_photos: photographs for benchmarks to look at.
        models_bytes: of the device's memory, for weights of open models that are kept loaded; None: a share of it.
        models_fast: open models may compute the selection alone: several times faster, and an approximation.
        language_model: address on this machine of a server that speaks OpenAI's chat completions (Ollama:
            ``http://localhost:11434/v1``), asked for plans of words that the rules do not understand; None for none.
        language_model_name: which of its models; empty for the first.
        language_model_seconds: how long it may take.
        models_mirror: address of a mirror of the hub from which open weights are pulled; None: the hub itself.
        models_offline: pull nothing from anywhere.
        credentials_certificate, credentials_key: PEM files, a certificate with its chain and the key to it, with which
            content credentials (C2PA) of exported pictures are signed; None: they are not.
        credentials_time_stamps: address of a time-stamp server (RFC 3161) for them; None: nobody is asked.
    """

    model_config = SettingsConfigDict(env_prefix="INLAY_", frozen=True, extra="forbid")

    data_folder: Path = Field(default_factory=default_data_folder)
    port: Annotated[int, Field(ge=0, le=65535)] = DEFAULT_PORT
    host_names: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    lan: bool = False
    lan_port: Annotated[int, Field(ge=0, le=65535)] = DEFAULT_LAN_PORT
    lan_self_signed: bool = False
    lan_cert: Path | None = None
    lan_key: Path | None = None
    lan_insecure: bool = False
    lan_pairing: bool = False
    public_url: str | None = None
    trusted_proxies: tuple[str, ...] = ()
    forwarded_headers: Literal["x-forwarded", "forwarded"] = "x-forwarded"
    device: str | None = None
    threads: Annotated[int, Field(ge=1, le=256)] | None = None
    edits_at_once: Annotated[int, Field(ge=1, le=64)] = 4
    durable: bool = True
    tile_cache_bytes: Annotated[int, Field(ge=1 << 20)] = 8 << 20
    edits_per_person: Annotated[int, Field(ge=1, le=1000)] = 32
    log_json: bool = False
    check_photos: Path | None = None
    models_bytes: Annotated[int, Field(ge=0)] | None = None
    models_fast: bool = False
    language_model: str | None = None
    language_model_name: str = ""
    language_model_seconds: Annotated[float, Field(gt=0, le=60)] = 4.0
    models_mirror: str | None = None
    models_offline: bool = False
    credentials_certificate: Path | None = None
    credentials_key: Path | None = None
    credentials_time_stamps: str | None = None

    @property
    def models_folder(self) -> Path:
        """Where open weights lie."""
        return self.data_folder / "models"

    @field_validator("trusted_proxies")
    @classmethod
    def _are_addresses(cls, addresses: tuple[str, ...]) -> tuple[str, ...]:
        for address in addresses:
            ip_network(address)
        return addresses

    @field_validator("public_url")
    @classmethod
    def _is_address(cls, address: str | None) -> str | None:
        if not address:
            return None
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/"):
            raise ValueError("the public address is like https://review.studio.example")
        return f"{parts.scheme}://{parts.netloc}"

    @field_validator("models_mirror")
    @classmethod
    def _is_mirror(cls, address: str | None) -> str | None:
        if not address:
            return None
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.username:
            raise ValueError("the mirror's address is like https://hub.studio.example")
        return address

    @field_validator("language_model")
    @classmethod
    def _on_this_machine(cls, address: str | None) -> str | None:
        """Commands are the designer's own: they do not leave the machine."""
        if not address:
            return None
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or parts.hostname not in ("localhost", "127.0.0.1", "::1"):
            raise ValueError("the language model's address must be on this machine, like http://localhost:11434/v1")
        return address

    @model_validator(mode="after")
    def _both_or_neither(self) -> Self:
        if (self.credentials_certificate is None) != (self.credentials_key is None):
            raise ValueError("content credentials want both a certificate and its key")
        return self
