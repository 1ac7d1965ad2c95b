"""`inlay comments`, as a person runs it beside a bridge that serves."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from support.idle import IdleEngine
from support.pictures import RGB8, picture

from bridge.client import InlayClient, Layer, Review
from bridge.compose import Bridge, running_bridge
from bridge.local import _write_notice
from bridge.settings import Settings
from engine.geometry import PixelRect

ROOT = Path(__file__).parent.parent.parent
pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass
class Desk:
    """A bridge that serves, and the document “poster” in it."""

    bridge: Bridge
    folder: Path
    layer: Layer

    async def inlay(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        known = {"INLAY_DATA_FOLDER": str(self.folder), "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "COLUMNS": "120"}
        command = [sys.executable, "-m", "bridge", *map(str, arguments)]
        return await asyncio.to_thread(
            subprocess.run, command, capture_output=True, text=True, timeout=60, env=os.environ | known
        )


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    folder: Path = tmp_path_factory.mktemp("data")
    async with running_bridge(Settings(data_folder=folder, port=0, durable=False), IdleEngine()) as bridge:
        _write_notice(folder, bridge)
        async with await InlayClient.connect(bridge.address, bridge.local_token) as client:
            layer = await client.open_layer("poster", picture(200, 300), RGB8, title="[bold]Poster[/]")
            review = Review(client)
            head = layer.head_version_id
            assert head is not None
            first = await review.comment(head, "Is the [red]cuff[/red]\ntoo dark?", rect_px=PixelRect(10, 20, 40, 60))
            await review.comment(head, "A little.", reply_to=first.comment_id)
            await review.resolve(first.comment_id)
        yield Desk(bridge, folder, layer)


async def test_comments_are_shown_in_threads_as_they_were_typed(desk: Desk):
    done = await desk.inlay("comments", "poster")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "[bold]Poster[/]: 2 comments"
    assert "this machine: Is the [red]cuff[/red] too dark?" in lines[2]
    assert "at 10,20, resolved by this machine" in lines[2]
    assert lines[3].startswith("  ↳ ") and lines[3].endswith("this machine: A little.")


async def test_comments_are_written_for_other_programs(desk: Desk, tmp_path: Path):
    path = tmp_path / "comments.jsonld"
    done = await desk.inlay("comments", desk.layer.document_id, "-o", path)
    assert done.returncode == 0, done.stderr
    made = json.loads(path.read_text(encoding="utf-8"))
    assert made["total"] == 2
    assert made["first"]["items"][0]["body"]["value"] == "Is the [red]cuff[/red]\ntoo dark?"
    assert made["first"]["items"][1]["motivation"] == "replying"


async def test_what_cannot_be_shown_or_written_is_said(desk: Desk, tmp_path: Path):
    done = await desk.inlay("comments", "nothing.png")
    assert done.returncode == 1 and "no such document" in done.stderr
    done = await desk.inlay("comments", "poster", "-o", tmp_path / "no" / "such" / "folder.json")
    assert done.returncode == 1 and "Traceback" not in done.stderr
