"""Every style at every depth: only the selection changes, alike by seed, wherever the layer is cut."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from support.pictures import RGB8, changed_outside, disc

from engine.api import Alpha, Depth, EditRequest, EditResult, LayerFormat, Pixels, Reference, Value
from engine.errors import BadRequest, Cancelled, EmptySelection, UnknownPrompt
from engine.geometry import PixelRect, Size
from engine.operations import restyle
from engine.operations.registry import OPERATIONS
from engine.operations.report import SilentReport
from engine.styles.words import margin_px, reach_of_style, styles

STYLES = sorted(styles())
FORMATS = (
    LayerFormat(Depth.U8, 4, Alpha.STRAIGHT),
    LayerFormat(Depth.U16, 1, Alpha.NONE),
    LayerFormat(Depth.F32, 4, Alpha.PREMULTIPLIED),
)


def scene(height: int, width: int, format_: LayerFormat = RGB8) -> Pixels:
    """Things to draw: a disc before a slope, hues, a few lines, grain."""
    rows, cols = np.mgrid[0:height, 0:width].astype(np.float32)
    picture = np.stack([rows / height, 0.5 + 0.3 * np.sin(cols / 9), 1 - cols / width], -1).astype(np.float32)
    cv2.circle(picture, (width // 2, height // 2), height // 3, (0.9, 0.6, 0.2), -1)
    cv2.line(picture, (0, 0), (width, height), (0.05, 0.05, 0.1), 2)
    picture += np.random.default_rng(0).normal(0, 0.02, picture.shape).astype(np.float32)
    picture = np.clip(picture, 0, 1)
    count = format_.channels - (format_.alpha is not Alpha.NONE)
    values = picture[..., :count]
    if format_.alpha is not Alpha.NONE:
        alpha = np.clip(cols / width * 1.5, 0, 1)[..., None]
        if format_.alpha is Alpha.PREMULTIPLIED:
            values = values * alpha
        values = np.concatenate([values, alpha], -1)
    return (values * format_.depth.white).astype(format_.depth.dtype)


def restyled(
    pixels: Pixels,
    mask: np.ndarray,
    prompt: str,
    format_: LayerFormat = RGB8,
    seed: int = 1,
    report: SilentReport | None = None,
    references: tuple[Reference, ...] = (),
    previews: bool = False,
    **values: Value,
) -> EditResult:
    size = Size(mask.shape[1], mask.shape[0])
    request = EditRequest(
        "e", "restyle", size, format_, size.rect, pixels, mask, seed, prompt=prompt, previews=previews,
        values=values, references=references,
    )  # fmt: skip
    return OPERATIONS["restyle"](request, report or SilentReport(), "cpu")


def pasted(pixels: Pixels, result: EditResult) -> Pixels:
    after = pixels.copy()
    after[result.rect_px.slices()] = result.pixels
    return after


@pytest.mark.parametrize("style", STYLES)
def test_a_style_changes_the_selection_and_nothing_else_at_every_depth(style: str):
    mask = disc(40, 48, 20, 24, 13)
    mask[18:22, 24:30] = 128
    for format_ in FORMATS:
        before = scene(40, 48, format_)
        if format_.depth is Depth.F32:
            before[20, 24, 0], before[5, 5, 1] = np.nan, 7.5
        after = pasted(before, restyled(before, mask, style, format_))
        assert after.dtype == before.dtype
        assert changed_outside(before, after, mask) == 0
        if format_.alpha is not Alpha.NONE:
            assert np.array_equal(after[..., -1], before[..., -1])
        seen = np.isfinite(before).all(-1) & (mask == 255)
        assert np.isfinite(after[seen].astype(np.float64)).all()
        assert (after[seen] != before[seen]).any(-1).mean() > 0.3


@pytest.mark.parametrize("style", STYLES)
def test_a_style_is_the_same_wherever_the_layer_is_cut_and_tiles_have_no_seams(
    style: str, monkeypatch: pytest.MonkeyPatch
):
    pixels, region = scene(130, 150), PixelRect(56, 48, 92, 80)
    mask = np.zeros((130, 150), np.uint8)
    mask[region.slices()] = 255
    whole = restyled(pixels, mask, style)
    reach = reach_of_style(style, region, Size(150, 130))
    here = reach.slices()
    request = EditRequest(
        "e", "restyle", Size(150, 130), RGB8, reach, np.ascontiguousarray(pixels[here]),
        np.ascontiguousarray(mask[here]), 1, prompt=style, previews=False,
    )  # fmt: skip
    cut = OPERATIONS["restyle"](request, SilentReport(), "cpu")
    assert cut.rect_px == whole.rect_px
    assert np.array_equal(cut.pixels, whole.pixels)
    # Seen from farther away, and in other tiles, it is the same but for a rounding here and there.
    monkeypatch.setattr(restyle, "margin_px", lambda *of: margin_px(*of) + 7)
    monkeypatch.setattr(restyle, "_TILE_PX", (20, 20))
    other = restyled(pixels, mask, style)
    differs = np.abs(other.pixels.astype(int) - whole.pixels.astype(int)).max(-1) > 2
    assert differs.mean() < 0.02


@pytest.mark.parametrize("style", ["oil painting", "risograph", "pixel art", "pencil sketch"])
def test_a_seed_decides(style: str):
    pixels, mask = scene(60, 60), np.full((60, 60), 255, np.uint8)
    one, same, other = (restyled(pixels, mask, style, seed=seed).pixels for seed in (4, 4, 5))
    assert np.array_equal(one, same)
    assert style == "pixel art" or not np.array_equal(one, other)


def test_how_much_is_between_the_picture_and_the_style():
    pixels, mask = scene(60, 60), np.full((60, 60), 255, np.uint8)
    full, half = (restyled(pixels, mask, words).pixels.astype(int) for words in ("sepia", "subtle sepia"))
    assert 0.3 < np.abs(half - pixels).mean() / np.abs(full - pixels).mean() < 0.7


def test_named_colours_are_the_colours_of_the_print():
    pixels, mask = scene(60, 60), np.full((60, 60), 255, np.uint8)
    drawn = restyled(pixels, mask, "duotone in navy and yellow").pixels.astype(int)
    light = drawn.sum(-1)
    darkest, lightest = drawn.reshape(-1, 3)[light.argmin()], drawn.reshape(-1, 3)[light.argmax()]
    assert darkest[2] > darkest[0] and lightest[0] > lightest[2] + 60


def test_light_brighter_than_white_stays_so_in_a_grade():
    format_ = LayerFormat(Depth.F32, 3, Alpha.NONE)
    pixels = scene(60, 60, format_)
    pixels[20:30, 20:30] = 6.0
    mask = np.full((60, 60), 255, np.uint8)
    assert restyled(pixels, mask, "cinematic", format_).pixels[25, 25].max() > 3
    drawn = restyled(pixels, mask, "gouache", format_)
    assert drawn.pixels.max() <= 1.001
    assert any("brighter than white" in note for note in drawn.facts.notes)


def test_a_hidden_colour_does_not_bleed_into_what_can_be_seen():
    format_ = LayerFormat(Depth.U8, 4, Alpha.STRAIGHT)
    clean = np.full((60, 60, 4), (200, 180, 160, 255), np.uint8)
    clean[:, 30:, 3] = 0
    dirty = clean.copy()
    dirty[:, 30:, :3] = (0, 255, 0)
    mask = np.full((60, 60), 255, np.uint8)
    ours, theirs = (restyled(pixels, mask, "gouache", format_).pixels[:, :30] for pixels in (clean, dirty))
    assert np.abs(ours.astype(int) - theirs.astype(int)).max() <= 6


def test_another_pictures_manner_is_taken_over():
    pixels, mask = scene(60, 60), np.full((60, 60), 255, np.uint8)
    blue = np.clip(np.random.default_rng(3).normal((30, 60, 150), 12, (50, 70, 3)), 0, 255).astype(np.uint8)
    result = restyled(pixels, mask, "", references=(Reference(blue, RGB8),), reference=1.0)
    assert np.abs(result.pixels.reshape(-1, 3).mean(0) - (30, 60, 150)).max() < 12
    assert any("not its strokes" in note for note in result.facts.notes)
    with pytest.raises(BadRequest, match="no image 2"):
        restyled(pixels, mask, "", references=(Reference(blue, RGB8),), reference=2.0)


def test_what_cannot_be_done_is_said():
    pixels, mask = scene(30, 30), np.full((30, 30), 255, np.uint8)
    with pytest.raises(UnknownPrompt, match="gogh") as caught:
        restyled(pixels, mask, "Van Gogh")
    assert "impressionist" in caught.value.hint
    with pytest.raises(EmptySelection):
        restyled(pixels, np.zeros_like(mask), "sepia")


def test_a_first_look_comes_before_the_end_and_an_edit_can_be_stopped():
    class Watching(SilentReport):
        def __init__(self) -> None:
            self.shown: list[tuple[PixelRect, int, tuple[int, ...]]] = []
            self.checks = 0

        def preview(self, rect_px: PixelRect, scale: int, pixels: np.ndarray) -> None:
            self.shown.append((rect_px, scale, pixels.shape))

        def check(self) -> None:
            self.checks += 1
            if self.shown and self.checks > 12:
                raise Cancelled

    pixels, mask = scene(420, 500), np.full((420, 500), 255, np.uint8)
    report = Watching()
    with pytest.raises(Cancelled):
        restyled(pixels, mask, "oil painting", report=report, previews=True)
    assert report.shown == [(PixelRect(0, 0, 500, 420), 2, (210, 250, 3))]


@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (3, 2)])
def test_the_smallest_layers_have_a_style_too(shape: tuple[int, int]):
    pixels = np.full((*shape, 3), 120, np.uint8)
    for style in ("oil painting", "stained glass", "low poly", "halftone", "pixel art", "vaporwave"):
        assert restyled(pixels, np.full(shape, 255, np.uint8), style).pixels.shape == (*shape, 3)
