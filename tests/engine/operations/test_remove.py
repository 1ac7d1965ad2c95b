"""The operation as the worker runs it: from a request to a patch in the layer's own format."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from engine.api import Alpha, Depth, EditRequest, LayerFormat
from engine.errors import Cancelled, EmptySelection, NothingToCopyFrom
from engine.geometry import PixelRect, Size
from engine.imaging.mask import bounding_box
from engine.operations.reach import reach_of_fill
from engine.operations.remove import run, warm_up
from engine.operations.report import SilentReport

CPU = torch.device("cpu")
RGB = LayerFormat(Depth.U8, 3, Alpha.NONE)


class Recording(SilentReport):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.previews: list[tuple[PixelRect, int, np.ndarray]] = []
        self.fractions: list[float] = []

    def progress(self, fraction: float, stage: str) -> None:
        self.fractions.append(fraction)

    def preview(self, rect_px: PixelRect, scale: int, pixels: np.ndarray) -> None:
        self.previews.append((rect_px, scale, pixels))


def request(pixels: np.ndarray, mask: np.ndarray, layer: LayerFormat = RGB, **more: object) -> EditRequest:
    height, width = mask.shape
    size = Size(width, height)
    fields = {"layer_size": size, "reach_px": size.rect, "seed": 3} | more
    return EditRequest(edit_id="e", operation="remove", format=layer, pixels=pixels, mask=mask, **fields)


def disc(height: int, width: int, radius: float, feather: float = 0) -> np.ndarray:
    y, x = np.ogrid[:height, :width]
    far = np.hypot(y - height / 2, x - width / 2)
    return (np.clip((radius - far) / max(feather, 1e-6) + 0.5, 0, 1) * 255).astype(np.uint8)


@settings(max_examples=40)
@given(
    seed=st.integers(0, 2**32 - 1),
    depth=st.sampled_from(list(Depth)),
    kind=st.sampled_from(
        [(1, Alpha.NONE), (2, Alpha.STRAIGHT), (3, Alpha.NONE), (4, Alpha.STRAIGHT), (4, Alpha.PREMULTIPLIED)]
    ),
    height=st.integers(1, 40),
    width=st.integers(1, 40),
)
def test_nothing_outside_a_random_mask_changes_in_any_format(
    seed: int, depth: Depth, kind: tuple[int, Alpha], height: int, width: int
):
    draw = np.random.default_rng(seed)
    layer = LayerFormat(depth, *kind)
    if depth is Depth.F32:
        pixels = draw.normal(0.5, 2.0, (height, width, kind[0])).astype(np.float32)
        pixels[draw.random((height, width)) < 0.1] = np.nan
    else:
        pixels = draw.integers(0, int(depth.white) + 1, (height, width, kind[0])).astype(depth.dtype)
    mask = np.where(draw.random((height, width)) < 0.4, draw.integers(1, 256, (height, width)), 0).astype(np.uint8)
    box = bounding_box(mask > 0)
    try:
        result = run(request(pixels, mask, layer), SilentReport(), CPU)
    except EmptySelection:
        assert not mask.any()
        return
    except NothingToCopyFrom:
        assert ((mask > 0) | ~np.isfinite(pixels).all(-1)).all()
        return
    outside = mask[box.slices()] == 0
    assert result.rect_px == box
    assert result.pixels.dtype == layer.depth.dtype
    assert result.pixels[outside].tobytes() == pixels[box.slices()][outside].tobytes()
    if depth is Depth.F32:
        assert np.isfinite(result.pixels[~outside]).all()


def test_the_patch_is_placed_in_the_layer_and_not_in_what_was_sent():
    pixels, mask = np.full((60, 70, 3), 90, np.uint8), np.zeros((60, 70), np.uint8)
    mask[20:30, 40:52] = 255
    sent = request(pixels, mask, layer_size=Size(1000, 900), reach_px=PixelRect(500, 400, 570, 460))
    result = run(sent, SilentReport(), CPU)
    assert result.rect_px == PixelRect(540, 420, 552, 430)
    assert (result.pixels == 90).all()
    assert result.facts.model == "exemplar"


def test_an_object_on_a_plain_ground_is_gone():
    for depth in (Depth.U8, Depth.U16):
        layer = LayerFormat(depth, 3, Alpha.NONE)
        pixels = np.full((120, 120, 3), 100, depth.dtype)
        pixels[45:75, 45:75] = 250
        result = run(request(pixels, disc(120, 120, 30), layer), SilentReport(), CPU)
        assert np.abs(result.pixels.astype(int) - 100).max() <= 1


def test_a_soft_mask_leaves_a_soft_border():
    pixels = np.full((100, 100, 3), 100, np.uint8)
    mask = disc(100, 100, 25, feather=20)
    pixels[mask > 0] = 200
    box = bounding_box(mask > 0)
    result = run(request(pixels, mask), SilentReport(), CPU)
    expected = 200 - 100 * (mask[box.slices()] / 255.0)
    selected = mask[box.slices()] > 0
    assert np.abs(result.pixels[..., 0] - expected)[selected].max() <= 2


def test_the_same_request_twice_gives_the_same_bytes():
    pixels = np.random.default_rng(1).integers(0, 256, (90, 90, 3), np.uint8)
    sent = request(pixels, disc(90, 90, 20))
    first, second = (run(sent, SilentReport(), CPU).pixels for _ in range(2))
    assert first.tobytes() == second.tobytes()


def test_values_beyond_white_are_continued_and_do_not_poison():
    layer = LayerFormat(Depth.F32, 3, Alpha.NONE)
    pixels = np.full((100, 100, 3), 3.5, np.float32)
    pixels[10, 10], pixels[90, 20] = np.nan, np.inf
    result = run(request(pixels, disc(100, 100, 20), layer), SilentReport(), CPU)
    assert np.allclose(result.pixels, 3.5, rtol=1e-4)
    assert not result.facts.notes or "not a number" in result.facts.notes[0]


def test_the_alpha_of_what_is_removed_is_continued_like_a_colour():
    layer = LayerFormat(Depth.U8, 4, Alpha.STRAIGHT)
    pixels = np.zeros((100, 100, 4), np.uint8)
    pixels[:] = (40, 80, 120, 128)
    pixels[40:60, 40:60] = (255, 0, 0, 255)
    result = run(request(pixels, disc(100, 100, 20), layer), SilentReport(), CPU)
    assert np.abs(result.pixels.astype(int) - (40, 80, 120, 128)).max() <= 1


def test_an_empty_selection_is_told():
    with pytest.raises(EmptySelection):
        run(request(np.zeros((9, 9, 3), np.uint8), np.zeros((9, 9), np.uint8)), SilentReport(), CPU)


def test_a_selection_of_everything_is_told_with_its_reason():
    everything = np.full((9, 9), 1, np.uint8)
    with pytest.raises(NothingToCopyFrom, match="whole layer"):
        run(request(np.zeros((9, 9, 3), np.uint8), everything), SilentReport(), CPU)
    broken = np.full((9, 9, 3), np.nan, np.float32)
    with pytest.raises(NothingToCopyFrom, match="not a number"):
        run(request(broken, disc(9, 9, 2), LayerFormat(Depth.F32, 3, Alpha.NONE)), SilentReport(), CPU)


def test_previews_cover_the_selections_box_from_coarse_to_fine():
    pixels = np.random.default_rng(1).integers(0, 256, (200, 210, 3), np.uint8)
    report = Recording()
    result = run(request(pixels, disc(200, 210, 70)), report, CPU)
    assert len(report.previews) >= 2
    for rect, scale, shown in report.previews:
        assert rect == result.rect_px
        assert shown.shape == (-(-rect.height // scale), -(-rect.width // scale), 3)
        assert shown.dtype == np.uint8
    assert [s for _, s, _ in report.previews] == sorted((s for _, s, _ in report.previews), reverse=True)
    assert report.fractions == sorted(report.fractions)
    assert 0 <= report.fractions[0] <= report.fractions[-1] <= 1


def test_no_preview_is_made_when_none_is_wanted():
    pixels, report = np.zeros((200, 200, 3), np.uint8), Recording()
    run(request(pixels, disc(200, 200, 70), previews=False), report, CPU)
    assert report.previews == []


def test_a_cancel_ends_the_edit():
    class Cancelling(SilentReport):
        def check(self) -> None:
            raise Cancelled

    with pytest.raises(Cancelled):
        run(request(np.zeros((50, 50, 3), np.uint8), disc(50, 50, 9)), Cancelling(), CPU)


def test_warming_up_works():
    warm_up(CPU)


def check_photographs() -> list[Path]:
    named = os.environ.get("INLAY_CHECK_PHOTOS")
    folder = Path(named) if named else Path(__file__).resolve().parents[4] / "shared" / "photos" / "check"
    manifest = folder / "manifest.json"
    if not manifest.is_file():
        return []
    return [folder / entry["file"] for entry in json.loads(manifest.read_text("utf-8"))["images"]]


@pytest.mark.skipif(not check_photographs(), reason="the check photographs are not here")
@pytest.mark.parametrize("path", check_photographs(), ids=lambda path: path.stem)
def test_nothing_outside_changes_in_a_check_photograph(path: Path):
    picture = np.array(Image.open(path).convert("RGB"))
    mask = np.zeros(picture.shape[:2], np.uint8)
    mask[100:180, 120:200] = disc(80, 80, 34, feather=8)
    box = bounding_box(mask > 0)
    reach = reach_of_fill(box, Size(mask.shape[1], mask.shape[0]))
    sent = request(
        np.ascontiguousarray(picture[reach.slices()]),
        np.ascontiguousarray(mask[reach.slices()]),
        layer_size=Size(mask.shape[1], mask.shape[0]),
        reach_px=reach,
    )
    result = run(sent, SilentReport(), CPU)
    after = picture.copy()
    after[result.rect_px.slices()] = result.pixels
    assert result.rect_px == box
    assert np.array_equal(after[mask == 0], picture[mask == 0])
    assert (after[mask == 255] != picture[mask == 255]).any() or picture[mask == 255].std() < 2
