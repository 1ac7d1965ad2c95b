"""Small pictures of versions: the right place, the right colours, small enough, and not kept without end."""

from __future__ import annotations

import asyncio
import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms
from support.histories import Host, box_mask, paint
from support.pictures import RGB8

from bridge.errors import NotFound
from bridge.history.records import Version
from bridge.history.store import History
from bridge.protocol.messages import FRAME_BYTES
from bridge.review.encode import encoded
from bridge.review.pictures import Pictures, Thumbnail
from bridge.review.shrink import Shrinking
from bridge.review.tiles import Tiles
from engine.api import Alpha, Canvas, Depth, LayerFormat, Pixels
from engine.geometry import PixelRect, Size

RGBA8 = LayerFormat(Depth.U8, 4, Alpha.STRAIGHT)
FORMATS = [
    LayerFormat(Depth.U8, 1, Alpha.NONE),
    LayerFormat(Depth.U8, 2, Alpha.STRAIGHT),
    RGB8,
    RGBA8,
    LayerFormat(Depth.U16, 3, Alpha.NONE),
    LayerFormat(Depth.U16, 4, Alpha.PREMULTIPLIED),
    LayerFormat(Depth.F32, 1, Alpha.NONE),
    LayerFormat(Depth.F32, 4, Alpha.STRAIGHT),
]
PLACE = PixelRect(30, 20, 230, 120)


def flat(format_: LayerFormat, colour: float, opacity: float, rect_px: PixelRect = PLACE) -> Pixels:
    """One colour number and opacity, both 0 … 1."""
    pixels = np.full((rect_px.height, rect_px.width, format_.channels), colour, np.float64)
    if format_.alpha is not Alpha.NONE:
        pixels[..., -1] = opacity
    if format_.alpha is Alpha.PREMULTIPLIED:
        pixels[..., :-1] *= opacity
    return (pixels * format_.depth.white).astype(format_.depth.dtype)


async def edited(host: Host, pixels: Pixels, rect_px: PixelRect = PLACE) -> Version:
    landing = await host.history.versions.land(host.finished(rect_px, await host.head(), pixels))
    return landing.versions[0]


def pictures_of(history: History, **options: int) -> Pictures:
    return Pictures(history, Tiles(history, Path("not-used")), **options)


async def shown(pictures: Pictures, host: Host, version: Version, show="after", side_px: int = 64) -> Thumbnail:
    layer = await host.history.versions.layer(version.layer_id)
    return await pictures.of(version, layer, show, side_px)


def opened(picture: Thumbnail) -> Image.Image:
    image = Image.open(io.BytesIO(picture.data))
    assert image.format == {"image/jpeg": "JPEG", "image/png": "PNG"}[picture.mime]
    assert image.size == (picture.size.width, picture.size.height)
    return image


@pytest.mark.parametrize("opacity", [1.0, 0.4])
@pytest.mark.parametrize("format_", FORMATS, ids=lambda f: f"{f.depth}x{f.channels}-{f.alpha}")
async def test_every_format_shows_its_colour_and_its_opacity(history: History, format_: LayerFormat, opacity: float):
    host = await Host.open(history, format_=format_)
    version = await edited(host, flat(format_, 0.6, opacity))
    picture = await shown(pictures_of(history), host, version)
    image = opened(picture)
    assert (picture.size, picture.rect_px) == (Size(64, 32), PLACE)
    transparent = format_.alpha is not Alpha.NONE and opacity < 1
    assert image.mode == ("RGBA" if transparent else "RGB")
    # 32 bit numbers are linear light: sRGB's curve lifts them.
    wanted = 255 * (0.7977 if format_.depth is Depth.F32 else 0.6)
    middle = np.asarray(image)[16, 32]
    assert np.abs(middle[:3].astype(float) - wanted).max() <= 2
    if transparent:
        assert abs(int(middle[3]) - 102) <= 1


async def test_before_is_what_was_there_and_after_what_is_there_now(history: History):
    host = await Host.open(history)
    host.pixels = np.full_like(host.pixels, 40)
    version = await edited(host, flat(RGB8, 1.0, 1))
    pictures = pictures_of(history)
    before, after = [np.asarray(opened(await shown(pictures, host, version, show))) for show in ("before", "after")]
    assert np.abs(before.astype(int) - 40).max() <= 2
    assert np.abs(after.astype(int) - 255).max() <= 2


@pytest.mark.parametrize("canvas", [Canvas(Size(600, 400), RGB8, 60, 30, 2.0), Canvas(Size(300, 200), RGBA8)])
async def test_where_the_layer_changed_its_shape_all_of_it_is_shown_as_it_was_and_is(history: History, canvas: Canvas):
    host = await Host.open(history)
    host.pixels = np.full_like(host.pixels, 40)
    plain = host.finished(host.layer.size.rect, await host.head(), host.pixels)
    whole_px = canvas.size.rect
    result = flat(canvas.format, 0.8, 0.5, whole_px)
    candidates = (replace(plain.candidates[0], pixels=result),)
    edit = replace(plain, rect_px=whole_px, mask=box_mask(whole_px), candidates=candidates, canvas=canvas)
    (version,) = (await history.versions.land(edit)).versions
    pictures = pictures_of(history)
    before, after = [await shown(pictures, host, version, show, 100) for show in ("before", "after")]
    assert (before.rect_px, after.rect_px) == (Size(300, 200).rect, whole_px)
    assert np.abs(np.asarray(opened(before)).astype(int) - 40).max() <= 2
    assert np.abs(np.asarray(opened(after))[..., :3].astype(int) - 204).max() <= 2


async def test_a_source_shows_what_is_known_of_it_and_nothing_else(history: History, host: Host, tmp_path: Path):
    source = await history.versions.version(await host.head())
    pictures = Pictures(history, Tiles(history, tmp_path))
    for show in ("before", "after"):
        with pytest.raises(NotFound):
            await shown(pictures, host, source, show)
    host.pixels = np.full_like(host.pixels, 40)
    await edited(host, flat(RGB8, 1.0, 1))
    with pytest.raises(NotFound):
        await shown(pictures, host, source, "before")
    await asyncio.sleep(1.1)  # what is known is looked up again after a second
    picture = await shown(pictures, host, source, side_px=300)
    image = np.asarray(opened(picture))
    assert (picture.rect_px, picture.size, picture.mime) == (Size(300, 200).rect, Size(300, 200), "image/png")
    assert (image[:128, :256] == (40, 40, 40, 255)).all()
    assert (image[128:, :, 3] == 0).all() and (image[:, 256:, 3] == 0).all()


@pytest.mark.parametrize(
    ("rect", "side_px", "size"),
    [((0, 0, 300, 200), 1024, (300, 200)), ((7, 3, 8, 4), 16, (1, 1)), ((5, 0, 6, 200), 50, (1, 50))],
)
async def test_nothing_is_enlarged_and_shapes_are_kept(history: History, host: Host, rect, side_px: int, size):
    place = PixelRect(*rect)
    version = await edited(host, paint(place), place)
    picture = await shown(pictures_of(history), host, version, side_px=side_px)
    assert opened(picture).size == size


@given(
    st.sampled_from(FORMATS), st.integers(1, 70), st.integers(1, 70), st.integers(1, 40), st.integers(1, 25),
    st.integers(0, 99), st.integers(0, 99),
)  # fmt: skip
def test_shrinking_in_parts_is_the_mean_of_each_block(format_, width, height, side_px, step, x0, y0):
    rect_px = PixelRect(x0, y0, x0 + width, y0 + height)
    pixels = paint(rect_px, format_, seed=width)
    shrinking = Shrinking(rect_px, format_, side_px)
    for top in range(0, height, step):
        for left in range(0, width, step):
            part_px = PixelRect(x0 + left, y0 + top, x0 + min(left + step, width), y0 + min(top + step, height))
            shrinking.take(part_px, pixels[part_px.slices(rect_px)])
    found = shrinking.result()
    block = max(1, max(width, height) // side_px)
    assert found.shape == (-(-height // block), -(-width // block), format_.channels)
    values = pixels / format_.depth.white
    values[..., -1] = values[..., -1].clip(0, 1) if format_.alpha is not Alpha.NONE else values[..., -1]
    if format_.alpha is Alpha.STRAIGHT:
        values[..., :-1] *= values[..., -1:]
    for row, col in {(0, 0), (found.shape[0] - 1, found.shape[1] - 1), (found.shape[0] // 2, 0)}:
        mean = values[row * block : (row + 1) * block, col * block : (col + 1) * block].mean((0, 1))
        if format_.alpha is not Alpha.NONE and abs(mean[-1]) > 0.02:
            mean[:-1] /= mean[-1]
        elif format_.alpha is not Alpha.NONE:
            continue  # next to nothing: any colour will do
        assert np.allclose(found[row, col], mean, atol=2e-3, rtol=1e-3)


@pytest.mark.parametrize("depth", list(Depth))
def test_the_layers_own_colours_are_brought_to_srgb(depth: Depth):
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = srgb.replace(b"rXYZ", b"-XYZ").replace(b"gXYZ", b"rXYZ").replace(b"-XYZ", b"gXYZ")  # first comes green
    picture = np.zeros((8, 8, 3), np.float32)
    picture[..., 0] = 1
    _, _, data = encoded(picture, LayerFormat(depth, 3, Alpha.NONE), swapped, Size(8, 8), FRAME_BYTES)
    red, green, blue = np.asarray(Image.open(io.BytesIO(data)))[4, 4]
    assert (red < 30, green > 245, blue < 30) == (True, True, True)


@pytest.mark.parametrize("depth", [Depth.U8, Depth.F32])
def test_a_profile_that_cannot_be_used_counts_as_none(depth: Depth):
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    picture, format_ = np.full((8, 8, 3), 0.5, np.float32), LayerFormat(depth, 3, Alpha.NONE)
    files = [encoded(picture, format_, one, Size(8, 8), FRAME_BYTES) for one in (None, lab, b"", b"none", lab[:200])]
    assert len(set(files)) == 1


async def test_noise_with_alpha_still_fits_a_frame(history: History):
    host = await Host.open(history, Size(1000, 900), RGBA8)
    place = host.layer.size.rect
    version = await edited(host, paint(place, RGBA8), place)
    picture = await shown(pictures_of(history), host, version, side_px=1024)
    assert len(picture.data) < FRAME_BYTES - 1000
    assert 200 < opened(picture).width < 1000


async def test_the_last_pictures_are_kept_and_not_more_bytes_than_said(history: History, host: Host):
    pictures = pictures_of(history, kept_bytes=6_000)
    version = await edited(host, paint(PLACE))
    same = await asyncio.gather(*(shown(pictures, host, version) for _ in range(6)))
    assert len({picture.data for picture in same}) == 1
    assert await shown(pictures, host, version) in same
    for side_px in range(16, 120, 4):
        await shown(pictures, host, version, side_px=side_px)
    kept = sum(len(picture.data) for picture in pictures._kept.values())
    assert kept == pictures._bytes <= 6_000
    assert await shown(pictures, host, version) not in same
