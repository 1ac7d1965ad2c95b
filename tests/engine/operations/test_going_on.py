"""What is already around a selection goes on there; anything else is drawn, and a plain colour is what was named."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from support.profiles import profile_of

from bridge.bench.fill import seam_ratio, texture_distance
from engine.api import Alpha, Depth, EditRequest, EditResult, LayerFormat
from engine.colour.convert import as_in_layer, numbers_of
from engine.colour.space import srgb
from engine.geometry import PixelRect, Size
from engine.materials import catalogue
from engine.operations.drawing import drawing_of
from engine.operations.going_on import is_around
from engine.operations.replace import read, run
from engine.operations.report import SilentReport

SIDE = 200
BOX = PixelRect(60, 60, 140, 140)


def layer_of(prompt: str, seed: int = 71, unit_px: float | None = None) -> np.ndarray:
    drawing = drawing_of(read(prompt), BOX.size, "cpu")
    drawn = catalogue.render(drawing.understood, SIDE, SIDE, unit_px=unit_px or drawing.unit_px, seed=seed)
    return (drawn.clamp(0, 1) * 255).round().byte().numpy()


def mask() -> np.ndarray:
    out = np.zeros((SIDE, SIDE), np.uint8)
    out[BOX.slices()] = 255
    return out


def edit(pixels: np.ndarray, prompt: str, layer: LayerFormat | None = None, seed: int = 3) -> EditResult:
    size = Size(SIDE, SIDE)
    layer = layer or LayerFormat(Depth.U8, 3, Alpha.NONE)
    request = EditRequest("e", "replace", size, layer, size.rect, pixels, mask(), seed, prompt)
    return run(request, SilentReport(), "cpu")


@pytest.mark.parametrize("prompt", ["grass", "brick wall", "sand", "gravel"])
def test_a_material_that_is_around_goes_on(prompt: str) -> None:
    result = edit(layer_of(prompt), prompt)
    assert result.facts.model == "exemplar"
    assert prompt in result.facts.notes[0]


@pytest.mark.parametrize("prompt", ["red knitted wool", "navy to teal gradient"])
def test_what_is_around_is_known_by_how_it_looks_and_not_by_its_numbers(prompt: str) -> None:
    profile, drawn = profile_of(1.0), layer_of(prompt).astype(np.float32) / 255
    pixels = np.rint(as_in_layer(drawn, srgb(), numbers_of(profile)) * 65535).astype(np.uint16)
    size, rgb16 = Size(SIDE, SIDE), LayerFormat(Depth.U16, 3, Alpha.NONE)
    asked = EditRequest("e", "replace", size, rgb16, size.rect, pixels, mask(), 3, prompt)
    told = run(replace(asked, profile=profile), SilentReport(), "cpu").facts
    assert told.model in ("exemplar", "pattern")
    assert run(asked, SilentReport(), "cpu").facts.model not in ("exemplar", "pattern")


@pytest.mark.parametrize(("around", "prompt"), [("grass", "brick wall"), ("brick wall", "grass"), ("snow", "water")])
def test_another_material_is_drawn(around: str, prompt: str) -> None:
    assert edit(layer_of(around), prompt).facts.model == "nano"


def test_a_material_of_another_colour_than_the_one_named_is_drawn() -> None:
    assert edit(layer_of("red knitted wool"), "blue knitted wool").facts.model == "nano"
    assert edit(layer_of("red knitted wool"), "red knitted wool").facts.model == "exemplar"


@pytest.mark.parametrize(
    ("prompt", "most"),
    [("red and white stripes", 1.0), ("black and white checks", 6.0), ("navy to teal gradient", 1.0)],
)
def test_a_pattern_goes_on_to_the_pixel_whatever_was_in_the_hole(prompt: str, most: float) -> None:
    """Stripes here lie along the axes; the checks' edges lie between pixels, and are read off there."""
    truth = layer_of(prompt)
    pixels = truth.copy()
    pixels[BOX.slices()] = np.random.default_rng(1).integers(0, 256, (80, 80, 3), np.uint8)
    result = edit(pixels, prompt)
    assert result.facts.model == "pattern"
    assert len(result.facts.weights_hash) == 64
    assert np.abs(result.pixels.astype(int) - truth[BOX.slices()].astype(int)).mean() <= most


@pytest.mark.parametrize(
    ("colour", "prompt"),
    [
        ((0, 64, 128), "navy to teal gradient"),
        ((255, 255, 255), "white to ivory gradient"),
        ((10, 12, 30), "black to navy gradient"),
        ((250, 250, 250), "white stripes"),
    ],
)
def test_a_pattern_in_a_plain_layer_is_drawn(colour: tuple[int, int, int], prompt: str) -> None:
    result = edit(np.full((SIDE, SIDE, 3), colour, np.uint8), prompt)
    assert result.facts.model == "materials"
    assert result.pixels.std(axis=(0, 1)).max() > 1


@pytest.mark.parametrize(
    ("around", "prompt"),
    [
        ("navy and white checks", "navy and white stripes"),
        ("navy and white stripes", "navy and white checks"),
        ("navy and white gingham", "navy and white checks"),
    ],
)
def test_another_pattern_in_the_same_colours_is_drawn(around: str, prompt: str) -> None:
    assert edit(layer_of(around), prompt).facts.model == "materials"


def test_stripes_of_other_colours_are_drawn() -> None:
    assert edit(layer_of("red and white stripes"), "navy and yellow stripes").facts.model == "materials"


def test_a_plain_colour_is_the_named_one_also_in_nearly_that_colour() -> None:
    pixels = np.full((SIDE, SIDE, 3), (250, 5, 5), np.uint8)
    assert np.array_equal(edit(pixels, "#ff0000").pixels, np.broadcast_to((255, 0, 0), (80, 80, 3)))


def test_a_pattern_goes_on_in_sixteen_bits_and_with_alpha() -> None:
    layer = LayerFormat(Depth.U16, 4, Alpha.STRAIGHT)
    eight = layer_of("red and white stripes").astype(np.uint16)
    pixels = np.concatenate([eight * 257, np.full((SIDE, SIDE, 1), 65535, np.uint16)], -1)
    result = edit(pixels, "red and white stripes", layer)
    assert result.facts.model == "pattern"
    assert result.pixels.dtype == np.uint16
    assert (result.pixels[..., 3] == 65535).all()


def test_where_too_little_is_known_nothing_is_said_to_be_around() -> None:
    drawing = drawing_of(read("grass"), BOX.size, "cpu")
    picture = torch.from_numpy(layer_of("grass")).permute(2, 0, 1).float() / 255
    usable = torch.zeros(SIDE, SIDE, dtype=torch.bool)
    assert not is_around(picture, usable, BOX, drawing, 1)
    usable[:, 5] = True
    assert not is_around(picture, usable, BOX, drawing, 1)


@pytest.mark.parametrize("prompt", ["pebbles", "autumn leaves"])
def test_separate_things_go_on_whole_and_as_rough_as_they_are(prompt: str) -> None:
    side, box = 320, PixelRect(80, 80, 240, 240)
    drawing = drawing_of(read(prompt), box.size, "cpu")
    drawn = catalogue.render(drawing.understood, side, side, unit_px=drawing.unit_px, seed=71)
    pixels = (drawn.clamp(0, 1) * 255).round().byte().numpy()
    selected = np.zeros((side, side), np.uint8)
    selected[box.slices()] = 255
    size, layer = Size(side, side), LayerFormat(Depth.U8, 3, Alpha.NONE)
    request = EditRequest("e", "replace", size, layer, size.rect, pixels, selected, 3, prompt, previews=False)
    result = run(request, SilentReport(), "cpu")
    assert result.facts.model == "exemplar"
    after = pixels.copy()
    after[result.rect_px.slices()] = result.pixels
    assert texture_distance(pixels, after, selected > 0) < 0.08
    assert seam_ratio(after, selected > 0) < 1.3


def test_a_layer_with_transparent_spots_goes_on_opaque_and_is_untouched_outside_to_the_bit() -> None:
    side, box = 240, PixelRect(70, 70, 170, 170)
    drawing = drawing_of(read("pebbles"), box.size, "cpu")
    drawn = catalogue.render(drawing.understood, side, side, unit_px=drawing.unit_px, seed=71).clamp(0, 1).numpy()
    pixels = np.concatenate([np.rint(drawn * 65535), np.full((side, side, 1), 65535)], 2).astype(np.uint16)
    for y, x in ((10, 20), (30, 180), (200, 40), (215, 200), (12, 120)):
        pixels[y : y + 9, x : x + 9, 3] = 0
    selected = np.zeros((side, side), np.uint8)
    selected[box.slices()] = 255
    size, layer = Size(side, side), LayerFormat(Depth.U16, 4, Alpha.STRAIGHT)
    request = EditRequest("e", "replace", size, layer, size.rect, pixels, selected, 3, "pebbles", previews=False)
    first, second = (run(request, SilentReport(), "cpu") for _ in range(2))
    assert first.facts.model == "exemplar"
    assert np.array_equal(first.pixels, second.pixels)
    after = pixels.copy()
    after[first.rect_px.slices()] = first.pixels
    assert np.array_equal(after[selected == 0], pixels[selected == 0])
    assert (after[selected > 0][:, 3] == 65535).all()
