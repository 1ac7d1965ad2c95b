"""What is stated from the config against what is alive at the peak of a run."""

import subprocess
import sys
from typing import Literal

import pytest
import torch
from support.dimoo import SPECIALS, Codes, text_ids
from support.live import LiveBytes

from engine.models.catalogue import entry_of
from engine.models.dimoo.config import Config
from engine.models.dimoo.loading import in_8_bits
from engine.models.dimoo.memory import LARGEST_REFERENCE_TOK, lengths_of, needed_bytes, weight_bytes
from engine.models.dimoo.model import DimooModel
from engine.models.dimoo.transformer import Dimoo
from engine.models.masked.interface import Mode, Published, Words
from engine.models.memory import Way, dimoo_step_with_pictures, needs_of

DEEP = Config(256, 4, 4, 768, vocabulary=48 + 512, first_code=48, codes=512, specials=SPECIALS)
MANY_CODES = Config(64, 4, 2, 128, vocabulary=48 + 4096, first_code=48, codes=4096, specials=SPECIALS)
SIZE_TOK = (12, 12)


def loaded(config: Config, way: Literal["fp32", "bf16", "int8"]) -> DimooModel:
    dtype = torch.float32 if way == "fp32" else torch.bfloat16
    network = Dimoo(config).to(dtype).eval().requires_grad_(False)
    if way == "int8":
        for name in [
            name for name, module in network.named_modules() if ".blocks." in name and hasattr(module, "in_features")
        ]:
            in_8_bits(network, name)
    return DimooModel(network, text_ids, Codes(), device=torch.device("cpu"), dtype=dtype)


def held(model: DimooModel) -> int:
    return sum(value.numel() * value.element_size() for value in model.network.state_dict().values())


@pytest.mark.parametrize("region_rows", [1, 12])
@pytest.mark.parametrize("config", [DEEP, MANY_CODES], ids=["deep", "many codes"])
@pytest.mark.parametrize("way", ["fp32", "bf16", "int8"])
@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("instruct", [False, True])
def test_the_stated_peak_is_within_a_tenth_of_the_measured_one(
    way: Literal["fp32", "bf16", "int8"], config: Config, region_rows: int, mode: Mode, instruct: bool
):
    model = loaded(config, way)
    weights = held(model)
    assert abs(weight_bytes(config, way) - weights) <= 0.001 * weights
    region = torch.zeros(SIZE_TOK, dtype=torch.bool)
    region[:region_rows] = True
    text = "a red door"
    words = Words(instruction=text, picture=torch.rand(3, 192, 192)) if instruct else Words(text)
    check_peak(model, config, way, words, region, mode)


def test_a_reference_is_stated_too():
    model = loaded(DEEP, "bf16")
    reference = torch.rand(3, 512, 512)
    words = Words(instruction="red", picture=torch.rand(3, 192, 192), references=(reference,), style=True)
    region = torch.ones(SIZE_TOK, dtype=torch.bool)
    check_peak(model, DEEP, "bf16", words, region, Mode.EXACT)
    small = Words(instruction="red", picture=torch.rand(3, 192, 192))
    longer, shorter = (model.open(torch.zeros(SIZE_TOK).long(), region, one, Mode.EXACT) for one in (words, small))
    assert len(longer.said.ids) > len(shorter.said.ids) + 2 + 32 * 33


def check_peak(
    model: DimooModel,
    config: Config,
    way: Literal["fp32", "bf16", "int8"],
    words: Words,
    region: torch.Tensor,
    mode: Mode,
) -> None:
    weights = held(model)
    with LiveBytes() as live:
        opened = model.open(torch.zeros(SIZE_TOK, dtype=torch.int64), region, words, mode)
        model.published(opened, Published(3, 5.0, (1.0, 1.0)), seed=1)
    lengths = [len(row.ids) for row in (opened.said, opened.unsaid, opened.unseen) if row is not None]
    stated = needed_bytes(config, way, lengths, len(opened.at), fast=mode is Mode.FAST)
    assert abs(stated.peak - weights - live.peak) <= 0.1 * (weights + live.peak)


def test_the_published_step_is_stated_for_the_longest_reference():
    model = loaded(MANY_CODES, "fp32")
    words = Words(instruction="red", picture=torch.rand(3, 192, 192), references=(torch.rand(3, 1000, 250),))
    opened = model.open(torch.zeros(SIZE_TOK).long(), torch.ones(SIZE_TOK, dtype=torch.bool), words, Mode.EXACT)
    assert len(opened.said.ids) == lengths_of(SIZE_TOK, pictures=[SIZE_TOK, LARGEST_REFERENCE_TOK], words_tok=3)[0]
    whole = (lengths_of((32, 32), pictures=[(32, 32), LARGEST_REFERENCE_TOK]), 32 * 32)
    assert dimoo_step_with_pictures(Config(), Way.BF16, 64) == needed_bytes(Config(), "bf16", *whole).step
    entry = entry_of("lumina-dimoo")
    stated = needs_of(entry, Way.BF16).activations
    assert stated >= dimoo_step_with_pictures(Config(), Way.BF16, entry.native_px // entry.token_px)


def test_lengths_are_those_of_the_sequences():
    model = loaded(MANY_CODES, "fp32")
    words = Words(instruction="red", picture=torch.rand(3, 192, 192), references=(torch.rand(3, 512, 512),))
    opened = model.open(
        torch.zeros(SIZE_TOK, dtype=torch.int64), torch.ones(SIZE_TOK, dtype=torch.bool), words, Mode.EXACT
    )
    assert opened.unseen is not None
    lengths = [len(opened.said.ids), len(opened.unsaid.ids), len(opened.unseen.ids)]
    said = lengths_of(SIZE_TOK, pictures=[SIZE_TOK, (32, 32)], words_tok=3)
    assert [said[0], said[2]] == [lengths[0], lengths[2]]
    assert lengths_of(SIZE_TOK, guided=False, words_tok=3) == [lengths[2]]


def test_the_published_size_takes_16_gigabytes_and_half_of_it_in_8_bits():
    assert weight_bytes(Config(), "bf16") == 2 * 8081805312
    assert 0.55 < weight_bytes(Config(), "int8") / weight_bytes(Config(), "bf16") < 0.58
    assert weight_bytes(Config(), "offload") < 1.2e9


def test_the_figures_are_had_without_torch():
    asked = "import sys, engine.models.dimoo.memory; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0
