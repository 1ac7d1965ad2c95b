"""What `memory` states of a step against what a step holds."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch
from support.seeded import draws, grid
from torch import Tensor

from bridge.bench.live_bytes import LiveBytes
from engine.geometry import TokenRect
from engine.models.masked.interface import Mode, Published, Words
from engine.models.meissonic.config import EDIT_MGT, MEISSONIC, Config
from engine.models.meissonic.memory import needed_bytes
from engine.models.meissonic.model import MeissonicModel
from engine.models.meissonic.network import Network
from engine.models.parts import MmditConfig, mmdit_part
from engine.tokens.regenerate import Regeneration

SIDE = 16


class Ids:
    token_px = 16

    def __init__(self, codes: int) -> None:
        self.codes = codes

    def encode(self, picture: Tensor) -> Tensor:
        return grid(1, self.codes, SIDE, SIDE)

    def decode(self, ids: Tensor) -> Tensor:
        raise NotImplementedError

    def decode_region(self, ids: Tensor, rect_tok: TokenRect, halo_tok: int | None = None) -> Tensor:
        raise NotImplementedError


def model_of(config: Config, dtype: torch.dtype = torch.float32) -> MeissonicModel:
    torch.manual_seed(0)
    network = Network(config).to(dtype).eval().requires_grad_(False)
    texts = draws(1, config.words, config.words_dim).to(dtype), draws(2, config.pooled_dim).to(dtype)
    return MeissonicModel(network, Ids(config.codes), lambda _: texts)


def config_of(codes: int, *, edits: bool) -> Config:
    return Config(2, 64, 2, 2, 96, 128, (16, 24, 24), codes + 8, codes, 2, edits)


@pytest.mark.parametrize("edits", [False, True], ids=["meissonic", "editmgt"])
@pytest.mark.parametrize("codes", [64, 4096], ids=["forward", "draw"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_step_holds_what_is_stated(edits: bool, codes: int, dtype: torch.dtype) -> None:
    model = model_of(config_of(codes, edits=edits), dtype)
    region = torch.ones(SIDE, SIDE, dtype=torch.bool)
    picture = torch.zeros(3, 16 * SIDE, 16 * SIDE) if edits else None
    model.published(
        model.open(region.long(), region, Words(picture=picture), Mode.EXACT), Published(1, 9.0, (2.0, 0.0)), seed=1
    )  # what is kept for all edits, as sines of places, is made
    with LiveBytes() as live:
        opened = model.open(region.long(), region, Words(picture=picture), Mode.EXACT)
        model.published(opened, Published(2, 9.0, (2.0, 0.0)), seed=1)
    stated = needed_bytes(model.network.config, dtype.itemsize, (SIDE, SIDE), SIDE * SIDE)
    assert abs(stated.peak - live.peak) < 0.1 * live.peak


@pytest.mark.parametrize("edits", [False, True], ids=["meissonic", "editmgt"])
def test_fast_mode_keeps_what_is_stated(edits: bool) -> None:
    model = model_of(config_of(64, edits=edits))
    region = torch.zeros(SIDE, SIDE, dtype=torch.bool)
    region[4:8, 4:8] = True
    picture = torch.zeros(3, 16 * SIDE, 16 * SIDE) if edits else None
    opened = model.open(region.long(), region, Words(picture=picture), Mode.FAST)
    ask = Regeneration(opened.at, opened.size_tok, (64,), model.recipe, seed=1).ask()
    with LiveBytes() as live:
        model.steps_of([opened])([ask])
    stated = needed_bytes(model.network.config, 4, (SIDE, SIDE), 16, fast_cells=4)
    assert abs(stated.contexts - live.now) < 0.1 * live.now


@pytest.mark.parametrize(
    ("config", "counted"), [(MEISSONIC, MmditConfig()), (EDIT_MGT, MmditConfig(connected_width=2304))]
)
def test_weights_are_counted_as_they_are(config: Config, counted: MmditConfig) -> None:
    with torch.device("meta"):
        network = Network(config)
    assert sum(value.numel() for value in network.state_dict().values()) == mmdit_part(counted).numbers


def test_what_the_catalogue_reads_knows_no_torch() -> None:
    code = "import engine.models.meissonic.memory, sys; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
