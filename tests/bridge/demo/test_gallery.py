"""`inlay demo --gallery`: every operation has an example, and the sheet shows them."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from bridge.demo import gallery
from bridge.demo.gallery import EXAMPLES, Example, run_gallery
from bridge.demo.gallery_sheet import Pair, write_gallery
from bridge.demo.photos import demo_photo
from bridge.editing.ability import runnable
from bridge.files import read_picture
from engine.commands.grammar import parse
from engine.operations.registry import OPERATIONS


def test_every_operation_of_the_engine_has_an_example() -> None:
    assert {example.operation for example in EXAMPLES} >= set(OPERATIONS)
    assert len({example.operation for example in EXAMPLES}) == len(EXAMPLES), "their files have the operation's name"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.operation)
def test_an_example_s_words_are_the_operation_it_stands_for(example: Example) -> None:
    selected = example.selection is not None
    plan = parse(example.text, selected, len(example.references))
    assert example.operation in [operation.op for operation in plan.ops]
    assert runnable(plan, has_selection=selected, references=len(example.references))


@pytest.mark.parametrize("example", [one for one in EXAMPLES if one.selection], ids=lambda example: example.operation)
def test_an_example_s_selection_is_some_of_its_photograph(example: Example) -> None:
    pixels = demo_photo(example.photo).pixels
    assert example.selection is not None
    mask = example.selection((pixels.shape[0], pixels.shape[1]))
    assert mask.shape == pixels.shape[:2]
    assert 0.01 < (mask > 0).mean() < 0.9


async def test_edits_are_shown_and_an_edit_that_fails_fails_the_gallery(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = [one for one in EXAMPLES if one.operation in ("recolour", "background_remove")]
    monkeypatch.setattr(gallery, "EXAMPLES", (*wanted, Example("remove", "cat", "remove this")))
    told = io.StringIO()
    assert not await run_gallery(tmp_path, 1, Console(file=told, width=200))
    assert told.getvalue().count("✓") == 2
    assert told.getvalue().count("✗") == 1
    assert read_picture(tmp_path / "background_remove.png").pixels.shape[2] == 4
    assert read_picture(tmp_path / "gallery.png").size.height > 250


def test_the_sheet_shows_layers_of_all_kinds_and_sizes(tmp_path: Path) -> None:
    draw = np.random.default_rng(1)
    pictures = [draw.integers(0, 256, shape, np.uint8) for shape in ((40, 60, 3), (90, 30, 4), (1, 1, 3))]
    mask = np.zeros((40, 60), np.uint8)
    mask[10:20, 10:20] = 255
    pairs = [Pair("one", pictures[0], mask, (pictures[1],)), Pair("two", pictures[2], None, tuple(pictures))]
    write_gallery(tmp_path / "sheet.png", pairs)
    shown = read_picture(tmp_path / "sheet.png").pixels
    assert (shown == np.array([235, 40, 160])).all(-1).any(), "the selection is outlined"
