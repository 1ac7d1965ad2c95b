"""A mask that follows the picture's edges."""

import pytest
import torch

from engine.colour.guided import along_edges


def test_an_edge_of_the_picture_is_found_by_a_mask_that_misses_it_by_a_little() -> None:
    picture = torch.zeros(3, 60, 60)
    picture[:, :, 30:] = 0.8
    loose = torch.zeros(60, 60)
    loose[:, 27:] = 1
    out = along_edges(loose, picture, 8)
    assert float(out[30, 29]) < 0.5 < 0.9 < float(out[30, 31])


def test_where_nothing_is_to_be_seen_the_mask_grows_soft() -> None:
    hard = torch.zeros(60, 60)
    hard[:, 30:] = 1
    steps = along_edges(hard, torch.full((3, 60, 60), 0.5), 8)[30].diff().abs()
    assert float(steps.max()) < 0.2


def test_all_and_nothing_stay_so() -> None:
    picture = torch.rand(3, 20, 30)
    for value in (0.0, 1.0):
        assert torch.allclose(along_edges(torch.full((20, 30), value), picture, 4), torch.tensor(value), atol=1e-4)


def test_it_fits_the_plain_form_of_the_paper() -> None:
    draw = torch.Generator().manual_seed(3)
    picture, mask = torch.rand(3, 9, 11, generator=draw), torch.rand(9, 11, generator=draw)
    radius, eps = 2, 0.04**2
    slopes = torch.zeros(9, 11, 4)
    for y in range(9):
        for x in range(11):
            rows, cols = slice(max(0, y - radius), y + radius + 1), slice(max(0, x - radius), x + radius + 1)
            patch, values = picture[:, rows, cols].reshape(3, -1), mask[rows, cols].reshape(-1)
            middle = patch.mean(1, keepdim=True)
            spread = (patch - middle) @ (patch - middle).T / patch.shape[1] + torch.eye(3) * eps
            slope = spread.inverse() @ ((patch - middle) @ (values - values.mean()) / patch.shape[1])
            slopes[y, x, :3], slopes[y, x, 3] = slope, values.mean() - slope @ middle[:, 0]
    plain = torch.zeros(9, 11)
    for y in range(9):
        for x in range(11):
            near = slopes[max(0, y - radius) : y + radius + 1, max(0, x - radius) : x + radius + 1].reshape(-1, 4)
            plain[y, x] = near.mean(0)[:3] @ picture[:, y, x] + near.mean(0)[3]
    assert torch.allclose(along_edges(mask, picture, radius), plain.clamp(0, 1), atol=1e-4)


def test_a_radius_is_at_least_one() -> None:
    with pytest.raises(ValueError, match="radius"):
        along_edges(torch.zeros(4, 4), torch.zeros(3, 4, 4), 0)
