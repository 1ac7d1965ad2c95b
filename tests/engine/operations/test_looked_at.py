"""Pictures that come with words: they reach the models that look at them, and people hear where one does not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from support.dimoo import network, text_ids
from support.open_stand_in import StandIn
from support.promises import RGB8, pixels_of
from support.tiny_vq import tiny_tokenizer
from support.worker_models import LOADERS, AtRandom, put
from torch import Tensor

from engine.api import Alpha, Depth, EditRequest, LayerFormat, Reference
from engine.errors import BadRequest, Cancelled
from engine.geometry import PixelRect, Size
from engine.models.catalogue import Ability, open_entries
from engine.models.dimoo.guided import DimooSteps
from engine.models.dimoo.model import DimooModel
from engine.models.keeper import Keeper
from engine.models.loading import ways_on
from engine.models.masked.interface import Words
from engine.operations import drawn_by_model
from engine.operations.by_open_model import words_of
from engine.operations.looked_at import looked_at, notes_on, shown
from engine.operations.registry import with_models
from engine.operations.report import SilentReport

CPU = torch.device("cpu")
SIZE = Size(96, 80)
HOLE = PixelRect(24, 20, 60, 50)
RGBA8 = LayerFormat(Depth.U8, 4, Alpha.STRAIGHT)


def grey(value: int) -> Reference:
    return Reference(np.full((40, 60, 3), value, np.uint8), RGB8, None)


def request(operation: str, model: str, *references: Reference, prompt: str = "a cat") -> EditRequest:
    pixels = pixels_of(SIZE, RGB8, 3, odd=False)
    mask = np.zeros((SIZE.height, SIZE.width), np.uint8)
    mask[HOLE.slices()] = 255
    return EditRequest(
        "e", operation, SIZE, RGB8, SIZE.rect, pixels, mask, 5, prompt, False, references=references, model=model
    )


def test_the_model_is_shown_the_pictures_that_it_can_look_at_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    drawn: list[StandIn] = []

    def load(folder: Path, device: torch.device, way: object) -> StandIn:
        drawn.append(AtRandom("lumina-dimoo"))
        return drawn[-1]

    keeper = Keeper(put(tmp_path, "lumina-dimoo"), CPU, 1 << 20, loaders={"lumina-dimoo": load})  # type: ignore[dict-item]
    for operation in ("replace", "instruct"):
        asked = request(operation, "lumina-dimoo", grey(51), grey(204))
        facts = with_models(keeper)[operation](asked, SilentReport(), CPU).facts
        words = drawn[-1].opened[-1][2]
        assert [tuple(one.shape) for one in words.references] == [(3, 40, 60)]
        assert torch.allclose(words.references[0], torch.full((3, 40, 60), 0.2))
        said = "image 2 was not looked at: Lumina-DiMOO looks at one picture beside the layer at most"
        assert facts.notes.count(said) == 1
    facts = with_models(keeper)["replace"](request("replace", "lumina-dimoo", grey(9)), SilentReport(), CPU).facts
    assert not any("looked at" in note for note in facts.notes)


def test_a_model_that_looks_at_none_says_so(tmp_path: Path):
    keeper = Keeper(put(tmp_path, "meissonic"), CPU, 1 << 20, loaders=LOADERS)
    without = with_models(keeper)["replace"](request("replace", "meissonic"), SilentReport(), CPU)
    beside = with_models(keeper)["replace"](request("replace", "meissonic", grey(1)), SilentReport(), CPU)
    assert "image 1 was not looked at: Meissonic does not look at other pictures" in beside.facts.notes
    assert not any("looked at" in note for note in without.facts.notes)
    assert beside.pixels.tobytes() == without.pixels.tobytes()


def test_the_built_in_model_that_helps_out_says_so_too(tmp_path: Path):
    keeper = Keeper(put(tmp_path, "editmgt"), CPU, 1 << 20, loaders=LOADERS, ways=ways_on(CPU)[:1])
    asked = request("replace", "editmgt", grey(1), grey(2), prompt="navy")
    notes = with_models(keeper)["replace"](asked, SilentReport(), CPU).facts.notes
    assert "images 1 and 2 were not looked at: the built-in model does not look at other pictures" in notes


def test_which_models_look_at_pictures_is_stated_once():
    assert {one.name for one in open_entries() if one.references} == {"lumina-dimoo"}
    assert all((one.references > 0) == (Ability.REFERENCE in one.abilities) for one in open_entries())


def test_the_pictures_that_the_words_name_are_looked_at():
    asked = replace(request("instruct", "lumina-dimoo", grey(51), grey(204)), values={"references": "2"})
    assert looked_at(asked, "lumina-dimoo")[0].mean().item() == pytest.approx(0.8)
    assert notes_on(asked, "lumina-dimoo") == ()
    with pytest.raises(BadRequest, match="no image 3"):
        looked_at(replace(asked, values={"references": "3"}), "lumina-dimoo")


@pytest.mark.parametrize(
    ("prompt", "is_style"),
    [
        ("make it in the style of image 1", True),
        ("match the style of image 1", True),
        ("make it in the style of image 1 and remove the car", False),
        ("put the dress of image 1 on her", False),
    ],
)
def test_words_that_ask_for_a_pictures_style_alone_are_told_as_that(prompt: str, is_style: bool):
    asked = request("instruct", "lumina-dimoo", grey(1), prompt=prompt)
    assert words_of(asked, "lumina-dimoo").style is is_style
    assert not words_of(asked, "meissonic").style and words_of(asked, "meissonic").references == ()
    assert not words_of(replace(asked, references=()), "lumina-dimoo").style


def test_what_is_transparent_is_seen_over_white_and_what_is_large_smaller():
    clear = np.zeros((8, 8, 4), np.uint8)
    clear[:, 4:] = (255, 0, 0, 255)
    seen = shown(Reference(clear, RGBA8, None))
    assert torch.equal(seen[:, :, :4], torch.ones(3, 8, 4))
    assert torch.allclose(seen[:, 0, 5], torch.tensor([1.0, 0, 0]), atol=1e-3)
    bright = np.full((8, 8, 1), 3.0, np.float32)
    bright[0, 0], bright[0, 1] = np.nan, 0.25
    grey32 = shown(Reference(bright, LayerFormat(Depth.F32, 1, Alpha.NONE), None))
    assert torch.equal(grey32[:, 0, :3], torch.tensor([[0, 0.25, 1]] * 3))
    large = np.full((2100, 2200, 3), 128, np.uint8)
    assert shown(Reference(large, RGB8, None)).shape == (3, 1050, 1100)


@pytest.mark.parametrize("words", [Words("a door"), Words(instruction="like that", style=True)], ids=["words", "style"])
def test_a_selection_is_drawn_by_the_reference_and_nothing_else_changes(monkeypatch: pytest.MonkeyPatch, words: Words):
    model = DimooModel(network(), text_ids, tiny_tokenizer(), device=CPU, dtype=torch.float32)
    model.native_px, model.instruct_px = 96, 64
    model.instruct_recipe = replace(model.instruct_recipe, steps=3)
    guidances: set[float] = set()
    plain = DimooSteps.__call__

    def spy(steps: DimooSteps, asks: list) -> object:
        guidances.update(ask.guidance for ask in asks)
        return plain(steps, asks)

    monkeypatch.setattr(DimooSteps, "__call__", spy)
    drawn: list[bytes] = []
    asked = request("replace", "lumina-dimoo")
    small = HOLE.intersect(PixelRect(24, 20, 40, 36))
    asked.mask[:] = 0
    asked.mask[small.slices()] = 255
    for reference in (Tensor([0.1]), Tensor([0.9])):
        shown_to_it = replace(words, references=(reference.expand(3, 32, 128),))
        result = drawn_by_model.run(asked, model, shown_to_it, SilentReport(), CPU)
        assert result.rect_px == small
        drawn.append(result.pixels.tobytes())
    assert drawn[0] != drawn[1] and guidances == {3.5}


def test_another_pictures_style_than_the_one_that_is_shown_is_an_instruction_like_any_other():
    asked = request("instruct", "lumina-dimoo", grey(1), grey(2), prompt="make it in the style of image 2")
    assert not words_of(asked, "lumina-dimoo").style
    assert words_of(replace(asked, values={"references": "2"}), "lumina-dimoo").style


def test_pictures_that_nobody_looks_at_need_not_be_there():
    asked = replace(request("replace", "lumina-dimoo", grey(51)), values={"references": "1,2"})
    assert len(looked_at(asked, "lumina-dimoo")) == 1 and looked_at(asked, "meissonic") == ()
    assert len(notes_on(asked, "lumina-dimoo")) == 1


@pytest.mark.parametrize("shape", [(3000, 4), (4, 3000), (1, 1), (1, 900)])
def test_of_a_very_long_picture_the_middle_is_looked_at(shape: tuple[int, int]):
    height, width = shape
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[height // 2, width // 2] = 255
    seen = shown(Reference(pixels, RGB8, None))
    assert max(seen.shape[1:]) <= 8 * min(seen.shape[1:]) and seen.max() == 1


@pytest.mark.parametrize("depth", [Depth.U8, Depth.U16, Depth.F32])
def test_blocks_of_a_large_picture_become_their_mean(depth: Depth):
    white = depth.white
    pixels = np.zeros((1600, 2403, 3), depth.dtype)
    pixels[::2, ::2] = white
    told: list[None] = []
    seen = shown(Reference(pixels, LayerFormat(depth, 3, Alpha.NONE), None), lambda: told.append(None))
    assert seen.shape == (3, 800, 1201) and len(told) > 10
    alone = shown(
        Reference(
            np.full((8, 8, 3), white / 4 if white == 1 else round(white / 4)).astype(depth.dtype),
            LayerFormat(depth, 3, Alpha.NONE),
            None,
        )
    )
    assert torch.allclose(seen[:, 5:9, 5:9], alone[:, 2:6, 2:6], atol=1e-3)


def test_who_is_cancelled_while_a_large_picture_is_made_smaller_stops():
    def check() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        shown(Reference(np.zeros((1600, 1600, 3), np.uint8), RGB8, None), check)


def test_a_long_picture_is_made_smaller_by_all_its_pixels_and_can_be_stopped_meanwhile():
    told: list[None] = []
    seen = shown(Reference(np.zeros((900, 9000, 3), np.uint8), RGB8, None), lambda: told.append(None))
    assert seen.shape == (3, 300, 2400) and len(told) > 20


def test_what_cannot_be_seen_or_told_has_no_say_in_the_block_around_it():
    clear = np.zeros((1600, 1600, 4), np.uint8)
    clear[::2] = (255, 0, 0, 255)
    assert torch.allclose(shown(Reference(clear, RGBA8, None))[:, 400, 400], torch.tensor([1, 0.5, 0.5]), atol=0.01)
    broken = np.full((1600, 1600, 3), 0.8, np.float32)
    broken[::2, ::2] = np.nan
    seen = shown(Reference(broken, LayerFormat(Depth.F32, 3, Alpha.NONE), None))
    assert torch.allclose(seen[:, 400, 400], torch.full((3,), 0.6), atol=1e-3)
