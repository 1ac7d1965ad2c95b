"""Open models from their folders: where each family is read, in which ways, and what is said when it cannot be."""

from __future__ import annotations

import inspect
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import nn

from engine.errors import BrokenWeights, MissingExtra
from engine.models import loading
from engine.models.catalogue import open_entries
from engine.models.cheaper import Int8Linear, networks_of
from engine.models.loading import Way, load, ways_on
from engine.models.masked.interface import Mode, Words
from engine.models.memory import Device
from engine.tokens.regenerate import Regeneration
from engine.weights import read_tensors, write_tensors

CPU = torch.device("cpu")
FAR = torch.device("meta")


def read_by(found: dict[str, Any], name: str) -> Any:
    """What is imported in a loader's place; remembers how it was asked."""

    def read(folder: Path, device: torch.device, dtype: torch.dtype, **own: Any) -> Any:
        found.update(device=device, dtype=dtype, **own)
        return SimpleNamespace(name=name, device=device, network=nn.Linear(300, 300, dtype=dtype))

    return lambda place: SimpleNamespace(load=read)


def test_every_family_of_the_catalogue_has_a_loader_that_takes_what_it_is_given():
    for entry in open_entries():
        module = loading._module(loading._LOADERS[entry.family])
        names = list(inspect.signature(module.load).parameters)
        assert names[:3] == ["folder", "device", "dtype"]
        assert ("way" in names) == (entry.family in loading._BY_ITSELF)


@pytest.mark.parametrize("device", ["cpu", "cuda:0", "mps"])
def test_ways_get_cheaper_and_all_but_the_first_are_told(device: str):
    first, *others = ways_on(torch.device(device))
    assert first.note == "" and all(way.note for way in others)
    costs = [(way.weight_bytes, way.window) for way in (first, *others)]
    assert costs == sorted(costs, reverse=True)
    assert others[-1].loaded == others[-2].loaded if device != "cpu" else others[-1].loaded == others[0].loaded


@pytest.mark.parametrize("kind", ["cpu", "cuda", "mps", "xpu"])
def test_what_is_told_of_a_device_is_how_models_run_there(kind: str):
    dtypes = {torch.float32: "fp32", torch.bfloat16: "bf16", torch.float16: "fp16"}
    whole_windows = [way for way in ways_on(torch.device(kind)) if way.window == 1]
    run = ["int8" if way.int8 else "offload" if way.streams else dtypes[way.dtype] for way in whole_windows]
    assert [way.value for way in Device(kind, "a device", 1, 1, 1).ways] == run


def test_what_is_made_smaller_is_read_where_there_is_more_room(monkeypatch: pytest.MonkeyPatch):
    found: dict[str, Any] = {}
    monkeypatch.setattr(loading, "_module", read_by(found, "meissonic"))
    whole = load("meissonic", Path(), FAR, Way(torch.bfloat16))
    assert found == {"device": FAR, "dtype": torch.bfloat16} and isinstance(whole.network, nn.Linear)  # type: ignore[attr-defined]
    model: Any = load("meissonic", Path(), FAR, Way(torch.bfloat16, int8=True))
    assert found["device"] == CPU and model.device == FAR
    model = load("meissonic", Path(), FAR, Way(torch.bfloat16, streams=True))
    assert found["device"] == CPU and model.device == FAR
    assert {parameter.device for parameter in model.network.parameters()} == {CPU}
    assert model.network(torch.ones(2, 300, dtype=torch.bfloat16)).device == FAR


def test_large_matrices_are_in_8_bits_where_that_is_asked(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(
        loading,
        "_module",
        lambda place: SimpleNamespace(
            load=lambda folder, device, dtype: SimpleNamespace(
                name="meissonic", network=nn.Sequential(nn.Linear(300, 300))
            )
        ),
    )
    model: Any = load("meissonic", Path(), CPU, Way(torch.float32, int8=True))
    assert isinstance(model.network[0], Int8Linear)


@pytest.mark.parametrize(
    ("way", "own"),
    [
        (Way(torch.bfloat16), None),
        (Way(torch.bfloat16, int8=True), "int8"),
        (Way(torch.bfloat16, streams=True), "offload"),
    ],
)
def test_a_family_that_makes_itself_smaller_is_told_the_way(monkeypatch: pytest.MonkeyPatch, way: Way, own: str | None):
    found: dict[str, Any] = {}
    monkeypatch.setattr(loading, "_module", read_by(found, "lumina-dimoo"))
    load("lumina-dimoo", Path(), FAR, way)
    assert found == {"device": FAR, "dtype": torch.bfloat16, "way": own}


def test_without_its_packages_a_model_says_how_to_install_them(monkeypatch: pytest.MonkeyPatch):
    def missing(name: str) -> Any:
        raise ModuleNotFoundError(f"No module named {name}", name="diffusers.models")

    monkeypatch.setattr(loading, "_module", missing)
    with pytest.raises(MissingExtra) as caught:
        load("amused-256", Path(), CPU, Way(torch.float32))
    assert "pip install 'inlay[open-weights]'" in caught.value.hint and "aMUSEd 256" in str(caught.value)


def test_a_fault_of_our_own_is_no_missing_package(monkeypatch: pytest.MonkeyPatch):
    def wrong(name: str) -> Any:
        raise ImportError("cannot import name", name="engine.models.amused")

    monkeypatch.setattr(loading, "_module", wrong)
    with pytest.raises(ImportError):
        load("amused-256", Path(), CPU, Way(torch.float32))


@pytest.mark.parametrize(
    "way", [Way(torch.float32), Way(torch.float32, int8=True), Way(torch.float32, streams=True), Way(torch.bfloat16)]
)
def test_a_published_folder_draws_in_every_way(tmp_path: Path, way: Way):
    from support.open_models import amused_pipeline  # noqa: PLC0415 -- seconds of imports

    amused_pipeline(tmp_path / "parts").save_pretrained(tmp_path / "amused-256")
    model = load("amused-256", tmp_path / "amused-256", CPU, way)
    assert model.name == "amused-256" and model.dtype == way.dtype
    side = model.native_px // model.tokenizer.token_px
    region = torch.zeros(side, side, dtype=torch.bool)
    region[4:7, 5:9] = True
    with torch.inference_mode():
        opened = model.open(torch.zeros(side, side, dtype=torch.int64), region, Words(prompt="a cat"), Mode.EXACT)
        steps = model.steps_of([opened])
        state = Regeneration(
            opened.at, opened.size_tok, steps.sizes, replace(model.recipe, steps=2), seed=1, device=CPU
        )
        while not state.done:
            state.advance(steps([state.ask()])[0])
    assert state.ids.shape[0] == 12


def test_a_published_model_computes_on_the_device_though_its_weights_stay_elsewhere(tmp_path: Path):
    from support.open_models import amused_pipeline  # noqa: PLC0415 -- seconds of imports

    amused_pipeline(tmp_path / "parts").save_pretrained(tmp_path / "amused-256")
    model: Any = load("amused-256", tmp_path / "amused-256", FAR, Way(torch.float32, streams=True))
    assert model.device == model.tokenizer.device == FAR
    assert all(p.device == CPU for network in networks_of(model) for p in network.parameters())
    # Not only where a layer is called: also where its weights are read for rows that are packed.
    assert model.network.logits(torch.empty(3, model.network.module.config.in_channels, device=FAR)).device == FAR
    assert model.tokenizer.encode(torch.empty(1, 3, 64, 64, device=FAR)).device == FAR


def test_another_model_of_the_family_is_not_taken_for_the_one_that_was_asked_for(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(loading, "_module", read_by({}, "amused-256"))
    with pytest.raises(BrokenWeights, match="aMUSEd 512 is amused-256"):
        load("amused-512", Path(), CPU, Way(torch.float32))


@pytest.mark.parametrize("part", ["transformer", "vqvae", "text_encoder"])
def test_a_weight_that_is_missing_is_told_and_not_made_up(tmp_path: Path, part: str):
    from support.open_models import amused_pipeline  # noqa: PLC0415 -- seconds of imports

    folder = tmp_path / "amused-256"
    amused_pipeline(tmp_path / "parts").save_pretrained(folder)
    file = next((folder / part).glob("*.safetensors"))
    tensors, header = read_tensors(file)
    lost = next(name for name in tensors if "embedding" in name)
    write_tensors(file, {name: value for name, value in tensors.items() if name != lost}, header)
    with pytest.raises(BrokenWeights, match=lost):
        load("amused-256", folder, CPU, Way(torch.float32))
