"""The model card, the presets and the file of weights tell the same."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest

from engine.materials.catalogue import words
from engine.models.nano import Nano, load
from engine.models.nano.weights import SHIPPED
from engine.tokens.config import PRESETS as NETWORKS
from engine.training.presets import PRESETS, STAGES, steps_of
from engine.weights import read_tensors

FOLDER = SHIPPED.parents[1]
CARD = (FOLDER / "CARD.md").read_text("utf-8")
MOST_MB = 48


@pytest.fixture(scope="module")
def nano() -> Nano:
    return load()


def header() -> dict[str, str]:
    return dict(read_tensors(SHIPPED)[1])


def trained() -> dict[str, str | float]:
    return json.loads(header()["trained"])


def test_the_networks_are_those_of_the_preset_that_the_file_names(nano: Nano) -> None:
    networks = NETWORKS[PRESETS[str(trained()["preset"])].networks]
    assert nano.tokenizer.config == networks.tokenizer
    assert nano.transformer.config == networks.transformer


def test_the_card_s_command_is_the_run_in_the_file_s_header() -> None:
    command = re.search(r"`inlay train all ([^`]+)`", CARD)
    assert command is not None
    said = trained()
    assert f"--budget {said['minutes']:g}m" in command[1]
    assert f"--preset {said['preset']}" in command[1]
    assert f"--seed {said['seed']}" in command[1]


def test_the_card_s_steps_are_those_of_that_budget() -> None:
    said = trained()
    preset = PRESETS[str(said["preset"])]
    steps = [f"{steps_of(preset, stage, float(said['minutes'])):,}" for stage in STAGES]
    assert f"{steps[0]} + {steps[1]} + {steps[2]} steps" in CARD


def test_the_card_s_sizes_are_those_of_the_file(nano: Nano) -> None:
    millions = [sum(one.numel() for one in net.parameters()) / 1e6 for net in (nano.tokenizer, nano.transformer)]
    assert f"codes), {millions[0]:.1f}M parameters" in CARD
    assert f"heads, {millions[1]:.1f}M parameters" in CARD
    assert f"{SHIPPED.stat().st_size / 1e6:.1f} MB" in CARD
    assert f"{nano.window_px}×{nano.window_px} pixels, {nano.window_tok}×{nano.window_tok} tokens" in CARD
    assert f"a closed list of {len(nano.vocabulary.words)} words" in CARD


def test_the_words_in_the_file_are_the_library_s(nano: Nano) -> None:
    assert list(nano.vocabulary.words) == list(words())


def test_every_photograph_is_listed_with_its_source_and_licence_and_the_card_counts_them() -> None:
    with (FOLDER / "DATA.csv").open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert f"{len(rows):,} freely licensed" in CARD
    assert len({row["file"] for row in rows}) == len(rows)
    assert all(row["source"] and row["path"] and row["licence"] for row in rows)
    preset = PRESETS[str(trained()["preset"])]
    assert f"{preset.worlds:,} procedural pictures" in CARD
    assert f"{len(rows) * preset.crops_per_photo:,} crops" in CARD


def test_what_ships_stays_under_the_limit() -> None:
    package = Path(__file__).parents[4] / "engine"
    assert sum(path.stat().st_size for path in package.rglob("*.safetensors")) <= MOST_MB * 1e6
