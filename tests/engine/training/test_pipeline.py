"""A whole run at toy size: repeatable, resumable, and its weights can be used."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from engine.tokens.config import TokenizerConfig, TransformerConfig
from engine.tokens.tokenizer import Tokenizer
from engine.tokens.transformer import Transformer
from engine.training.pipeline import Run, train
from engine.weights import read_tensors

MINUTES = 0.25


def silent(what: str, done: float, figures: Mapping[str, float]) -> None:
    pass


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run's folder with nothing but its pictures, drawn once for all tests here; the photographs beside it."""
    folder = tmp_path_factory.mktemp("training")
    photos = folder / "photos"
    photos.mkdir()
    draw = np.random.default_rng(5)
    for number in range(20):
        small = draw.integers(0, 256, (6, 8, 3), dtype=np.uint8)
        Image.fromarray(small).resize((96, 72), Image.Resampling.BICUBIC).save(photos / f"{number}.png")
    train(Run(photos, folder / "run", MINUTES, "toy", stages=()), silent)
    return folder


def run_in(pictures: Path, folder: Path) -> Run:
    shutil.copytree(pictures / "run" / "data", folder / "data")
    return Run(pictures / "photos", folder, MINUTES, "toy", seed=1)


def weights_of(folder: Path) -> dict[str, torch.Tensor]:
    return read_tensors(folder / "nano.safetensors")[0]


def alike(mine: dict[str, torch.Tensor], theirs: dict[str, torch.Tensor]) -> bool:
    """The same but for rounding: matrix libraries may round in another way from run to run. Exact: test_loop.py."""
    return mine.keys() == theirs.keys() and all(
        torch.allclose(mine[name].float(), theirs[name].float(), rtol=0.02, atol=1e-3) for name in theirs
    )


def losses_of(folder: Path) -> list[float]:
    lines = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    return [line["loss"] for line in lines if "loss" in line]


@pytest.fixture(scope="module")
def unbroken(pictures: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unbroken")
    assert train(run_in(pictures, folder), silent)
    return folder


def test_the_same_seed_gives_the_same_losses_and_weights(pictures: Path, unbroken: Path, tmp_path: Path):
    assert train(run_in(pictures, tmp_path), silent)
    assert losses_of(tmp_path) == pytest.approx(losses_of(unbroken), rel=1e-3)
    assert alike(weights_of(tmp_path), weights_of(unbroken))


def test_another_seed_gives_others(pictures: Path, unbroken: Path, tmp_path: Path):
    assert train(replace(run_in(pictures, tmp_path), seed=2), silent)
    assert losses_of(tmp_path) != pytest.approx(losses_of(unbroken), rel=1e-3)


def test_a_run_that_was_stopped_again_and_again_ends_as_an_unbroken_one(pictures: Path, unbroken: Path, tmp_path: Path):
    wanted = run_in(pictures, tmp_path)
    turns = 1
    # On a slow machine so little time may pass before the first step: each turn gets more.
    while not train(replace(wanted, stop_after_s=0.2 + 0.02 * turns), silent):
        turns += 1
    assert turns > 1
    assert alike(weights_of(tmp_path), weights_of(unbroken))


def test_the_weights_come_with_all_that_is_needed_to_use_them(unbroken: Path):
    tensors, header = read_tensors(unbroken / "nano.safetensors")
    words = json.loads(header["words"])
    tokenizer = Tokenizer(TokenizerConfig.from_dict(json.loads(header["tokenizer"])))
    transformer = Transformer(TransformerConfig.from_dict(json.loads(header["transformer"])), len(words) + 2)
    for name, module in (("tokenizer", tokenizer), ("transformer", transformer)):
        own = {key.removeprefix(f"{name}/"): value for key, value in tensors.items() if key.startswith(f"{name}/")}
        module.load_state_dict(own)
    assert header["license"] == "Apache-2.0"


def test_a_run_shows_what_it_learnt(unbroken: Path):
    for name in ("tokenizer", "transformer", "decoder"):
        with Image.open(unbroken / f"{name}.png") as sheet:
            assert sheet.width > 100


def test_a_folder_of_another_run_is_refused(pictures: Path, unbroken: Path):
    with pytest.raises(ValueError, match="another"):
        train(Run(pictures / "photos", unbroken, MINUTES, "toy", seed=7), silent)


def test_a_folder_without_photographs_is_refused(tmp_path: Path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="photographs"):
        train(Run(tmp_path / "empty", tmp_path / "run", MINUTES, "toy"), silent)


def test_an_unknown_preset_is_refused(tmp_path: Path):
    with pytest.raises(ValueError, match="toy"):
        train(Run(tmp_path, tmp_path, MINUTES, "huge"), silent)
