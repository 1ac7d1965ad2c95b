"""Every scene of the material library: composed over the frame, crisp and whole at any size."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from engine.materials.canvas import Canvas
from engine.materials.colours import COLOURS
from engine.materials.library import coast, country, land, studio, town
from engine.materials.material import Kind, Material, Paint

ENTRIES = tuple(entry for room in (coast, land, country, town, studio) for entry in room.MATERIALS)
PROMISED = (
    "beach, sunset, sunset sea, mountains, snowy mountains, lake with mountains, forest, autumn forest, desert, "
    "meadow, hills, field, sea and sky, city skyline, city at night, street at night, studio backdrop, "
    "spotlight backdrop, sky over grass, tropical beach, winter landscape, starry mountains"
).split(", ")
BACKDROPS = tuple(entry for entry in ENTRIES if "backdrop" in entry.name)

every_entry = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)


def drawn(
    entry: Material, *, seed: int = 5, batch: int = 2, height: int = 40, width: int = 56, paint: Paint | None = None
) -> Tensor:
    return entry.draw(Canvas(batch, height, width, seed=seed, unit_px=64.0), paint or Paint())


def named(name: str) -> Material:
    return next(entry for entry in ENTRIES if entry.name == name)


def test_all_promised_scenes_are_there_and_nothing_else() -> None:
    assert sorted(entry.name for entry in ENTRIES) == sorted(PROMISED)
    assert all(entry.kind is Kind.SCENE for entry in ENTRIES)


def test_names_and_synonyms_are_lower_case_and_belong_to_one_entry_each() -> None:
    words = [word for entry in ENTRIES for word in (entry.name, *entry.synonyms)]
    assert len(words) == len(set(words))
    assert all(word == word.lower() for word in words)


@every_entry
def test_a_render_is_a_float_picture_of_the_canvas_size_and_within_range(entry: Material) -> None:
    picture = drawn(entry)
    assert picture.shape == (2, 3, 40, 56)
    assert picture.dtype == torch.float32
    assert torch.isfinite(picture).all()
    assert float(picture.min()) > -0.02
    assert float(picture.max()) <= 1.01


@every_entry
@pytest.mark.parametrize(("height", "width"), [(12, 90), (90, 12), (8, 8)], ids=["banner", "column", "tiny"])
def test_the_oddest_frames_are_filled(entry: Material, height: int, width: int) -> None:
    picture = drawn(entry, batch=1, height=height, width=width)
    assert picture.shape == (1, 3, height, width)
    assert torch.isfinite(picture).all()


@every_entry
def test_the_same_seed_gives_the_same_picture_and_another_seed_another(entry: Material) -> None:
    first = drawn(entry)
    assert torch.equal(first, drawn(entry))
    assert not torch.allclose(first, drawn(entry, seed=6), atol=0.02)


@every_entry
def test_pictures_of_a_batch_differ(entry: Material) -> None:
    first, second, third = drawn(entry, batch=3, seed=9)
    for a, b in ((first, second), (second, third), (first, third)):
        assert float((a - b).abs().mean()) > 0.01


@pytest.mark.parametrize("name", ["mountains", "city skyline", "field", "sky over grass", "sea and sky"])
def test_outdoors_the_sky_is_above_and_brighter_than_the_ground(name: str) -> None:
    picture = drawn(named(name), batch=4)
    above, below = picture[:, :, :8].mean((1, 2, 3)), picture[:, :, -8:].mean((1, 2, 3))
    blue_above = picture[:, 2, :8].mean((1, 2)) - picture[:, 1, -8:].mean((1, 2))
    assert int(((above > below) | (blue_above > 0)).sum()) == 4


@pytest.mark.parametrize("name", ["city at night", "street at night", "starry mountains"])
def test_at_night_it_is_dark_but_lights_are_bright(name: str) -> None:
    picture = drawn(named(name), batch=3, height=96, width=128)
    assert float(picture.mean((1, 2, 3)).max()) < 0.35
    assert float(picture.amax((1, 2, 3)).min()) > 0.5


def test_a_lake_mirrors_what_stands_above_it() -> None:
    picture = drawn(named("lake with mountains"), batch=1, height=120, width=160, seed=4)[0].mean(0)
    # Columns that are bright above the middle are bright below it.
    above, below = picture[10:50].mean(0), picture[75:115].mean(0)
    above, below = above - above.mean(), below - below.mean()
    assert float((above * below).sum() / (above.norm() * below.norm())) > 0.2


@pytest.mark.parametrize("entry", BACKDROPS, ids=lambda entry: entry.name)
def test_a_backdrop_has_the_colour_that_was_asked_for(entry: Material) -> None:
    names = ["red", "green", "blue", "beige", "grey"]
    table = torch.tensor([COLOURS[name] for name in names])
    means = drawn(entry, batch=len(names), paint=Paint(first=table.view(-1, 3, 1, 1))).mean((2, 3))
    # A spotlight leaves much in the dark: it is the hue that counts.
    table, means = table / table.norm(dim=1, keepdim=True), means / means.norm(dim=1, keepdim=True)
    assert torch.cdist(means, table).argmin(1).tolist() == list(range(len(names)))


def test_flowers_of_a_meadow_have_the_colour_that_was_asked_for() -> None:
    wanted = torch.tensor(COLOURS["red"]).view(1, 3, 1, 1)
    picture = drawn(named("meadow"), batch=2, height=96, width=128, paint=Paint(first=wanted))
    red = (picture[:, 0] > picture[:, 1] + 0.35) & (picture[:, 0] > picture[:, 2] + 0.35)
    assert float(red.float().mean((1, 2)).min()) > 0.003


@pytest.mark.parametrize("name", ["mountains", "beach", "city skyline", "forest"])
def test_a_larger_frame_shows_finer_detail_not_a_magnified_picture(name: str) -> None:
    large = drawn(named(name), batch=1, height=192, width=256, seed=2)
    coarse = torch.nn.functional.avg_pool2d(large, 2)
    magnified = torch.nn.functional.interpolate(coarse, scale_factor=2, mode="bilinear", align_corners=False)
    assert float((large - magnified).abs().mean()) > 0.004
