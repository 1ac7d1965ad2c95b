"""Which model a folder says that it holds: as its loader would call it, and never a guess."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.dimoo import published_folder
from support.meissonic_folder import write_meissonic
from support.open_models import amused_pipeline

from bridge.weights.identity import model_in
from engine.models.dimoo.config import Config


@pytest.mark.parametrize(("side_tok", "name"), [(16, "amused-256"), (32, "amused-512"), (8, "amused-128")])
def test_amused_is_told_by_the_side_that_it_draws(tmp_path: Path, side_tok: int, name: str):
    amused_pipeline(tmp_path / "words", side_tok=side_tok).save_pretrained(str(tmp_path / "mine"))
    assert model_in(tmp_path / "mine") == name


@pytest.mark.parametrize(("edits", "name"), [(False, "meissonic"), (True, "editmgt")])
def test_meissonic_and_editmgt_are_told_apart_wherever_their_network_lies(tmp_path: Path, edits: bool, name: str):
    folder = write_meissonic(tmp_path / "mine", edits=edits)
    assert model_in(folder) == name
    first, other = ("editmgt", "transformer") if edits else ("transformer", "editmgt")
    (folder / first).rename(folder / other)
    assert model_in(folder) == name


def test_lumina_dimoo_is_told_by_its_language_model(tmp_path: Path):
    published_folder(tmp_path, Config(width=8, heads=2, layers=2, hidden=12))
    assert model_in(tmp_path) == "lumina-dimoo"


@pytest.mark.parametrize(
    "said",
    [
        "",
        "[]",
        "[" * 100_000,
        json.dumps({"_class_name": "UVit2DModel", "sample_size": "16"}),
        json.dumps({"_class_name": "UVit2DModel", "sample_size": 10**9}),
        json.dumps({"num_single_layers": "many"}),
        '{"num_single_layers": 1e999}',
        '{"num_single_layers": 1, "axes_dims_rope": [1e999]}',
        json.dumps({"model_type": ["llada"]}),
        " " * (1 << 20) + "{}",
    ],
)
def test_a_folder_that_says_nothing_to_the_point_is_no_models(tmp_path: Path, said: str):
    for place in ("transformer", "vqvae"):
        (tmp_path / place).mkdir()
    (tmp_path / "transformer/config.json").write_text(said)
    (tmp_path / "vqvae/config.json").write_text(json.dumps({"block_out_channels": [1] * 5}))
    assert model_in(tmp_path) is None
