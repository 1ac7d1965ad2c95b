"""References at the sizes that upstream cuts them to."""

from typing import Any

import pytest
import torch
from support.dimoo import CROPPED_PX
from torch import Tensor

from engine.models.dimoo import pictures
from engine.models.dimoo.memory import LARGEST_REFERENCE_TOK
from engine.models.dimoo.pictures import fit_reference, fitted_size


@pytest.mark.parametrize(
    ("size", "fitted"),
    [
        ((64, 64), (512, 512)),
        ((2000, 2000), (512, 512)),
        ((300, 600), (352, 704)),
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


def test_every_size_is_upstreams(golden: dict[str, Tensor]):
    assert [list(fitted_size(*size)) for size in CROPPED_PX] == golden["crops"].tolist()


def test_none_takes_more_tokens_than_memory_is_stated_for():
    sizes = {fitted_size(width, height) for width in range(16, 400, 13) for height in range(16, 400, 13)}
    rows, columns = LARGEST_REFERENCE_TOK
    assert max(height // 16 * (width // 16 + 1) for width, height in sizes) == rows * (columns + 1)


@pytest.mark.parametrize("size", [(2, 40_000), (40_000, 2), (1, 1)])
def test_a_hairs_breadth_is_cut_before_it_is_scaled(size: tuple[int, int], monkeypatch: pytest.MonkeyPatch):
    scaled: list[int] = []
    interpolate = pictures.F.interpolate

    def noted(picture: Tensor, size: tuple[int, int], **how: Any) -> Tensor:
        scaled.append(size[0] * size[1])
        return interpolate(picture, size, **how)

    monkeypatch.setattr(pictures.F, "interpolate", noted)
    found = fit_reference(torch.rand(3, *size))
    assert found.shape[1] * found.shape[2] <= 512 * 512
    assert scaled[0] <= 4 * 512 * 512
