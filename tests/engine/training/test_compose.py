from __future__ import annotations

import torch

from engine.training.compose import PHOTO, WORLD, compose, without_words
from engine.training.data import Pictures


def pictures(value: int, count: int = 6, *, scene: bool = False, caption: str = "grass") -> Pictures:
    pixels = torch.full((count, 3, 40, 40), value, dtype=torch.uint8)
    return Pictures(pixels, (caption,) * count, torch.full((count,), scene), torch.arange(count))


def draw() -> torch.Generator:
    return torch.Generator().manual_seed(4)


def test_outside_the_hole_nothing_of_what_was_put_in_is_seen():
    found = compose(pictures(0, caption=""), pictures(255), 64, 32, draw())
    outside = ~found.hole[:, None].expand_as(found.picture)
    under_world = found.kind % 2 == WORLD
    for number in range(64):
        seen = found.picture[number][outside[number]]
        expected = 1.0 if bool(under_world[number]) else 0.0
        assert torch.allclose(seen, torch.full_like(seen, expected))


def test_what_is_put_in_fills_the_hole_and_has_its_caption():
    found = compose(pictures(0, caption=""), pictures(255, caption="snow"), 64, 32, draw())
    for number in range(64):
        inside = found.picture[number, 0][found.hole[number]]
        if int(found.kind[number]) == PHOTO:
            assert found.captions[number] == ""
            assert float(inside.max()) == 0.0
        else:
            assert found.captions[number] == "snow"
            assert float(inside.max()) > 0.9


def test_a_scene_is_fitted_into_the_holes_box():
    # Dark at the left, light at the right: fitted into the box, both must be seen.
    ramp = torch.arange(40, dtype=torch.uint8).mul(6).expand(3, 40, 40)
    scenes = Pictures(ramp.repeat(6, 1, 1, 1), ("beach",) * 6, torch.ones(6, dtype=torch.bool), torch.arange(6))
    found = compose(pictures(0, caption=""), scenes, 64, 32, draw())
    spread = []
    for number in range(64):
        if int(found.kind[number]) == 2 and not bool(found.hole[number].all()):
            inside = found.picture[number, 0][found.hole[number]]
            spread.append(float(inside.max() - inside.min()))
    assert sum(spread) / len(spread) > 0.4


def test_words_are_left_out_at_the_share_asked_for():
    captions = without_words(("sand",) * 2000, 0.1, draw())
    assert 140 < captions.count("") < 260
    assert without_words(("sand",) * 5, 0.0, draw()) == ("sand",) * 5
