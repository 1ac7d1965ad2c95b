"""Every entry of nature in the material library: what it promises to those who draw with it."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from engine.materials.canvas import Canvas
from engine.materials.colours import COLOURS
from engine.materials.library import fire, ground, plants, sky, turf, water
from engine.materials.material import Kind, Material, Paint
from engine.materials.strew import moved, seams, shadow, smoothed, stalks, strewn

ENTRIES = tuple(entry for room in (turf, plants, ground, water, sky, fire) for entry in room.MATERIALS)
DYED = tuple(entry for entry in ENTRIES if entry.colours == 1)
# Brighter below or above: composed over the frame, not in units alone.
FRAMED = ("blue sky", "clouds", "overcast sky", "night sky", "northern lights", "fire", "fog")

every_entry = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)


def drawn(
    entry: Material, *, seed: int = 5, batch: int = 2, size: int = 48, unit: float = 64.0, paint: Paint | None = None
) -> Tensor:
    return entry.draw(Canvas(batch, size, size, seed=seed, unit_px=unit), paint or Paint()).clamp(0, 1)


def named(name: str) -> Material:
    return next(entry for entry in ENTRIES if entry.name == name)


def mean_of(name: str, **how: int) -> list[float]:
    return drawn(named(name), batch=6, **how).mean((0, 2, 3)).tolist()


@every_entry
def test_a_render_is_a_float_picture_of_the_canvas_size(entry: Material) -> None:
    picture = entry.draw(Canvas(2, 40, 56, seed=3, unit_px=torch.tensor([64.0, 600.0])), Paint())
    assert picture.shape == (2, 3, 40, 56)
    assert picture.dtype == torch.float32
    assert torch.isfinite(picture).all()
    # Light may push a little over white, not far: what is clamped away is lost detail.
    assert float((picture > 1.0).float().mean()) < 0.15
    assert float(picture.min()) > -0.05


@every_entry
@pytest.mark.parametrize(("height", "width"), [(9, 70), (70, 9), (3, 3)], ids=["banner", "column", "tiny"])
def test_the_oddest_regions_are_filled(entry: Material, height: int, width: int) -> None:
    picture = entry.draw(Canvas(1, height, width, seed=4, unit_px=300.0), Paint())
    assert picture.expand(1, 3, height, width).shape == (1, 3, height, width)
    assert torch.isfinite(picture).all()


@every_entry
def test_the_same_seed_gives_the_same_picture_and_another_seed_another(entry: Material) -> None:
    first = drawn(entry)
    assert torch.equal(first, drawn(entry))
    assert not torch.allclose(first, drawn(entry, seed=6), atol=0.02)


@every_entry
def test_pictures_of_a_batch_differ(entry: Material) -> None:
    pictures = drawn(entry, batch=3, seed=9)
    for a in range(3):
        for b in range(a):
            assert float((pictures[a] - pictures[b]).abs().max()) > 0.03


@pytest.mark.parametrize("entry", [each for each in ENTRIES if each.name not in FRAMED], ids=lambda entry: entry.name)
def test_a_larger_picture_shows_more_at_the_same_scale(entry: Material) -> None:
    small = drawn(entry)
    corner = drawn(entry, size=96)[..., :48, :48]
    # Light that falls off over the frame, and noise that fades with the picture's mean slope, differ a little.
    assert float((small - corner).abs().mean()) < 0.08


@every_entry
def test_it_has_a_structure_that_can_be_seen(entry: Material) -> None:
    assert float(drawn(entry, unit=160.0).flatten(2).std(-1).mean()) > 0.012


@pytest.mark.parametrize("entry", DYED, ids=lambda entry: entry.name)
@pytest.mark.parametrize("colour", ["red", "yellow", "blue"])
def test_a_colour_that_is_asked_for_is_the_one_that_shows_most(entry: Material, colour: str) -> None:
    names = ["red", "yellow", "green", "blue"]
    table = torch.tensor([COLOURS[name] for name in names])
    paint = Paint(first=torch.tensor(COLOURS[colour]).view(1, 3, 1, 1).expand(2, 3, 1, 1))
    picture = drawn(entry, size=96, unit=160.0, paint=paint)
    # By hue alone: shade and highlight are of all lightnesses. Grey pixels have no say.
    hue = picture - picture.mean(1, keepdim=True)
    wanted = table - table.mean(1, keepdim=True)
    likeness = (
        torch.einsum("bchw,nc->bnhw", hue, wanted / wanted.norm(dim=1, keepdim=True)).clamp(min=0).mean((0, 2, 3))
    )
    if entry.name == "flowers":
        # They stand in grass.
        likeness[names.index("green")] = 0.0
    assert names[int(likeness.argmax())] == colour


def test_things_have_the_colours_they_are_known_by() -> None:
    red, green, blue = mean_of("grass")
    assert green > red and green > blue
    red, green, blue = mean_of("leaves")
    assert green > red and green > blue
    red, green, blue = mean_of("autumn leaves")
    assert red > green > blue
    red, green, blue = mean_of("sand")
    assert red > green > blue and red > 0.5
    assert min(mean_of("snow")) > 0.6
    for name in ("pool water", "blue sky"):
        red, green, blue = mean_of(name)
        assert blue > green > red
    red, green, blue = mean_of("fire")
    assert red > green > blue
    assert max(mean_of("night sky")) < 0.35 < min(mean_of("overcast sky"))


def test_fire_burns_upwards_and_the_sky_is_paler_below() -> None:
    flames = drawn(named("fire"), batch=6, size=64)
    assert float(flames[..., 44:, :].mean()) > 1.5 * float(flames[..., :20, :].mean())
    air = drawn(named("blue sky"), batch=6, size=64)
    assert float(air[..., 54:, :].mean()) > float(air[..., :10, :].mean())


def test_names_and_synonyms_are_lower_case_and_belong_to_one_entry_each() -> None:
    words = [word for entry in ENTRIES for word in (entry.name, *entry.synonyms)]
    assert len(words) == len(set(words))
    assert all(word == word.lower() for word in words)
    assert all(entry.kind is Kind.MATERIAL for entry in ENTRIES)


# -- what they are made of ------------------------------------------------------------------------------------------


def disc(u: Tensor, v: Tensor, own: Tensor) -> Tensor:
    return 1.0 - (u * u + v * v + 1e-9).sqrt()


@pytest.mark.parametrize("size", [0.3, 0.6, 0.8])
def test_strewn_things_are_whole_wherever_they_lie(size: float) -> None:
    canvas = Canvas(1, 300, 300, seed=2, unit_px=40.0)
    things = strewn(canvas, canvas.x, canvas.y, disc, size=size, vary=0.2)
    # A thing that the search cuts off would end in a step, not at its outline.
    jump = things.inside.diff(dim=-1).abs()
    outline = (things.inside[..., 1:] > 0) != (things.inside[..., :-1] > 0)
    assert float((jump * outline).max()) < 0.05


def test_a_share_of_the_cells_holds_things_and_the_rest_none() -> None:
    canvas = Canvas(1, 200, 200, seed=2, unit_px=10.0)
    full, few = (
        float((strewn(canvas, canvas.x, canvas.y, disc, size=0.4, share=s).inside > 0).float().mean()) for s in (1, 0.3)
    )
    assert full > 0.35
    assert few == pytest.approx(full * 0.3, rel=0.35)


def test_stalks_taper_towards_their_tips() -> None:
    canvas = Canvas(1, 200, 200, seed=2, unit_px=200.0)
    stalk = stalks(canvas, canvas.x, canvas.y, width=0.05, length=0.5, taper=1.0)
    seen = stalk.inside > 0
    deepest = [float(stalk.inside[seen & (stalk.along > low) & (stalk.along < low + 0.1)].max()) for low in (0.5, 0.85)]
    assert deepest[0] > 1.5 * deepest[1]


def test_what_is_moved_lies_where_it_was_moved_to() -> None:
    canvas = Canvas(1, 20, 30, seed=1, unit_px=10.0)
    dot = torch.zeros(1, 20, 30)
    dot[0, 5, 7] = 1.0
    assert moved(canvas, dot, 0.4, 0.3)[0, 8, 11] == pytest.approx(1.0, abs=1e-3)


def test_a_shadow_falls_under_things_and_fades_beside_them() -> None:
    canvas = Canvas(1, 40, 40, seed=1, unit_px=40.0)
    inside = 0.2 - ((canvas.across - 0.5) ** 2 + (canvas.down - 0.5) ** 2).sqrt()
    light = shadow(canvas, inside, 0.1, depth=0.6)
    assert float(light[0, 20, 20]) == pytest.approx(0.4, abs=1e-3)
    assert float(light[0, 2, 2]) == pytest.approx(1.0, abs=1e-3)
    # It lies below a thing more than above it.
    assert float(light[0, 31, 20]) < float(light[0, 9, 20]) - 0.1


def test_only_seams_are_smoothed() -> None:
    own = torch.zeros(1, 6, 6)
    own[..., 3:] = 0.7
    where = seams(own)
    assert where[0, 0].tolist() == [0, 0, 1, 1, 0, 0]
    picture = own[:, None].expand(1, 3, 6, 6)
    after = smoothed(picture, where)
    assert torch.equal(after[..., :2], picture[..., :2])
    assert 0.0 < float(after[0, 0, 3, 2]) < 0.7


def test_a_turn_of_every_layer_leaves_no_two_alike() -> None:
    canvas = Canvas(1, 64, 64, seed=3, unit_px=200.0)
    stack = plants.foliage(canvas, disc, layers=3, freq=canvas.uniform(5, 6), spread=math.pi)
    for a in range(3):
        for b in range(a):
            assert not torch.allclose(stack[a][1], stack[b][1], atol=1e-3)
