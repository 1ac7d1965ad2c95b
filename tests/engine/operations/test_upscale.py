"""A layer at more pixels: its size, what stays, what may not come in, at every depth and with every alpha."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw
from support.pictures import RGB8, picture

from engine.api import Alpha, Canvas, Depth, EditRequest, EditResult, LayerFormat, Pixels
from engine.commands.plan import Upscale
from engine.errors import BadRequest, Cancelled
from engine.geometry import PixelRect, Size
from engine.models.scale.zoom import OVERSHOOT
from engine.operations import upscale
from engine.operations.report import Report, SilentReport
from engine.operations.shapes import MOST_TIMES, MOST_UPSCALED_PX, size_of_upscaled

FORMATS = [
    LayerFormat(depth, channels, alpha)
    for depth in Depth
    for channels, alpha in ((1, Alpha.NONE), (2, Alpha.STRAIGHT), (3, Alpha.NONE), (4, Alpha.STRAIGHT))
] + [LayerFormat(depth, channels, Alpha.PREMULTIPLIED) for depth in Depth for channels in (2, 4)]
RGBA8, RGBA8_PREMULTIPLIED = (LayerFormat(Depth.U8, 4, alpha) for alpha in (Alpha.STRAIGHT, Alpha.PREMULTIPLIED))


def asked(pixels: Pixels, becomes: Size, format_: LayerFormat = RGB8, **values: str) -> EditRequest:
    old = Size(pixels.shape[1], pixels.shape[0])
    mask = np.full(pixels.shape[:2], 255, np.uint8)
    return EditRequest(
        "edit-0001", "upscale", old, format_, old.rect, pixels, mask, 3, values=values, becomes=Canvas(becomes, format_)
    )


def enlarged(
    pixels: Pixels, times: float, format_: LayerFormat = RGB8, *, tile_px: int = 128, report: Report | None = None
) -> EditResult:
    size = Size(round(pixels.shape[1] * times), round(pixels.shape[0] * times))
    return upscale.run(asked(pixels, size, format_), report or SilentReport(), "cpu", tile_px=tile_px)


def scene(height: int, width: int, format_: LayerFormat) -> Pixels:
    """`picture`, with no more colour than opacity where it is multiplied by it."""
    pixels = picture(height, width, format_)
    if format_.alpha is Alpha.PREMULTIPLIED:
        pixels[..., :-1] = np.minimum(pixels[..., :-1], pixels[..., -1:])
    return pixels


# --- the size


@given(st.builds(Size, st.integers(1, 1500), st.integers(1, 1500)), st.floats(1.01, 8))
def test_a_factor_is_that_many_times_to_the_nearest_pixel(size: Size, factor: float):
    try:
        larger = size_of_upscaled(Upscale(factor=factor), size)
    except BadRequest:
        assert round(max(size.width, size.height) * factor) == max(size.width, size.height)
        return
    assert abs(larger.width - size.width * factor) <= 0.5 and abs(larger.height - size.height * factor) <= 0.5


@pytest.mark.parametrize(
    ("layer", "wanted", "becomes"),
    [
        (Size(960, 540), "1920x1080", Size(1920, 1080)),
        (Size(1000, 667), "2000x1333", Size(2000, 1333)),
        (Size(640, 480), "3840x2160", Size(2880, 2160)),
        (Size(480, 640), "3840x2160", Size(1620, 2160)),
    ],
)
def test_a_size_is_the_largest_of_the_layers_own_proportions(layer: Size, wanted: str, becomes: Size):
    assert size_of_upscaled(Upscale(size=wanted), layer) == becomes


@pytest.mark.parametrize(
    ("upscaling", "layer", "says"),
    [
        (Upscale(size="400x300"), Size(800, 600), "would not become larger"),
        (Upscale(size="800x600"), Size(800, 600), "would not become larger"),
        (Upscale(factor=1.2), Size(1, 1), "would not become larger"),
        (Upscale(factor=4), Size(5000, 20), "too large"),
        (Upscale(size="90000x90000"), Size(9000, 9000), "too large"),
        (Upscale(size="1000x1000"), Size(100, 100), "more than 8 times"),
    ],
)
def test_what_cannot_be_is_said_with_what_can(upscaling: Upscale, layer: Size, says: str):
    with pytest.raises(BadRequest, match=says) as caught:
        size_of_upscaled(upscaling, layer)
    assert caught.value.hint


def test_the_largest_layer_that_can_be_is_as_large_as_promised():
    assert MOST_UPSCALED_PX == 16_384 and MOST_TIMES == 8
    assert size_of_upscaled(Upscale(factor=2), Size(8192, 8192)) == Size(16_384, 16_384)


# --- what the result is


@pytest.mark.parametrize("format_", FORMATS, ids=str)
@pytest.mark.parametrize("times", [2, 4, 1.7])
def test_every_kind_of_layer_keeps_its_format_and_its_means(format_: LayerFormat, times: float):
    before = scene(21, 34, format_)
    result = enlarged(before, times, format_)
    after = result.pixels
    assert after.shape == (round(21 * times), round(34 * times), format_.channels) and after.dtype == before.dtype
    assert result.canvas is not None and result.canvas.format == format_ and result.rect_px == result.canvas.size.rect
    assert result.canvas.scale == pytest.approx(times, rel=0.05)
    away = np.abs(after.mean((0, 1), np.float64) - before.mean((0, 1), np.float64)) / format_.depth.white
    assert away.max() < 0.01


@pytest.mark.parametrize("format_", FORMATS, ids=str)
@pytest.mark.parametrize("times", [2, 3, 8])
def test_what_is_flat_stays_flat_to_the_bit(format_: LayerFormat, times: float):
    colour = np.array([0.2, 0.7, 0.45, 0.6])[: format_.channels]
    if format_.alpha is not Alpha.NONE:
        colour[-1] = 0.6
    if format_.alpha is Alpha.PREMULTIPLIED:
        colour[:-1] *= 0.6
    one = (colour * format_.depth.white).astype(format_.depth.dtype)
    after = enlarged(np.broadcast_to(one, (9, 7, format_.channels)).copy(), times, format_).pixels
    if format_.depth is Depth.F32:  # through the curve and back
        assert np.allclose(after, one, rtol=1e-5) and (after == after[0, 0]).all()
    else:
        assert (after == one).all()


def test_a_flat_part_of_a_picture_stays_flat_to_the_bit():
    before = picture(40, 40)
    before[:, 15:] = (200, 30, 7)
    assert (enlarged(before, 2).pixels[:, 2 * 17 :] == (200, 30, 7)).all()


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (5, 1), (3, 3), (7, 13)])
@pytest.mark.parametrize("times", [2, 4, 8, 2.5])
def test_the_smallest_and_the_oddest_layers_work(size: tuple[int, int], times: float):
    before = picture(*size)
    after = enlarged(before, times).pixels
    assert after.shape == (round(size[0] * times), round(size[1] * times), 3)
    assert int(after.min()) >= int(before.min()) - 30 and int(after.max()) <= int(before.max()) + 30


def test_made_smaller_again_it_is_the_layer_it_came_from():
    before = drawn()
    after = enlarged(before, 2).pixels
    again = np.asarray(Image.fromarray(after).resize((before.shape[1], before.shape[0]), Image.Resampling.BOX))
    assert np.abs(again.astype(int) - before)[2:-2, 2:-2].mean() < 1.5


@pytest.mark.parametrize("times", [2, 4, 3, 8])
def test_a_step_between_two_greys_rings_by_no_more_than_the_bound(times: float):
    before = np.full((24, 24, 3), 64, np.uint8)
    before[:, 12:] = 192
    after = enlarged(before, times).pixels.astype(int)
    most = OVERSHOOT * (192 - 64)
    assert after.max() <= 192 + most + 0.5 and after.min() >= 64 - most - 0.5


def drawn() -> npt.NDArray[np.uint8]:
    """Slanted shapes with smooth edges, 48×48."""
    return np.asarray(large_drawing().resize((48, 48), Image.Resampling.BOX))


def large_drawing() -> Image.Image:
    image = Image.new("RGB", (384, 384), (230, 225, 210))
    pen = ImageDraw.Draw(image)
    pen.ellipse((60, 40, 250, 260), (30, 60, 120))
    pen.line((20, 370, 360, 200), (180, 40, 30), 16)
    pen.polygon([(250, 40), (370, 120), (280, 180)], (20, 20, 20))
    return image


@pytest.mark.parametrize("times", [2, 4])
def test_edges_are_nearer_to_the_truth_than_a_filter_leaves_them(times: int):
    side = 48 * times
    truth = np.asarray(large_drawing().resize((side, side), Image.Resampling.BOX)).astype(int)
    small = drawn()
    filtered = np.asarray(Image.fromarray(small).resize((side, side), Image.Resampling.LANCZOS))
    after = enlarged(small, times).pixels
    assert np.square(after - truth).mean() < 0.7 * np.square(filtered - truth).mean()


# --- transparency


def test_no_dark_fringe_comes_in_at_a_soft_edge():
    rows, cols = np.mgrid[0:40, 0:40]
    alpha = np.clip(14 - np.hypot(rows - 20, cols - 20), 0, 1)
    straight = np.zeros((40, 40, 4), np.uint8)
    straight[..., 3] = np.rint(alpha * 255)
    straight[alpha > 0] = (*(250, 40, 90), 0) + straight[alpha > 0] * np.array([0, 0, 0, 1], np.uint8)
    after = enlarged(straight, 2, RGBA8).pixels
    assert (np.abs(after[after[..., 3] > 0][:, :3].astype(int) - (250, 40, 90)) <= 1).all()
    premultiplied = straight.copy()
    premultiplied[..., :3] = np.rint(straight[..., :3] * alpha[..., None])
    after = enlarged(premultiplied, 2, RGBA8_PREMULTIPLIED).pixels
    seen = after[after[..., 3] >= 64].astype(float)
    assert (np.abs(seen[:, :3] * 255 / seen[:, 3:] - (250, 40, 90)) <= 8).all()
    assert (after[..., :3] <= after[..., 3:]).all()


def test_a_layer_that_is_all_transparent_stays_so():
    before = picture(12, 12, RGBA8)
    before[..., 3] = 0
    assert (enlarged(before, 4, RGBA8).pixels[..., 3] == 0).all()


def test_light_of_a_lamp_and_what_is_no_number_do_not_spoil_what_is_around():
    format_ = LayerFormat(Depth.F32, 3, Alpha.NONE)
    before = np.full((24, 24, 3), 0.18, np.float32)
    before[4, 4] = 5000.0
    before[18, 18] = np.nan
    after = enlarged(before, 2, format_).pixels
    assert np.isfinite(after).all() and after.max() > 1000
    assert np.allclose(after[16:, :24], 0.18, rtol=1e-5) and np.allclose(after[30:, 30:], 0.18, rtol=1e-5)
    assert after.min() >= 0.08


# --- how it works


@pytest.mark.parametrize("format_", [RGB8, RGBA8, LayerFormat(Depth.F32, 4, Alpha.PREMULTIPLIED)], ids=str)
@pytest.mark.parametrize("times", [2, 4, 8, 1.3, 3.1, 6.5])
def test_in_tiles_it_is_what_it_is_as_a_whole(format_: LayerFormat, times: float):
    before = scene(14, 19, format_)
    if format_.alpha is not Alpha.NONE:
        before[5:10, 8:14] = 0
    whole = enlarged(before, times, format_, tile_px=512).pixels.astype(np.float64)
    tiled = enlarged(before, times, format_, tile_px=8 if times <= 4 else 30).pixels.astype(np.float64)
    if format_.depth is Depth.F32:
        assert np.allclose(whole, tiled, atol=1e-5)
    else:  # a sum in another order may fall on the other side of a half
        assert np.abs(whole - tiled).max() <= 1 and (whole != tiled).mean() < 0.001


def test_the_same_layer_gives_the_same_result_to_the_bit():
    before = picture(40, 50)
    assert np.array_equal(enlarged(before, 2).pixels, enlarged(before, 2).pixels)


class Watcher(SilentReport):
    """Keeps what it is told, and cancels after so many checks."""

    def __init__(self, cancel_after: int = 10**9) -> None:
        self.left = cancel_after
        self.fractions: list[float] = []
        self.previews: list[tuple[PixelRect, int, npt.NDArray[np.uint8]]] = []

    def progress(self, fraction: float, stage: str) -> None:
        self.fractions.append(fraction)

    def preview(self, rect_px: PixelRect, scale: int, pixels: npt.NDArray[np.uint8]) -> None:
        self.previews.append((rect_px, scale, pixels))

    def check(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Cancelled


def test_it_can_be_cancelled_between_tiles():
    watcher = Watcher(cancel_after=3)
    with pytest.raises(Cancelled):
        enlarged(picture(40, 40), 2, tile_px=16, report=watcher)
    assert 1 <= len(watcher.fractions) <= 3


def test_previews_show_the_whole_picture_from_the_first_one_on():
    watcher = Watcher()
    result = enlarged(picture(120, 200), 4, tile_px=32, report=watcher)
    assert watcher.fractions == sorted(watcher.fractions)
    assert len(watcher.previews) > 2
    for rect_px, scale, pixels in watcher.previews:
        assert rect_px == result.rect_px
        assert pixels.shape == (-(-rect_px.height // scale), -(-rect_px.width // scale), 3)
    _, scale, last = watcher.previews[-1]
    assert np.array_equal(last, result.pixels[::scale, ::scale])
    first = watcher.previews[0][2].astype(int)
    assert np.abs(first - last).mean() < 8


def test_it_says_what_it_used_and_that_proportions_were_kept():
    before = picture(30, 40)
    result = upscale.run(asked(before, Size(80, 60), RGB8, size="200x60"), SilentReport(), "cpu")
    assert result.facts.model == "scale" and len(result.facts.weights_hash) == 64
    assert "80×60 is what 200×60 holds" in result.facts.notes[0] and "estimate" in result.facts.notes[-1]


@pytest.mark.parametrize("size", [Size(39, 30), Size(400, 300)])
def test_a_canvas_that_is_smaller_or_far_too_large_is_refused(size: Size):
    with pytest.raises(BadRequest):
        upscale.run(asked(picture(30, 40), size), SilentReport(), "cpu")
