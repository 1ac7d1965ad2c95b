"""`bench fill` really lets the exemplar model begin with the built-in model's guess."""

from __future__ import annotations

import numpy as np
import pytest

from bridge.bench import guess
from bridge.bench.fill import guided_fill, our_fill, round_hole


def picture() -> np.ndarray:
    """Two grounds that meet in the hole, with some grain."""
    draw = np.random.default_rng(3)
    shown = np.full((96, 96, 3), 60, np.uint8)
    shown[:, 48:] = (200, 170, 90)
    return np.clip(shown + draw.normal(0, 6, shown.shape), 0, 255).astype(np.uint8)


def test_a_guided_fill_asks_the_model_and_changes_nothing_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    hole = round_hole((96, 96), (48, 48), 20)
    asked: list[float] = []

    def counted(*arguments: object) -> object:
        found = original(*arguments)
        asked.append(float(found.std()))
        return found

    original = guess.guess_of
    monkeypatch.setattr(guess, "guess_of", counted)
    plain = our_fill(picture(), hole)
    assert not asked
    guided = guided_fill(picture(), hole)
    assert len(asked) == 1
    assert asked[0] > 0
    for filled in (plain, guided):
        assert np.array_equal(filled[~hole], picture()[~hole])
