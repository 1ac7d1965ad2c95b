"""The subject cut out, and what is put behind it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from support.pictures import RGB8
from support.profiles import profile_of

from engine.api import Alpha, Canvas, Depth, EditRequest, EditResult, LayerFormat, Mask, Reference
from engine.errors import BadRequest, Cancelled, EmptySelection, SubjectNotFound
from engine.geometry import PixelRect, Size
from engine.materials import catalogue
from engine.matting.picture import Picture
from engine.matting.subject import find_subject
from engine.operations import cutting
from engine.operations.registry import OPERATIONS
from engine.operations.report import SilentReport

BACKGROUNDS = ("background_remove", "background_replace", "background_blur")
SIDE = 96
ALL_FORMATS = [
    LayerFormat(depth, channels, alpha)
    for depth in Depth
    for channels, alpha in ((1, Alpha.NONE), (3, Alpha.NONE), (4, Alpha.STRAIGHT), (4, Alpha.PREMULTIPLIED))
]


def scene(format_: LayerFormat, *, side: int = SIDE) -> np.ndarray:
    """A red disc with a dark stripe before a cool gradient with some grain."""
    y, x = np.mgrid[0:side, 0:side] / side
    rng = np.random.default_rng(3)
    cool = np.stack([0.25 + 0.2 * y, 0.45 + 0.2 * x, 0.65 - 0.1 * y], -1) + rng.normal(0, 0.01, (side, side, 3))
    warm = np.stack([0.85 - 0.1 * y, 0.15 + 0 * x, 0.1 + 0.1 * x], -1) + rng.normal(0, 0.01, (side, side, 3))
    warm[np.abs(y - 0.5) < 0.05] *= 0.5
    cover = np.clip((0.25 - np.hypot(y - 0.5, x - 0.5)) * side / 3 + 0.5, 0, 1)[..., None]  # an edge of 3 pixels
    rgb = (cover * warm + (1 - cover) * cool).clip(0, 1)
    colours = format_.channels - (format_.alpha is not Alpha.NONE)
    picture = rgb if colours == 3 else rgb[..., :1]
    if format_.alpha is not Alpha.NONE:
        picture = np.concatenate([picture, np.ones((side, side, 1))], -1)
    stored = picture * format_.depth.white
    return (np.rint(stored) if format_.depth is not Depth.F32 else stored).astype(format_.depth.dtype)


def inside(side: int = SIDE, shrink: float = 0.0) -> np.ndarray:
    y, x = np.mgrid[0:side, 0:side] / side
    return np.hypot(y - 0.5, x - 0.5) < 0.25 - shrink


def box(side: int = SIDE) -> Mask:
    mask = np.zeros((side, side), np.uint8)
    mask[int(0.2 * side) : int(0.8 * side), int(0.2 * side) : int(0.8 * side)] = 255
    return mask


def request(
    operation: str, format_: LayerFormat = RGB8, mask: Mask | None = None, **values: str | float
) -> EditRequest:
    pixels = scene(format_)
    size = Size(SIDE, SIDE)
    becomes = None
    if operation == "background_remove" and format_.alpha is Alpha.NONE:
        becomes = Canvas(size, LayerFormat(format_.depth, format_.channels + 1, Alpha.STRAIGHT))
    hint = box() if mask is None else mask
    prompt = "navy" if operation == "background_replace" and "reference" not in values else ""
    return EditRequest(
        "edit-0001", operation, size, format_, size.rect, pixels, hint, 1, prompt, True, values, None, (), becomes
    )


def run(asked: EditRequest) -> EditResult:
    return OPERATIONS[asked.operation](asked, SilentReport(), "cpu")


@pytest.mark.parametrize("operation", BACKGROUNDS)
@pytest.mark.parametrize("format_", ALL_FORMATS, ids=str)
def test_the_subjects_inside_keeps_its_bits_and_the_background_does_not(operation: str, format_: LayerFormat):
    asked = request(operation, format_)
    result = run(asked)
    assert result.rect_px == asked.reach_px and result.mask is not None
    after = result.pixels[..., : format_.channels]
    same = result.mask == 0
    assert after[same].tobytes() == asked.pixels[same].tobytes()
    deep = inside(shrink=0.05)
    if format_.channels >= 3:  # in grey the disc is hardly told from what is behind it
        assert same[deep].mean() > 0.97
        assert (result.mask[~inside(shrink=-0.1)] == 255).mean() > 0.97
        assert not np.array_equal(after[~inside(shrink=-0.1)], asked.pixels[~inside(shrink=-0.1)]) or result.canvas


def test_a_layer_without_alpha_gains_it_and_is_clear_around_the_subject():
    result = run(request("background_remove"))
    assert result.canvas is not None and result.canvas.format.channels == 4
    alpha = result.pixels[..., 3]
    assert (alpha[inside(shrink=0.05)] == 255).all()
    assert (alpha[~inside(shrink=-0.1)] == 0).mean() > 0.97


def test_no_old_background_shines_through_at_the_edge():
    result = run(request("background_remove"))
    edge = (result.pixels[..., 3] > 30) & (result.pixels[..., 3] < 225)
    assert edge.any()
    # The subject is red, what was behind it is blue.
    assert (result.pixels[edge][:, 0].astype(int) > result.pixels[edge][:, 2]).mean() > 0.9


def test_the_colour_that_was_asked_for_is_behind_the_subject():
    result = run(request("background_replace"))
    navy = catalogue.render(catalogue.understand("navy"), 1, 1, unit_px=1, seed=1)[0, 0] * 255
    assert result.pixels[2, 2].tolist() == np.rint(navy.numpy()).tolist()


def test_a_picture_is_put_behind_the_subject_scaled_to_cover():
    green = np.zeros((7, 13, 3), np.uint8)
    green[..., 1] = 200
    asked = replace(request("background_replace", reference=1.0), references=(Reference(green, RGB8),))
    assert (run(asked).pixels[3, 3] == (0, 200, 0)).all()


def test_a_selected_background_is_where_the_picture_is_shown_and_nowhere_else():
    green = np.zeros((7, 13, 3), np.uint8)
    green[..., 1] = 200
    mask = np.zeros((SIDE, SIDE), np.uint8)
    mask[:30], mask[30:34] = 255, 128
    asked = replace(request("background_replace", mask=mask, reference=1.0, selected=1.0))
    asked = replace(asked, references=(Reference(green, RGB8),))
    result = run(asked)
    assert result.mask is not None and np.array_equal(result.mask, mask)
    assert (result.pixels[:30] == (0, 200, 0)).all()
    assert np.array_equal(result.pixels[34:], asked.pixels[34:])
    with pytest.raises(EmptySelection):
        run(replace(asked, mask=np.zeros_like(mask)))


@pytest.mark.parametrize("width", [13, 60, 400], ids="{} px wide".format)
def test_a_selected_background_comes_out_the_same_when_no_more_than_it_is_there(width: int):
    picture = np.random.default_rng(2).integers(0, 256, (width // 2, width, 3), np.uint8)
    mask = np.zeros((SIDE, SIDE), np.uint8)
    mask[11:40, 50:90] = 255
    mask[40:44, 50:90] = 100
    whole = request("background_replace", mask=mask, reference=1.0, selected=1.0)
    whole = replace(whole, references=(Reference(picture, RGB8),))
    part_px = PixelRect(50, 11, 90, 44)
    here = part_px.slices()
    part = replace(whole, reach_px=part_px, pixels=whole.pixels[here].copy(), mask=mask[here].copy())
    result = run(part)
    assert result.rect_px == part_px
    assert np.array_equal(result.pixels, run(whole).pixels[here])
    assert not np.array_equal(result.pixels[:29], whole.pixels[11:40, 50:90])


def test_the_same_subject_is_cut_out_once_for_many_backgrounds(monkeypatch: pytest.MonkeyPatch):
    looked: list[Picture] = []

    def counted(picture: Picture, mask: Mask, check: Callable[[], None]) -> npt.NDArray[np.bool_]:
        looked.append(picture)
        return find_subject(picture, mask, check)

    monkeypatch.setattr(cutting, "find_subject", counted)
    rng = np.random.default_rng(77)  # a picture that no other test has
    asked = replace(request("background_replace"), pixels=scene(RGB8) ^ rng.integers(0, 2, (SIDE, SIDE, 3), np.uint8))
    first = run(asked)
    again = run(replace(asked, prompt="teal", seed=2))
    assert len(looked) == 1
    assert not np.array_equal(first.pixels, again.pixels)
    run(replace(asked, mask=np.full((SIDE, SIDE), 255, np.uint8)))
    assert len(looked) == 2  # another hint may mean another subject
    assert np.array_equal(run(asked).pixels, first.pixels)


def test_a_picture_that_is_not_there_is_said():
    with pytest.raises(BadRequest, match="no image 2"):
        run(request("background_replace", reference=2.0))


def test_a_blurred_background_has_no_halo_of_the_subject():
    result = run(request("background_blur", amount=1.0))
    ring = inside(shrink=-0.12) & ~inside(shrink=-0.06)
    # Red light of the disc would raise red around it.
    assert result.pixels[ring][:, 0].mean() < 115


@pytest.mark.parametrize("operation", BACKGROUNDS)
def test_the_same_request_gives_the_same_bits(operation: str):
    one, two = run(request(operation)), run(request(operation))
    assert one.pixels.tobytes() == two.pixels.tobytes()


@pytest.mark.parametrize("operation", BACKGROUNDS)
@pytest.mark.parametrize("side", [1, 2, 5])
def test_a_plain_or_tiny_layer_has_no_subject_and_that_is_said(operation: str, side: int):
    asked = request(operation)
    size = Size(side, side)
    plain = np.full((side, side, 3), 90, np.uint8)
    becomes = None if asked.becomes is None else replace(asked.becomes, size=size)
    mask = np.full((side, side), 255, np.uint8)
    with pytest.raises(SubjectNotFound):
        run(replace(asked, pixels=plain, mask=mask, layer_size=size, reach_px=size.rect, becomes=becomes))


@pytest.mark.parametrize("operation", BACKGROUNDS)
def test_an_empty_hint_is_refused(operation: str):
    with pytest.raises(EmptySelection):
        run(request(operation, mask=np.zeros((SIDE, SIDE), np.uint8)))


class StopAfter(SilentReport):
    def __init__(self, checks: int) -> None:
        self.left = checks

    def check(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Cancelled


@pytest.mark.parametrize("checks", [0, 1, 3, 6])
def test_it_can_be_stopped_at_every_look(checks: int):
    asked = request("background_replace")
    asked.pixels[0, 0] = checks  # a picture whose cut-out is not remembered
    with pytest.raises(Cancelled):
        OPERATIONS["background_replace"](asked, StopAfter(checks), "cpu")


@pytest.mark.parametrize(("region", "changes_inside"), [("subject", True), ("background", False)])
def test_light_changes_on_the_region_that_was_named(region: str, changes_inside: bool):
    everything = np.full((SIDE, SIDE), 255, np.uint8)
    asked = request("relight", mask=everything, exposure=-2.0, region=region)
    result = run(asked)
    assert result.mask is not None
    changed = np.zeros((SIDE, SIDE), np.bool_)
    changed[result.rect_px.slices()] = (result.pixels != asked.pixels[result.rect_px.slices()]).any(-1)
    assert changed[inside(shrink=0.05)].mean() > 0.97 if changes_inside else not changed[inside(shrink=0.05)].any()
    far = ~inside(shrink=-0.1)
    assert not changed[far].any() if changes_inside else changed[far].mean() > 0.97


def test_a_selection_limits_the_region():
    half = np.zeros((SIDE, SIDE), np.uint8)
    half[:, : SIDE // 2] = 255
    asked = request("relight", mask=half, exposure=-2.0, region="subject")
    result = run(asked)
    assert result.mask is not None and result.rect_px.x1 <= SIDE // 2


def test_colours_come_in_the_layers_own_profile_and_pictures_are_turned_into_it():
    profile = profile_of(1.8)
    asked = replace(request("background_replace"), profile=profile)
    navy = catalogue.render(catalogue.understand("navy"), 1, 1, unit_px=1, seed=1)[0, 0, 2].item()
    light = ((navy + 0.055) / 1.055) ** 2.4
    assert abs(run(asked).pixels[2, 2, 2] / 255 - light ** (1 / 1.8)) < 0.01
    grey = Reference(np.full((10, 10, 3), 128, np.uint8), RGB8)
    result = run(replace(request("background_replace", reference=1), profile=profile, references=(grey,)))
    assert abs(result.pixels[2, 2, 0] / 255 - 0.2158 ** (1 / 1.8)) < 0.01
    assert not result.facts.notes


def test_a_picture_with_an_unreadable_profile_is_told():
    grey = Reference(np.full((10, 10, 3), 128, np.uint8), RGB8, b"no profile")
    result = run(replace(request("background_replace", reference=1), references=(grey,)))
    assert "could not be read" in result.facts.notes[0] and result.pixels[2, 2, 0] == 128
