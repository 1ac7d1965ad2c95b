"""The independent eye is the same for the same seed, and learns to tell things apart."""

from __future__ import annotations

import torch

from engine.training.eye import train_eye


def test_the_same_seed_trains_the_same_eye() -> None:
    told: list[str] = []
    one, other, third = (train_eye(("snow", "asphalt"), seed, told.append, groups=1, steps=30) for seed in (1, 1, 2))
    assert all(torch.equal(a, b) for a, b in zip(one.network.parameters(), other.network.parameters(), strict=True))
    assert not torch.equal(next(one.network.parameters()), next(third.network.parameters()))
    assert told
    shown = torch.ones(2, 50, 50, dtype=torch.bool)
    assert set(one.name(torch.rand(2, 3, 50, 50), shown)) <= {"snow", "asphalt"}


def test_an_eye_learns_to_tell_snow_from_asphalt() -> None:
    eye = train_eye(("snow", "asphalt"), 1, lambda _told: None, groups=2, steps=300)
    assert eye.right > 0.9
