"""Operations that an open model draws: the outside stays, a canvas grows, a subject stands in front."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from support.promises import RGB8, pixels_of
from support.worker_models import LOADERS, AtRandom, put

from engine.api import Alpha, Canvas, Depth, EditFacts, EditRequest, EditResult, LayerFormat
from engine.errors import BadRequest, UnknownOperation, UnknownPrompt
from engine.geometry import PixelRect, Size
from engine.models.keeper import Keeper
from engine.models.loading import ways_on
from engine.models.meissonic.model import EDIT_PUBLISHED, MEISSONIC_PUBLISHED
from engine.operations.by_open_model import not_wanted, or_built_in, words_of
from engine.operations.registry import OPERATIONS, with_models
from engine.operations.report import SilentReport

CPU = torch.device("cpu")
SIZE = Size(96, 80)
HOLE = PixelRect(24, 20, 60, 50)


@pytest.fixture
def keeper(tmp_path: Path) -> Keeper:
    return Keeper(put(tmp_path, "meissonic"), CPU, 1 << 20, loaders=LOADERS)


def request(
    operation: str, *, model: str = "meissonic", layer: LayerFormat = RGB8, prompt: str = "a cat"
) -> EditRequest:
    pixels = pixels_of(SIZE, layer, 3, odd=False)
    mask = np.zeros((SIZE.height, SIZE.width), np.uint8)
    mask[HOLE.slices()] = 255
    return EditRequest("e", operation, SIZE, layer, SIZE.rect, pixels, mask, 5, prompt, model=model, previews=False)


def subject_request(**more: object) -> EditRequest:
    """A bright disc on a dark ground."""
    rows, cols = np.mgrid[:120, :140]
    inside = (rows - 60) ** 2 + (cols - 70) ** 2 < 35**2
    pixels = np.where(inside[..., None], [230, 200, 60], [30, 40, 60]).astype(np.uint8)
    size = Size(140, 120)
    mask = np.full((120, 140), 255, np.uint8)
    asked = EditRequest(
        "e", "background_replace", size, RGB8, size.rect, pixels, mask, 5, "a castle", model="meissonic"
    )
    return replace(asked, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("operation", ["replace", "remove", "instruct"])
@pytest.mark.parametrize(
    "layer", [RGB8, LayerFormat(Depth.F32, 4, Alpha.STRAIGHT), LayerFormat(Depth.U16, 2, Alpha.PREMULTIPLIED)]
)
def test_what_a_model_draws_stays_in_the_selection(keeper: Keeper, operation: str, layer: LayerFormat):
    asked = request(operation, layer=layer)
    result = with_models(keeper)[operation](asked, SilentReport(), CPU)
    assert result.rect_px == HOLE and result.facts.model == "meissonic" and len(result.facts.weights_hash) == 64
    before = asked.pixels[HOLE.slices()]
    assert not np.array_equal(result.pixels, before)


def test_the_same_seed_draws_the_same(keeper: Keeper):
    one, other = (with_models(keeper)["replace"](request("replace"), SilentReport(), CPU) for _ in range(2))
    assert one.pixels.tobytes() == other.pixels.tobytes()


@pytest.mark.parametrize("operation", ["replace", "remove", "extend", "background_replace", "instruct"])
def test_a_request_that_names_no_model_is_the_built_in_ones(keeper: Keeper, operation: str):
    wanted = EditResult(HOLE, np.zeros((30, 36, 3), np.uint8), EditFacts("built-in", "", "cpu", 0.0))
    run = or_built_in(lambda _request, _report, _device: wanted, keeper)
    assert run(request(operation, model=""), SilentReport(), CPU) is wanted and keeper.loaded == ()


def test_a_canvas_grows_around_the_old_pixels(keeper: Keeper):
    asked = request("extend", prompt="")
    asked = replace(asked, mask=np.full_like(asked.mask, 255), values={"x0": 10.0, "y0": 0.0})
    asked = replace(asked, becomes=Canvas(Size(120, 80), RGB8))
    result = with_models(keeper)["extend"](asked, SilentReport(), CPU)
    assert result.canvas == Canvas(Size(120, 80), RGB8, 10, 0) and result.rect_px == Size(120, 80).rect
    old = PixelRect(10, 0, 106, 80)
    assert result.pixels[old.slices()].tobytes() == asked.pixels.tobytes()
    assert result.mask is not None and not result.mask[old.slices()].any() and result.mask[:, :10].all()
    assert result.pixels[:, 106:].any()
    with pytest.raises(BadRequest):
        with_models(keeper)["extend"](replace(asked, becomes=None), SilentReport(), CPU)


@pytest.mark.parametrize("values", [{}, {"light": 1.0}, {"shadow": 1.0}])
def test_the_subject_stands_in_front_of_what_is_drawn(keeper: Keeper, values: dict[str, float]):
    asked = subject_request(values=values)
    result = with_models(keeper)["background_replace"](asked, SilentReport(), CPU)
    assert result.facts.model.startswith("meissonic + ")
    inside, outside = result.pixels[50:70, 60:80], result.pixels[:15]
    if "light" not in values:
        assert np.array_equal(inside, asked.pixels[50:70, 60:80])
    assert np.abs(outside.astype(int) - asked.pixels[:15]).mean() > 20
    if not values:  # its colours do not shine through beyond it
        around = result.pixels[60, [25, 115]].astype(int)
        assert (np.abs(around - [230, 200, 60]).sum(-1) > 60).all()


def test_on_a_transparent_layer_the_background_is_drawn_too(keeper: Keeper):
    layer = LayerFormat(Depth.U8, 4, Alpha.STRAIGHT)
    asked = subject_request(format=layer)
    pixels = np.concatenate([asked.pixels, np.full((120, 140, 1), 255, np.uint8)], -1)
    result = with_models(keeper)["background_replace"](replace(asked, pixels=pixels), SilentReport(), CPU)
    assert (result.pixels[:10, :, 3] == 255).all()


def test_the_subject_or_the_background_can_be_what_is_drawn_anew(keeper: Keeper):
    asked = subject_request(operation="instruct", values={"region": "background"})
    result = with_models(keeper)["instruct"](asked, SilentReport(), CPU)
    assert result.mask is not None and result.mask[0, 0] > 0 and result.mask[60, 70] == 0


def test_without_room_the_built_in_model_draws_what_it_can(tmp_path: Path):
    keeper = Keeper(put(tmp_path, "editmgt"), CPU, 1 << 20, loaders=LOADERS, ways=ways_on(CPU)[:1])
    result = with_models(keeper)["replace"](request("replace", model="editmgt", prompt="navy"), SilentReport(), CPU)
    assert result.facts.model == "materials" and "no room for EditMGT" in result.facts.notes[0]
    result = with_models(keeper)["remove"](request("remove", model="editmgt"), SilentReport(), CPU)
    assert result.facts.model == "exemplar"


def test_the_fast_mode_is_told(keeper: Keeper):
    result = with_models(keeper, fast=True)["replace"](request("replace"), SilentReport(), CPU)
    assert any("fast mode" in note for note in result.facts.notes)


def test_what_no_model_is_for_and_what_only_models_do(keeper: Keeper):
    with pytest.raises(UnknownOperation):
        with_models(keeper)["instruct"](request("instruct", model=""), SilentReport(), CPU)
    assert "instruct" not in OPERATIONS
    with pytest.raises(UnknownPrompt):
        with_models(keeper)["replace"](request("replace", model="", prompt="zyxw"), SilentReport(), CPU)


def test_an_instruction_is_told_as_one_and_a_prompt_as_what_is_to_be_seen():
    assert words_of(request("instruct", prompt="make it winter"), "meissonic").instruction == "make it winter"
    words = words_of(request("replace"), "meissonic")
    assert (words.prompt, words.instruction) == ("a cat", "")


def test_what_the_authors_do_not_want_is_told_but_never_against_the_words():
    published = MEISSONIC_PUBLISHED.negative
    assert published == EDIT_PUBLISHED.negative and not_wanted(published, "a barn") == published
    assert not_wanted(published, " ") == ""  # a removal
    assert {"logo", "sketch"} <= set(published.split(", ")) - set(not_wanted(published, "Sketch of logos").split(", "))
    assert "text" in not_wanted(published, "the context").split(", ") and not_wanted("", "a cat") == ""


@pytest.mark.parametrize("operation", ["remove", "replace", "instruct"])
def test_a_model_hears_what_its_authors_do_not_want(tmp_path: Path, operation: str):
    drawn = AtRandom("meissonic")
    drawn.as_published = replace(drawn.as_published, negative="blurry, a cat")
    keeper = Keeper(put(tmp_path, "meissonic"), CPU, 1 << 20, loaders={"meissonic": lambda *_: drawn})
    with_models(keeper)[operation](request(operation), SilentReport(), CPU)
    assert drawn.opened[-1][2].negative == "blurry"
