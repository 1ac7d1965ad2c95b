"""`inlay comments`, `inlay invite` and `inlay invites`, as a person runs them beside a bridge that serves."""

from __future__ import annotations

import asyncio
import json
import logging
import webbrowser
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
import structlog
from support.idle import IdleEngine
from support.pictures import RGB8, picture
from typer.testing import CliRunner, Result

from bridge.cli.app import app
from bridge.client import InlayClient, Layer, NotConnected, Review, join
from bridge.compose import Bridge, running_bridge
from bridge.errors import BadSpan, FileError, NotFound
from bridge.files import Picture, write_picture
from bridge.grid import assemble
from bridge.history.store import History
from bridge.local import _write_notice
from bridge.settings import Settings
from engine.geometry import PixelRect

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass
class Desk:
    """A bridge that serves, and the document “poster” in it."""

    bridge: Bridge
    folder: Path
    layer: Layer

    async def inlay(self, *arguments: str | Path) -> Result:
        """Run a command in a thread of this process: a process of its own takes seconds to start."""
        known = {"INLAY_DATA_FOLDER": str(self.folder), "COLUMNS": "120"}
        return await asyncio.to_thread(CliRunner().invoke, app, [str(each) for each in arguments], env=known)


@pytest.fixture(autouse=True)
def log() -> Iterator[None]:
    """Commands set the log up; the next test has it as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


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
    assert done.exit_code == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "[bold]Poster[/]: 2 comments"
    assert "this machine: Is the [red]cuff[/red] too dark?" in lines[2]
    assert "at 10,20, resolved by this machine" in lines[2]
    assert lines[3].startswith("  ↳ ") and lines[3].endswith("this machine: A little.")


async def test_comments_are_written_for_other_programs(desk: Desk, tmp_path: Path):
    path = tmp_path / "comments.jsonld"
    done = await desk.inlay("comments", desk.layer.document_id, "-o", path)
    assert done.exit_code == 0, done.stderr
    made = json.loads(path.read_text(encoding="utf-8"))
    assert made["total"] == 2
    assert made["first"]["items"][0]["body"]["value"] == "Is the [red]cuff[/red]\ntoo dark?"
    assert made["first"]["items"][1]["motivation"] == "replying"


async def test_what_cannot_be_shown_or_written_is_said(desk: Desk, tmp_path: Path):
    done = await desk.inlay("comments", "nothing.png")
    assert isinstance(done.exception, NotFound) and "no such document" in str(done.exception)
    done = await desk.inlay("comments", "poster", "-o", tmp_path / "no" / "such" / "folder.json")
    assert isinstance(done.exception, FileError) and "cannot be written" in str(done.exception)


async def test_somebody_is_invited_comes_in_and_is_put_out_again(desk: Desk):
    done = await desk.inlay("invite", "poster", "--role", "approver", "--name", "[b]Bob[/b]", "--expires", "7d")
    assert done.exit_code == 0, done.stderr
    link = done.stdout.strip()
    assert link.startswith(f"http://localhost:{desk.bridge.port}/join#")
    assert "approver of" in done.stderr and "for [b]Bob[/b], until " in done.stderr
    joined = await join(link)
    assert (joined.name, joined.role) == ("[b]Bob[/b]", "approver")
    listed = await desk.inlay("invites", "poster")
    assert listed.exit_code == 0, listed.stderr
    assert listed.stdout.count("[b]Bob[/b]") == 2 and "until " in listed.stdout
    invite_id = done.stderr.split("--revoke ")[1].split()[0]
    gone = await desk.inlay("invites", "poster", "--revoke", invite_id)
    assert "taken back" in gone.stdout and gone.stdout.count("[b]Bob[/b]") == 1


async def test_the_page_of_a_document_is_opened_by_a_link_for_oneself(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    opened: list[str] = []

    def shows(link: str) -> bool:
        opened.append(link)
        return True

    monkeypatch.setattr(webbrowser, "open", shows)
    done = await desk.inlay("review", "poster")
    assert done.exit_code == 0, done.stderr
    link = done.stdout.strip()
    assert opened == [link]
    assert link.startswith(f"http://localhost:{desk.bridge.port}/d/{desk.layer.document_id}#k=")
    joined = await join(link.replace("#k=", "#"))
    assert (joined.document_id, joined.role) == (desk.layer.document_id, "owner")

    only = await desk.inlay("review", "--no-browser")
    assert only.exit_code == 0 and only.stdout.strip() not in ("", link) and opened == [link]
    assert "within two minutes" in only.stderr


async def test_a_files_whole_picture_is_shared_with_its_page_as_the_version_that_it_shows(desk: Desk, tmp_path: Path):
    photo = tmp_path / "photo.png"
    for pixels in (picture(90, 140), 255 - picture(90, 140)):  # the second time with what was painted since
        write_picture(photo, Picture(pixels, RGB8, None))
        done = await desk.inlay("review", photo, "--no-browser")
        assert done.exit_code == 0, done.stderr
        beside = await History.open(desk.folder, durable=False)
        document_id = done.stdout.split("/d/")[1].split("#")[0]
        (layer,) = await beside.versions.layers(document_id)
        canvas = await beside.versions.canvas_at(layer.head_version_id)
        held = await beside.blobs.get_many(canvas.tiles.values())
        await beside.close()
        tiles = {cell: held[key] for cell, key in canvas.tiles.items()}
        assert (assemble(tiles, canvas.size.rect, canvas.size.rect, RGB8) == pixels).all()
    write_picture(photo, Picture(picture(50, 60), RGB8, None))
    done = await desk.inlay("review", photo, "--no-browser")
    assert done.exit_code == 0 and "another size" in done.stderr and document_id in done.stdout


async def test_without_a_bridge_that_serves_there_is_no_page(desk: Desk, tmp_path: Path):
    done = await desk.inlay("review", "poster", "--data", tmp_path)
    assert isinstance(done.exception, NotConnected) and "inlay serve" in done.exception.hint


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("invite", "poster", "--role", "owner"), SystemExit),
        (("invite", "poster", "--expires", "soon"), BadSpan),
        (("invite", "poster", "--expires", "99w"), BadSpan),
        (("invite", "nothing.png"), NotFound),
        (("invites", "poster", "--revoke", "nothing"), NotFound),
    ],
)
async def test_invites_that_cannot_be_are_refused(desk: Desk, arguments: tuple[str, ...], error: type[Exception]):
    done = await desk.inlay(*arguments)
    assert done.exit_code != 0 and isinstance(done.exception, error)
