"""What a plan's operation says, as the plain values that the engine takes."""

from __future__ import annotations

from bridge.editing.ability import Edits
from bridge.editing.extent import is_shown_where_selected
from engine.api import Value
from engine.commands.plan import AddText, BackgroundReplace, Combine, Extend, Instruct, PlaceImage, Replace, Restyle
from engine.geometry import PixelRect, Size
from engine.operations.shapes import place_on_canvas, size_of_extended

# What a request carries by itself: the mask says where, the prompt what, the model by what.
_ELSEWHERE = {"op", "prompt", "model"}
_FOUND = ("subject", "background")


def prompt_of(operation: Edits) -> str:
    """The words that say what to draw; empty where there are none."""
    if isinstance(operation, Replace | BackgroundReplace | Restyle | Combine | Instruct):
        return operation.prompt or ""
    return ""


def values_of(operation: Edits, layer: Size, selection_px: PixelRect | None) -> dict[str, Value]:
    """What the operation says besides, under the plan's names; lists become words with commas.

    Args:
        operation: of the plan.
        layer: size of the layer that it works on.
        selection_px: box of what is selected: where text and pictures go when nothing else is said, and the
            background that another picture replaces.
    """
    if isinstance(operation, Extend):
        return dict(place_on_canvas(operation, layer, size_of_extended(operation, layer)))
    said = operation.model_dump(exclude=_ELSEWHERE, by_alias=True)
    region = said.pop("region", None)
    values = {name: _value(value) for name, value in said.items() if value is not None}
    if region in _FOUND:
        values["region"] = str(region)
    if selection_px is not None and is_shown_where_selected(operation):
        values["selected"] = 1.0  # the selection is the background; see ARCHITECTURE, what a selection means
    goes_there = isinstance(operation, AddText | PlaceImage) and values.get("place", "selection") == "selection"
    if goes_there and selection_px is not None:
        values["place"] = _value(selection_px.as_tuple())
    return values


def _value(value: object) -> Value:
    match value:
        case str():
            return value
        case int() | float():
            return float(value)
        case tuple():
            return ",".join(str(part) for part in value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        case _:
            raise TypeError(f"a plan says nothing like {type(value).__name__}")
