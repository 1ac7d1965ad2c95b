"""As many candidates as were asked for, but no two alike, and fewer only with a word about it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from support.pictures import RGB8
from support.promises import plain_request

from bridge.editing.ability import Edits
from bridge.editing.candidates import Made, is_new, is_worth_making, noted, seed_has_say
from bridge.editing.job import Take
from bridge.editing.work import Work
from engine.api import EditFacts
from engine.commands.plan import (
    AddText,
    Adjust,
    BackgroundBlur,
    BackgroundRemove,
    BackgroundReplace,
    PlaceImage,
    Recolour,
    Relight,
    Remove,
    Upscale,
)
from engine.geometry import Size
from engine.operations.registry import OPERATIONS
from engine.operations.report import SilentReport

SIZE = Size(4, 3)
SEEDLESS: dict[str, Edits] = {
    "relight": Relight(exposure=1.0),
    "recolour": Recolour(colour="navy"),
    "adjust": Adjust(kind="sharpen"),
    "upscale": Upscale(factor=2),
    "background_remove": BackgroundRemove(),
    "background_blur": BackgroundBlur(),
    "add_text": AddText(text="Sale"),
    "place_image": PlaceImage(reference=1),
}


def work(value: int) -> Work:
    begun = Work.of(SIZE, RGB8, SIZE.rect, np.full((3, 4, 3), value, np.uint8), None, None)
    return replace(begun, facts=(EditFacts("exemplar", "", "cpu", 0.1),))


def made(seed: int, value: int, operation: Edits = Remove()) -> Made:  # noqa: B008 -- it cannot be changed
    return Made(Take((operation,), seed), work(value))


@pytest.mark.parametrize("name", SEEDLESS)
def test_what_is_made_but_once_is_the_same_with_every_seed(name: str):
    assert not seed_has_say((SEEDLESS[name],))
    asked = plain_request(name)
    asked = replace(asked, values={**asked.values, "kind": "sharpen"}) if name == "adjust" else asked
    one, other = (OPERATIONS[name](replace(asked, seed=seed), SilentReport(), "cpu") for seed in (1, 2**31 + 5))
    assert one.pixels.tobytes() == other.pixels.tobytes() and one.rect_px == other.rect_px


def test_a_second_one_is_tried_only_where_the_seed_has_a_say_or_something_else_is_done():
    brighter = Relight(exposure=1.0)
    assert not is_worth_making(Take((brighter,), 2), [made(1, 5, brighter)])
    assert is_worth_making(Take((Relight(exposure=2.0),), 2), [made(1, 5, brighter)])
    assert is_worth_making(Take((brighter, Remove()), 2), [Made(Take((brighter, Remove()), 1), work(5))])
    assert seed_has_say((Adjust(kind="grain"),))


def test_only_what_came_out_as_an_earlier_one_is_no_news():
    kept = [made(1, 5), made(2, 6)]
    assert not is_new(Take((Remove(),), 3), work(6), kept)
    assert is_new(Take((Remove(),), 3), work(7), kept)
    # Another setting of a series stays, however alike it is.
    assert is_new(Take((BackgroundReplace(prompt="navy"),), 3), work(6), kept)


@pytest.mark.parametrize(
    ("kept", "note"), [(1, "only one is made"), (2, "2 are made of 3 that were asked for"), (3, "")]
)
def test_fewer_than_were_asked_for_are_told(kept: int, note: str):
    told = noted([made(number, number) for number in range(kept)], 3)
    assert len(told) == kept
    assert [bool(one.work.facts[-1].notes) for one in told] == [bool(note), *[False] * (kept - 1)]
    assert not note or note in told[0].work.facts[-1].notes[-1]
