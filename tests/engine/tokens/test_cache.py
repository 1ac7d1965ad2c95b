"""A window that was opened once is not opened again, and nothing else is taken for it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from engine.errors import EmptySelection
from engine.tokens import cache
from engine.tokens.cache import OpenedRegions
from engine.tokens.config import PRESETS
from engine.tokens.grid import token_mask
from engine.tokens.ground import fill_ground
from engine.tokens.region import Region, open_region
from engine.tokens.transformer import Transformer


@pytest.fixture(scope="module")
def model() -> Transformer:
    torch.manual_seed(3)
    return Transformer(PRESETS["toy"].transformer, 6).eval()


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How often the transformer was really asked."""
    times: list[int] = []

    def counted(*arguments: object) -> Region:
        times.append(1)
        return open_region(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(cache, "open_region", counted)
    return times


def window(seed: int = 1, hole_px: int = 12) -> tuple[Tensor, Tensor, Tensor]:
    hole = torch.zeros(32, 32, dtype=torch.bool)
    hole[4 : 4 + hole_px, 4 : 4 + hole_px] = True
    known = ~hole[None, None]
    picture = torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(seed))
    return fill_ground(picture, known), known, token_mask(hole)


def test_the_same_window_is_opened_once_and_gives_what_opening_it_would(model: Transformer, opened: list[int]) -> None:
    regions = OpenedRegions()
    first, again = regions.open(model, *window()), regions.open(model, *window())
    assert again is first
    assert len(opened) == 1
    plain = open_region(model, *window())
    for kept, made in zip(first.cache.layers, plain.cache.layers, strict=True):
        assert torch.equal(kept[0], made[0])
        assert torch.equal(kept[1], made[1])


@pytest.mark.parametrize(
    "other",
    [lambda: window(seed=2), lambda: window(hole_px=20), lambda: (window()[0] + 1e-6, *window()[1:])],
    ids=["another picture", "another hole", "a millionth lighter"],
)
def test_another_window_is_opened_anew(
    model: Transformer, opened: list[int], other: Callable[[], tuple[Tensor, Tensor, Tensor]]
) -> None:
    regions = OpenedRegions()
    assert regions.open(model, *window()) is not regions.open(model, *other())
    assert len(opened) == 2


def test_another_model_is_asked_itself(model: Transformer, opened: list[int]) -> None:
    other = Transformer(PRESETS["toy"].transformer, 6).eval()
    regions = OpenedRegions()
    assert regions.open(model, *window()) is not regions.open(other, *window())
    assert len(opened) == 2


def test_only_the_last_ones_used_are_kept(model: Transformer, opened: list[int]) -> None:
    regions = OpenedRegions(most=2)
    for seed in (1, 2, 1, 3):
        regions.open(model, *window(seed))
    assert len(regions) == 2
    assert len(opened) == 3
    regions.open(model, *window(1))
    assert len(opened) == 3, "the one used last but one is still there"
    regions.open(model, *window(2))
    assert len(opened) == 4


def test_an_empty_region_is_refused_and_leaves_nothing(model: Transformer) -> None:
    regions = OpenedRegions()
    ground, known, region = window()
    with pytest.raises(EmptySelection):
        regions.open(model, ground, known, torch.zeros_like(region))
    assert len(regions) == 0
