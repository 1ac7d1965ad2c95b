"""Another colour on the same thing."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from engine.colour.oklab import to_oklab
from engine.colour.paint import Paint, painted
from engine.colour.space import srgb

SPACE = srgb()


def shaded(colour: tuple[float, float, float], seed: int = 0) -> Tensor:
    """A thing of that colour with shading and texture, linear."""
    base = SPACE.to_light(torch.tensor(colour).view(3, 1, 1))
    shade = torch.linspace(0.4, 1.3, 40)[None, :, None]
    rough = torch.rand(1, 40, 50, generator=torch.Generator().manual_seed(seed)) * 0.2 + 0.9
    return (base * shade * rough).clamp(0, 1)


def correlation(a: Tensor, b: Tensor) -> float:
    return float(torch.corrcoef(torch.stack([a.flatten(), b.flatten()]))[0, 1])


@pytest.mark.parametrize("colour", [(0.1, 0.25, 0.8), (0.95, 0.95, 0.94), (0.04, 0.04, 0.05), (0.5, 0.5, 0.5)])
@pytest.mark.parametrize("source", [(0.8, 0.15, 0.1), (0.5, 0.5, 0.5), (0.2, 0.5, 0.2)])
def test_it_has_the_colour_and_keeps_its_shading(
    source: tuple[float, float, float], colour: tuple[float, float, float]
) -> None:
    light = shaded(source)
    out = painted(light, Paint(colour=colour), SPACE, torch.ones(40, 50))
    wanted = to_oklab(SPACE.to_light(torch.tensor(colour).view(3, 1, 1)), SPACE)[:, 0, 0]
    got = to_oklab(out, SPACE).flatten(1).median(1).values
    assert float((got - wanted).norm()) < 0.12
    assert correlation(SPACE.luminance(light), SPACE.luminance(out)) > 0.95
    assert bool(torch.isfinite(out).all())


def test_what_has_another_colour_in_the_selection_is_left_alone() -> None:
    light = shaded((0.8, 0.1, 0.1))
    light[:, :, :12] = shaded((0.1, 0.3, 0.8))[:, :, :12]
    out = painted(light, Paint(colour=(0.1, 0.6, 0.2)), SPACE, torch.ones(40, 50))
    assert float((out - light)[:, :, :11].abs().max()) < 0.02
    assert float((out - light)[:, :, 13:].abs().mean()) > 0.05


def test_a_turn_of_hue_keeps_lightness_and_chroma() -> None:
    light = shaded((0.6, 0.4, 0.3))
    before = to_oklab(light, SPACE)
    after = to_oklab(painted(light, Paint(hue=90), SPACE, torch.ones(40, 50)), SPACE)
    assert torch.allclose(before[0], after[0], atol=1e-3)
    assert torch.allclose(before[1:].norm(dim=0), after[1:].norm(dim=0), atol=1e-3)


@given(st.floats(0, 1))
def test_strength_lies_between_nothing_and_all(strength: float) -> None:
    light = shaded((0.8, 0.1, 0.1))
    paint = (0.2, 0.2, 0.7)
    full = painted(light, Paint(colour=paint), SPACE, torch.ones(40, 50))
    part = painted(light, Paint(colour=paint, strength=strength), SPACE, torch.ones(40, 50))
    assert torch.allclose(part, light + (full - light) * strength, atol=1e-5)


@pytest.mark.parametrize(
    "wrong", [{}, {"colour": (1, 1, 1), "hue": 3}, {"hue": 3, "strength": 2}, {"colour": (2, 0, 0)}]
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"either|lie"):
        Paint(**wrong)
