"""Blur, sharpness, noise and grain."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from engine.imaging.detail import blurred, denoised, grained, noise_of, sharpened


def edges(height: int = 64, width: int = 64) -> Tensor:
    picture = torch.full((3, height, width), 0.25)
    picture[:, :, width // 2 :] = 0.75
    picture[:, height // 2 :] *= 0.6
    return picture


def noisy(picture: Tensor, deviation: float) -> Tensor:
    return picture + torch.randn(picture.shape, generator=torch.Generator().manual_seed(1)) * deviation


@pytest.mark.parametrize("sigma", [0.7, 3.0, 20.0])
def test_nothing_bleeds_in_from_outside_the_weight(sigma: float) -> None:
    picture = torch.full((3, 60, 60), 0.3)
    picture[:, :, 30:] = 1.0
    weight = torch.ones(60, 60)
    weight[:, 30:] = 0
    assert torch.allclose(blurred(picture, sigma, weight)[:, :, :30], torch.tensor(0.3), atol=1e-4)


@pytest.mark.parametrize("sigma", [2.0, 11.0, 13.0, 25.0])
def test_a_blur_is_as_wide_as_was_asked_for(sigma: float) -> None:
    point = torch.zeros(1, 201, 201)
    point[0, 100, 100] = 1
    row = blurred(point, sigma, torch.ones(201, 201))[0].sum(0)
    place = torch.arange(201) - 100.0
    assert float((row * place**2).sum().sqrt()) == pytest.approx(sigma, rel=0.06)


def test_noise_goes_and_edges_stay() -> None:
    clean = edges()
    rough = noisy(clean, 0.06)
    out = denoised(rough, 0.8)
    assert float((out - clean).square().mean()) < 0.15 * float((rough - clean).square().mean())
    assert float((out[:, :20, 40:] - out[:, :20, 20:24].mean()).mean()) > 0.4


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.sampled_from([1, 3]))
def test_any_size_is_denoised(height: int, width: int, channels: int) -> None:
    out = denoised(noisy(torch.full((channels, height, width), 0.5), 0.1), 1.0)
    assert out.shape == (channels, height, width)
    assert bool(torch.isfinite(out).all())


def test_parts_of_a_large_picture_meet_without_a_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    rough = noisy(edges(120, 150), 0.05)
    whole = denoised(rough, 0.7)
    monkeypatch.setattr("engine.imaging.detail._TILE_PX", 48)
    assert torch.allclose(denoised(rough, 0.7), whole, atol=2e-3)


def test_a_clean_picture_stays_clean_and_no_amount_does_nothing() -> None:
    assert torch.allclose(denoised(edges(), 1.0), edges(), atol=1e-3)
    rough = noisy(edges(), 0.05)
    assert torch.equal(denoised(rough, 0.0), rough)


def test_noise_is_measured() -> None:
    assert noise_of(noisy(torch.full((3, 200, 200), 0.5), 0.05)) == pytest.approx(0.05, rel=0.1)
    assert noise_of(torch.zeros(3, 2, 2)) == 0


def test_sharpening_steepens_edges_without_halos() -> None:
    soft = blurred(edges(), 1.5, torch.ones(64, 64))
    out = sharpened(soft, 1.0)
    assert float(out[0, 10].diff().abs().max()) > 1.3 * float(soft[0, 10].diff().abs().max())
    assert float(out[:, :20].max()) < 0.75 + 0.13
    assert torch.allclose(out[:, 2:10, 2:10], soft[:, 2:10, 2:10], atol=1e-3)


def test_grain_is_as_strong_as_was_asked_for_and_the_seed_decides() -> None:
    grey = torch.full((3, 128, 128), 0.5)
    one, again, other = (grained(grey, 0.05, seed) for seed in (1, 1, 2))
    assert torch.equal(one, again)
    assert not torch.equal(one, other)
    assert float((one - grey).std()) == pytest.approx(0.05, rel=0.15)
