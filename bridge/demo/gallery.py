"""`inlay demo --gallery`: one real edit of every operation, socket to socket, and a sheet of them all to look at."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from rich.console import Console

from bridge.client import InlayClient, Outcome
from bridge.client.layer import Reference
from bridge.compare import changed_outside
from bridge.compose import running_bridge
from bridge.demo.gallery_sheet import Pair, write_gallery
from bridge.demo.photos import RGB8, demo_photo
from bridge.errors import BridgeError
from bridge.files import Picture, write_picture
from bridge.settings import Settings
from engine.api import Mask, Pixels
from engine.geometry import PixelRect

# Draws a selection for a photograph of (height, width).
Drawn = Callable[[tuple[int, int]], Mask]


@dataclass(frozen=True, slots=True)
class Example:
    """One command as it is typed.

    Attributes:
        operation: of the plan's vocabulary.
        photo: name of a demo photograph. text: the command.
        selection: what is selected; None: nothing is.
        references: names of demo photographs that go along.
        exact_outside: whether the layer keeps its size and format, so that what is outside can be compared.
        close_up_px: a part of the photograph to be shown alone: what is small would not be seen.
    """

    operation: str
    photo: str
    text: str
    selection: Drawn | None = None
    references: tuple[str, ...] = ()
    exact_outside: bool = True
    close_up_px: PixelRect | None = None


def _ellipse(x: int, y: int, across: int, down: int) -> Drawn:
    """An ellipse around (x, y) with these radii, in pixels."""

    def draw(size: tuple[int, int]) -> Mask:
        rows, cols = np.mgrid[: size[0], : size[1]]
        inside = ((cols - x) / across) ** 2 + ((rows - y) / down) ** 2 <= 1
        return np.where(inside, np.uint8(255), np.uint8(0))

    return draw


def _without(outer: Drawn, *inner: Drawn) -> Drawn:
    def draw(size: tuple[int, int]) -> Mask:
        out = outer(size)
        for one in inner:
            out = np.minimum(out, 255 - one(size))
        return np.asarray(out, np.uint8)

    return draw


def _everything(size: tuple[int, int]) -> Mask:
    return np.full(size, 255, np.uint8)


def _outline(*points: tuple[int, int]) -> Drawn:
    def draw(size: tuple[int, int]) -> Mask:
        drawing = Image.new("L", (size[1], size[0]), 0)
        ImageDraw.Draw(drawing).polygon(list(points), fill=255)
        return np.array(drawing)

    return draw


# Outlines a designer would draw: a little generous.
_ROCKET = _outline((300, 118), (345, 118), (350, 404), (288, 404))
_CUP_AND_SAUCER = _ellipse(271, 196, 215, 184)
_RIM = _ellipse(289, 113, 119, 97)
_SPOON = _outline((400, 62), (426, 75), (392, 230), (410, 285), (366, 328), (322, 290), (316, 245), (375, 205))
_CHINA = _without(_ellipse(279, 225, 202, 162), _RIM, _SPOON)

EXAMPLES: tuple[Example, ...] = (
    Example("remove", "rocket", "remove this", _ROCKET),
    Example("replace", "coffee", "fill with autumn leaves", _without(_everything, _CUP_AND_SAUCER)),
    Example("background_remove", "coffee", "remove the background", exact_outside=False),
    Example("background_replace", "coffee", "replace the background with marble"),
    Example("background_blur", "coffee", "blur the background"),
    Example("relight", "cat", "make it warmer and light it from the left"),
    Example("recolour", "coffee", "make this teal", _CHINA),
    Example("adjust", "cat", "sharpen it a lot"),
    Example("extend", "coffee", "make it 16:9", exact_outside=False),
    Example("add_text", "rocket", "write “Lift-off” at the top in bold white"),
    Example("place_image", "rocket", "put image 1 in the bottom right corner at 30% size", references=("cat",)),
    Example("combine", "cat", "put the cup from image 1 at the bottom right", references=("coffee",)),
    Example("restyle", "coffee", "turn it into an oil painting"),
    Example("upscale", "cat", "upscale it 4x", exact_outside=False, close_up_px=PixelRect(110, 80, 210, 147)),
    Example("series", "coffee", "make a series: grass, wooden planks and navy"),
)


async def run_gallery(out: Path, seed: int, console: Console) -> bool:
    """Run every example, write their pictures and ``gallery.png`` to ``out``, tell on the console.

    Returns:
        Whether every edit succeeded and changed nothing outside its selection.
    """
    await asyncio.to_thread(out.mkdir, parents=True, exist_ok=True)
    pairs: list[Pair] = []
    ok = True
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        settings = Settings(data_folder=Path(folder), port=0)
        async with (
            running_bridge(settings) as bridge,
            await InlayClient.connect(bridge.address, bridge.local_token, "inlay gallery") as client,
        ):
            for example in EXAMPLES:
                began = time.perf_counter()
                try:
                    pair, outside = await _shown(client, example, seed, out)
                except BridgeError as error:
                    console.print(f"[red]✗[/] {example.text}: {error} {error.hint}")
                    ok = False
                    continue
                pairs.append(pair)
                ok = ok and outside == 0
                mark = "[green]✓[/]" if outside == 0 else f"[red]✗[/] {outside} pixels changed outside:"
                console.print(f"{mark} {example.text} [dim]{time.perf_counter() - began:.1f} s[/]")
    write_gallery(out / "gallery.png", pairs)
    console.print(f"Look at {out / 'gallery.png'}")
    return ok


async def _shown(client: InlayClient, example: Example, seed: int, out: Path) -> tuple[Pair, int]:
    """The edit before and after (several for a series), and how many pixels changed outside the selection."""
    photo = demo_photo(example.photo)
    mask = None if example.selection is None else example.selection((photo.pixels.shape[0], photo.pixels.shape[1]))
    references = tuple(Reference(demo_photo(name).pixels, RGB8) for name in example.references)
    layer = await client.open_layer(f"gallery {example.operation}", photo.pixels, RGB8, title=example.photo)
    handle = await client.edit(layer, example.text, mask=mask, seed=seed, references=references)
    outcome: Outcome = await handle.result()
    after: list[Pixels] = []
    for patch in outcome.patches:
        layer.pixels, layer.format = photo.pixels, RGB8
        after.append(layer.apply(patch))
        picture = Picture(layer.pixels, layer.format)
        write_picture(
            out / f"{example.operation}{f'-{patch.candidate + 1}' if len(outcome.patches) > 1 else ''}.png", picture
        )
    outside = 0
    if mask is not None and example.exact_outside:
        outside = sum(changed_outside(photo.pixels, one, mask) for one in after)
    return Pair(example.text, photo.pixels, mask, tuple(after), example.close_up_px), outside
