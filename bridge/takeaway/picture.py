"""A version as a picture file: the whole layer as that version shows it, or what it changed; to the bit, in the layer's
own depth, with its own profile. Rows are read and written in bands of one tile's height, so size costs no memory."""

from __future__ import annotations

import asyncio
import concurrent.futures
import io
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

import numpy as np
import tifffile
from PIL import Image

from bridge.errors import StorageDamaged
from bridge.files import MAX_PIXELS
from bridge.grid import assemble, layer_tile_bytes
from bridge.history.canvas import KnownCanvas
from bridge.history.disk import disk_errors
from bridge.history.records import Layer, Version
from bridge.history.store import History
from bridge.protocol.messages import TILE_PX
from bridge.takeaway.credentials import Signing, sign
from bridge.takeaway.errors import CannotSign, NothingToExport, PixelsMissing, UnfitFormat
from bridge.takeaway.origins import Origin, origin_of
from bridge.takeaway.png import write_png
from bridge.takeaway.xmp import packet
from engine.api import Alpha, Depth, LayerFormat, Pixels
from engine.geometry import PixelRect, Size

Kind = Literal["png", "tiff", "webp"]
MIMES: dict[Kind, str] = {"png": "image/png", "tiff": "image/tiff", "webp": "image/webp"}
ENDINGS: dict[Kind, str] = {"png": "png", "tiff": "tif", "webp": "webp"}
# VP8L counts sides in 14 bits.
_WEBP_SIDE_PX = 16_383
_XMP_TAG, _BYTES = 700, 1
_SHARE = "Press “Open review” in the plugin, or run `inlay review FILE`: that shares the layer's whole picture."

Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a version is to be exported.

    Attributes:
        kind: of file.
        part: the whole ``layer``, or the box of what the version ``changed``.
        words, people: whether the file says what was asked for, and by whom.
    """

    kind: Kind = "png"
    part: Literal["layer", "changed"] = "layer"
    words: bool = False
    people: bool = False


@dataclass(frozen=True, slots=True)
class Made:
    """What was written: how large it is, how it came to be, whether it is signed, what a person should know of it."""

    size: Size
    origin: Origin | None
    is_signed: bool
    notes: tuple[str, ...]


def check_fits(kind: Kind, format_: LayerFormat, size: Size) -> None:
    """Whether such a file holds these pixels exactly.

    Raises:
        UnfitFormat: it does not; says why.
    """
    if kind == "tiff":
        return
    if format_.depth is Depth.F32:
        raise UnfitFormat("32 bit float pixels fit only TIFF.")
    if format_.alpha is Alpha.PREMULTIPLIED:
        raise UnfitFormat("Only TIFF keeps premultiplied alpha exactly.")
    if kind == "webp":
        if format_.depth is not Depth.U8:
            raise UnfitFormat("WebP has 8 bits a channel.", hint="Choose PNG or TIFF: they keep 16.")
        if max(size.width, size.height) > _WEBP_SIDE_PX or size.area > MAX_PIXELS:
            raise UnfitFormat(f"{size} is more than a WebP holds.", hint="Choose PNG or TIFF.")


async def write_version(
    history: History,
    version: Version,
    out: Path,
    wanted: Wanted,
    tool: tuple[str, str],
    signing: Signing | None,
    progress: Progress,
) -> Made:
    """Write a version to ``out``, a new file in a folder of its own.

    Args:
        history: where it is.
        version: which.
        out: the file.
        wanted: how.
        tool: the program's name and version.
        signing: with what content credentials are signed; None: there are none.
        progress: told how much of it is done, 0 … 1.

    Raises:
        PixelsMissing: not all of it is here.
        NothingToExport: of an original only the whole layer can be had.
        UnfitFormat: see `check_fits`.
        StorageError: something cannot be read or written.
    """
    canvas = await history.versions.canvas_at(version.version_id)
    layer = await history.versions.layer(version.layer_id)
    region_px = _region(canvas, version, wanted)
    check_fits(wanted.kind, canvas.format, region_px.size)
    way = _way(await history.versions.tree(version.layer_id), version)
    origin = origin_of(way)
    edits = [one for one in way if one.kind == "edit"]
    xmp = packet(
        " ".join(tool),
        origin,
        [one.text for one in edits if one.text] if wanted.words else (),
        list(dict.fromkeys(one.author for one in edits)) if wanted.people else (),
    )
    await _write(history, canvas, layer, region_px, out, wanted.kind, xmp, progress)
    if signing is None:
        return Made(region_px.size, origin, is_signed=False, notes=())
    origins: list[Origin | None] = [origin_of((edit,)) for edit in edits]
    signed = out.with_name(f"{out.name}.signed")
    try:
        await asyncio.to_thread(sign, out, signed, MIMES[wanted.kind], tool, origins, signing)
    except CannotSign as error:
        signed.unlink(missing_ok=True)
        said = f"There are no content credentials in it. {error} {error.hint}"
        return Made(region_px.size, origin, is_signed=False, notes=(said,))
    with disk_errors():
        signed.replace(out)
    return Made(region_px.size, origin, is_signed=True, notes=())


def _region(canvas: KnownCanvas, version: Version, wanted: Wanted) -> PixelRect:
    """The part of the layer that is to be written; all of it is here."""
    if wanted.part == "changed" and version.kind == "source":
        raise NothingToExport
    region_px = canvas.size.rect if wanted.part == "layer" else version.rect_px
    cells = list(region_px.cells(TILE_PX))
    missing = sum(cell not in canvas.tiles for cell in cells)
    if missing:
        share = 100 * missing / len(cells)
        raise PixelsMissing(
            f"The bridge does not have {f'{share:.0f} %' if share >= 1 else 'a small part'} of this layer: "
            "what no edit touched was never sent to it.",
            hint=None if version.kind == "edit" else _SHARE,
        )
    return region_px


def _way(tree: Sequence[Version], version: Version) -> list[Version]:
    """What was done from the layer's first original to this version, oldest first. Where the layer was described anew
    in between, its new original may show whatever had landed before."""
    by_id = {one.version_id: one for one in tree}
    way: list[Version] = []
    here: Version | None = version
    while here is not None:
        way.append(here)
        here = None if here.parent_id is None else by_id[here.parent_id]
    root = way[-1]
    earlier = tree[: next(number for number, one in enumerate(tree) if one.version_id == root.version_id)]
    return [*(one for one in earlier if one.state == "landed"), *reversed(way)]


async def _write(
    history: History,
    canvas: KnownCanvas,
    layer: Layer,
    region_px: PixelRect,
    out: Path,
    kind: Kind,
    xmp: bytes,
    progress: Progress,
) -> None:
    profile = await history.versions.profile_of(layer)
    bands = _Bands(history, canvas, region_px, progress)
    writing = asyncio.create_task(
        asyncio.to_thread(_in_thread, out, kind, region_px.size, canvas.format, bands, profile, xmp)
    )
    try:
        await asyncio.shield(writing)
    except asyncio.CancelledError:
        bands.stop()
        await asyncio.wait([writing])
        raise


def _in_thread(
    out: Path, kind: Kind, size: Size, format_: LayerFormat, bands: _Bands, profile: bytes | None, xmp: bytes
) -> None:
    with disk_errors(), out.open("w+b") as file:
        match kind:
            case "png":
                write_png(file, size, format_, bands, profile, xmp)
            case "tiff":
                _write_tiff(file, size, format_, bands, profile, xmp)
            case "webp":
                _write_webp(file, format_, bands, profile, xmp)


class _Bands:
    """The rows of a region, a tile's height at a time, for a writer in a thread."""

    def __init__(self, history: History, canvas: KnownCanvas, region_px: PixelRect, progress: Progress) -> None:
        self._history, self._canvas, self._region_px, self._progress = history, canvas, region_px, progress
        self._loop = asyncio.get_running_loop()
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Nobody wants the rest."""
        self._stopped.set()

    def __iter__(self) -> Iterator[Pixels]:
        whole = self._region_px
        top = whole.y0
        while top < whole.y1:
            if self._stopped.is_set():
                raise concurrent.futures.CancelledError
            bottom = min(whole.y1, (top // TILE_PX + 1) * TILE_PX)
            part_px = PixelRect(whole.x0, top, whole.x1, bottom)
            yield asyncio.run_coroutine_threadsafe(self._band(part_px), self._loop).result()
            top = bottom
            self._loop.call_soon_threadsafe(self._progress, (top - whole.y0) / whole.height)

    async def _band(self, part_px: PixelRect) -> Pixels:
        """H×W×C of a part that lies in one row of tiles."""
        canvas = self._canvas
        tiles = {cell: canvas.tiles[cell] for cell in part_px.cells(TILE_PX)}
        held = await self._history.blobs.get_many(tiles.values())
        for cell, key in tiles.items():
            if len(held[key]) != layer_tile_bytes(cell, canvas.size, canvas.format):
                raise StorageDamaged("A stored tile has not the size of its cell.")
        samples = {cell: held[key] for cell, key in tiles.items()}
        return await asyncio.to_thread(assemble, samples, part_px, canvas.size.rect, canvas.format)


def _write_tiff(
    file: IO[bytes], size: Size, format_: LayerFormat, bands: _Bands, profile: bytes | None, xmp: bytes
) -> None:
    """Tiled: what is written as strips tifffile wants whole."""
    extra = {Alpha.NONE: None, Alpha.STRAIGHT: ["unassalpha"], Alpha.PREMULTIPLIED: ["assocalpha"]}[format_.alpha]
    one_plane = format_.channels == 1
    shape = (size.height, size.width) if one_plane else (size.height, size.width, format_.channels)

    def tiles() -> Iterator[Pixels]:
        for band in _of_height(bands, TILE_PX):
            for left in range(0, size.width, TILE_PX):
                part = band[:, left : left + TILE_PX]
                tile = np.zeros((TILE_PX, TILE_PX, format_.channels), format_.depth.dtype)
                tile[: part.shape[0], : part.shape[1]] = part
                yield tile[..., 0] if one_plane else tile

    tifffile.imwrite(
        file,
        tiles(),
        shape=shape,
        dtype=format_.depth.dtype,
        tile=(TILE_PX, TILE_PX),
        photometric="minisblack" if format_.channels <= 2 else "rgb",
        planarconfig=None if one_plane else "contig",
        extrasamples=extra,
        compression="zlib",
        predictor=True,
        iccprofile=profile,
        extratags=[(_XMP_TAG, _BYTES, len(xmp), xmp, True)],
        metadata=None,
        software=False,
    )


def _of_height(bands: _Bands, height: int) -> Iterator[Pixels]:
    """The same rows in bands of that height; a region need not begin where a tile does. The last may be lower."""
    held: list[Pixels] = []
    rows = 0
    for band in bands:
        held.append(band)
        rows += band.shape[0]
        while rows >= height:
            together = np.concatenate(held)
            yield together[:height]
            held, rows = [together[height:]], rows - height
    if rows:
        yield np.concatenate(held)


def _write_webp(file: IO[bytes], format_: LayerFormat, bands: _Bands, profile: bytes | None, xmp: bytes) -> None:
    pixels = np.concatenate(list(bands))
    image = Image.fromarray(pixels[..., 0] if format_.channels == 1 else pixels)
    if format_.channels <= 2:
        # WebP has no grey; three equal channels are the same picture.
        image = image.convert("RGBA" if format_.channels == 2 else "RGB")
    beside: dict[str, object] = {"xmp": xmp}
    if profile is not None:
        beside["icc_profile"] = profile
    # Lossless, and colours under transparent pixels kept. Into memory first: Pillow seeks.
    packed = io.BytesIO()
    image.save(packed, "WEBP", lossless=True, exact=True, quality=80, method=4, **beside)
    file.write(packed.getbuffer())
