"""A bridge in a process of its own, as benchmarks measure and kill it.

Run as ``python -m bridge.bench.child FOLDER`` it serves from that folder, prints one JSON line (port, token, process
ids) and ends when its stdin does.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import subprocess
import sys
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil

from bridge import logs
from bridge.compose import running_bridge
from bridge.settings import Settings

_KILOBYTE = 1024


@dataclass(frozen=True, slots=True, eq=False)
class Child:
    """A running bridge.

    Attributes:
        address, token: how to connect.
        server: the bridge's process.
        log: where its log lines go.
    """

    address: str
    token: str
    server: psutil.Process
    log: Path

    @property
    def worker(self) -> psutil.Process | None:
        """The engine's process, None while there is none."""
        with contextlib.suppress(psutil.NoSuchProcess):
            for process in self.server.children():
                if "engine.worker" in process.cmdline():
                    return process
        return None

    def memory(self) -> int:
        """Bytes of memory that the server holds now."""
        return int(self.server.memory_info().rss)

    def peak_memory(self) -> int:
        """The most bytes that the server held since the last `forget_peak` (where the system tells; else now)."""
        return _status_bytes(self.server.pid, "VmHWM") or self.memory()

    def forget_peak(self) -> None:
        """Begin a new peak, where the system can."""
        with contextlib.suppress(OSError):
            Path(f"/proc/{self.server.pid}/clear_refs").write_text("5", encoding="ascii")


@contextlib.contextmanager
def bridge_process(folder: Path, *, durable: bool = True) -> Generator[Child]:
    """A bridge of its own for the length of the block; killed at the end if it does not leave.

    Raises:
        RuntimeError: it did not start; its log tells why.
    """
    log_path = folder / "bridge.log"
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "bridge.bench.child", str(folder), "durable" if durable else "quick"]
    with log_path.open("ab") as log:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log)  # noqa: S603
    try:
        yield _said(process, log_path)
    finally:
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _said(process: subprocess.Popen[bytes], log: Path) -> Child:
    out: IO[bytes] | None = process.stdout
    line = out.readline() if out is not None else b""
    if not line:
        raise RuntimeError(f"the bridge did not start; see {log}")
    said = json.loads(line)
    return Child(said["address"], said["token"], psutil.Process(process.pid), log)


def _status_bytes(pid: int, field: str) -> int | None:
    try:
        for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
            if line.startswith(field):
                return int(line.split()[1]) * _KILOBYTE
    except (OSError, UnicodeDecodeError):
        pass
    return None


async def _serve(folder: Path, durable: bool) -> None:
    async with running_bridge(Settings(data_folder=folder, port=0, durable=durable)) as bridge:
        sys.stdout.write(json.dumps({"address": bridge.address, "token": bridge.local_token}) + "\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.buffer.read)


def _main() -> None:
    logs.configure(level=logging.INFO)
    asyncio.run(_serve(Path(sys.argv[1]), sys.argv[2] == "durable"))


if __name__ == "__main__":
    _main()
