"""Pictures with known masks, composed of photographs, and what is fitted to them."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from support.pictures import picture

from engine.matting import agreement, evidence
from engine.matting.evidence import logistic
from engine.models import nano
from engine.training import pasted, subjects
from engine.training.pasted import composed, drawn_piece, found_piece, pictures, read
from engine.training.photos import photographs


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(pasted, "_SIDE_PX", 96)
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(8):
        pixels = picture(96, 80, seed=number)
        if number % 2:
            pixels[...] = (60, 90, 130)
            pixels[30:60, 20:50] = (220, 60, 40)
        Image.fromarray(pixels).save(folder / f"{number}.png")
    return folder


def test_a_clear_subject_is_a_piece_and_one_that_two_borders_cut_is_none(photos: Path):
    piece = found_piece(photos / "1.png")
    assert piece is not None and piece.made_of == ("1.png",)
    assert abs(piece.alpha.shape[0] - 30) <= 2 and abs(piece.alpha.shape[1] - 30) <= 2
    assert np.median(piece.rgb[piece.alpha == 1], 0) * 255 == pytest.approx((220, 60, 40), abs=3)
    pixels = np.full((80, 96, 3), 90, np.uint8)
    pixels[:, 30:60] = (220, 60, 40)  # from the top to the bottom
    Image.fromarray(pixels).save(photos / "cut.png")
    assert found_piece(photos / "cut.png") is None


@pytest.mark.parametrize("seed", range(4))
def test_what_is_pasted_is_where_the_mask_says(photos: Path, seed: int):
    draw = np.random.default_rng(seed)
    paths = photographs(photos)
    ground = read(paths[0])
    rgb, truth = composed(drawn_piece(draw, paths), ground, draw)
    rows, cols = np.flatnonzero(truth.any(1)), np.flatnonzero(truth.any(0))
    assert rgb.shape == ground.shape and rgb.min() >= 0 and rgb.max() <= 1
    assert 0.2 < max(np.ptp(rows) / truth.shape[0], np.ptp(cols) / truth.shape[1]) < 0.95
    changed = np.abs(rgb - ground).mean(-1)
    assert changed[truth].mean() > 3 * changed[~truth].mean()


def test_the_same_seed_composes_the_same_and_says_of_which_photographs(photos: Path):
    paths = photographs(photos)
    one, again, other = pictures(paths, 3, 1), pictures(paths, 3, 1), pictures(paths, 3, 2)
    assert all(np.array_equal(a.rgb, b.rgb) and a.made_of == b.made_of for a, b in zip(one, again, strict=True))
    assert not all(np.array_equal(a.rgb, b.rgb) for a, b in zip(one, other, strict=True))
    assert {name for each in one for name in each.made_of} <= {path.name for path in paths}


@pytest.mark.parametrize("loss", [subjects.cross_entropy, subjects.soft_jaccard])
def test_a_fit_finds_the_cue_that_tells_and_not_the_one_that_does_not(photos: Path, loss: subjects.Loss):
    example = subjects.example_of(pictures(photographs(photos), 1, 1)[0])
    noise = np.random.default_rng(0).normal(size=example.truth.shape).astype(np.float32)
    cues = np.stack([4 * example.truth - 1, noise], 1)
    weights = subjects.fitted([example], [cues], loss)
    assert weights[1] > 1 and abs(weights[2]) < 0.2 * weights[1]
    found = logistic(cues, weights, example.selected) > 0.5
    assert example.overlap(found.astype(np.float32)) > 0.8


def test_a_loss_is_less_for_the_better_answer():
    truth, share = torch.tensor([1.0, 0.0]), torch.tensor([0.5, 0.5])
    good, bad = torch.tensor([0.9, 0.1]), torch.tensor([0.6, 0.4])
    for loss in (subjects.cross_entropy, subjects.soft_jaccard):
        assert loss(good, truth, share) < loss(bad, truth, share)
    assert float(subjects.soft_jaccard(truth, truth, share)) == pytest.approx(0)


def test_the_command_writes_as_many_numbers_as_the_product_has_and_holds_photographs_out(photos: Path, tmp_path: Path):
    out = tmp_path / "fit.json"
    assert subjects.main(["--photos", str(photos), "--out", str(out), "--seed", "3", "--count", "6"]) == 0
    said = json.loads(out.read_text("utf-8"))
    assert [len(said["evidence"]), len(said["agreement"])] == [len(evidence.WEIGHTS), len(agreement.WEIGHTS)]
    used = said["photographs"]
    assert used["fitted"] and used["held out"] and not set(used["fitted"]) & set(used["held out"])
    assert all(0 <= value <= 1 for value in said["overlaps"]["held out"].values())
    with pytest.raises(SystemExit):
        subjects.main(["--photos", str(photos), "--out", str(out), "--count", "2"])


def test_the_product_has_the_numbers_of_the_run_whose_photographs_are_listed():
    said = json.loads(Path(subjects.__file__).with_name("subjects.json").read_text("utf-8"))
    assert tuple(said["evidence"]) == evidence.WEIGHTS and tuple(said["agreement"]) == agreement.WEIGHTS
    with (Path(nano.__file__).with_name("DATA.csv")).open(newline="", encoding="utf-8") as lines:
        free = {row["file"] for row in csv.DictReader(lines)}
    used = said["photographs"]
    assert {*used["fitted"], *used["held out"]} <= free and not set(used["fitted"]) & set(used["held out"])
