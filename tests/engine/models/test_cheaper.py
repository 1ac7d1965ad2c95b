"""Networks in less memory: what they compute stays (nearly) the same, and where their weights are."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import torch
from torch import nn
from torch.nn import functional

from engine.models.cheaper import Int8Linear, bytes_of, move, networks_of, stream, to_int8


@dataclass(frozen=True, slots=True)
class Tokens:
    network: nn.Module


@dataclass(frozen=True, slots=True)
class Loaded:
    """As families keep what they have loaded."""

    name: str
    device: torch.device
    table: torch.Tensor
    network: nn.Module
    tokenizer: Tokens


class Normed(nn.Module):
    """A layer with weights of its own and a table that is not one."""

    def __init__(self) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.full((64,), 2.0))
        self.inner = nn.Linear(64, 64)
        self.register_buffer("shift", torch.ones(64), persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.inner(x) * self.gain + self.shift


@pytest.fixture
def loaded() -> Loaded:
    torch.manual_seed(3)
    large = nn.Sequential(nn.Linear(256, 512), nn.GELU(), nn.Linear(512, 256))
    return Loaded("fake", torch.device("cpu"), torch.ones(2), large, Tokens(Normed()))


def test_networks_are_found_wherever_they_lie_and_counted_once(loaded: Loaded):
    assert len(list(networks_of(loaded))) == 2
    large, small = 256 * 512 * 2 + 512 + 256, 64 + 64 * 64 + 64 + 64
    assert bytes_of(loaded) == 4 * (large + small)


def test_eight_bits_take_a_quarter_and_stay_near(loaded: Loaded):
    x = torch.randn(5, 256)
    before, size = loaded.network(x), bytes_of(loaded.network)
    to_int8(loaded)
    assert bytes_of(loaded.network) < 0.27 * size
    assert (loaded.network(x) - before).abs().max() < 0.01 * before.abs().max() + 0.01
    assert isinstance(loaded.tokenizer.network.inner, nn.Linear)  # too small to gain anything
    assert loaded.network[0].weight.shape == (512, 256)  # code that reads a layer's weights still can


def test_a_row_of_zeros_stays_zero():
    linear = nn.Linear(300, 300, bias=False)
    with torch.no_grad():
        linear.weight[7] = 0
    assert (Int8Linear(linear).weight[7] == 0).all()


def test_streamed_weights_come_and_go_layer_by_layer(loaded: Loaded):
    far = torch.device("meta")
    seen: list[str] = []
    inner = loaded.tokenizer.network.inner
    inner.register_forward_hook(lambda module, _given, _made: seen.append(module.weight.device.type))
    kept = inner.weight
    stream(loaded, far)
    assert loaded.device == far and loaded.table.device == far
    assert loaded.tokenizer.network.shift.device == far  # tables live where it computes
    assert all(parameter.device.type == "cpu" for network in networks_of(loaded) for parameter in network.parameters())
    made = loaded.tokenizer.network(torch.empty(2, 64, device=far))
    assert made.device == far and seen == ["meta"]
    assert any(parameter.data_ptr() == kept.data_ptr() for parameter in inner.parameters())


def test_a_streamed_weight_comes_also_to_code_that_takes_it_from_its_layer(loaded: Loaded):
    far = torch.device("meta")
    stream(loaded, far)
    layer = loaded.tokenizer.network.inner
    assert functional.linear(torch.empty(2, 64, device=far), layer.weight, layer.bias).device == far


def test_streaming_changes_no_bit(loaded: Loaded):
    x = torch.randn(3, 64)
    before = loaded.tokenizer.network(x)
    stream(loaded, torch.device("cpu"))
    assert torch.equal(loaded.tokenizer.network(x), before)


def test_a_moved_model_is_moved_whole(loaded: Loaded):
    move(loaded, torch.device("meta"))
    assert loaded.device.type == loaded.table.device.type == "meta"
    assert {tensor.device.type for network in networks_of(loaded) for tensor in network.state_dict().values()} == {
        "meta"
    }
    assert "shift" not in loaded.tokenizer.network.state_dict()
