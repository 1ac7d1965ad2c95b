"""`inlay doctor`: whether all that Inlay needs is there; each finding is ok or says what to do."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import platform
import secrets
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import cast

import psutil

from bridge.errors import BridgeError, StorageBusy
from bridge.history.store import DATABASE, History
from bridge.local import find_bridge, hold_data_folder
from bridge.settings import Settings
from bridge.weights.errors import INSTALL
from bridge.weights.shelf import Shelf
from engine.host import HOME

_LEAST_ROOM_BYTES = 1 << 30
_TORCH_TIMEOUT_S = 180
# Asked in a process of its own: the command line must never wait for torch unless it has to, nor fall with it.
_ASK_TORCH = (
    "import json, torch; from engine.devices import choose_device; "
    "from engine.operations.registry import OPERATIONS, broken_models; "
    "print(json.dumps([torch.__version__, str(choose_device()), sorted(OPERATIONS), broken_models('cpu')]))"
)


_REINSTALL = "Install it again: `python -m pip install --force-reinstall inlay`."


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, what was found, and what to do when it is not ok."""

    what: str
    ok: bool
    found: str
    remedy: str = ""


def examine(settings: Settings) -> list[Finding]:
    """Look at everything; takes some seconds, since torch is imported once in a process of its own."""
    looks: tuple[Callable[[Settings], list[Finding]], ...] = (_python, _torch, _port, _data_folder, _history, _models)
    return [finding for look in looks for finding in look(settings)]


def _python(_: Settings) -> list[Finding]:
    version = platform.python_version()
    ok = (3, 11) <= sys.version_info[:2] <= (3, 13)
    return [Finding("Python", ok, version, "Use Python 3.11, 3.12 or 3.13.")]


def _torch(_: Settings) -> list[Finding]:
    try:
        asked = subprocess.run(  # noqa: S603 -- our own words to our own interpreter
            [sys.executable, "-c", _ASK_TORCH],
            capture_output=True,
            text=True,
            timeout=_TORCH_TIMEOUT_S,
            check=True,
            cwd=HOME,
        )
        answer = json.loads(asked.stdout.splitlines()[-1])
        version, device, operations, broken = cast(tuple[str, str, list[str], list[str]], answer)
    except (subprocess.SubprocessError, OSError, ValueError, IndexError):
        return [Finding("torch", False, "cannot be imported", _REINSTALL)]
    return [
        Finding("torch", True, version),
        Finding("device", True, device),
        Finding("operations", True, ", ".join(operations)),
        Finding(
            "model",
            not broken,
            " ".join(broken) or "exemplar, figure, scale, sight and nano are here",
            _REINSTALL if broken else "",
        ),
    ]


def _port(settings: Settings) -> list[Finding]:
    notice = find_bridge(settings.data_folder)
    if notice is not None:
        return [Finding("bridge", True, f"runs at {notice.address}, process {notice.pid}")]
    taken = [host for host in ("127.0.0.1", "::1") if _is_taken(host, settings.port)]
    if not taken:
        return [Finding("port", True, f"{settings.port} is free; no bridge runs (`inlay serve` starts one)")]
    holder = _holder(settings.port)
    remedy = "End that program, or choose another port: `inlay serve --port 0`, or INLAY_PORT."
    return [Finding("port", False, f"{settings.port} is held by {holder}", remedy)]


def _is_taken(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.settimeout(1.0)
            return probe.connect_ex((host, port)) == 0
    except OSError:
        return False


def _holder(port: int) -> str:
    """Who listens on the port, as far as the system tells."""
    try:
        for one in psutil.net_connections(kind="tcp"):
            if one.status == psutil.CONN_LISTEN and one.laddr and one.laddr.port == port and one.pid:
                return f"{psutil.Process(one.pid).name()} (process {one.pid})"
    except (psutil.Error, OSError):
        pass
    return "another program"


def _data_folder(settings: Settings) -> list[Finding]:
    folder = settings.data_folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f"doctor-{secrets.token_hex(4)}"
        probe.write_bytes(b"x")
        probe.unlink()
        free = shutil.disk_usage(folder).free
    except OSError as error:
        remedy = "Make it writable, or choose another with INLAY_DATA_FOLDER."
        return [Finding("data folder", False, f"{folder}: {error.strerror}", remedy)]
    return [
        Finding("data folder", True, f"{folder} is writable"),
        Finding("disk", free >= _LEAST_ROOM_BYTES, f"{free / 1e9:.1f} GB free", "Make room: at least 1 GB."),
    ]


def _models(settings: Settings) -> list[Finding]:
    """Open models that were pulled; sizes of files tell what is broken at once, `inlay models verify` reads them."""
    shelf = Shelf(settings.models_folder)
    present, broken = shelf.present(), shelf.broken()
    if broken:
        remedy = f"`inlay models verify {broken[0]}` says what is wrong; `inlay models pull {broken[0]}` mends it."
        return [Finding("open models", False, f"not whole: {', '.join(broken)}", remedy)]
    if present and importlib.util.find_spec("diffusers") is None:
        found = f"{', '.join(present)}, but what runs them is not installed"
        return [Finding("open models", False, found, f"`{INSTALL}`")]
    return [Finding("open models", True, ", ".join(present) or "none pulled (`inlay models list`)")]


def _history(settings: Settings) -> list[Finding]:
    """Whether the history opens with this Inlay."""

    async def open_and_close() -> None:
        await (await History.open(settings.data_folder)).close()

    if not (settings.data_folder / DATABASE).exists():
        return [Finding("history", True, "none yet")]
    with ExitStack() as stack:
        try:
            # Whoever opens a history takes its unfinished edits for interrupted: never beside a bridge that works.
            stack.enter_context(hold_data_folder(settings.data_folder))
        except StorageBusy:
            return [Finding("history", True, "in use by a bridge")]
        try:
            asyncio.run(open_and_close())
        except BridgeError as error:
            return [Finding("history", False, str(error), error.hint)]
    return [Finding("history", True, "opens")]
