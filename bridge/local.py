"""The bridge of this machine: one a data folder, found by what it leaves there, or started for one job.

While a bridge serves, ``bridge.json`` in the data folder says where, and shows the pairing code to whoever may read
that folder: its owner. ``bridge.lock`` keeps two bridges from one folder; it is let go when its process ends, however
it ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import os
import sqlite3
import time
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from pydantic import BaseModel, ConfigDict, ValidationError

from bridge.access.local import read_local_token
from bridge.compose import Bridge, running_bridge
from bridge.errors import StorageBusy
from bridge.history.disk import disk_errors, make_private_folder
from bridge.server import NAME
from bridge.settings import Settings

_NOTICE = "bridge.json"
_LOCK = "bridge.lock"
_HEALTH_TIMEOUT_S = 2.0
_HEALTH_BYTES = 4096
# How often a code that was used or grew old is looked for.
_CODE_CHECK_S = 0.5
_LOCK_CHECK_S = 0.2
_OWNER_ONLY = 0o600


class Notice(BaseModel):
    """What a serving bridge says of itself in its data folder.

    Attributes:
        code: the pairing code.
        code_ends: when it stops working, in seconds since 1970.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")

    port: int
    pid: int
    code: str
    code_ends: float

    @property
    def address(self) -> str:
        return f"ws://localhost:{self.port}/ws"


class _Health(BaseModel):
    name: str


@dataclass(frozen=True, slots=True)
class Access:
    """Where a bridge is and what lets us in; ``own``: it was started for us and ends with us."""

    address: str
    token: str
    own: bool


def find_bridge(data_folder: Path) -> Notice | None:
    """The bridge that serves this data folder now; None when there is none.

    Nothing secret is sent before it is sure that the process that left the notice still listens on that port.
    """
    try:
        notice = Notice.model_validate_json((data_folder / _NOTICE).read_bytes())
    except (OSError, ValidationError):
        return None
    return notice if _listens(notice.pid, notice.port) and _is_healthy(notice.port) else None


@asynccontextmanager
async def serving_bridge(settings: Settings) -> AsyncGenerator[Bridge]:
    """A bridge that others find by `find_bridge`, until the block ends.

    Raises:
        StorageBusy: another bridge uses the data folder.
        PortTaken, StorageError: see `bridge.compose.running_bridge`.
    """
    with hold_data_folder(settings.data_folder):
        async with running_bridge(settings) as bridge:
            _write_notice(settings.data_folder, bridge)
            renewing = asyncio.create_task(_renew_notice(settings.data_folder, bridge), name="pairing code")
            try:
                yield bridge
            finally:
                renewing.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await renewing
                (settings.data_folder / _NOTICE).unlink(missing_ok=True)


@asynccontextmanager
async def any_bridge(settings: Settings, waits: Callable[[], None]) -> AsyncGenerator[Access]:
    """The bridge that runs, or else one of our own on a free port, with the same history, for this block.

    Args:
        settings: of our own, and which data folder is meant.
        waits: called once when another program's own bridge uses the data folder, so that we have to wait for it.

    Raises:
        StorageError: see `bridge.compose.running_bridge`.
    """
    told = False
    while True:
        notice = await asyncio.to_thread(find_bridge, settings.data_folder)
        token = read_local_token(settings.data_folder)
        if notice is not None and token is not None:
            yield Access(notice.address, token, own=False)
            return
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(hold_data_folder(settings.data_folder))
            except StorageBusy:
                if not told:
                    waits()
                    told = True
                await asyncio.sleep(_LOCK_CHECK_S)
                continue
            async with running_bridge(settings.model_copy(update={"port": 0, "lan": False})) as bridge:
                yield Access(bridge.address, bridge.local_token, own=True)
            return


@contextmanager
def hold_data_folder(data_folder: Path) -> Generator[None]:
    """Keep every other bridge from the data folder, for this block.

    An exclusive SQLite transaction: a file lock on every system, and the system lets it go when the process dies.

    Raises:
        StorageBusy: another bridge has it.
        StorageError: the folder cannot be used.
    """
    with disk_errors():
        make_private_folder(data_folder)
    connection = sqlite3.connect(data_folder / _LOCK, timeout=0, isolation_level=None)
    try:
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            raise StorageBusy("Another bridge uses the data folder.", hint="`inlay doctor` says which.") from error
        yield
    finally:
        connection.close()


def _write_notice(data_folder: Path, bridge: Bridge) -> None:
    code = bridge.pairing_code()
    notice = Notice(port=bridge.port, pid=os.getpid(), code=code, code_ends=time.time() + bridge.pairing.seconds_left)
    part = data_folder / f"{_NOTICE}.part"
    with disk_errors():
        part.unlink(missing_ok=True)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(notice.model_dump_json())
        part.replace(data_folder / _NOTICE)


async def _renew_notice(data_folder: Path, bridge: Bridge) -> None:
    shown = bridge.pairing_code()
    while True:
        await asyncio.sleep(_CODE_CHECK_S)
        if bridge.pairing_code() != shown:
            shown = bridge.pairing_code()
            # A full disk must not end the bridge; the code on the terminal is right all the same.
            with contextlib.suppress(OSError):
                await asyncio.to_thread(_write_notice, data_folder, bridge)


def _listens(pid: int, port: int) -> bool:
    """Whether that process lives and listens on that port; True when the system does not let us look."""
    try:
        connections = psutil.Process(pid).net_connections(kind="tcp")
    except psutil.NoSuchProcess:
        return False
    except (psutil.Error, OSError):
        return True
    return any(one.status == psutil.CONN_LISTEN and one.laddr and one.laddr.port == port for one in connections)


def _is_healthy(port: int) -> bool:
    connection = http.client.HTTPConnection("localhost", port, timeout=_HEALTH_TIMEOUT_S)
    try:
        connection.request("GET", "/health")
        answer = _Health.model_validate_json(connection.getresponse().read(_HEALTH_BYTES))
    except (OSError, http.client.HTTPException, ValidationError):
        return False
    finally:
        connection.close()
    return answer.name == NAME
