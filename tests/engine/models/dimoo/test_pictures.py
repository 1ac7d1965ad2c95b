"""References at the sizes that upstream cuts them to."""

import pytest
import torch

from engine.models.dimoo.pictures import fit_reference


@pytest.mark.parametrize(
    ("size", "fitted"),
    [
        ((64, 64), (512, 512)),
        ((2000, 2000), (512, 512)),
        ((300, 600), (352, 736)),
        ((100, 1000), (256, 1024)),
        ((1000, 100), (1024, 256)),
    ],
)
def test_a_reference_keeps_its_form_as_far_as_whole_patches_allow(size: tuple[int, int], fitted: tuple[int, int]):
    found = fit_reference(torch.rand(3, *size))
    assert found.shape == (3, *fitted)
    assert 0 <= found.min() <= found.max() <= 1


def test_what_is_cut_off_lies_at_the_edges():
    picture = torch.zeros(3, 100, 1000)
    picture[:, :, 300:700] = 1
    assert fit_reference(picture).mean() > 0.9
