"""A bridge in a process of its own, to be killed; its engine paints at once, everything else is the real thing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
_SERVES = """
import asyncio, sys
from pathlib import Path
from support.painting import PaintingEngine
from bridge.compose import running_bridge
from bridge.settings import Settings

async def main(folder):
    async with running_bridge(Settings(data_folder=Path(folder), port=0, durable=False), PaintingEngine()) as bridge:
        print(bridge.address, bridge.local_token, flush=True)
        await asyncio.Event().wait()

asyncio.run(main(sys.argv[1]))
"""


class Serving:
    """Serves from a folder until it is killed; blocks until it listens."""

    def __init__(self, folder: Path) -> None:
        environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
        self._process = subprocess.Popen(
            [sys.executable, "-c", _SERVES, str(folder)], stdout=subprocess.PIPE, text=True, env=environment
        )
        assert self._process.stdout is not None
        lines = iter(self._process.stdout.readline, "")
        self.address, self.token = next(line for line in lines if line.startswith("ws://")).split()

    def kill(self) -> None:
        """As `kill -9` does."""
        self._process.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
