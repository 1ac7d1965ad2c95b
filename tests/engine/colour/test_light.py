"""Other light on the same things."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.colour.light import SIDES, Light, relit
from engine.colour.oklab import from_oklab, to_oklab
from engine.colour.space import srgb

SPACE = srgb()


def picture(seed: int = 0, height: int = 12, width: int = 16) -> torch.Tensor:
    return torch.rand(3, height, width, generator=torch.Generator().manual_seed(seed)) * 0.8 + 0.05


def everywhere(like: torch.Tensor) -> torch.Tensor:
    return torch.ones(like.shape[1:])


@given(st.integers(0, 1000))
def test_no_change_is_no_change(seed: int) -> None:
    light = picture(seed)
    assert torch.equal(relit(light, Light(), SPACE, everywhere(light), has_white=True), light)


@given(st.integers(0, 1000))
def test_oklab_there_and_back(seed: int) -> None:
    light = picture(seed)
    assert torch.allclose(from_oklab(to_oklab(light, SPACE), SPACE), light, atol=1e-4)


def test_white_has_lightness_1_and_no_colour() -> None:
    assert torch.allclose(to_oklab(torch.ones(3, 1, 1), SPACE)[:, 0, 0], torch.tensor([1.0, 0, 0]), atol=2e-3)


def test_a_stop_is_twice_the_light() -> None:
    light = picture() * 0.2
    assert torch.allclose(relit(light, Light(exposure=-1), SPACE, everywhere(light), has_white=True), light / 2)
    assert torch.allclose(relit(light, Light(exposure=1), SPACE, everywhere(light), has_white=False), light * 2)


@given(st.floats(0.05, 5.0))
def test_brighter_never_breaks_off_at_white_and_keeps_the_order(stops: float) -> None:
    ramp = torch.linspace(0, 1, 256).view(1, 1, 256).expand(3, 1, 256)
    out = relit(ramp, Light(exposure=stops), SPACE, everywhere(ramp), has_white=True)
    assert float(out.max()) <= 1.0 + 1e-5
    assert bool((out.diff(dim=2) >= -1e-6).all())
    assert bool((out >= ramp * 0.999 - 1e-6).all())


def test_warmer_has_more_red_and_less_blue_and_is_as_bright() -> None:
    light = picture()
    warm = relit(light, Light(temperature=0.7), SPACE, everywhere(light), has_white=True)
    assert float(warm[0].mean()) > float(light[0].mean())
    assert float(warm[2].mean()) < float(light[2].mean())
    assert torch.allclose(SPACE.luminance(warm), SPACE.luminance(light), atol=1e-5)


def test_vivid_and_grey() -> None:
    light = picture()

    def chroma(colour: torch.Tensor) -> float:
        return float(to_oklab(colour, SPACE)[1:].square().sum(0).sqrt().mean())

    more, none = (relit(light, Light(vividness=v), SPACE, everywhere(light), has_white=True) for v in (0.8, -1.0))
    assert chroma(more) > chroma(light) * 1.1
    assert chroma(none) < 1e-3


def test_contrast_moves_away_from_the_middle_and_back() -> None:
    light = picture()
    spread = [
        float(SPACE.luminance(relit(light, Light(contrast=c), SPACE, everywhere(light), has_white=True)).log2().std())
        for c in (-0.6, 0.0, 0.6)
    ]
    assert spread == sorted(spread)


@pytest.mark.parametrize("side", SIDES)
def test_light_from_a_side_is_brighter_there(side: str) -> None:
    grey = torch.full((3, 40, 60), 0.2)
    out = relit(grey, Light(side=side), SPACE, everywhere(grey), has_white=True)[0]
    x, y = SIDES[side]
    towards = out[int(20 + 19 * y), int(30 + 29 * x)]
    away = out[int(20 - 19 * y), int(30 - 29 * x)]
    assert float(towards) > 0.25 > 0.15 > float(away)


@pytest.mark.parametrize("wrong", [{"exposure": 9}, {"contrast": 2}, {"vividness": float("nan")}, {"side": "under"}])
def test_what_makes_no_sense_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"lie|light"):
        Light(**wrong)
