"""Drawing by words into a selection: exact outside, exact patterns inside, and nothing guessed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from support.profiles import profile_of

from engine.api import Alpha, Depth, EditRequest, EditResult, LayerFormat
from engine.errors import Cancelled, EmptySelection, UnknownPrompt
from engine.geometry import PixelRect, Size
from engine.operations.drawing import drawing_of
from engine.operations.replace import read, run
from engine.operations.report import SilentReport

CPU = torch.device("cpu")
RGB = LayerFormat(Depth.U8, 3, Alpha.NONE)
FORMATS = [
    LayerFormat(depth, channels, alpha)
    for depth in Depth
    for channels, alpha in (
        (1, Alpha.NONE),
        (2, Alpha.STRAIGHT),
        (3, Alpha.NONE),
        (4, Alpha.STRAIGHT),
        (4, Alpha.PREMULTIPLIED),
    )
]


class Recording(SilentReport):
    def __init__(self) -> None:
        self.previews: list[tuple[PixelRect, int, np.ndarray]] = []

    def preview(self, rect_px: PixelRect, scale: int, pixels: np.ndarray) -> None:
        self.previews.append((rect_px, scale, pixels))


def noise(height: int, width: int, layer: LayerFormat = RGB, seed: int = 0) -> np.ndarray:
    values = np.random.default_rng(seed).random((height, width, layer.channels))
    if layer.alpha is Alpha.PREMULTIPLIED:
        values[..., :-1] *= values[..., -1:]
    return (values * layer.depth.white).astype(layer.depth.dtype)


def edit(
    pixels: np.ndarray, mask: np.ndarray, prompt: str, layer: LayerFormat = RGB, seed: int = 1, report=None
) -> EditResult:
    size = Size(mask.shape[1], mask.shape[0])
    request = EditRequest("e", "replace", size, layer, size.rect, pixels, mask, seed, prompt)
    return run(request, report or SilentReport(), CPU)


def box_mask(height: int, width: int, rect: PixelRect, value: int = 255) -> np.ndarray:
    mask = np.zeros((height, width), np.uint8)
    mask[rect.slices()] = value
    return mask


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from(FORMATS),
    st.integers(1, 40),
    st.integers(1, 40),
    st.sampled_from(["brick wall", "plain red", "navy to teal gradient"]),
    st.integers(0, 1000),
)
def test_a_pixel_outside_the_mask_is_never_changed(layer: LayerFormat, height: int, width: int, prompt: str, seed: int):
    pixels = noise(height, width, layer, seed)
    draw = np.random.default_rng(seed)
    mask = draw.choice(np.array([0, 0, 128, 255], np.uint8), (height, width))
    mask[draw.integers(height), draw.integers(width)] = 255
    result = edit(pixels, mask, prompt, layer)
    part = result.rect_px.slices()
    outside = mask[part] == 0
    assert result.pixels.dtype == pixels.dtype
    assert np.array_equal(result.pixels[outside].view(np.uint8), pixels[part][outside].view(np.uint8))


@pytest.mark.parametrize("layer", FORMATS)
def test_a_plain_colour_is_that_colour_to_the_bit(layer: LayerFormat):
    result = edit(noise(20, 30, layer), box_mask(20, 30, PixelRect(5, 5, 25, 15)), "plain #ff0000", layer)
    white = layer.depth.white
    expected = {1: [0.2126 * white], 2: [0.2126 * white, white], 3: [white, 0, 0], 4: [white, 0, 0, white]}
    right = np.array(expected[layer.channels])
    if layer.depth is not Depth.F32:
        right = np.rint(right)
    assert np.allclose(result.pixels.astype(np.float64), right, rtol=0, atol=1e-6)


@pytest.mark.parametrize("prompt", ["plain #c06030", "white and navy stripes"])
def test_a_drawing_is_shown_in_the_layers_own_profile(prompt: str):
    """Without the profile the numbers are those of sRGB; with it they are others, of the same light."""
    mask, report = box_mask(60, 60, PixelRect(10, 10, 50, 50)), Recording()
    request = EditRequest("e", "replace", Size(60, 60), RGB, PixelRect(0, 0, 60, 60), noise(60, 60), mask, 1, prompt)
    usual = run(request, SilentReport(), CPU).pixels / 255
    light = np.where(usual <= 0.04045, usual / 12.92, ((usual + 0.055) / 1.055) ** 2.4) * 255
    assert np.abs(usual * 255 - light).max() > 50
    drawn = run(replace(request, profile=profile_of(1.0)), report, CPU).pixels
    assert np.abs(drawn - light).max() < 3
    assert np.abs(report.previews[-1][2] - light).max() < 3


def test_the_same_seed_draws_the_same_and_another_one_another():
    pixels, mask = noise(60, 60), box_mask(60, 60, PixelRect(10, 10, 50, 50))
    one, again, other = (edit(pixels, mask, "brick wall", seed=seed).pixels for seed in (4, 4, 5))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


def test_what_is_drawn_is_what_was_asked_for():
    grey = np.full((120, 120, 3), 128, np.uint8)
    brick = edit(grey, box_mask(120, 120, PixelRect(10, 10, 110, 110)), "red brick wall").pixels.reshape(-1, 3)
    red, green, blue = brick.astype(float).mean(0)
    assert red > green + 15 and red > blue + 15
    assert brick.std() > 15


def test_a_soft_layer_gets_a_soft_drawing():
    small = torch.rand(1, 3, 16, 16, generator=torch.Generator().manual_seed(2))
    smooth = torch.nn.functional.interpolate(small, (192, 192), mode="bicubic").clamp(0, 1)[0].permute(1, 2, 0)
    soft = (smooth.numpy() * 255).astype(np.uint8)
    mask = box_mask(192, 192, PixelRect(48, 48, 144, 144))

    def steps(pixels: np.ndarray) -> float:
        return float(np.abs(np.diff(pixels.astype(float), axis=1)).mean())

    in_soft, in_crisp = (edit(pixels, mask, "cobblestones").pixels for pixels in (soft, noise(192, 192)))
    assert steps(in_soft) < 0.7 * steps(in_crisp)


def test_a_grainy_layer_gets_grain():
    flat = np.full((160, 160, 3), 128.0)
    grainy = np.clip(flat + np.random.default_rng(3).normal(0, 9, flat.shape[:2])[..., None], 0, 255).astype(np.uint8)
    mask = box_mask(160, 160, PixelRect(40, 40, 120, 120))
    clean, with_grain = (edit(p, mask, "plaster").pixels for p in (flat.astype(np.uint8), grainy))
    assert np.abs(with_grain.astype(int) - clean.astype(int)).mean() > 2


@pytest.mark.parametrize("prompt", ["brick wall", "red and white stripes"])
def test_every_preview_covers_the_patch(prompt: str):
    report = Recording()
    edit(noise(300, 400), box_mask(300, 400, PixelRect(20, 30, 380, 290)), prompt, report=report)
    assert report.previews
    for rect_px, scale, pixels in report.previews:
        assert rect_px == PixelRect(20, 30, 380, 290)
        assert pixels.shape == (-(-260 // scale), -(-360 // scale), 3)
        assert pixels.dtype == np.uint8


def test_a_material_is_planned_step_by_step_and_a_pattern_is_not():
    counts: list[int] = []
    for prompt in ("brick wall", "red and white stripes"):
        report = Recording()
        edit(noise(200, 200), box_mask(200, 200, PixelRect(50, 50, 150, 150)), prompt, report=report)
        counts.append(len(report.previews))
    assert counts[0] > 4
    assert counts[1] == 1


def test_what_was_used_is_told():
    mask = box_mask(60, 60, PixelRect(10, 10, 50, 50))
    planned, by_rule = (edit(noise(60, 60), mask, prompt).facts for prompt in ("grass", "plain red"))
    assert (planned.model, len(planned.weights_hash)) == ("nano", 64)
    assert (by_rule.model, by_rule.weights_hash) == ("materials", "")


def test_pixels_that_are_no_number_do_not_spoil_the_plan():
    layer = LayerFormat(Depth.F32, 3, Alpha.NONE)
    pixels = noise(80, 80, layer)
    pixels[:5] = np.nan
    result = edit(pixels, box_mask(80, 80, PixelRect(20, 20, 60, 60)), "grass", layer=layer)
    assert np.isfinite(result.pixels).all()


def test_words_it_cannot_draw_are_told_with_what_comes_near():
    with pytest.raises(UnknownPrompt) as raised:
        edit(noise(20, 20), box_mask(20, 20, PixelRect(2, 2, 18, 18)), "marbel")
    assert "marbel" in str(raised.value)
    assert "marble" in raised.value.hint


def test_an_empty_selection_is_refused():
    with pytest.raises(EmptySelection):
        edit(noise(20, 20), np.zeros((20, 20), np.uint8), "brick wall")


def test_a_cancel_is_heard():
    class Cancelling(SilentReport):
        def check(self) -> None:
            raise Cancelled

    with pytest.raises(Cancelled):
        edit(noise(20, 20), box_mask(20, 20, PixelRect(2, 2, 18, 18)), "brick wall", report=Cancelling())


def test_a_whole_layer_may_be_drawn_over():
    result = edit(noise(50, 40), np.full((50, 40), 255, np.uint8), "grey gradient")
    assert result.rect_px == PixelRect(0, 0, 40, 50)


def test_a_larger_selection_shows_more_of_a_material_and_not_larger_bricks():
    brick = read("brick wall")
    small, usual, large, huge = (drawing_of(brick, Size(side, side), "cpu").unit_px for side in (100, 300, 600, 3000))
    assert small < usual
    assert large == huge
