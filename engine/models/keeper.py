"""Open models in the worker: loaded when one is first asked for, kept while there is room, else made cheaper.

What an edit does when the device has no room for it, in this order, with a word about it in the result's notes: other
models are let go; the same model with 8 bit weights; with its weights in the computer's memory; in a smaller window; a
smaller model; the built-in one.
"""

from __future__ import annotations

import math
import sys
import threading
import time
import traceback
from collections import OrderedDict
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, cast

import psutil
import torch
from safetensors import SafetensorError

from engine.api import EditResult
from engine.batcher import uninterrupted
from engine.devices import ran_out_of_memory, release_memory
from engine.errors import BadRequest, BrokenWeights, EngineError, OutOfMemory, UnknownPrompt
from engine.models.catalogue import Ability
from engine.models.cheaper import bytes_of
from engine.models.loading import Loader, Way, load, ways_on
from engine.models.masked.interface import OpenModel
from engine.operations.report import Report
from engine.weights import tensor_shapes

# Of a device's memory, for weights: the rest is for what an edit computes, and for the designer's own program.
_SHARE_OF_GPU, _SHARE_OF_COMPUTER = 0.8, 0.5
# After so long a way that had no room is tried again: other programs may have ended.
_TRY_AGAIN_S = 600.0


# Makes an edit with a loaded model, whose window's side is this share of its native one.
Drawing = Callable[[OpenModel, float], EditResult]


class Shelf(Protocol):
    """What the keeper has to know of the catalogue and of the folder with weights."""

    def folder_of(self, name: str) -> Path | None:
        """Where that model's weights are; None: they are not here."""
        ...

    def able(self, ability: Ability) -> tuple[str, ...]:
        """Names of those that are here and can do this, best first."""
        ...

    def title_of(self, name: str) -> str:
        """As it is written for people."""
        ...

    def hash_of(self, name: str) -> str:
        """Of its weights; empty where that is not known."""
        ...


@dataclass(slots=True, eq=False)
class _Kept:
    """A loaded model: how it runs, what its weights take and are, and how many edits work with it now."""

    model: OpenModel
    way: Way
    size_bytes: int
    weights_hash: str
    users: int = 0


class Keeper:
    """The open models of one worker.

    Args:
        shelf: what is here.
        device: where they run.
        budget_bytes: for weights that are kept; None: a share of the device's memory.
        loaders: by name; tests have their own.
        ways: dearest first; None: those of the device.
    """

    def __init__(
        self,
        shelf: Shelf,
        device: torch.device,
        budget_bytes: int | None = None,
        *,
        loaders: Mapping[str, Loader] | None = None,
        ways: tuple[Way, ...] | None = None,
    ) -> None:
        self._shelf, self._device = shelf, device
        self._budget = budget_bytes if budget_bytes is not None else _usual_budget(device)
        self._loaders = loaders
        # Ways that there was no room for even alone, and when that was: to load it, or to draw where a cheaper one had.
        self._no_room: dict[tuple[str, Way], float] = {}
        self._ways = ways or ways_on(device)
        self._kept: OrderedDict[str, _Kept] = OrderedDict()  # the last used last
        self._lock = threading.RLock()

    @property
    def loaded(self) -> tuple[str, ...]:
        """Names of those in memory, the least recently used first."""
        with self._lock:
            return tuple(self._kept)

    def hash_of(self, name: str) -> str:
        """Of a model's weights, as versions tell it."""
        return self._shelf.hash_of(name)

    def draw(
        self,
        name: str,
        ability: Ability,
        drawing: Drawing,
        report: Report,
        built_in: Callable[[], EditResult] | None = None,
    ) -> EditResult:
        """Draw with that model, or the nearest to it that there is room for.

        Args:
            name: in the catalogue.
            ability: what another one must be able to do.
            drawing: makes the edit with a loaded model; the number is its window's side as a share of the native one.
            report: hears what takes time.
            built_in: draws without any; None: nothing but an open model can.

        Raises:
            BadRequest: its weights are not here.
            MissingExtra: the packages that it needs are not installed.
            BrokenWeights: its files cannot be used.
            OutOfMemory: nothing found room.
        """
        self._let_removed_go()
        if self._shelf.folder_of(name) is None:
            title = self._shelf.title_of(name)
            raise BadRequest(f"{title} is not on this machine.", hint=f"`inlay models pull {name}` fetches it.")
        crowded: list[tuple[str, Way]] = []
        for one in (name, *self._smaller(name, ability)):
            for way in self._ways:
                result = self._tried(one, way, drawing, report, crowded)
                if result is not None:
                    # Else each edit would load the model twice, only to learn that once more.
                    self._no_room |= dict.fromkeys(crowded, time.monotonic())
                    return _noted(result, self._notes(name, one, way))
        title = self._shelf.title_of(name)
        if built_in is not None:
            try:
                return _noted(built_in(), (f"there was no room for {title}: the built-in model drew it",))
            except UnknownPrompt:
                pass
        raise OutOfMemory(f"There was no room for {title} on this device, in no way that it can run.")

    def let_go(self, name: str | None = None) -> None:
        """Let that model's memory go, or that of all that nobody works with."""
        with self._lock:
            for one in [name] if name is not None else list(self._kept):
                if one in self._kept and not self._kept[one].users:
                    del self._kept[one]
        release_memory(self._device)

    def _tried(
        self, name: str, way: Way, drawing: Drawing, report: Report, crowded: list[tuple[str, Way]]
    ) -> EditResult | None:
        """The edit by that model in that way; None when there is no room for it, even alone.

        Args:
            crowded: told the ways in which it could be loaded but not drawn with.
        """
        for _ in range(2):
            if not self._may_fit(name, way):
                return None
            drew = False
            try:
                with self._lent(name, way, report) as model:
                    drew = True
                    return drawing(model, way.window)
            except BrokenWeights as error:
                raise _broken(name, error) from error
            except EngineError as error:
                if not isinstance(error, OutOfMemory):
                    raise
            except Exception as error:
                # A layer that will not be streamed is no reason to end an edit that another way can make.
                if not ran_out_of_memory(error) and not (way.streams and isinstance(error, RuntimeError)):
                    raise
                if not ran_out_of_memory(error):
                    traceback.print_exc(file=sys.stderr)
            # Only here, where the error's frames have let go of what they held.
            others = [one for one in self.loaded if one != name]
            self.let_go()
            if not others:
                if drew:
                    crowded.append((name, way))
                else:
                    self._no_room[name, way.loaded] = time.monotonic()
                return None
        return None

    def _let_removed_go(self) -> None:
        """Models whose weights were taken off the disk are nobody's any more."""
        for name in self.loaded:
            if self._shelf.folder_of(name) is None:
                self.let_go(name)

    @contextmanager
    def _lent(self, name: str, way: Way, report: Report) -> Generator[OpenModel]:
        """The model, loaded in that way, for the length of a block."""
        # Loading reports: whoever has the next turn may ask for a model too, and must not wait for this one's lock.
        with uninterrupted(), self._lock:
            kept = self._kept.get(name)
            if kept is not None and (kept.way, kept.weights_hash) != (way.loaded, self._shelf.hash_of(name)):
                self._kept.pop(name)  # whoever works with it keeps it until the end
                kept = None
            if kept is None:
                kept = self._kept[name] = self._loaded(name, way, report)
            self._kept.move_to_end(name)
            kept.users += 1
        try:
            yield kept.model
        finally:
            with self._lock:
                kept.users -= 1

    def _loaded(self, name: str, way: Way, report: Report) -> _Kept:
        report.check()
        report.progress(0.0, f"loading {self._shelf.title_of(name)}")
        folder = self._shelf.folder_of(name)
        assert folder is not None, "asked before"
        weights_hash = self._shelf.hash_of(name)
        self._make_room(_weights_in(folder) * way.weight_bytes)
        if self._loaders is not None:
            model = self._loaders[name](folder, self._device, way)
        else:
            model = load(name, folder, self._device, way)
        report.check()
        return _Kept(model, way.loaded, 0 if way.streams else bytes_of(model), weights_hash)

    def _make_room(self, wanted_bytes: int) -> None:
        """Let the least recently used go until so much more is within the budget."""
        for name in list(self._kept):
            if sum(kept.size_bytes for kept in self._kept.values()) + wanted_bytes <= self._budget:
                return
            if not self._kept[name].users:
                self.let_go(name)

    def _may_fit(self, name: str, way: Way) -> bool:
        """Whether its weights alone are within the budget, and had room when they were last tried."""
        for tried in (way, way.loaded):
            if time.monotonic() - self._no_room.get((name, tried), -_TRY_AGAIN_S) < _TRY_AGAIN_S:
                return False
        folder = self._shelf.folder_of(name)
        return folder is not None and _weights_in(folder) * way.weight_bytes <= self._budget

    def _smaller(self, name: str, ability: Ability) -> tuple[str, ...]:
        """Other models that can do it and have fewer weights, best first."""
        mine = self._shelf.folder_of(name)
        most = 0 if mine is None else _weights_in(mine)
        found: list[str] = []
        for one in self._shelf.able(ability):
            folder = self._shelf.folder_of(one)
            with suppress(BrokenWeights):  # no help, and no reason to draw nothing
                if one != name and folder is not None and _weights_in(folder) < most:
                    found.append(one)
        return tuple(found)

    def _notes(self, wanted: str, used: str, way: Way) -> tuple[str, ...]:
        title = self._shelf.title_of(used)
        notes = (f"there was no room for {self._shelf.title_of(wanted)}: {title} drew it",) if used != wanted else ()
        return (*notes, f"{title} {way.note}, for want of memory") if way.note else notes


def _weights_in(folder: Path) -> int:
    """How many numbers its safetensors files hold, by their headers.

    Raises:
        BrokenWeights: one of them cannot be read.
    """
    total = 0
    for path in sorted(folder.rglob("*.safetensors")):
        try:
            shapes = tensor_shapes(path)
        except (OSError, SafetensorError) as error:
            raise _broken(folder.name, BrokenWeights(f"{path.name} of {folder.name} cannot be read.")) from error
        total += sum(math.prod(shape) for shape in shapes.values())
    return total


def _broken(name: str, error: BrokenWeights) -> BrokenWeights:
    hint = f"`inlay models verify {name}` says which files; removing it and pulling it brings them anew."
    return BrokenWeights(str(error), hint=hint)


def _noted(result: EditResult, notes: tuple[str, ...]) -> EditResult:
    return replace(result, facts=replace(result.facts, notes=(*notes, *result.facts.notes))) if notes else result


def _usual_budget(device: torch.device) -> int:
    if device.type == "cuda":
        return int(_SHARE_OF_GPU * cast(int, torch.cuda.get_device_properties(device).total_memory))
    return int(_SHARE_OF_COMPUTER * psutil.virtual_memory().total)
