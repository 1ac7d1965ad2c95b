"""Open models in the worker: loaded once, let go by use, and made cheaper when there is no room."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from engine.api import EditFacts, EditResult
from engine.errors import BadRequest, BrokenWeights, Cancelled, OutOfMemory, UnknownPrompt
from engine.geometry import PixelRect
from engine.models import keeper as keeper_room
from engine.models.catalogue import Ability
from engine.models.keeper import Keeper
from engine.models.loading import Way
from engine.operations.report import SilentReport

CPU = torch.device("cpu")
WEIGHTS = {"large": 400, "middle": 300, "small": 100}
WHOLE = Way(torch.float32)
HALF = Way(torch.bfloat16, note="ran with half of the precision")
SMALL = Way(torch.bfloat16, window=0.5, note="ran with half of the precision, in smaller windows")


@dataclass
class Shelf:
    """Three models that can all do the same, largest first."""

    folder: Path
    names: tuple[str, ...] = tuple(WEIGHTS)
    weights_hash: str = ""

    def folder_of(self, name: str) -> Path | None:
        return self.folder / name if name in self.names else None

    def able(self, ability: Ability) -> tuple[str, ...]:
        return self.names if ability is Ability.TEXT else ()

    def title_of(self, name: str) -> str:
        return name.capitalize()

    def hash_of(self, name: str) -> str:
        return self.weights_hash


@dataclass
class Device:
    """Counts what is loaded, and has no room to load what is in ``full``."""

    loads: list[tuple[str, torch.dtype]] = field(default_factory=list)
    full: set[tuple[str, torch.dtype]] = field(default_factory=set)

    def loader(self, name: str) -> Any:
        def made(folder: Path, device: torch.device, way: Way) -> Any:
            dtype = way.dtype
            self.loads.append((name, dtype))
            if (name, dtype) in self.full:
                raise torch.OutOfMemoryError("CUDA out of memory.")
            weights = nn.Linear(WEIGHTS[name], 1, bias=False, dtype=dtype)
            return SimpleNamespace(name=name, dtype=dtype, device=device, network=weights)

        return made


@pytest.fixture(autouse=True)
def no_search_for_garbage(monkeypatch: pytest.MonkeyPatch) -> None:
    """These models are a few numbers; looking for garbage among all that the suite holds took most of the time."""
    monkeypatch.setattr(keeper_room, "release_memory", lambda device: None)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    for name, size in WEIGHTS.items():
        (tmp_path / name / "transformer").mkdir(parents=True)
        save_file({"weight": torch.zeros(1, size)}, tmp_path / name / "transformer/model.safetensors")
    return Shelf(tmp_path)


def keeper_of(shelf: Shelf, device: Device, budget: int = 4000, ways: tuple[Way, ...] = (WHOLE, HALF, SMALL)) -> Keeper:
    return Keeper(shelf, CPU, budget, loaders={name: device.loader(name) for name in WEIGHTS}, ways=ways)


def drawn(model: Any, window: float = 1.0) -> EditResult:
    facts = EditFacts(f"{model.name} {window:g}", "", "cpu", 0.0, ("as drawn",))
    return EditResult(PixelRect(0, 0, 1, 1), np.zeros((1, 1, 3), np.uint8), facts)


def by_itself() -> EditResult:
    return drawn(SimpleNamespace(name="built-in"))


def failing(*where: tuple[str, torch.dtype, float]) -> Any:
    """Draws, but has no room for these."""

    def draw(model: Any, window: float) -> EditResult:
        if (model.name, model.dtype, window) in where:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return drawn(model, window)

    return draw


def test_a_model_is_loaded_when_it_is_first_asked_for_and_kept(shelf: Shelf):
    device = Device()
    keeper = keeper_of(shelf, device)
    assert device.loads == []
    for _ in range(3):
        assert keeper.draw("large", Ability.TEXT, drawn, SilentReport()).facts.notes == ("as drawn",)
    assert device.loads == [("large", torch.float32)] and keeper.loaded == ("large",)


def test_the_least_recently_used_goes_when_another_needs_its_room(shelf: Shelf):
    device = Device()
    keeper = keeper_of(shelf, device, budget=4 * 750)
    for name in ("large", "middle", "large", "small"):  # 400 + 300 fit, 100 more do not
        keeper.draw(name, Ability.TEXT, drawn, SilentReport())
    assert keeper.loaded == ("large", "small")
    keeper.let_go()
    assert keeper.loaded == ()


def test_one_that_is_at_work_is_not_let_go(shelf: Shelf):
    device = Device()
    keeper = keeper_of(shelf, device, budget=4 * 410)

    def draw_meanwhile(model: Any, window: float) -> EditResult:
        keeper.draw("small", Ability.TEXT, drawn, SilentReport())
        assert "large" in keeper.loaded
        return drawn(model, window)

    keeper.draw("large", Ability.TEXT, draw_meanwhile, SilentReport())


def test_two_threads_load_a_model_once(shelf: Shelf):
    device = Device()
    keeper = keeper_of(shelf, device)
    threads = [
        threading.Thread(target=lambda: keeper.draw("large", Ability.TEXT, drawn, SilentReport())) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert device.loads == [("large", torch.float32)]


def test_without_room_others_go_first(shelf: Shelf):
    device = Device()
    keeper = keeper_of(shelf, device)
    keeper.draw("middle", Ability.TEXT, drawn, SilentReport())

    def draw(model: Any, window: float) -> EditResult:
        if "middle" in keeper.loaded:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return drawn(model, window)

    assert keeper.draw("large", Ability.TEXT, draw, SilentReport()).facts.notes == ("as drawn",)
    assert keeper.loaded == ("large",)


@pytest.mark.parametrize(
    ("no_room", "model", "notes"),
    [
        ([("large", torch.float32, 1.0)], "large 1", ("Large ran with half of the precision, for want of memory",)),
        (
            [("large", torch.float32, 1.0), ("large", torch.bfloat16, 1.0)],
            "large 0.5",
            ("Large ran with half of the precision, in smaller windows, for want of memory",),
        ),
        (
            [("large", torch.float32, 1.0), ("large", torch.bfloat16, 1.0), ("large", torch.bfloat16, 0.5)],
            "middle 1",
            ("there was no room for Large: Middle drew it",),
        ),
    ],
)
def test_running_out_of_memory_is_answered_by_the_next_cheaper_way_with_a_word_about_it(
    shelf: Shelf, no_room: list[tuple[str, torch.dtype, float]], model: str, notes: tuple[str, ...]
):
    result = keeper_of(shelf, Device()).draw("large", Ability.TEXT, failing(*no_room), SilentReport(), by_itself)
    assert result.facts.model == model
    assert result.facts.notes == (*notes, "as drawn")


def test_what_cannot_even_be_loaded_goes_the_same_way(shelf: Shelf):
    device = Device(full={("large", torch.float32)})
    result = keeper_of(shelf, device).draw("large", Ability.TEXT, drawn, SilentReport())
    assert result.facts.notes[0].startswith("Large ran with half")


@pytest.mark.parametrize(
    "error", [MemoryError(), OutOfMemory(), RuntimeError("DefaultCPUAllocator: can't allocate memory")]
)
def test_every_way_of_saying_so_counts(shelf: Shelf, error: Exception):
    told: list[bool] = []

    def draw(model: Any, window: float) -> EditResult:
        if not told:
            told.append(True)
            raise error
        return drawn(model, window)

    assert (
        keeper_of(shelf, Device())
        .draw("large", Ability.TEXT, draw, SilentReport())
        .facts.notes[0]
        .startswith("Large ran")
    )


def test_at_last_the_built_in_model_draws_it_if_it_can(shelf: Shelf):
    def never(model: Any, window: float) -> EditResult:
        raise torch.OutOfMemoryError("CUDA out of memory.")

    def unknown() -> EditResult:
        raise UnknownPrompt("Inlay cannot draw “cat” yet.")

    keeper = keeper_of(shelf, Device())
    result = keeper.draw("large", Ability.TEXT, never, SilentReport(), by_itself)
    assert result.facts.model == "built-in 1" and "the built-in model drew it" in result.facts.notes[0]
    for built_in in (None, unknown):
        with pytest.raises(OutOfMemory) as caught:
            keeper.draw("large", Ability.TEXT, never, SilentReport(), built_in)
        assert "Large" in str(caught.value) and caught.value.hint
    assert keeper.loaded == ()


def test_what_is_beyond_the_budget_is_not_even_tried(shelf: Shelf):
    device = Device()
    result = keeper_of(shelf, device, budget=2 * 310).draw("large", Ability.TEXT, drawn, SilentReport())
    assert device.loads == [("middle", torch.bfloat16)]
    assert [note for note in result.facts.notes if "no room for Large" in note]


def test_an_error_that_is_no_lack_of_memory_is_told_as_it_is(shelf: Shelf):
    def wrong(model: Any, window: float) -> EditResult:
        raise Cancelled

    device = Device()
    with pytest.raises(Cancelled):
        keeper_of(shelf, device).draw("large", Ability.TEXT, wrong, SilentReport())
    assert len(device.loads) == 1


def test_a_model_that_is_not_here_is_told_with_how_to_get_it(shelf: Shelf):
    with pytest.raises(BadRequest) as caught:
        keeper_of(Shelf(shelf.folder, ("small",)), Device()).draw("large", Ability.TEXT, drawn, SilentReport())
    assert "inlay models pull large" in caught.value.hint


def test_what_had_no_room_alone_is_not_loaded_again_for_a_while(shelf: Shelf, monkeypatch: pytest.MonkeyPatch):
    device = Device(full={("large", torch.float32)})
    keeper = keeper_of(shelf, device)
    for _ in range(2):
        keeper.draw("large", Ability.TEXT, drawn, SilentReport())
    assert device.loads == [("large", torch.float32), ("large", torch.bfloat16)]
    monkeypatch.setattr(keeper_room, "_TRY_AGAIN_S", 0.0)
    device.full.clear()
    assert keeper.draw("large", Ability.TEXT, drawn, SilentReport()).facts.notes == ("as drawn",)


def test_a_layer_that_will_not_be_streamed_does_not_end_the_edit(shelf: Shelf, capsys: pytest.CaptureFixture[str]):
    streams = Way(torch.float32, streams=True, note="ran with its weights in the computer's memory")

    def draw(model: Any, window: float) -> EditResult:
        if model.name == "large":
            raise RuntimeError("Expected all tensors to be on the same device")
        return drawn(model, window)

    result = keeper_of(shelf, Device(), ways=(streams,)).draw("large", Ability.TEXT, draw, SilentReport())
    assert result.facts.model == "middle 1" and "same device" in capsys.readouterr().err
    with pytest.raises(RuntimeError):  # in every other way it is a fault
        keeper_of(shelf, Device(), ways=(WHOLE,)).draw("large", Ability.TEXT, draw, SilentReport())


def test_a_way_that_could_not_draw_is_left_out_for_a_while_where_a_cheaper_one_could(shelf: Shelf):
    device = Device()
    keeper = keeper_of(shelf, device)
    crowded = failing(("large", torch.float32, 1.0))
    for _ in range(3):
        notes = keeper.draw("large", Ability.TEXT, crowded, SilentReport()).facts.notes
        assert notes[0].startswith("Large ran with half")
    assert device.loads == [("large", torch.float32), ("large", torch.bfloat16)]


def test_an_edit_that_has_no_room_at_all_bars_no_way_for_the_next(shelf: Shelf):
    def never(model: Any, window: float) -> EditResult:
        raise torch.OutOfMemoryError("CUDA out of memory.")

    keeper = keeper_of(shelf, Device())
    with pytest.raises(OutOfMemory):
        keeper.draw("large", Ability.TEXT, never, SilentReport())
    assert keeper.draw("large", Ability.TEXT, drawn, SilentReport()).facts.notes == ("as drawn",)


def test_weights_that_were_pulled_anew_are_loaded_anew(shelf: Shelf):
    device = Device()
    keeper = keeper_of(shelf, device)
    for weights_hash in ("old", "old", "new", "new"):
        shelf.weights_hash = weights_hash
        keeper.draw("large", Ability.TEXT, drawn, SilentReport())
    assert len(device.loads) == 2


def test_a_model_that_was_removed_is_let_go(shelf: Shelf):
    keeper = keeper_of(shelf, Device())
    keeper.draw("large", Ability.TEXT, drawn, SilentReport())
    shelf.names = ("small",)
    keeper.draw("small", Ability.TEXT, drawn, SilentReport())
    assert keeper.loaded == ("small",)


def test_a_damaged_file_is_told_as_such_and_concerns_no_other_model(shelf: Shelf):
    damaged = shelf.folder / "middle/transformer/model.safetensors"
    damaged.write_bytes(b"\xff" * damaged.stat().st_size)
    keeper = keeper_of(shelf, Device())
    with pytest.raises(BrokenWeights) as caught:
        keeper.draw("middle", Ability.TEXT, drawn, SilentReport())
    assert "inlay models verify middle" in caught.value.hint
    assert keeper.draw("large", Ability.TEXT, drawn, SilentReport()).facts.notes == ("as drawn",)
