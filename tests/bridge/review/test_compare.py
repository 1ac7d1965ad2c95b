"""Two versions compared: every figure against the same thing done slowly, all at once, with numpy."""

from __future__ import annotations

import io
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support.histories import Host, box_mask, paint
from support.pictures import RGB8, disc

from bridge.errors import NotFound
from bridge.history.store import History
from bridge.protocol.messages import LOOK_TILE_PX
from bridge.review.alike import differing
from bridge.review.compare import Compare, Comparison
from bridge.review.difference import Differences
from bridge.review.tiles import Tiles
from engine.api import Alpha, Canvas, Depth, LayerFormat, Mask, Pixels
from engine.geometry import PixelRect, Size, TileIndex

SIZE = Size(600, 420)
RGBA8 = LayerFormat(Depth.U8, 4, Alpha.STRAIGHT)
FORMATS = [RGB8, RGBA8, LayerFormat(Depth.U16, 3, Alpha.NONE), LayerFormat(Depth.F32, 1, Alpha.NONE)]


async def known(host: Host) -> str:
    """A first edit that changed nothing and made all of the layer known."""
    whole_px = host.layer.size.rect
    mask = np.zeros((whole_px.height, whole_px.width), np.uint8)
    edit = host.finished(whole_px, await host.head(), host.pixels, mask=mask)
    return (await host.history.versions.land(edit)).head_version_id


def near(pixels: Pixels, amount: int = 3) -> Pixels:
    """A little off, and here and there not at all."""
    off = pixels + np.asarray(np.random.default_rng(5).integers(0, amount, pixels.shape), pixels.dtype)
    return off.astype(pixels.dtype)


async def compared(history: History, folder: Path, one: str, other: str) -> Comparison:
    return await Compare(history, Tiles(history, folder)).of(one, other)


async def cropped(host: Host, canvas: Canvas) -> str:
    """An edit that lays the layer on another canvas; the host shows that from then on."""
    whole_px = canvas.size.rect
    result = paint(whole_px, canvas.format, seed=77)
    mask = box_mask(whole_px)
    if canvas.scale == 1:
        old_px = host.layer.size.rect.shift(canvas.x0, canvas.y0).intersect(whole_px)
        own = old_px.shift(-canvas.x0, -canvas.y0)
        result[old_px.slices()] = host.pixels[own.slices()]
        mask[old_px.slices()] = 0
    plain = host.finished(host.layer.size.rect, await host.head(), host.pixels)
    candidates = (replace(plain.candidates[0], pixels=result),)
    edit = replace(plain, rect_px=whole_px, mask=mask, candidates=candidates, canvas=canvas)
    version_id = (await host.history.versions.land(edit)).head_version_id
    host.layer = await host.history.versions.layer(host.layer.layer_id)
    host.pixels = result
    return version_id


@pytest.mark.parametrize("format_", FORMATS, ids=lambda f: f"{f.depth}x{f.channels}")
@pytest.mark.parametrize("seed", [1, 2])
async def test_any_two_versions_of_a_random_tree_are_counted_as_numpy_does(
    history: History, tmp_path: Path, format_: LayerFormat, seed: int
):
    dice = random.Random(seed)
    host = await Host.open(history, SIZE, format_)
    versions: dict[str, tuple[Pixels, list[tuple[PixelRect, Mask]]]] = {}
    versions[await known(host)] = (host.pixels.copy(), [])
    for turn in range(7):
        if turn in (3, 5):  # a branch: back to some earlier version
            back = dice.choice([*versions])
            await history.versions.restore(back, host.person)
            host.pixels = versions[back][0].copy()
        x, y = dice.randrange(0, 500), dice.randrange(0, 330)
        place_px = PixelRect(x, y, min(600, x + dice.randrange(1, 220)), min(420, y + dice.randrange(1, 200)))
        mask = disc(place_px.height, place_px.width, place_px.height // 2, place_px.width // 2, 60)
        result = near(host.pixels[place_px.slices()]) if turn % 2 else paint(place_px, format_, seed=turn)
        base = await host.head()
        landing = await history.versions.land(host.finished(place_px, base, result, mask=mask))
        host.show(place_px, mask, result)
        versions[landing.head_version_id] = (host.pixels.copy(), [*versions[base][1], (place_px, mask)])
    compare = Compare(history, Tiles(history, tmp_path))
    for one, (before, its) in versions.items():
        for other, (after, others) in versions.items():
            found = await compare.of(one, other)
            differs = differing(before, after)
            union = np.zeros((SIZE.height, SIZE.width), np.bool_)
            for place_px, mask in [*its, *others]:
                if not all(any(mask is same for _, same in way) for way in (its, others)):
                    union[place_px.slices()] |= mask > 0
            assert (found.changed_px, found.counted_px, found.unknown_px) == (int(differs.sum()), SIZE.area, 0)
            assert (found.outside_px, found.edits_outside_px) == (int((differs & ~union).sum()), 0) == (0, 0)
            apart = np.abs(before.astype(np.float64) - after.astype(np.float64)).max()
            assert found.largest == pytest.approx(float(apart))
            rows, cols = differs.any(axis=1).nonzero()[0], differs.any(axis=0).nonzero()[0]
            if differs.any():
                assert found.rect_px == PixelRect(cols[0], rows[0], cols[-1] + 1, rows[-1] + 1)
            else:
                assert found.rect_px is None
            assert np.array_equal(filled(found), union)


def filled(found: Comparison) -> np.ndarray:
    """What lies inside the outline: by the even-odd rule, through the middles of pixels."""
    assert found.outline_px == 1
    inside = np.zeros((SIZE.height, SIZE.width), np.bool_)
    for polygon in found.outline:
        xs, ys = polygon[0::2], polygon[1::2]
        for x0, y0, x1, y1 in zip(xs, ys, (*xs[1:], xs[0]), (*ys[1:], ys[0]), strict=True):
            assert (x0 == x1) != (y0 == y1)
            if x0 == x1:
                inside[min(y0, y1) : max(y0, y1), x0:] ^= True
    return inside


async def test_what_somebody_painted_between_two_edits_is_told_apart_from_what_the_edits_did(
    history: History, tmp_path: Path
):
    host = await Host.open(history, SIZE)
    first = await known(host)
    mask = disc(100, 100, 50, 50, 30)
    place_px = PixelRect(100, 100, 200, 200)
    host.pixels = host.pixels.copy()
    host.pixels[110, 105:108] ^= 1  # in the program itself, where the next edit's tiles are
    second = (await host.edit(place_px, seed=3, mask=mask)).head_version_id
    found = await compared(history, tmp_path, first, second)
    assert (found.outside_px, found.edits_outside_px) == (3, 0)
    assert found.changed_px == 3 + int((mask > 0).sum())


async def test_what_nobody_sent_is_not_counted_as_the_same(history: History, tmp_path: Path):
    host = await Host.open(history, SIZE)
    source = await host.head()
    after = (await host.edit(PixelRect(130, 10, 140, 20))).head_version_id
    found = await compared(history, tmp_path, source, after)
    assert (found.counted_px, found.unknown_px) == (128 * 128, SIZE.area - 128 * 128)
    assert found.changed_px == 100 and found.outside_px == 0


@pytest.mark.parametrize("move", [(40, 25, 700, 500), (-37, -50, 400, 300), (128, 0, 728, 420)])
async def test_extended_and_cropped_layers_are_laid_on_each_other(history: History, tmp_path: Path, move):
    x0, y0, width, height = move
    host = await Host.open(history, SIZE)
    first = await known(host)
    before = host.pixels
    place_px = PixelRect(100, 100, 160, 150)
    await host.edit(place_px, seed=4)
    await cropped(host, Canvas(Size(width, height), RGB8, x0, y0))
    there_px = PixelRect(200, 200, 260, 240)
    last = (await host.edit(there_px, seed=5)).head_version_id
    found = await compared(history, tmp_path, first, last)
    shared_px = SIZE.rect.shift(x0, y0).intersect(Size(width, height).rect)
    differs = differing(before[shared_px.shift(-x0, -y0).slices()], host.pixels[shared_px.slices()])
    assert (found.why_not, found.counted_px, found.unknown_px) == ("", shared_px.area, 0)
    assert (found.changed_px, found.outside_px) == (int(differs.sum()), 0)
    # And back again, in the first one's pixels.
    back = await compared(history, tmp_path, last, first)
    assert (back.changed_px, back.outside_px) == (found.changed_px, 0)
    assert found.rect_px is not None and back.rect_px == found.rect_px.shift(-x0, -y0)


async def test_a_layer_that_got_an_opacity_is_compared_as_if_it_had_been_opaque(history: History, tmp_path: Path):
    host = await Host.open(history, SIZE)
    first = await known(host)
    result = np.concatenate((host.pixels, np.full((420, 600, 1), 255, np.uint8)), axis=2)
    result[5, 6:16, 3] = 0
    plain = host.finished(SIZE.rect, first, host.pixels)
    mask = np.zeros((420, 600), np.uint8)
    mask[5, 6:20] = 255
    candidates = (replace(plain.candidates[0], pixels=result),)
    edit = replace(plain, mask=mask, candidates=candidates, canvas=Canvas(SIZE, RGBA8))
    second = (await history.versions.land(edit)).head_version_id
    found = await compared(history, tmp_path, first, second)
    assert (found.why_not, found.changed_px, found.outside_px, found.largest) == ("", 10, 0, 255)


async def test_where_pixels_cannot_be_compared_it_says_why(history: History, tmp_path: Path):
    host = await Host.open(history, SIZE)
    first = await known(host)
    larger = await cropped(host, Canvas(Size(1200, 840), RGB8, 0, 0, 2.0))
    found = await compared(history, tmp_path, first, larger)
    assert "scale" in found.why_not and found.counted_px == 0
    anew = await history.versions.describe_layer(host.layer.document_id, "layer", "Layer", Size(10, 10), RGB8, None)
    assert "anew" in (await compared(history, tmp_path, first, anew.head_version_id)).why_not
    other = await Host.open(history, SIZE, person=host.person, key="another")
    with pytest.raises(NotFound):
        await compared(history, tmp_path, first, await other.head())


# ── the difference as a picture ──────────────────────────────────────────────────────────────────────────────────


async def difference(history: History, folder: Path, one: str, other: str, level: int, gain: int) -> np.ndarray:
    """All tiles of a level: H×W×4."""
    differences = Differences(history, Tiles(history, folder))
    pair = await differences.pair(one, other)
    assert pair is not None
    size = pair.pyramid.size_at(level)
    whole = np.zeros((size.height, size.width, 4), np.uint8)
    for tile in size.rect.cells(LOOK_TILE_PX):
        file = await differences.file(pair, level, TileIndex(tile.col, tile.row), gain)
        assert file is not None
        picture = Image.open(io.BytesIO(file.data)).convert("RGBA")
        whole[pair.pyramid.rect_at(level, tile).slices()] = np.asarray(picture)
    return whole


@pytest.mark.parametrize("gain", [1, 8, 64])
async def test_at_one_to_one_it_is_exact_and_from_afar_no_change_is_lost(history: History, tmp_path: Path, gain: int):
    host = await Host.open(history, SIZE)
    first, before = await known(host), host.pixels
    place_px = PixelRect(200, 90, 420, 300)
    mask = disc(210, 220, 100, 100, 80)
    result = near(before[place_px.slices()], 7)
    second = (await history.versions.land(host.finished(place_px, first, result, mask=mask))).head_version_id
    host.show(place_px, mask, result)
    exact = np.minimum(np.abs(before.astype(int) - host.pixels) * gain, 255)
    found = await difference(history, tmp_path, first, second, 0, gain)
    assert np.array_equal(found[..., :3], exact) and (found[..., 3] == 255).all()
    for level in (1, 2):
        found = await difference(history, tmp_path, first, second, level, gain)
        block = 1 << level
        padded = np.pad(exact, ((0, -exact.shape[0] % block), (0, -exact.shape[1] % block), (0, 0)))
        pooled = padded.reshape(padded.shape[0] // block, block, -1, block, 3).max((1, 3))
        assert np.array_equal(found[..., :3], pooled)


async def test_of_what_is_not_known_no_difference_is_shown(history: History, tmp_path: Path):
    host = await Host.open(history, SIZE)
    source = await host.head()
    after = (await host.edit(PixelRect(130, 10, 140, 20))).head_version_id
    for level in (0, 1):
        found = await difference(history, tmp_path, source, after, level, 64)
        cell = PixelRect(128 >> level, 0, 256 >> level, 128 >> level)
        assert (found[cell.slices()][..., 3] == 255).all()
        found[cell.slices()] = 0
        assert not found.any()


async def test_the_least_change_of_16_bits_is_seen(history: History, tmp_path: Path):
    host = await Host.open(history, SIZE, FORMATS[2])
    first = await known(host)
    result = host.pixels[:4, :4].copy()
    result[1, 2] += 1
    edit = host.finished(PixelRect(0, 0, 4, 4), first, result)
    second = (await history.versions.land(edit)).head_version_id
    for level in (0, 1, 2):
        found = await difference(history, tmp_path, first, second, level, 1)
        assert found[..., :3].max() == 1 and np.count_nonzero(found[..., 0]) == 1
