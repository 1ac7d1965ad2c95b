"""Tiles for deep zoom: exact at 1:1, the mean above, nothing made twice, nothing shown that nobody sent."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms
from support.histories import Host, paint
from support.pictures import RGB8, picture

from bridge.history.canvas import KnownCanvas
from bridge.history.records import Hash
from bridge.history.store import History
from bridge.protocol.messages import LOOK_TILE_PX
from bridge.review.display import Display
from bridge.review.pyramid import levels_of, pyramid_of, size_at
from bridge.review.tiles import Tiles
from engine.api import Alpha, Depth, LayerFormat
from engine.geometry import PixelRect, Size, TileIndex

RGBA8 = LayerFormat(Depth.U8, 4, Alpha.STRAIGHT)
FORMATS = [
    LayerFormat(Depth.U8, 1, Alpha.NONE),
    LayerFormat(Depth.U8, 2, Alpha.STRAIGHT),
    RGB8,
    RGBA8,
    LayerFormat(Depth.U8, 4, Alpha.PREMULTIPLIED),
    LayerFormat(Depth.U16, 3, Alpha.NONE),
    LayerFormat(Depth.F32, 4, Alpha.STRAIGHT),
]
# Two tiles and a bit wide, one and a bit high, both odd: three levels.
SIZE = Size(651, 301)


async def known(host: Host, rect_px: PixelRect | None = None) -> str:
    """A version of which this much is known: an edit that changed nothing."""
    rect_px = host.layer.size.rect if rect_px is None else rect_px
    edit = host.finished(rect_px, await host.head(), host.pixels[rect_px.slices()])
    return (await host.history.versions.land(edit)).head_version_id


async def tile_of(tiles: Tiles, version_id: str, level: int, col: int, row: int) -> Image.Image:
    file = await tiles.file(await tiles.pyramid(version_id), level, TileIndex(col, row))
    assert file is not None
    return Image.open(io.BytesIO(file.data))


async def whole_of(tiles: Tiles, version_id: str, level: int) -> np.ndarray:
    """All tiles of a level side by side: H×W×4."""
    pyramid = await tiles.pyramid(version_id)
    size = pyramid.size_at(level)
    whole = np.zeros((size.height, size.width, 4), np.uint8)
    for tile in size.rect.cells(LOOK_TILE_PX):
        image = (await tile_of(tiles, version_id, level, tile.col, tile.row)).convert("RGBA")
        whole[pyramid.rect_at(level, tile).slices()] = np.asarray(image)
    return whole


@pytest.mark.parametrize("format_", [RGB8, RGBA8, FORMATS[0]], ids=lambda f: f"{f.channels}")
async def test_at_one_to_one_8_bit_srgb_is_the_same_to_the_bit(history: History, tmp_path: Path, format_: LayerFormat):
    host = await Host.open(history, SIZE, format_)
    host.pixels = paint(SIZE.rect, format_)
    found = await whole_of(Tiles(history, tmp_path), await known(host), 0)
    wanted = np.asarray(Image.fromarray(host.pixels.squeeze()).convert("RGBA"))
    assert np.array_equal(found, wanted)


@pytest.mark.parametrize("format_", FORMATS, ids=lambda f: f"{f.depth}x{f.channels}-{f.alpha}")
async def test_each_level_is_the_whole_made_small(history: History, tmp_path: Path, format_: LayerFormat):
    host = await Host.open(history, SIZE, format_)
    host.pixels = picture(SIZE.height, SIZE.width, format_)
    if format_.alpha is not Alpha.NONE:
        host.pixels[..., -1] = np.linspace(0.2, 0.9, SIZE.width) * format_.depth.white
    tiles, version_id = Tiles(history, tmp_path), await known(host)
    # Slowly, all at once: what is shown, its colour weighed by its opacity, as means of blocks.
    shown = np.asarray(Display(format_, None).shown(host.pixels).convert("RGBA")).astype(float)
    shown[..., :3] *= shown[..., 3:] / 255
    for level in (0, 1, 2):
        small = await tiles.small(await tiles.pyramid(version_id), SIZE.width >> level)
        assert small is not None
        found = np.asarray(small).astype(float)
        sent = await whole_of(tiles, version_id, level)
        assert np.abs(sent - found).mean() < (2.5 if level and format_.alpha is Alpha.NONE else 0.01)  # JPEG or PNG
        found[..., :3] *= found[..., 3:] / 255
        block, size = 1 << level, size_at(SIZE, level)
        assert found.shape[:2] == (size.height, size.width)
        # Whole blocks: at the far borders halves of odd sides count for more.
        inner = shown[: SIZE.height // block * block, : SIZE.width // block * block]
        means = inner.reshape(inner.shape[0] // block, block, -1, block, 4).mean((1, 3))
        off = np.abs(found[: means.shape[0], : means.shape[1]] - means)
        # Each level rounds, twice where there is an opacity.
        assert off.max() <= level * (1 if format_.alpha is Alpha.NONE else 1.5) and off.mean() < 0.6


async def test_what_nobody_sent_is_transparent_at_every_level(history: History, tmp_path: Path):
    host = await Host.open(history, Size(1024, 512))
    host.pixels = np.full_like(host.pixels, 200)
    version_id = await known(host, PixelRect(300, 10, 500, 100))
    tiles = Tiles(history, tmp_path)
    for level in (0, 1, 2):
        cells = PixelRect(256 >> level, 0, 512 >> level, 128 >> level)
        found = await whole_of(tiles, version_id, level)
        assert (found[cells.slices()] == (200, 200, 200, 255)).all()
        found[cells.slices()] = 0
        assert not found.any()


async def test_a_small_edit_leaves_all_other_tiles_as_they_are(history: History, tmp_path: Path):
    host = await Host.open(history, Size(2048, 1024))
    before = await history.versions.canvas_at(await known(host))
    after = await history.versions.canvas_at((await host.edit(PixelRect(700, 300, 760, 360))).head_version_id)
    one, other = pyramid_of(before), pyramid_of(after)
    changed = [
        {tile for tile, name in level.items() if other.levels[number][tile] != name}
        for number, level in enumerate(one.levels)
    ]
    assert changed == [{TileIndex(2, 1)}, {TileIndex(1, 0)}, {TileIndex(0, 0)}, {TileIndex(0, 0)}]
    assert one.name != other.name


class Counting:
    """A blob store that counts what is read."""

    def __init__(self, history: History) -> None:
        self.inner, self.read = history.blobs, 0

    async def get_many(self, hashes: Iterable[Hash]) -> dict[Hash, bytes]:
        keys = list(hashes)
        self.read += len(keys)
        return await self.inner.get_many(keys)


async def test_what_did_not_change_is_not_made_again_in_another_version_or_after_a_restart(
    history: History, tmp_path: Path
):
    host = await Host.open(history, Size(1024, 1024))
    first = await known(host)
    blobs = Counting(history)
    counted = replace(history, blobs=blobs)  # pyright: ignore[reportArgumentType]
    await tile_of(Tiles(counted, tmp_path), first, 2, 0, 0)
    assert blobs.read == 64
    second = (await host.edit(PixelRect(10, 10, 60, 60))).head_version_id
    again = Tiles(counted, tmp_path)
    found = await tile_of(again, second, 2, 0, 0)
    assert blobs.read == 64 + 4 * 4  # of the quarter of level 1 that changed
    await tile_of(Tiles(counted, tmp_path), second, 2, 0, 0)
    assert blobs.read == 64 + 4 * 4
    fresh = await tile_of(Tiles(history, tmp_path / "other"), second, 2, 0, 0)
    assert np.array_equal(np.asarray(found), np.asarray(fresh))


async def test_a_tile_that_many_want_at_once_is_made_once(history: History, tmp_path: Path):
    host = await Host.open(history, Size(512, 512))
    version_id = await known(host)
    blobs = Counting(history)
    tiles = Tiles(replace(history, blobs=blobs), tmp_path)  # pyright: ignore[reportArgumentType]
    found = await asyncio.gather(*(tile_of(tiles, version_id, 1, 0, 0) for _ in range(20)))
    assert blobs.read == 16 and len({image.tobytes() for image in found}) == 1


async def test_a_kept_tile_that_is_damaged_is_made_again(history: History, tmp_path: Path):
    host = await Host.open(history, Size(512, 512))
    version_id = await known(host)
    good = await tile_of(Tiles(history, tmp_path), version_id, 1, 0, 0)
    (file,) = tmp_path.glob("*/*.tile")
    packed = file.read_bytes()
    for damaged in (packed[:-9], packed[:60] + b"\xff" * 9 + packed[69:], b"", b"nothing"):
        file.write_bytes(damaged)
        found = await tile_of(Tiles(history, tmp_path), version_id, 1, 0, 0)
        assert np.array_equal(np.asarray(found), np.asarray(good))


async def test_beyond_the_border_and_above_the_top_there_are_no_tiles(history: History, tmp_path: Path):
    host = await Host.open(history, SIZE)
    tiles, version_id = Tiles(history, tmp_path), await known(host)
    pyramid = await tiles.pyramid(version_id)
    assert len(pyramid.levels) == levels_of(SIZE) == 3
    for level, col, row in ((0, 3, 0), (0, 0, 2), (1, 2, 0), (2, 1, 0), (3, 0, 0), (19, 0, 0), (0, 99999, 99999)):
        assert await tiles.file(pyramid, level, TileIndex(col, row)) is None


def test_srgb_by_a_profile_of_its_own_stays_as_it_is_and_other_spaces_are_brought_to_it():
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()  # pyright: ignore
    swapped = srgb.replace(b"rXYZ", b"-XYZ").replace(b"gXYZ", b"rXYZ").replace(b"-XYZ", b"gXYZ")
    pixels = paint(PixelRect(0, 0, 64, 64))
    assert np.array_equal(np.asarray(Display(RGB8, srgb).shown(pixels)), pixels)
    assert np.array_equal(np.asarray(Display(RGB8, b"no profile").shown(pixels)), pixels)
    assert np.abs(np.asarray(Display(RGB8, swapped).shown(pixels)).astype(int) - pixels[..., (1, 0, 2)]).max() <= 2


async def test_the_folder_never_grows_beyond_what_it_may_have(history: History, tmp_path: Path):
    host = await Host.open(history, Size(512, 512))
    folder = tmp_path / "tiles"
    tiles = Tiles(history, folder, disk_bytes=400_000)
    most = 0
    for seed in range(8):
        edit = host.finished(host.layer.size.rect, await host.head(), paint(host.layer.size.rect, seed=seed) // 64)
        landing = await history.versions.land(edit)
        await tile_of(tiles, landing.head_version_id, 1, 0, 0)
        most = max(most, sum(path.stat().st_size for path in folder.glob("*/*")))
    assert 200_000 < most <= 400_000


def test_tiles_of_two_shapes_never_have_one_name():
    tiles = {TileIndex(col, row): bytes([col, row]) * 16 for col in range(4) for row in range(4)}
    names = []
    for size in (Size(1024, 1024), Size(1500, 700)):
        canvas = KnownCanvas("v", size, RGB8, None, tiles)
        found = pyramid_of(canvas)
        names.append(
            {(name, found.rect_at(level, tile)) for level, one in enumerate(found.levels) for tile, name in one.items()}
        )
    for name, rect_px in names[0]:
        assert all(rect_px.size == other_px.size for other, other_px in names[1] if other == name)
