"""The smooth fill."""

import torch
from hypothesis import given, settings
from support.tokens import holes
from torch import Tensor

from engine.tokens.ground import fill_ground


@given(holes())
@settings(max_examples=40, deadline=None)
def test_known_pixels_stay_and_the_fill_lies_between_them(hole: Tensor):
    picture = torch.rand(1, 3, *hole.shape, generator=torch.Generator().manual_seed(1))
    known = ~hole[None, None]
    ground = fill_ground(picture, known)
    assert torch.equal(ground[known.expand_as(ground)], picture[known.expand_as(ground)])
    if bool(known.any()):
        seen = torch.where(known, picture, 0.5)
        assert float(ground.min()) >= float(seen.min()) - 1e-5
        assert float(ground.max()) <= float(seen.max()) + 1e-5


def test_what_lies_in_the_hole_is_never_read():
    known = torch.ones(1, 1, 32, 40, dtype=torch.bool)
    known[..., 8:30, 3:33] = False
    picture = torch.rand(1, 3, 32, 40)
    broken = torch.where(known, picture, float("nan"))
    assert torch.equal(fill_ground(picture, known), fill_ground(broken, known))


def test_nothing_known_gives_mid_grey():
    assert torch.equal(
        fill_ground(torch.rand(1, 3, 16, 24), torch.zeros(1, 1, 16, 24, dtype=torch.bool)),
        torch.full((1, 3, 16, 24), 0.5),
    )


def test_windows_of_a_batch_do_not_mix():
    picture = torch.rand(3, 3, 24, 24)
    known = torch.rand(3, 1, 24, 24) < torch.tensor([0.0, 0.1, 0.9]).view(3, 1, 1, 1)
    together = fill_ground(picture, known)
    for one in range(3):
        assert torch.allclose(together[one : one + 1], fill_ground(picture[one : one + 1], known[one : one + 1]))


def test_a_ramp_is_continued_through_the_hole():
    ramp = torch.linspace(0, 1, 64).expand(1, 1, 64, 64)
    known = torch.ones(1, 1, 64, 64, dtype=torch.bool)
    known[..., 16:48, 16:48] = False
    assert float((fill_ground(ramp, known) - ramp).abs().max()) < 0.05


def test_a_flat_colour_is_continued_to_the_windows_edge():
    known = torch.ones(1, 1, 40, 33, dtype=torch.bool)
    known[..., :30, :20] = False
    assert float((fill_ground(torch.full((1, 3, 40, 33), 0.625), known) - 0.625).abs().max()) < 1e-5
