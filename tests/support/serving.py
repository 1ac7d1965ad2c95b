"""A bridge in a process of its own, to be killed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

_SERVES = """
import asyncio, sys
from pathlib import Path
from support.idle import IdleEngine
from bridge.compose import running_bridge
from bridge.settings import Settings

async def main(folder):
    async with running_bridge(Settings(data_folder=Path(folder), port=0, durable=False), IdleEngine()) as bridge:
        print(bridge.address, bridge.local_token, flush=True)
        await asyncio.Event().wait()

asyncio.run(main(sys.argv[1]))
"""


class Serving:
    """Sockets and a history, no engine."""

    def __init__(self, folder: Path) -> None:
        environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
        self._process = subprocess.Popen(
            [sys.executable, "-c", _SERVES, str(folder)], stdout=subprocess.PIPE, text=True, env=environment
        )
        assert self._process.stdout is not None
        lines = iter(self._process.stdout.readline, "")
        self.address, self.token = next(line for line in lines if line.startswith("ws://")).split()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
