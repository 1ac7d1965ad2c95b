from __future__ import annotations

import torch

from engine.imaging.match import Look, look_of, matched


def checkers(side: int = 96, cell: int = 8) -> torch.Tensor:
    place = torch.arange(side) // cell
    return ((place[:, None] + place[None]) % 2).float().expand(3, side, side) * 0.6 + 0.2


def everywhere(picture: torch.Tensor) -> torch.Tensor:
    return torch.ones(picture.shape[-2:], dtype=torch.bool)


def smoothed(picture: torch.Tensor, times: int) -> torch.Tensor:
    for _ in range(times):
        picture = torch.nn.functional.avg_pool2d(picture, 3, 1, 1, count_include_pad=False)
    return picture


def test_a_blurred_picture_is_less_sharp():
    picture = checkers()
    crisp, soft = (look_of(each, everywhere(picture)).sharpness for each in (picture, smoothed(picture, 4)))
    assert crisp is not None
    assert soft is not None
    assert crisp > 1.3 * soft


def test_a_flat_picture_does_not_tell_how_sharp_it_is():
    assert look_of(torch.full((3, 40, 40), 0.5), torch.ones(40, 40, dtype=torch.bool)).sharpness is None


def test_grain_is_measured_on_flat_and_on_sloping_ground():
    slope = torch.linspace(0.2, 0.8, 128)[None, None].expand(3, 128, 128)
    noise = torch.randn(1, 128, 128, generator=torch.Generator().manual_seed(1)) * 0.03
    assert abs(look_of(slope + noise, everywhere(slope)).grain - 0.03) < 0.006
    assert look_of(slope, everywhere(slope)).grain < 0.002


def test_only_what_is_usable_is_measured():
    picture = torch.full((3, 64, 64), 0.5)
    picture[:, :, 32:] += torch.randn(32, generator=torch.Generator().manual_seed(1)) * 0.2
    usable = torch.zeros(64, 64, dtype=torch.bool)
    usable[:, :30] = True
    assert look_of(picture, usable).grain == 0


def test_nothing_usable_changes_nothing():
    picture = checkers()
    look = look_of(picture, torch.zeros(96, 96, dtype=torch.bool))
    assert look == Look(None, 0.0)
    assert torch.equal(matched(picture, look, 1), picture)


def test_a_fill_is_made_as_soft_and_as_grainy_as_asked():
    picture = checkers()
    soft = look_of(smoothed(picture, 4), everywhere(picture))
    assert soft.sharpness is not None
    made = look_of(matched(picture, soft, 1), everywhere(picture))
    assert made.sharpness is not None
    assert made.sharpness <= soft.sharpness * 1.5
    flat = torch.full((3, 96, 96), 0.5)
    grained = matched(flat, Look(None, 0.02), 1)
    assert abs(look_of(grained, everywhere(flat)).grain - 0.02) < 0.006
    assert torch.equal(grained, matched(flat, Look(None, 0.02), 1))


def test_a_fill_is_never_sharpened():
    soft = smoothed(checkers(), 4)
    assert torch.equal(matched(soft, Look(3.0, 0.0), 1), soft)
