"""Light, colour, sharpness and noise change inside the selection only, at every depth, and do what their words say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.api import Alpha, Depth, EditRequest, EditResult, LayerFormat, Value
from engine.errors import EmptySelection, UnknownPrompt
from engine.geometry import PixelRect, Size
from engine.operations.registry import OPERATIONS
from engine.operations.report import SilentReport

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
CHANGES: list[tuple[str, dict[str, Value]]] = [
    ("relight", {"exposure": 1.0, "temperature": 0.3, "from": "above left"}),
    ("relight", {"contrast": 0.5, "vividness": -1.0}),
    ("recolour", {"colour": "navy"}),
    ("recolour", {"hue": 90.0, "strength": 0.5}),
    ("adjust", {"kind": "blur"}),
    ("adjust", {"kind": "sharpen"}),
    ("adjust", {"kind": "denoise", "amount": 1.0}),
    ("adjust", {"kind": "grain"}),
]


def noise(height: int, width: int, layer: LayerFormat, seed: int) -> np.ndarray:
    values = np.random.default_rng(seed).random((height, width, layer.channels))
    if layer.alpha is Alpha.PREMULTIPLIED:
        values[..., :-1] *= values[..., -1:]
    return (values * layer.depth.white).astype(layer.depth.dtype)


def edit(
    pixels: np.ndarray,
    mask: np.ndarray,
    operation: str,
    values: dict[str, Value],
    layer: LayerFormat = RGB,
    seed: int = 1,
) -> EditResult:
    size = Size(mask.shape[1], mask.shape[0])
    request = EditRequest("e", operation, size, layer, size.rect, pixels, mask, seed, values=values)
    return OPERATIONS[operation](request, SilentReport(), "cpu")


def whole(pixels: np.ndarray, operation: str, values: dict[str, Value], seed: int = 1) -> np.ndarray:
    return edit(pixels, np.full(pixels.shape[:2], 255, np.uint8), operation, values, seed=seed).pixels


def steps(pixels: np.ndarray) -> float:
    return float(np.abs(np.diff(pixels.astype(int), axis=1)).mean())


def plain(*colour: int) -> np.ndarray:
    return np.full((24, 32, 3), colour, np.uint8)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(FORMATS), st.sampled_from(CHANGES), st.integers(1, 40), st.integers(1, 40), st.integers(0, 1000))
def test_a_pixel_outside_the_mask_is_never_changed(
    layer: LayerFormat, change: tuple[str, dict[str, Value]], height: int, width: int, seed: int
) -> None:
    pixels = noise(height, width, layer, seed)
    draw = np.random.default_rng(seed)
    mask = draw.choice(np.array([0, 0, 128, 255], np.uint8), (height, width))
    mask[draw.integers(height), draw.integers(width)] = 255
    if layer.depth is Depth.F32:
        pixels[draw.integers(height), draw.integers(width), 0] = np.nan
    result = edit(pixels, mask, *change, layer)
    part = result.rect_px.slices()
    outside = mask[part] == 0
    assert result.pixels.dtype == pixels.dtype
    assert result.pixels.shape == pixels[part].shape
    assert np.array_equal(result.pixels[outside].view(np.uint8), pixels[part][outside].view(np.uint8))
    if layer.alpha is not Alpha.NONE:
        finite = np.isfinite(pixels[part]).all(-1) & (mask[part] == 255)
        assert np.array_equal(result.pixels[finite][:, -1], pixels[part][finite][:, -1])


def test_a_stop_brighter_is_twice_the_light() -> None:
    layer = LayerFormat(Depth.F32, 3, Alpha.NONE)
    pixels = np.full((8, 8, 3), 0.2, np.float32)
    result = edit(pixels, np.full((8, 8), 255, np.uint8), "relight", {"exposure": 1.0}, layer)
    assert np.allclose(result.pixels, 0.4, atol=1e-5)


def test_warmer_is_redder_and_less_blue() -> None:
    out = whole(plain(128, 128, 128), "relight", {"temperature": 0.5})[0, 0].astype(int)
    assert out[0] > 128 > out[2]


def test_black_and_white_has_no_colour_left() -> None:
    out = whole(plain(200, 80, 30), "relight", {"vividness": -1.0}).astype(int)
    assert np.ptp(out[0, 0]) <= 1


def test_light_from_the_left_is_brighter_on_the_left() -> None:
    out = whole(plain(100, 100, 100), "relight", {"from": "left"}).astype(int)
    assert out[:, :4].mean() > 110 > 90 > out[:, -4:].mean()


def test_a_plain_thing_takes_the_colour_that_was_named() -> None:
    out = whole(plain(180, 60, 50), "recolour", {"colour": "#1f6aa5"})[0, 0].astype(int)
    assert np.abs(out - (0x1F, 0x6A, 0xA5)).max() < 24


def test_a_colour_that_is_none_is_refused() -> None:
    with pytest.raises(UnknownPrompt, match="flumph"):
        whole(plain(1, 2, 3), "recolour", {"colour": "flumph"})


def test_blur_takes_nothing_from_outside_the_selection() -> None:
    pixels = plain(10, 10, 10)
    pixels[:, 16:] = 250
    mask = np.zeros((24, 32), np.uint8)
    mask[:, :16] = 255
    assert (edit(pixels, mask, "adjust", {"kind": "blur", "amount": 1.0}).pixels <= 11).all()


def test_blur_softens_and_sharpening_does_the_opposite() -> None:
    pixels = noise(40, 40, RGB, 3)
    steps = {
        kind: np.abs(np.diff(whole(pixels, "adjust", {"kind": kind}).astype(int), axis=1)).mean()
        for kind in ("blur", "sharpen")
    }
    assert steps["blur"] < np.abs(np.diff(pixels.astype(int), axis=1)).mean() < steps["sharpen"]


def test_grain_is_the_same_for_the_same_seed_only() -> None:
    pixels = plain(120, 120, 120)
    one, other, third = (whole(pixels, "adjust", {"kind": "grain"}, seed) for seed in (1, 1, 2))
    assert np.array_equal(one, other)
    assert not np.array_equal(one, third)
    assert one.std() > 1


def test_nothing_selected_is_told() -> None:
    with pytest.raises(EmptySelection):
        edit(plain(1, 2, 3), np.zeros((24, 32), np.uint8), "relight", {"exposure": 1.0})


def test_only_the_reach_is_needed_for_the_box() -> None:
    pixels = noise(60, 60, RGB, 5)
    mask = np.zeros((60, 60), np.uint8)
    box = PixelRect(24, 26, 40, 38)
    mask[box.slices()] = 255
    result = edit(pixels, mask, "adjust", {"kind": "sharpen"})
    reach = box.grow(16)
    part = EditRequest(
        "e",
        "adjust",
        Size(60, 60),
        RGB,
        reach,
        pixels[reach.slices()],
        mask[reach.slices()],
        1,
        values={"kind": "sharpen"},
    )
    assert np.array_equal(OPERATIONS["adjust"](part, SilentReport(), "cpu").pixels, result.pixels)
