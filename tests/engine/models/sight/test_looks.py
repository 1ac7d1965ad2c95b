"""The shipped looks name what the library draws, know nothing of noise, and what is hidden has no say."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import BrokenWeights
from engine.materials import catalogue
from engine.models.sight import Sight, load
from engine.models.sight.looks import LOOKED_AT_PX, fitted
from engine.models.sight.statistics import COUNT, statistics
from engine.training.looks import fit, rings, write_looks


def ring(side: int = LOOKED_AT_PX) -> torch.Tensor:
    out = torch.ones(side, side, dtype=torch.bool)
    out[side // 4 : -side // 4, side // 4 : -side // 4] = False
    return out


def drawn(name: str, seed: int, side: int = LOOKED_AT_PX) -> torch.Tensor:
    understood = catalogue.understand(name)
    return catalogue.render(understood, side, side, unit_px=66.0, seed=seed).permute(2, 0, 1)


def test_the_shipped_looks_are_those_of_the_library() -> None:
    assert set(load().names) == set(catalogue.entries())


@pytest.mark.parametrize(
    "name", ["brick wall", "grass", "sand", "snow", "autumn leaves", "wooden planks", "clouds", "fire"]
)
def test_drawings_of_new_seeds_are_named(name: str) -> None:
    for seed in (900_001, 900_002):
        seen = load().sees(drawn(name, seed), ring())
        assert max(seen, key=lambda one: seen[one].sure) == name
        assert seen[name].deviation < 2


@pytest.mark.parametrize("name", ["brick wall", "grass", "sand", "snow", "clouds", "beach"])
def test_noise_is_far_from_what_a_designer_would_ask_for(name: str) -> None:
    noise = torch.rand(3, 200, 240, generator=torch.Generator().manual_seed(1))
    seen = load().sees(noise, torch.ones(200, 240) > 0)[name]
    assert seen.sure < 0.2
    assert seen.deviation > 2


def test_what_is_hidden_has_no_say() -> None:
    picture = drawn("grass", 5, 240)
    shown = ring(240)
    other = torch.where(shown, picture, 0.9)
    one, two = load().sees(picture, shown), load().sees(other, shown)
    assert all(abs(one[name].deviation - two[name].deviation) < 1e-2 for name in one)


def test_other_colours_are_near_to_drawings_in_those_colours_only() -> None:
    understood = catalogue.understand("red knitted wool")
    like = [
        catalogue.render(understood, 96, 96, unit_px=66.0, seed=seed).permute(2, 0, 1).contiguous() for seed in range(4)
    ]
    red = catalogue.render(understood, 160, 160, unit_px=66.0, seed=77).permute(2, 0, 1)
    near = load().deviation("knitted wool", red, ring(), like)
    assert near < load().deviation("knitted wool", red.flip(0), ring(), like)
    assert near < load().deviation("knitted wool", drawn("grass", 3), ring(), like)


@settings(max_examples=30, deadline=None)
@given(height=st.integers(1, 400), width=st.integers(1, 400), seed=st.integers(0, 100))
def test_pictures_of_any_size_have_finite_statistics(height: int, width: int, seed: int) -> None:
    draw = torch.Generator().manual_seed(seed)
    shown = torch.rand(height, width, generator=draw) < 0.4
    shown[0, 0] = True
    picture, seen = fitted(torch.rand(3, height, width, generator=draw), shown)
    assert bool(seen.any())
    told = statistics(picture, seen)
    assert told.shape == (COUNT,)
    assert bool(told.isfinite().all())


def test_a_plain_picture_keeps_its_colour_when_it_is_fitted() -> None:
    picture, seen = fitted(torch.full((3, 300, 170), 0.25), ring(300)[:, :170])
    assert torch.allclose(picture[:, seen], torch.tensor(0.25), atol=1e-5)


def test_whitening_makes_drawings_of_an_entry_of_variance_one() -> None:
    told = torch.randn(3, 400, COUNT, generator=torch.Generator().manual_seed(3)) * torch.linspace(0.1, 3, COUNT)
    mean, whiten = fit(told)
    away = torch.einsum("nij,nkj->nki", whiten, told - mean[:, None])
    assert torch.allclose(away.square().mean((1, 2)), torch.ones(3), atol=0.05)


def test_the_same_seed_measures_the_same_looks(tmp_path: Path) -> None:
    assert torch.equal(rings("snow", 2, 5), rings("snow", 2, 5))
    assert not torch.equal(rings("snow", 2, 5), rings("snow", 2, 6))
    told: list[float] = []
    write_looks(tmp_path / "new" / "looks.safetensors", ("snow", "plain"), 1, told.append, drawings=3)
    sight: Sight = load(tmp_path / "new" / "looks.safetensors")
    assert sight.names == ("snow", "plain")
    assert told[-1] == 1.0


@pytest.mark.parametrize("content", [b"", b"nothing of the kind", b"\x08\x00\x00\x00\x00\x00\x00\x00{}      "])
def test_a_broken_file_is_told_as_such(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "looks.safetensors"
    path.write_bytes(content)
    with pytest.raises(BrokenWeights, match=r"looks\.safetensors"):
        load(path)
    with pytest.raises(BrokenWeights):
        load(tmp_path / "missing.safetensors")
