from __future__ import annotations

import torch

from engine.tokens.cosines import first_waves
from engine.tokens.grid import to_patches


def test_the_way_back_undoes_the_way_there():
    there, back = first_waves(9)
    assert torch.allclose(there @ back, torch.eye(9), atol=1e-5)


def test_the_first_three_numbers_are_a_patchs_colour_and_nothing_else():
    there, back = first_waves(9)
    flat = torch.rand(1, 3, 1, 1, generator=torch.Generator().manual_seed(1)).expand(1, 3, 8, 8)
    latent = to_patches(flat)[0, 0, 0] @ there.T
    assert latent[3:].abs().max() < 1e-5
    assert torch.allclose(back[:, :3] @ latent[:3], to_patches(flat)[0, 0, 0], atol=1e-5)


def test_beyond_the_listed_waves_there_is_nothing():
    there, back = first_waves(40)
    assert not there[20:].any()
    assert not back[:, 20:].any()
