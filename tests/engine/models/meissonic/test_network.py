"""Meissonic's and EditMGT's transformer: upstream's numbers, the published names."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from support.meissonic_cases import EDIT_TINY, FORWARDS, MEISSONIC_TINY, PUBLISHED, forward_inputs
from support.seeded import fill
from torch import Tensor

from engine.models.meissonic.config import EDIT_MGT, MEISSONIC, Config, config_from_json
from engine.models.meissonic.network import Network, Row

GOLDEN = Path(__file__).parent / "golden"


def network_of(case: dict[str, Any]) -> Network:
    tiny = MEISSONIC_TINY if case["family"] == "meissonic" else EDIT_TINY
    network = Network(config_from_json(json.dumps(tiny | case["config"]))).eval()
    fill(network, case["seed"])
    return network


def rows_of(network: Network, case: dict[str, Any]) -> list[Row]:
    x = forward_inputs(case)
    tokens = x["ids"][0].numel()
    return [
        Row(
            x["ids"][row],
            torch.tensor(float(case["step"])),
            network.say(x["hidden"][row], x["pooled"][row], x["micro"][row]),
            network.look_at(x["reference"][row], case["strength"]) if "reference" in x else None,
            network.cells_of(torch.ones_like(x["ids"][row], dtype=torch.bool)),
            None,
            torch.arange(tokens),
        )
        for row in range(2)
    ]


def logits_of(network: Network, rows: list[Row]) -> list[Tensor]:
    return [network.logits(hidden) for hidden in network(rows).hidden]


@pytest.fixture(scope="module")
def golden() -> dict[str, Tensor]:
    return load_file(str(GOLDEN / "forwards.safetensors"))


@pytest.mark.parametrize("name", FORWARDS)
def test_the_forward_is_upstreams(name: str, golden: dict[str, Tensor]) -> None:
    network = network_of(FORWARDS[name])
    ours = torch.stack(logits_of(network, rows_of(network, FORWARDS[name])))
    theirs = golden[name].flatten(2).transpose(1, 2)
    assert theirs.std() > 1
    assert (ours - theirs).abs().max() < 1e-5 * theirs.abs().max()


@pytest.mark.parametrize(
    "names",
    [("meissonic", "meissonic-other-size"), ("editmgt", "editmgt-no-source", "editmgt-strength")],
    ids=["meissonic", "editmgt"],
)
def test_rows_of_other_sizes_sources_and_words_in_one_forward_are_what_each_is_alone(
    names: tuple[str, ...], golden: dict[str, Tensor]
) -> None:
    """What a padding mask is for elsewhere: nobody sees another's tokens, nor anything that fills up."""
    network = network_of(FORWARDS[names[0]])
    together = logits_of(network, [row for name in names for row in rows_of(network, FORWARDS[name])])
    theirs = [row.flatten(1).T for name in names for row in golden[name]]
    for ours, their in zip(together, theirs, strict=True):
        assert (ours - their).abs().max() < 1e-5 * their.abs().max()


def test_only_the_wanted_tokens_are_answered_in_their_order() -> None:
    case = FORWARDS["editmgt-strength"]
    network = network_of(case)
    rows = rows_of(network, case)
    some = torch.tensor([0, 7, 8, 21])
    whole, part = logits_of(network, rows), logits_of(network, [replace(row, wanted=some) for row in rows])
    for one, other in zip(whole, part, strict=True):
        assert torch.allclose(one[some], other, atol=1e-5)


def test_a_grid_of_odd_sides_has_an_answer_for_every_token() -> None:
    case = FORWARDS["meissonic"]
    network = network_of(case)
    row = rows_of(network, case)[0]
    ids = row.ids[:5, :7]
    odd = replace(row, ids=ids, inside=network.cells_of(torch.ones(5, 7, dtype=torch.bool)), wanted=torch.arange(35))
    assert logits_of(network, [odd])[0].shape == (35, 64)


@pytest.mark.parametrize("name", ["meissonic", "editmgt-strength"])
def test_a_frozen_context_of_this_very_step_changes_nothing(name: str) -> None:
    case = FORWARDS[name]
    network = network_of(case)
    region = torch.zeros(case["size"], dtype=torch.bool)
    region[1:3, 1:4] = True
    wanted = region.flatten().nonzero()[:, 0]
    rows = [replace(row, inside=network.cells_of(region), wanted=wanted, keeps=True) for row in rows_of(network, case)]
    whole = network(rows)
    part = network([replace(row, frozen=frozen) for row, frozen in zip(rows, whole.frozen, strict=True)])
    for one, other in zip(whole.hidden, part.hidden, strict=True):
        assert torch.allclose(one, other, atol=1e-5)


@pytest.mark.parametrize(("family", "config"), [("meissonic", MEISSONIC), ("editmgt", EDIT_MGT)])
def test_every_published_key_is_ours_and_none_is_missing(family: str, config: Config) -> None:
    """The keys are those of upstream's own module at the published config: what ``save_pretrained`` wrote."""
    assert config_from_json(json.dumps(PUBLISHED[family])) == config
    theirs = json.loads(gzip.decompress((GOLDEN / "keys.json.gz").read_bytes()))[family]
    with torch.device("meta"):
        network = Network(config)
    assert {name: list(value.shape) for name, value in network.state_dict().items()} == theirs


def test_the_published_file_is_as_large_as_these_keys() -> None:
    """The hub says 4.03 GB of float32 for MeissonFlow/Meissonic's transformer."""
    with torch.device("meta"):
        numbers = sum(value.numel() for value in Network(MEISSONIC).state_dict().values())
    assert round(numbers * 4 / 1e9, 2) == 4.03
