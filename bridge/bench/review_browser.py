"""The page in a real browser, for `bridge.bench.review`: Node runs Chromium through Playwright, where both are."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from urllib.parse import urlsplit

from bridge.bench.base import BenchOptions
from bridge.bench.child import Child
from bridge.bench.review_team import Team
from bridge.client import InlayClient
from bridge.protocol import messages as m

# Beside the sources: the plugins' packages are no part of an installed wheel.
_PLAYWRIGHT = Path(__file__).parents[2] / "plugins" / "node_modules" / "playwright-core"
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
_REPEATS, _QUICK_REPEATS = 7, 2
_SCROLL_MS, _QUICK_SCROLL_MS = 5_000, 1_500
_TIMEOUT_S = 240


@dataclass(frozen=True, slots=True)
class Scrolled:
    """A list that was scrolled.

    Attributes:
        frames_ms: from each frame to the next.
        work_ms: what the page's main thread did meanwhile, all together.
    """

    frames_ms: tuple[float, ...]
    work_ms: float


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of the page.

    Attributes:
        usable_ms: of each visit: until the tree, the picture and comments were there to be pressed.
        nodes: elements of the page at the end.
    """

    usable_ms: tuple[float, ...]
    tree: Scrolled
    comments: Scrolled
    nodes: int


def look(child: Child, team: Team, options: BenchOptions) -> Seen | None:
    """Open the page and scroll in it; None, and why is noted, where there is no browser to do it with."""
    node, chromium = shutil.which("node"), _chromium()
    if node is None or chromium is None or not _PLAYWRIGHT.is_dir():
        missing = (
            "Node" if node is None else "Chromium" if chromium is None else "playwright-core in plugins/node_modules"
        )
        options.note(f"The page was not looked at: there is no {missing}. Its figures are missing.")
        return None
    wanted = {
        "playwright": str(_PLAYWRIGHT),
        "chromium": chromium,
        "link": asyncio.run(_link(child, team)),
        "repeats": _QUICK_REPEATS if options.quick else _REPEATS,
        "scrollMs": _QUICK_SCROLL_MS if options.quick else _SCROLL_MS,
    }
    script = resources.files("bridge.bench").joinpath("review_page.mjs")
    with tempfile.TemporaryDirectory() as folder, resources.as_file(script) as program:
        asked = Path(folder) / "options.json"
        asked.write_text(json.dumps(wanted), encoding="utf-8")
        try:
            ran = subprocess.run(  # noqa: S603
                [node, str(program), str(asked)], capture_output=True, text=True, timeout=_TIMEOUT_S, check=False
            )
        except subprocess.TimeoutExpired:
            options.note("The page was never usable; its figures are missing.")
            return None
    if ran.returncode != 0:
        options.note(f"The browser failed: {ran.stderr[-1000:]}")
        return None
    said = json.loads(ran.stdout.splitlines()[-1])
    return Seen(
        tuple(said["usableMs"]),
        Scrolled(tuple(said["tree"]["frames"]), said["tree"]["workMs"]),
        Scrolled(tuple(said["comments"]["frames"]), said["comments"]["workMs"]),
        said["nodes"],
    )


def _chromium() -> str | None:
    return next((found for name in _BROWSERS if (found := shutil.which(name)) is not None), None)


async def _link(child: Child, team: Team) -> str:
    """Opens the page as the document's owner, once."""
    async with await InlayClient.connect(child.address, team.tokens[0], "bench review") as client:
        made = await client.request(lambda number: m.LinkMake(id=number, document_id=team.document_id), m.LinkIs)
    return f"http://localhost:{urlsplit(child.address).port}/d/{team.document_id}#k={made.token}"
