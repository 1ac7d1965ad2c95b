"""Every man-made entry of the material library: what it promises to those who draw with it."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from engine.materials.canvas import Canvas
from engine.materials.colours import COLOURS
from engine.materials.library import cloth, flat, masonry, metal, paper, patterns, stone, timber
from engine.materials.material import Kind, Material, Paint

ENTRIES = tuple(
    entry for room in (patterns, masonry, stone, timber, metal, cloth, paper, flat) for entry in room.MATERIALS
)
# A pattern of two colours has no one colour on average; they are tested for both.
DYED = tuple(entry for entry in ENTRIES if entry.colours == 1)
TWO_COLOURED = tuple(entry for entry in ENTRIES if entry.colours == 2)
# Composed over the frame, not in units.
FRAMED = ("gradient",)

every_entry = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)


def drawn(
    entry: Material, *, seed: int = 5, batch: int = 3, size: int = 48, unit: float = 64.0, paint: Paint | None = None
) -> Tensor:
    return entry.draw(Canvas(batch, size, size, seed=seed, unit_px=unit), paint or Paint()).clamp(0, 1)


def painted(name: str, batch: int) -> Tensor:
    return torch.tensor(COLOURS[name]).view(1, 3, 1, 1).expand(batch, 3, 1, 1)


@every_entry
def test_a_render_is_a_float_picture_of_the_canvas_size(entry: Material) -> None:
    picture = entry.draw(Canvas(2, 40, 56, seed=3, unit_px=torch.tensor([64.0, 600.0])), Paint())
    assert picture.shape == (2, 3, 40, 56)
    assert picture.dtype == torch.float32
    assert torch.isfinite(picture).all()
    # Light may push a little over white, not far: what is clamped away is lost detail.
    assert float((picture > 1.0).float().mean()) < 0.35
    assert float(picture.min()) > -0.05


@every_entry
def test_the_same_seed_gives_the_same_picture_and_another_seed_another(entry: Material) -> None:
    first = drawn(entry)
    assert torch.equal(first, drawn(entry))
    assert not torch.allclose(first, drawn(entry, seed=6), atol=0.02)


@every_entry
def test_pictures_of_a_batch_differ(entry: Material) -> None:
    pictures = drawn(entry, batch=4, seed=9)
    for a in range(4):
        for b in range(a):
            assert float((pictures[a] - pictures[b]).abs().max()) > 0.03


@pytest.mark.parametrize("entry", [each for each in ENTRIES if each.name not in FRAMED], ids=lambda entry: entry.name)
def test_a_larger_picture_shows_more_at_the_same_scale(entry: Material) -> None:
    small = drawn(entry, size=48)
    corner = drawn(entry, size=96)[..., :48, :48]
    # Light that falls off over the frame, and noise that fades with the picture's mean slope, differ a little.
    assert float((small - corner).abs().mean()) < 0.06


@every_entry
def test_a_material_has_texture_and_a_plain_colour_has_none(entry: Material) -> None:
    spread = drawn(entry).flatten(2).std(-1).mean()
    assert (float(spread) < 1e-6) if entry.name == "plain" else (float(spread) > 0.004)


@pytest.mark.parametrize("entry", DYED, ids=lambda entry: entry.name)
@pytest.mark.parametrize("colour", ["red", "navy", "white", "teal", "black"])
def test_a_colour_that_is_asked_for_is_near_the_mean(entry: Material, colour: str) -> None:
    wanted = painted(colour, 3)
    mean = drawn(entry, paint=Paint(first=wanted)).mean((0, 2, 3))
    assert float((mean - wanted[0, :, 0, 0]).abs().max()) < 0.13


@pytest.mark.parametrize("entry", DYED, ids=lambda entry: entry.name)
def test_of_all_named_colours_the_one_asked_for_is_the_nearest(entry: Material) -> None:
    names = ["red", "yellow", "green", "blue", "purple", "black"]
    table = torch.tensor([COLOURS[name] for name in names])
    means = drawn(entry, batch=len(names), paint=Paint(first=table.view(-1, 3, 1, 1))).mean((2, 3))
    assert torch.cdist(means, table).argmin(1).tolist() == list(range(len(names)))


@pytest.mark.parametrize("entry", TWO_COLOURED, ids=lambda entry: entry.name)
def test_both_colours_of_a_pattern_are_there(entry: Material) -> None:
    first, second = painted("red", 3), painted("navy", 3)
    picture = drawn(entry, unit=160.0, size=96, paint=Paint(first=first, second=second))
    for colour in (first, second):
        near = (picture - colour).abs().amax(1) < 0.1
        assert float(near.float().mean((1, 2)).min()) > 0.03
    # Nothing but mixtures of the two: on the straight line between them.
    way = second - first
    t = ((picture - first) * way).sum(1, keepdim=True) / (way * way).sum(1, keepdim=True)
    assert torch.allclose(picture, first + t * way, atol=1e-4)


@pytest.mark.parametrize("entry", TWO_COLOURED, ids=lambda entry: entry.name)
def test_a_pattern_of_one_asked_colour_can_be_seen(entry: Material) -> None:
    for colour in ("white", "black", "grey"):
        picture = drawn(entry, paint=Paint(first=painted(colour, 3)))
        assert float(picture.flatten(2).std(-1).mean(1).min()) > 0.03


def test_vertical_stripes_change_only_across_and_horizontal_ones_only_down() -> None:
    entries = {entry.name: entry for entry in patterns.MATERIALS}
    upright, level = drawn(entries["vertical stripes"]), drawn(entries["horizontal stripes"])
    assert float(upright.diff(dim=-2).abs().max()) < 1e-3 < float(upright.diff(dim=-1).abs().max())
    assert float(level.diff(dim=-1).abs().max()) < 1e-3 < float(level.diff(dim=-2).abs().max())


def test_names_and_synonyms_are_lower_case_and_belong_to_one_entry_each() -> None:
    words = [word for entry in ENTRIES for word in (entry.name, *entry.synonyms)]
    assert len(words) == len(set(words))
    assert all(word == word.lower() for word in words)
    assert all(entry.kind is (Kind.PATTERN if entry in patterns.MATERIALS else Kind.MATERIAL) for entry in ENTRIES)
