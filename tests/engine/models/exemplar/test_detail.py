"""Detail for what was drawn small: from what looks alike, and from nothing else."""

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.models.exemplar.detail import with_detail


def weave(height: int = 120, width: int = 120) -> Tensor:
    """(H, W, 3): a texture of a few pixels' size on a slow change of colour."""
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    fine = ((x // 2 + y // 3) % 2).float() * 0.2
    slow = 0.3 + 0.2 * torch.sin(x / 17.0) + 0.1 * torch.cos(y / 23.0)
    return torch.stack([slow + fine, slow * 0.8 + fine, 0.5 - 0.3 * slow + fine], -1)


def enlarged(picture: Tensor, scale: int) -> Tensor:
    planes = picture.permute(2, 0, 1)[None]
    small = F.interpolate(planes, scale_factor=1 / scale, mode="bilinear", antialias=True)
    return F.interpolate(small, size=picture.shape[:2], mode="bicubic")[0].permute(1, 2, 0)


def hole() -> Tensor:
    out = torch.zeros(120, 120, dtype=torch.bool)
    out[40:80, 30:90] = True
    return out


NONE = torch.zeros(120, 120, dtype=torch.bool)


def contrast(picture: Tensor) -> float:
    return float(picture[42:78, 32:88].diff(dim=1).abs().mean())


def test_what_was_drawn_small_gets_the_pictures_detail_and_keeps_its_layout() -> None:
    truth = weave()
    soft = enlarged(truth, 4)
    given = torch.where(hole()[..., None], soft, truth)
    made = with_detail(given, hole(), NONE, 4)
    assert torch.equal(made[~hole()], truth[~hole()])
    assert contrast(given) < 0.3 * contrast(truth)
    assert contrast(made) > 0.6 * contrast(truth)
    assert float((enlarged(made, 4) - soft)[hole()].abs().mean()) < 0.03


def test_what_looks_like_nothing_known_stays_as_it_was_drawn() -> None:
    given = torch.where(hole()[..., None], torch.tensor([0.9, 0.05, 0.9]), weave())
    made = with_detail(given, hole(), NONE, 4)
    assert float((made - given)[44:76, 34:86].abs().max()) < 0.005


def test_nothing_is_copied_from_what_is_unusable_and_the_same_comes_out_twice() -> None:
    truth = weave()
    given = torch.where(hole()[..., None], enlarged(truth, 4), truth)
    other, unusable = given.clone(), NONE.clone()
    other[:20] = torch.rand(20, 120, 3, generator=torch.Generator().manual_seed(0))
    unusable[:36] = True
    one, two = (with_detail(each, hole(), unusable, 4) for each in (given, other))
    assert torch.equal(one[40:80], two[40:80])
    assert torch.equal(one, with_detail(given, hole(), unusable, 4))


def test_where_nothing_is_known_the_drawing_stays() -> None:
    picture, everything = weave(), torch.ones(120, 120, dtype=torch.bool)
    assert torch.equal(with_detail(picture, everything, NONE, 3), picture)
