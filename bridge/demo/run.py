"""The demo: a real bridge on a free port, the real client over a real socket, three photographs, then their history."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from rich import box
from rich.console import Console
from rich.progress import BarColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as ProgressBar
from rich.table import Table

from bridge.cli.tree import version_tree
from bridge.client import InlayClient, Layer, Outcome, Planned, Progress
from bridge.compare import changed_outside
from bridge.compose import running_bridge
from bridge.demo.photos import RGB8, DemoPhoto, demo_photos
from bridge.demo.sheet import Row, write_sheet
from bridge.errors import BridgeError
from bridge.files import Picture, write_picture
from bridge.settings import Settings
from engine.api import Alpha, Depth, LayerFormat, Pixels

_TEXT = "remove this"
_GREY8 = LayerFormat(Depth.U8, 1, Alpha.NONE)


@dataclass(frozen=True, slots=True, eq=False)
class _Done:
    """One edit of the demo."""

    photo: DemoPhoto
    layer: Layer
    after: Pixels
    outcome: Outcome

    @property
    def changed_outside(self) -> int:
        return changed_outside(self.photo.pixels, self.after, self.photo.mask)


async def run_demo(out: Path, seed: int, console: Console) -> bool:
    """Run it all, write the pictures to ``out`` and tell on the console.

    Returns:
        Whether every edit succeeded, nothing outside changed, and the history gave back what it was asked for.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        settings = Settings(data_folder=Path(folder), port=0)
        async with running_bridge(settings) as bridge, _bar(console) as bar:
            console.print(f"A bridge of its own at {bridge.address}, its history in a temporary folder.")
            starting = bar.add_task("starting the engine", total=None)
            info = await bridge.engine.info()
            bar.remove_task(starting)
            console.print(f"The engine is ready: {info.device}, torch {info.torch_version}.")
            async with await InlayClient.connect(bridge.address, bridge.local_token, "inlay demo") as client:
                done = [await _edit(client, photo, seed, bar) for photo in demo_photos()]
                _write(done, out)
                console.print(_table(done))
                ok = all(one.changed_outside == 0 for one in done)
                return await _history(client, done[0], seed, bar, console) and ok


async def _edit(client: InlayClient, photo: DemoPhoto, seed: int, bar: ProgressBar) -> _Done:
    layer = await client.open_layer(f"demo {photo.name}", photo.pixels, RGB8, title=photo.name)
    outcome = await _followed(client, layer, photo, seed, bar)
    return _Done(photo, layer, layer.apply(outcome.patches[0]), outcome)


async def _followed(client: InlayClient, layer: Layer, photo: DemoPhoto, seed: int, bar: ProgressBar) -> Outcome:
    task: TaskID = bar.add_task(f"{photo.name}: {_TEXT} ({photo.what})", total=1.0)
    handle = await client.edit(layer, _TEXT, mask=photo.mask, seed=seed)
    async for event in handle.events():
        match event:
            case Planned(says=says):
                bar.console.print(f"[dim]{photo.name}: {' '.join(says)}[/]")
            case Progress(fraction=fraction):
                bar.update(task, completed=fraction)
            case _:
                pass
    outcome = await handle.result()
    bar.update(task, completed=1.0)
    return outcome


def _write(done: list[_Done], out: Path) -> None:
    """Before, mask and after of each, and one sheet of all to look at."""
    for one in done:
        mask = Picture(one.photo.mask[..., None], _GREY8)
        pictures = {"before": Picture(one.photo.pixels, RGB8), "mask": mask, "after": Picture(one.after, RGB8)}
        for name, picture in pictures.items():
            write_picture(out / f"{one.photo.name}-{name}.png", picture)
    rows = [Row(one.photo.name, one.photo.pixels, one.photo.mask, one.after) for one in done]
    write_sheet(out / "contact-sheet.png", rows)


def _table(done: list[_Done]) -> Table:
    table = Table(title="Three edits, socket to socket", box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("photo", no_wrap=True)
    for column in ("pixels", "preview", "total", "up", "down", "outside"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("version", no_wrap=True)
    for one in done:
        preview_s = one.outcome.first_preview_s
        table.add_row(
            one.photo.name,
            f"{int((one.photo.mask > 0).sum()):,}",
            "–" if preview_s is None else f"{preview_s * 1000:.0f} ms",
            f"{one.outcome.seconds * 1000:.0f} ms",
            f"{one.outcome.bytes_up / 1000:.0f} kB",
            f"{one.outcome.bytes_down / 1000:.0f} kB",
            f"{one.changed_outside}",
            one.outcome.versions[0].version_id,
        )
    table.caption = "preview: the first · outside: pixels changed outside the selection"
    return table


async def _history(client: InlayClient, first: _Done, seed: int, bar: ProgressBar, console: Console) -> bool:
    """Another seed, undo, redo, a branch; each must show exactly the pixels it showed before."""
    layer, photo = first.layer, first.photo
    checks: dict[str, bool] = {}

    outcome = await _followed(client, layer, photo, seed + 1, bar)
    second = layer.apply(outcome.patches[0])
    checks["nothing outside changed with another seed either"] = changed_outside(photo.pixels, second, photo.mask) == 0
    await client.undo(layer)
    checks["undo shows the first result again"] = changed_outside(first.after, layer.pixels) == 0
    await client.redo(layer)
    checks["redo shows the second"] = changed_outside(second, layer.pixels) == 0
    tree = await client.tree(layer)
    await client.restore(layer, tree[0].version_id)
    checks["restoring the source shows the photograph"] = changed_outside(photo.pixels, layer.pixels) == 0
    branch = await _followed(client, layer, photo, seed + 2, bar)
    layer.apply(branch.patches[0])
    versions = await client.tree(layer)
    checks["an edit from there is a branch"] = branch.versions[0].parent_id == tree[0].version_id

    console.print(version_tree(f"{photo.name}: its versions", versions, layer.head_version_id))
    for what, holds in checks.items():
        console.print(f"{'[green]✓[/]' if holds else '[red]✗[/]'} {what}")
    return all(checks.values())


@asynccontextmanager
async def _bar(console: Console) -> AsyncGenerator[ProgressBar]:
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with ProgressBar(*columns, console=console) as bar:
        yield bar


async def demo(out: Path, seed: int, console: Console) -> bool:
    """`run_demo`, with an end in words.

    Returns:
        As `run_demo`; False also when an edit failed.
    """
    began = time.perf_counter()
    await asyncio.to_thread(out.mkdir, parents=True, exist_ok=True)
    try:
        ok = await run_demo(out, seed, console)
    except BridgeError as error:
        console.print(f"[red]✗[/] {error} {error.hint}", markup=True)
        return False
    if ok:
        seconds = time.perf_counter() - began
        console.print(f"[bold green]All of it worked[/] in {seconds:.1f} s. Look at {out / 'contact-sheet.png'}")
    return ok
