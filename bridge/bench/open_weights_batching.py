"""Token steps of several edits in one forward, against the same edits one after another.

The built-in model has bars for its throughput. aMUSEd's random networks have none: in exact mode a step computes the
whole window, which fills two cores by itself. That each edit draws what it draws alone is a bar for both.
"""

from __future__ import annotations

import importlib.util
import threading
import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import TYPE_CHECKING

from bridge.bench.base import Bar, BenchOptions, Figures

if TYPE_CHECKING:
    from torch import Tensor

    from engine.batcher import Batcher
    from engine.models.masked.interface import Mode, OpenModel
    from engine.models.nano import Nano
    from engine.tokens.region import Region

NAME = "batching"
SUMMARY = "4 and 8 edits of 36 tokens that share their forwards, against one after another"

_SIDE_TOK = 6
_TOGETHER = (4, 8)
_REPEATS, _QUICK_REPEATS, _OPEN_REPEATS = 7, 3, 2
_OPEN_STEPS = 6
# As an edit by words draws (`engine.models.nano.plan`), and as one that continues what is there.
_GUIDANCES = {"words": 2.0, "continue": 1.0}
_WORDS = ("brick wall", "grass", "blue sky", "wood", "red fabric", "sand", "dark water", "stone")
_LEAST_RATIO_CPU, _LEAST_RATIO_GPU = 1.4, 2.5


def run(options: BenchOptions) -> Figures:
    """Measure the built-in model, and aMUSEd where what it needs is installed: tiny, and a middle one unless quick."""
    from engine.models.nano import load  # noqa: PLC0415 -- brings torch, only wanted here

    repeats = _QUICK_REPEATS if options.quick else _REPEATS
    measured = [of_nano(load(), repeats, options.note)]
    if importlib.util.find_spec("diffusers") is not None:
        measured.append(of_amused(quick=options.quick, note=options.note))
    figures = {name: value for one in measured for name, value in one.figures.items()}
    return Figures(figures, {name: bar for one in measured for name, bar in one.bars.items()})


def of_nano(nano: Nano, repeats: int, note: Callable[[str], None] = lambda _: None) -> Figures:
    """Figures of the built-in model's edits on its device."""
    figures: dict[str, float] = {}
    bars: dict[str, Bar] = {}
    least = _LEAST_RATIO_CPU if nano.device.type == "cpu" else _LEAST_RATIO_GPU
    windows = [_opened(nano, seed) for seed in range(max(_TOGETHER))]
    for kind, guidance in _GUIDANCES.items():
        for count in _TOGETHER:
            measured = measure([_edit(nano, windows[n], n, guidance) for n in range(count)], repeats)
            name = f"nano.{kind}.{count}"
            figures |= {f"{name}.{title}": value for title, value in measured.items()}
            bars |= {
                f"{name}: throughput, of one after another": Bar(measured["ratio"], least, at_most=False),
                f"{name}: edits otherwise than alone": Bar(measured["different"], 0.0),
            }
            note(f"{name}: {measured['ratio']:.2f} times as many, {measured['edits_a_forward']:.1f} in a forward")
    waited = newcomer_waits([_edit(nano, windows[n], n, 2.0) for n in range(4)])
    figures["nano.newcomer_waits_steps"] = waited
    bars["a newcomer waits, steps"] = Bar(waited, 1.0)
    return Figures(figures, bars)


def of_amused(*, quick: bool, note: Callable[[str], None] = lambda _: None) -> Figures:
    """Figures of aMUSEd's architecture with random weights, exact and fast."""
    from bridge.bench.open_weights_models import MIDDLE, TINY, pair  # noqa: PLC0415 -- imports of seconds
    from engine.models.masked.interface import Mode  # noqa: PLC0415

    figures: dict[str, float] = {}
    bars: dict[str, Bar] = {}
    for title, sizes in (("tiny", TINY),) if quick else (("tiny", TINY), ("middle", MIDDLE)):
        model = pair(sizes).ours
        for mode in Mode:
            edits = [_open_edit(model, number, sizes.side_tok, sizes.codes, mode) for number in range(_TOGETHER[0])]
            measured = measure(edits, _OPEN_REPEATS)
            name = f"amused.{title}.{mode.value}.{len(edits)}"
            figures |= {f"{name}.{figure}": value for figure, value in measured.items()}
            bars[f"{name}: edits otherwise than alone"] = Bar(measured["different"], 0.0)
            note(f"{name}: {measured['ratio']:.2f} times as many, {measured['different']:.0f} otherwise")
    return Figures(figures, bars)


Edit = Callable[[Callable[[], None]], "Tensor"]
"""One edit's whole loop of tokens: (R, G) ids; told whenever a step is done."""


def measure(edits: Sequence[Edit], repeats: int) -> dict[str, float]:
    """The edits one after another and together, which take turns; medians of so many runs of each.

    Returns:
        seconds of both, how many times as many edits a second (``ratio``), edits whose ids differ from those drawn
        alone (``different``), edits in a forward.
    """
    from engine.batcher import Batcher  # noqa: PLC0415 -- brings torch

    alone = [edit(lambda: None) for edit in edits]
    apart_s, together_s, different = list[float](), list[float](), 0
    batcher = Batcher()
    for _ in range(repeats):
        began = time.perf_counter()
        for edit in edits:
            edit(lambda: None)
        apart_s.append(time.perf_counter() - began)
        began = time.perf_counter()
        drawn = _together(batcher, edits)
        together_s.append(time.perf_counter() - began)
        different += sum(not one.equal(other) for one, other in zip(alone, drawn, strict=True))
    return {
        "one_after_another_s": median(apart_s),
        "together_s": median(together_s),
        "ratio": median(apart_s) / median(together_s),
        "different": float(different),
        "edits_a_forward": batcher.answered / batcher.forwards,
    }


def newcomer_waits(edits: Sequence[Edit]) -> float:
    """The most forwards that began after a newcomer had asked and before it was answered, its own among them.

    Each edit but the first begins at another step of the first.
    """
    from engine.batcher import Batcher  # noqa: PLC0415 -- brings torch

    batcher, begins = Batcher(), [threading.Event() for _ in edits]
    begins[0].set()
    waited: list[int] = []

    def told(number: int) -> Callable[[], None]:
        steps = 0
        came = batcher.forwards

        def one_more() -> None:
            nonlocal steps
            if number and not steps:
                waited.append(batcher.forwards - came)
            steps += 1
            if not number and steps < len(begins):
                begins[steps].set()

        return one_more

    def late(number: int) -> None:
        begins[number].wait()
        with batcher.edit():
            edits[number](told(number))

    _joined([lambda n=n: late(n) for n in range(len(edits))])
    return float(max(waited))


def _together(batcher: Batcher, edits: Sequence[Edit]) -> list[Tensor]:
    drawn: dict[int, Tensor] = {}
    # All are asked for at once: a thread that is started first would else be a step ahead of the others.
    there = threading.Barrier(len(edits))

    def one(number: int) -> None:
        there.wait()
        with batcher.edit():
            drawn[number] = edits[number](lambda: None)

    _joined([lambda n=n: one(n) for n in range(len(edits))])
    return [drawn[number] for number in range(len(edits))]


def _joined(works: Sequence[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _opened(nano: Nano, seed: int) -> Region:
    """A window of noise with a square of 36 tokens in its middle."""
    import torch  # noqa: PLC0415

    from engine.tokens.config import TOKEN_PX  # noqa: PLC0415
    from engine.tokens.grid import token_mask  # noqa: PLC0415
    from engine.tokens.ground import fill_ground  # noqa: PLC0415
    from engine.tokens.region import open_region  # noqa: PLC0415

    start, side = (nano.window_tok - _SIDE_TOK) // 2 * TOKEN_PX, _SIDE_TOK * TOKEN_PX
    hole = torch.zeros(nano.window_px, nano.window_px, dtype=torch.bool, device=nano.device)
    hole[start : start + side, start : start + side] = True
    picture = torch.rand(1, 3, *hole.shape, generator=torch.Generator().manual_seed(seed)).to(nano.device)
    known = ~hole[None, None]
    return open_region(nano.transformer, fill_ground(picture, known), known, token_mask(hole))


def _edit(nano: Nano, region: Region, number: int, guidance: float) -> Edit:
    from engine.batcher import model_for  # noqa: PLC0415
    from engine.tokens.regenerate import Recipe, regenerate  # noqa: PLC0415
    from engine.tokens.region import Worded  # noqa: PLC0415

    recipe = Recipe(guidance=(guidance, guidance), temperature=(1.0, 0.7))
    words = nano.vocabulary.encode(_WORDS[number % len(_WORDS)]).ids

    def edit(told: Callable[[], None]) -> Tensor:
        model = model_for(nano.family, Worded(region, words), tokens=len(region.at))
        return regenerate(
            model,
            region.at,
            region.size_tok,
            recipe,
            seed=number,
            device=nano.device,
            after_step=lambda _: told(),
        )

    return edit


def _open_edit(model: OpenModel, number: int, side_tok: int, codes: int, mode: Mode) -> Edit:
    """36 tokens somewhere in a window of random tokens, with words and a number of steps of their own."""
    import torch  # noqa: PLC0415

    from engine.batcher import model_for  # noqa: PLC0415
    from engine.models.masked.interface import Words  # noqa: PLC0415
    from engine.tokens.regenerate import Recipe, regenerate  # noqa: PLC0415

    ids = torch.randint(codes, (side_tok, side_tok), generator=torch.Generator().manual_seed(number))
    region = torch.zeros(side_tok, side_tok, dtype=torch.bool)
    region[4 + number : 4 + number + _SIDE_TOK, 6:12] = True
    guidance = model.recipe.guidance if number % 2 else (1.0, 1.0)
    recipe = Recipe(steps=_OPEN_STEPS + number, guidance=guidance, remask_share=0.0)

    def edit(told: Callable[[], None]) -> Tensor:
        opened = model.open(ids, region, Words(_WORDS[number % len(_WORDS)]), mode)
        steps = model_for(model, opened, tokens=ids.numel())
        size_tok = (side_tok, side_tok)
        return regenerate(steps, opened.at, size_tok, recipe, seed=number, after_step=lambda _: told())

    return edit
