"""The operations by name, as the worker runs them."""

from __future__ import annotations

import torch

from engine.errors import BrokenWeights
from engine.models import figure, nano, scale, sight
from engine.models.keeper import Keeper
from engine.models.masked.interface import Mode
from engine.operations import (
    add_text,
    adjust,
    background_blur,
    background_remove,
    background_replace,
    by_open_model,
    combine,
    extend,
    place_image,
    recolour,
    relight,
    remove,
    replace,
    restyle,
    upscale,
)
from engine.operations.regions import Operation, found_first

__all__ = ["OPERATIONS", "broken_models", "warm_up", "with_models"]

OPERATIONS: dict[str, Operation] = {
    "remove": found_first(remove.run),
    "replace": found_first(replace.run),
    "background_remove": background_remove.run,
    "background_replace": background_replace.run,
    "background_blur": background_blur.run,
    "extend": extend.run,
    "upscale": upscale.run,
    "add_text": add_text.run,
    "place_image": place_image.run,
    "combine": combine.run,
    "relight": found_first(relight.run),
    "recolour": found_first(recolour.run),
    "adjust": found_first(adjust.run),
    "restyle": found_first(restyle.run),
}


def with_models(keeper: Keeper, *, fast: bool = False) -> dict[str, Operation]:
    """The same, drawn by an open model where a request names one; and instructions, which only those read.

    Args:
        fast: open models may compute the selection alone; see `engine.models.masked.interface.Mode`.
    """
    mode = Mode.FAST if fast else Mode.EXACT
    drawn = {
        "remove": found_first(by_open_model.or_built_in(remove.run, keeper, mode)),
        "replace": found_first(by_open_model.or_built_in(replace.run, keeper, mode)),
        "background_replace": by_open_model.or_built_in(background_replace.run, keeper, mode),
        "extend": by_open_model.or_built_in(extend.run, keeper, mode),
        "instruct": found_first(by_open_model.or_built_in(by_open_model.instructed, keeper, mode)),
    }
    return {**OPERATIONS, **drawn}


def warm_up(device: torch.device | str) -> None:
    """Read the models' files and do one small edit, so that the first real one pays for neither.

    A broken file stops no removal, which needs none: an edit that needs it will say so.
    """
    broken_models(device)
    remove.warm_up(device)


def broken_models(device: torch.device | str) -> list[str]:
    """What is wrong with the files of the models that come with the program; nothing, as a rule."""
    wrong: list[str] = []
    for read in (sight.load, figure.load, lambda: nano.load(str(device)), lambda: scale.load(str(device))):
        try:
            read()
        except BrokenWeights as error:
            wrong.append(str(error))
    return wrong
