"""That the outside is untouched: photographs at 8, 16 and 32 bit, with and without alpha, through bridge and client."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from bridge.bench.base import Bar, BenchOptions, Figures
from bridge.bench.child import Child, bridge_process
from bridge.bench.photos import check_photographs
from bridge.client import InlayClient
from bridge.compare import changed_outside
from bridge.demo.photos import demo_photos
from engine.api import Alpha, Depth, LayerFormat, Mask, Pixels

NAME = "exact"
SUMMARY = "pixels changed outside the selection over photographs, depths and alpha: must be 0"

_FORMATS = (
    LayerFormat(Depth.U8, 3, Alpha.NONE),
    LayerFormat(Depth.U8, 4, Alpha.STRAIGHT),
    LayerFormat(Depth.U16, 3, Alpha.NONE),
    LayerFormat(Depth.U16, 4, Alpha.PREMULTIPLIED),
    LayerFormat(Depth.F32, 3, Alpha.NONE),
    LayerFormat(Depth.F32, 4, Alpha.STRAIGHT),
)
_SEED = 20261123
_QUICK_PICTURES = 3
# A picture without an object's mask gets a soft disc of this part of its shorter side.
_DISC_OF_SIDE = 0.12
_SOFT_PX = 8.0


def run(options: BenchOptions) -> Figures:
    """Edit every picture in every format; ``quick``: three pictures."""
    with tempfile.TemporaryDirectory() as folder, bridge_process(Path(folder), durable=False) as child:
        edits, changed, kept = asyncio.run(_measure(child, options))
    figures = {"edits": float(edits), "pixels changed outside": float(changed), "edits without effect": float(kept)}
    bars = {
        "pixels changed outside": Bar(float(changed), 0.0),
        "edits without effect": Bar(float(kept), 0.0),
        "edits": Bar(float(edits), float(len(_FORMATS)), at_most=False),
    }
    return Figures(figures, bars)


async def _measure(child: Child, options: BenchOptions) -> tuple[int, int, int]:
    """Number of edits, of pixels changed outside, and of edits that changed nothing inside."""
    edits = changed = kept = 0
    async with await InlayClient.connect(child.address, child.token, "bench exact") as client:
        for number, (name, photo, mask) in enumerate(_pictures()):
            if options.quick and number == _QUICK_PICTURES:
                break
            for format_ in _FORMATS:
                before = in_format(photo, format_, _SEED + number)
                layer = await client.open_layer(f"exact {name} {format_}", before, format_)
                handle = await client.edit(layer, "remove this", mask=mask, seed=number, previews=False)
                after = layer.apply((await handle.result()).patches[0])
                edits += 1
                changed += changed_outside(before, after, mask)
                kept += changed_outside(before, after) == 0
            options.note(f"{name}: {changed} pixels changed outside so far")
    return edits, changed, kept


def in_format(photo: Pixels, format_: LayerFormat, seed: int) -> Pixels:
    """The photograph in a format, with noise below 8 bits and in the alpha, so that every bit counts."""
    rng = np.random.default_rng(seed)
    values = photo.astype(np.float32) / 255 + rng.uniform(0, 1 / 255, photo.shape).astype(np.float32)
    if format_.alpha is not Alpha.NONE:
        alpha = rng.uniform(0.3, 1.0, (*photo.shape[:2], 1)).astype(np.float32)
        values = values * alpha if format_.alpha is Alpha.PREMULTIPLIED else values
        values = np.concatenate([values, alpha], axis=2)
    if format_.depth is Depth.F32:
        return values.astype(np.float32)
    return np.clip(values * format_.depth.white, 0, format_.depth.white).astype(format_.depth.dtype)


def _pictures() -> Iterator[tuple[str, Pixels, Mask]]:
    """Names, H×W×3 uint8 and masks: the demo's, and the check photographs where they are."""
    for photo in demo_photos():
        yield photo.name, photo.pixels, photo.mask
    folder = check_photographs()
    if folder is None:
        return
    for entry in json.loads((folder / "manifest.json").read_text("utf-8"))["images"]:
        path = folder / str(entry["file"])
        pixels = np.array(Image.open(path).convert("RGB"))
        named = entry.get("mask")
        mask = np.array(Image.open(folder / str(named)).convert("L")) if named else _disc(pixels.shape[:2])
        yield path.stem, pixels, mask


def _disc(shape: tuple[int, ...]) -> Mask:
    """A disc with a soft edge in the middle."""
    height, width = shape
    rows, cols = np.ogrid[0:height, 0:width]
    distance = np.sqrt((rows - height / 2) ** 2 + (cols - width / 2) ** 2)
    inside = (_DISC_OF_SIDE * min(height, width) - distance) / _SOFT_PX
    return (np.clip(inside, 0, 1) * 255).astype(np.uint8)
