"""Patterns around a hole are continued to the pixel; what is no pattern is left to others."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from engine.errors import Cancelled
from engine.imaging.pattern import continued
from engine.imaging.pattern.continuation import _grown
from engine.imaging.pattern.lattice import periods_of

SIDE = 144


def grid() -> tuple[Tensor, Tensor]:
    along = torch.arange(SIDE, dtype=torch.float32)
    return along[:, None].expand(SIDE, SIDE), along[None].expand(SIDE, SIDE)


def hole(top: int = 50, left: int = 44, height: int = 46, width: int = 52) -> Tensor:
    out = torch.zeros(SIDE, SIDE, dtype=torch.bool)
    out[top : top + height, left : left + width] = True
    return out


def soft_step(x: Tensor) -> Tensor:
    """An edge as a pixel's area sees it."""
    return (x + 0.5).clamp(0, 1)


def stripes(angle: float, period: float, phase: float) -> Tensor:
    y, x = grid()
    across = (x * math.cos(angle) + y * math.sin(angle) + phase) % period
    lightness = soft_step(period / 4 - (across - period / 2).abs())
    return torch.stack([lightness, 0.2 + 0.5 * lightness, 1 - lightness])


def dots(first: tuple[float, float], second: tuple[float, float], radius: float) -> Tensor:
    y, x = grid()
    basis = torch.tensor([first, second])
    places = torch.stack([y, x], -1).reshape(-1, 2) @ basis.inverse()
    corners = torch.tensor([[i, j] for i in (0, 1) for j in (0, 1)], dtype=torch.float32)
    inside = (places - places.floor())[:, None] - corners[None]
    distance = (inside @ basis).square().sum(-1).sqrt().amin(1).reshape(SIDE, SIDE)
    lightness = soft_step(radius - distance)
    return torch.stack([lightness, lightness * 0.5, 0.9 - 0.6 * lightness])


def wrong(picture: Tensor, unknown: Tensor) -> float:
    """Root mean square error of the continuation, its hole hidden before."""
    hidden = torch.where(unknown, 0.5, picture)
    found = continued(hidden, unknown, ~unknown)
    assert found is not None
    filled = found.picture
    assert torch.equal(filled[:, ~unknown], picture[:, ~unknown])
    return float((filled - picture)[:, unknown].square().mean().sqrt())


@settings(max_examples=15, deadline=None)
@given(angle=st.floats(0, math.pi), period=st.floats(6, 24), phase=st.floats(0, 24))
def test_stripes_of_any_angle_and_period_are_continued(angle: float, period: float, phase: float) -> None:
    assert wrong(stripes(angle, period, phase), hole()) < 0.05


@pytest.mark.parametrize("angle", [0.0, math.pi / 2])
def test_stripes_along_the_axes_are_continued_exactly(angle: float) -> None:
    assert wrong(stripes(angle, 12.0, 3.0), hole()) < 1e-5


@pytest.mark.parametrize("angle", [0.0, 0.4, 1.0, math.pi / 2, 2.5])
def test_a_gradient_is_continued_at_any_angle_also_in_eight_bits(angle: float) -> None:
    y, x = grid()
    along = (x * math.cos(angle) + y * math.sin(angle) + SIDE) / (2.5 * SIDE)
    picture = (torch.stack([along, 1 - along, along * 0.3]) * 255).round() / 255
    assert wrong(picture, hole()) < 1.5 / 255


def test_stripes_are_lines() -> None:
    found = continued(stripes(0.3, 11.0, 2.0), hole(), ~hole())
    assert found is not None
    assert found.is_lines


def test_a_plain_colour_is_continued_exactly() -> None:
    assert wrong(torch.tensor([0.1, 0.2, 0.4])[:, None, None].expand(3, SIDE, SIDE).contiguous(), hole()) < 1e-6


@pytest.mark.parametrize(
    ("first", "second"), [((16.0, 0.0), (0.0, 16.0)), ((13.4, 0.0), (0.0, 13.4)), ((12.0, 5.0), (-5.0, 12.0))]
)
def test_dots_on_any_lattice_are_continued(first: tuple[float, float], second: tuple[float, float]) -> None:
    assert wrong(dots(first, second, 4.0), hole()) < 0.05


def test_a_lattice_of_whole_pixels_is_copied_bit_by_bit() -> None:
    picture = dots((16.0, 0.0), (0.0, 16.0), 4.0)
    unknown = hole()
    filled = continued(torch.where(unknown, 0.0, picture), unknown, ~unknown)
    assert filled is not None
    assert not filled.is_lines
    assert torch.equal(filled.picture, picture)


def test_the_periods_of_dots_are_found_to_a_fraction_of_a_pixel() -> None:
    found = periods_of(dots((13.4, 0.0), (0.0, 13.4), 4.0), ~hole())
    assert found is not None
    lengths = found.square().sum(1).sqrt()
    assert torch.allclose(lengths, torch.full((2,), 13.4, dtype=torch.float64), atol=0.05)


def test_a_hole_at_the_border_is_continued_from_the_other_sides() -> None:
    assert wrong(dots((16.0, 0.0), (0.0, 16.0), 4.0), hole(0, 0, 40, 40)) < 1e-5


def test_noise_is_no_pattern() -> None:
    picture = torch.rand(3, SIDE, SIDE, generator=torch.Generator().manual_seed(1))
    assert continued(picture, hole(), ~hole()) is None


def test_a_pattern_that_ends_before_the_hole_does_not_hold() -> None:
    """Dots far away, noise next to the hole: the dots must not be put there."""
    picture = dots((16.0, 0.0), (0.0, 16.0), 4.0)
    noise = torch.rand(3, SIDE, SIDE, generator=torch.Generator().manual_seed(2))
    near = hole(36, 30, 74, 80)
    assert continued(torch.where(near, noise, picture), hole(), ~hole()) is None


def test_pixels_that_may_not_be_used_are_not_learned_from() -> None:
    picture = dots((16.0, 0.0), (0.0, 16.0), 4.0)
    usable = ~hole()
    usable[:, :20] = False
    spoiled = picture.clone()
    spoiled[:, :, :20] = 0.0
    filled = continued(spoiled, hole(), usable)
    assert filled is not None
    assert torch.equal(filled.picture[:, hole()], picture[:, hole()])


@pytest.mark.parametrize("first", [(16.0, 0.0), (13.4, 0.0), (12.0, 5.0)])
def test_what_is_in_the_hole_has_no_say(first: tuple[float, float]) -> None:
    picture, unknown = dots(first, (-first[1], first[0]), 4.0), hole()
    one, other = (continued(torch.where(unknown, inside, picture), unknown, ~unknown) for inside in (0.0, 1.0))
    assert one is not None and other is not None
    assert torch.equal(one.picture, other.picture)


@settings(max_examples=20, deadline=None)
@given(by=st.integers(1, 20), seed=st.integers(0, 1000))
def test_growing_by_running_sums_is_growing_by_looking(by: int, seed: int) -> None:
    flags = torch.rand(31, 23, generator=torch.Generator().manual_seed(seed)) < 0.02
    plain = torch.nn.functional.max_pool2d(flags[None, None].float(), 2 * by + 1, 1, by)[0, 0] > 0
    assert torch.equal(_grown(flags, by), plain)


def test_a_cancel_is_heard() -> None:
    def stop() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        continued(dots((16.0, 0.0), (0.0, 16.0), 4.0), hole(), ~hole(), stop)


def test_nothing_known_or_nothing_missing_is_no_pattern() -> None:
    picture = torch.zeros(3, SIDE, SIDE)
    everything = torch.ones(SIDE, SIDE, dtype=torch.bool)
    assert continued(picture, everything, ~everything) is None
    assert continued(picture, ~everything, everything) is None
    assert (
        continued(torch.zeros(3, 1, 1), torch.ones(1, 1, dtype=torch.bool), torch.zeros(1, 1, dtype=torch.bool)) is None
    )
