"""The same networks in less of a device's memory: large matrices in 8 bits, or weights that stay in the computer's.

This goes for every family: a loaded model's networks are found among its attributes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from types import NoneType
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.parametrize import register_parametrization

# Smaller matrices are left as they are: what they would save is less than what they would lose.
_LEAST_INT8_ELEMENTS = 1 << 16
# How deep networks lie in a loaded model: a tokenizer's network is an attribute of an attribute.
_DEPTH = 3
_PLAIN = (str, bytes, int, float, Tensor, type, NoneType)


class Int8Linear(nn.Module):
    """A linear layer whose weights are 8 bit integers with one scale a row; computed in its input's dtype.

    LLM.int8's vector-wise quantisation of the weights alone (Dettmers et al. 2022, section 2.1), without outliers.
    """

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        weight = linear.weight.detach().float()
        scale = weight.abs().amax(dim=1, keepdim=True).clamp_min(torch.finfo(torch.float32).tiny) / 127
        self.in_features, self.out_features = linear.in_features, linear.out_features
        self.register_buffer("integers", torch.round(weight / scale).to(torch.int8))
        self.register_buffer("scale", scale.to(linear.weight.dtype))
        self.bias = linear.bias

    @property
    def weight(self) -> Tensor:
        """(out, in) in the dtype that the layer had: for code that reads a layer's weights."""
        scale = cast(Tensor, self.scale)
        return cast(Tensor, self.integers).to(scale.dtype) * scale

    def forward(self, x: Tensor) -> Tensor:
        """(…, in) to (…, out)."""
        return functional.linear(x, self.weight.to(x.dtype), self.bias)


def networks_of(model: object, depth: int = _DEPTH) -> Iterator[nn.Module]:
    """The networks among a loaded model's attributes, each once."""
    seen: set[int] = set()
    for network in _networks(model, depth):
        if id(network) not in seen:
            seen.add(id(network))
            yield network


def _networks(model: object, depth: int) -> Iterator[nn.Module]:
    if isinstance(model, nn.Module):
        yield model
    elif depth and not isinstance(model, _PLAIN):
        for value in _attributes(model).values():
            yield from _networks(value, depth - 1)


def _attributes(model: object) -> dict[str, object]:
    if is_dataclass(model):
        return {field.name: getattr(model, field.name) for field in fields(model)}
    return dict(vars(model)) if hasattr(model, "__dict__") else {}


def bytes_of(model: object) -> int:
    """Bytes of its weights and tables, those that are shared counted once."""
    seen: dict[int, int] = {}
    for network in networks_of(model):
        for tensor in (*network.parameters(), *network.buffers()):
            seen[id(tensor)] = tensor.numel() * tensor.element_size()
    return sum(seen.values())


def move(model: object, device: torch.device, depth: int = _DEPTH, *, parameters: bool = True) -> None:
    """All of it to that device: networks (or, without their ``parameters``, their tables alone), and what it remembers
    as its device.
    """
    if isinstance(model, nn.Module):
        if parameters:
            model.to(device)
        for module in model.modules():
            for name, buffer in module.named_buffers(recurse=False):
                module.register_buffer(name, buffer.to(device), persistent=name in module.state_dict())
    elif depth and not isinstance(model, _PLAIN):
        for name, value in _attributes(model).items():
            if isinstance(value, torch.device):
                object.__setattr__(model, name, device)
            elif isinstance(value, Tensor):
                object.__setattr__(model, name, value.to(device))
            else:
                move(value, device, depth - 1, parameters=parameters)


def to_int8(model: object) -> None:
    """Its large linear layers in 8 bits, one after another, so that never both kinds of all are there."""
    for network in networks_of(model):
        for module in list(network.modules()):
            for name, child in list(module.named_children()):
                if type(child) is nn.Linear and child.weight.numel() >= _LEAST_INT8_ELEMENTS:
                    setattr(module, name, Int8Linear(child))


def stream(model: object, device: torch.device) -> None:
    """Its weights stay where they are; each is on the device for as long as what reads it computes.

    Everything else of it is moved to the device. Exact, and as slow as the way between both memories. A weight comes
    whoever reads it, the layer that has it or code that takes it from there: families pack rows and use a convolution's
    weights as a matrix.
    """
    move(model, device, parameters=False)
    bring = _Brought(device)
    for network in networks_of(model):
        for module in list(network.modules()):
            own = [name for name, _ in module.named_parameters(recurse=False)]
            for name in own:
                # Without its check, which insists that both sides are of one device.
                register_parametrization(module, name, bring, unsafe=True)
            if own or module is network:
                module.register_forward_pre_hook(bring.given, with_kwargs=True)


class _Brought(nn.Module):
    """A weight, or what a layer is given, on the device."""

    def __init__(self, device: torch.device) -> None:
        super().__init__()
        self._device = device

    def forward(self, weight: Tensor) -> Tensor:
        return weight.to(self._device, non_blocking=True)

    def given(
        self, _module: nn.Module, given: tuple[object, ...], named: dict[str, object]
    ) -> tuple[tuple[object, ...], dict[str, object]]:
        """A hook before a layer computes."""
        return tuple(map(self._there, given)), {name: self._there(value) for name, value in named.items()}

    def _there(self, value: object) -> object:
        return value.to(self._device) if isinstance(value, Tensor) else value
