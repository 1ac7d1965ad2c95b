"""The fast searches against plain ones."""

import pytest
import torch

from engine.errors import Cancelled
from engine.models.exemplar.patches import PatchShape, patch_rows, patches_touching, principal_patches, project
from engine.models.exemplar.pyramid import count_in_boxes
from engine.models.exemplar.search import exact_nearest, masked_nearest, take_better


def random(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed))


def test_the_matrix_product_finds_what_brute_force_finds():
    wanted, offered, handicap = random(700, 9), random(333, 9, seed=1), random(333, seed=2)
    index, best = exact_nearest(wanted, offered, handicap, lambda: None)
    brute = (wanted[:, None] - offered[None]).square().sum(2) + handicap
    assert torch.equal(index, brute.argmin(1))
    assert torch.allclose(best, brute.amin(1), atol=1e-5)


def test_an_infinite_handicap_is_never_chosen():
    handicap = torch.full((50,), torch.inf)
    handicap[17] = 0
    index, _ = exact_nearest(random(20, 4), random(50, 4, seed=1), handicap, lambda: None)
    assert index.unique().tolist() == [17]


def test_weighted_matching_finds_what_brute_force_finds():
    wanted, weight, offered = random(60, 12), random(60, 12, seed=1), random(90, 12, seed=2)
    brute = (weight[:, None] * (wanted[:, None] - offered[None]).square()).sum(2)
    assert torch.equal(masked_nearest(wanted, weight, offered, torch.zeros(90)), brute.argmin(1))


def test_the_search_hears_a_cancel_between_chunks():
    def check() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        exact_nearest(random(10, 3), random(10, 3), torch.zeros(10), check)


def test_a_guess_is_taken_only_where_it_is_better_and_allowed():
    features = torch.tensor([[0.0], [1.0], [2.0], [3.0]])
    handicap = torch.tensor([0.0, 0.0, torch.inf, 0.0])
    wanted = torch.tensor([[2.0], [2.0], [2.0]])
    nearest, best = torch.tensor([0, 0, 3]), torch.tensor([4.0, 4.0, 1.0])
    nearest, best = take_better(nearest, best, torch.tensor([2, 1, 99]), wanted, features, handicap)
    assert nearest.tolist() == [0, 1, 3]
    assert best.tolist() == [4.0, 1.0, 1.0]


@pytest.mark.parametrize(("height", "width"), [(11, 13), (1, 20), (20, 1), (2, 9)])
def test_projection_by_convolution_is_projection_of_each_patch(height: int, width: int):
    shape = PatchShape.that_fits(height, width, 3)
    offsets = shape.offsets(width, torch.device("cpu"))
    flat = random(height * width, 3)
    mask = torch.zeros(height, width, dtype=torch.bool)
    fits = patches_touching(~mask, shape).reshape(-1).nonzero()[:, 0]
    basis = principal_patches(flat, fits, offsets, 8)
    expected = patch_rows(flat, fits, offsets) @ basis
    assert torch.allclose(project(flat, height, width, basis, shape)[fits], expected, atol=1e-5)


def test_all_principal_directions_together_keep_every_distance():
    flat, shape = random(400, 2), PatchShape(1, 1)
    offsets = shape.offsets(20, torch.device("cpu"))
    anchors = torch.tensor([0, 5, 44, 101, 250])
    rows = patch_rows(flat, anchors, offsets)
    basis = principal_patches(flat, anchors, offsets, 18)
    assert torch.allclose(torch.cdist(rows @ basis, rows @ basis), torch.cdist(rows, rows), atol=1e-4)


def test_counting_in_boxes_is_counting():
    mask = random(9, 12) < 0.3
    counted = count_in_boxes(mask, 3, 4)
    plain = mask.unfold(0, 3, 1).unfold(1, 4, 1).sum((2, 3))
    assert torch.equal(counted, plain.to(torch.int32))
