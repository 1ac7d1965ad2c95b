"""What the engine takes and gives. No torch here, so the bridge may import it.

An `Engine` runs one `EditRequest` at a time a call and yields `EditEvent`s; the last is an `EditResult` or an
`engine.errors.EngineError` is raised. Closing the iterator, or cancelling the task that reads it, cancels the edit.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Protocol, cast

import numpy as np
import numpy.typing as npt

from engine.geometry import PixelRect, Size

Pixels = npt.NDArray[np.uint8 | np.uint16 | np.float32]
Mask = npt.NDArray[np.uint8]
Value = str | float


class Depth(StrEnum):
    """Bits a channel: unsigned 8 (0..255), unsigned 16 (0..65535), float 32 (0.0..1.0, may exceed)."""

    U8 = "u8"
    U16 = "u16"
    F32 = "f32"

    @property
    def dtype(self) -> np.dtype[np.uint8] | np.dtype[np.uint16] | np.dtype[np.float32]:
        """The little-endian numpy dtype."""
        match self:
            case Depth.U8:
                return np.dtype(np.uint8)
            case Depth.U16:
                return np.dtype("<u2")
            case Depth.F32:
                return np.dtype("<f4")

    @property
    def white(self) -> float:
        """The value of full white or full opacity."""
        return {Depth.U8: 255.0, Depth.U16: 65535.0, Depth.F32: 1.0}[self]


class Alpha(StrEnum):
    """Whether the last channel is opacity, and whether colour has been multiplied by it."""

    NONE = "none"
    STRAIGHT = "straight"
    PREMULTIPLIED = "premultiplied"


@dataclass(frozen=True, slots=True)
class LayerFormat:
    """How a layer's pixels are stored: 1 grey, 2 grey+alpha, 3 RGB, 4 RGB+alpha; interleaved, little-endian.

    Raises:
        ValueError: when the number of channels and ``alpha`` do not agree.
    """

    depth: Depth
    channels: int
    alpha: Alpha

    def __post_init__(self) -> None:
        if self.channels not in (1, 2, 3, 4):
            raise ValueError(f"a layer has 1 to 4 channels, not {self.channels}")
        if (self.channels in (2, 4)) != (self.alpha is not Alpha.NONE):
            raise ValueError(f"{self.channels} channels do not go with alpha “{self.alpha}”")

    @property
    def bytes_per_pixel(self) -> int:
        return self.depth.dtype.itemsize * self.channels


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """Another picture that the words speak of (“image 2”).

    Attributes:
        pixels: H×W×C, dtype of ``format.depth``.
        format: how they are stored.
        profile: their ICC profile; None: sRGB.
    """

    pixels: Pixels
    format: LayerFormat
    profile: bytes | None = None


@dataclass(frozen=True, slots=True)
class Canvas:
    """What the layer becomes when an operation changes its size or format.

    Attributes:
        size, format: of the layer afterwards.
        x0, y0: where the old layer's upper left pixel lies on the new canvas, in new pixels; negative when cropped.
        scale: new pixels an old pixel.
    """

    size: Size
    format: LayerFormat
    x0: int = 0
    y0: int = 0
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class TextLayer:
    """Letters as a host can set them itself, editable.

    Attributes:
        text: letter for letter as typed; lines end where they are to break.
        rect_px: box of the lines on the layer.
        family, style: the font as fontconfig and the hosts name it (“DejaVu Sans”, “Bold”).
        size_px: em size.
        line_px: from one baseline to the next.
        colour: straight RGBA, each 0 … 1, in sRGB.
        align: of the lines in their box.
    """

    text: str
    rect_px: PixelRect
    family: str
    style: str
    size_px: float
    line_px: float
    colour: tuple[float, float, float, float]
    align: str = "left"


@dataclass(frozen=True, slots=True)
class ImageLayer:
    """A reference as a host can place it itself: scaled to ``rect_px`` and then turned clockwise about its centre.

    ``reference`` counts from 1; ``rotation`` in degrees; ``opacity`` 0 … 1.
    """

    reference: int
    rect_px: PixelRect
    rotation: float = 0.0
    opacity: float = 1.0


@dataclass(frozen=True, slots=True)
class ShadeLayer:
    """A soft rectangle under letters that would not read otherwise: straight RGBA 0 … 1, in sRGB."""

    rect_px: PixelRect
    colour: tuple[float, float, float, float]
    radius_px: float = 0.0


HostLayer = TextLayer | ImageLayer | ShadeLayer
_LAYERS: dict[str, type[HostLayer]] = {"text": TextLayer, "image": ImageLayer, "shade": ShadeLayer}


def said_layer(layer: HostLayer) -> dict[str, object]:
    """A host's layer as a map of plain values; `heard_layer` reads it."""
    kind = next(name for name, its_type in _LAYERS.items() if isinstance(layer, its_type))
    return {"kind": kind, **asdict(layer), "rect_px": layer.rect_px.as_tuple()}


def heard_layer(fields: Mapping[str, object]) -> HostLayer:
    """What `said_layer` said.

    Raises:
        ValueError: it is no such map.
    """
    values = dict(fields)
    try:
        its_type = _LAYERS[cast(str, values.pop("kind"))]
        rect_px = PixelRect(*cast(tuple[int, int, int, int], values.pop("rect_px")))
        if "colour" in values:  # a list, where JSON was in between
            values["colour"] = tuple(cast(tuple[float, ...], values["colour"]))
        return its_type(rect_px=rect_px, **values)  # pyright: ignore[reportArgumentType] -- names are ours on both sides
    except (KeyError, TypeError) as error:
        raise ValueError("no layer of a host") from error


@dataclass(frozen=True, slots=True, eq=False)
class EditRequest:
    """Everything one edit needs, in one object.

    Attributes:
        edit_id: names the edit in logs and events.
        operation: ``"remove"``; later more (see `engine.operations`).
        layer_size: size of the whole layer.
        format: how ``pixels`` are stored.
        reach_px: the part of the layer that is here.
        pixels: H×W×C of ``reach_px``, dtype of ``format.depth``.
        mask: H×W of ``reach_px``, uint8: 0 outside the selection, 255 fully inside, between: soft.
        seed: 0..2³²-1; same request, same seed, same device: same result.
        prompt: the words for operations that take them.
        values: what else the plan's operation says, under its own names (`engine.commands.plan`).
        profile: the layer's ICC profile.
        previews: whether previews are wanted.
        references: the pictures that came with the words, in their order; of one that the edit does not use, a pixel.
        becomes: size and format of the layer afterwards, for an operation that changes them; the result's canvas has
            the same, and says where the old layer lies on it.
        model: the open model that draws it, by its name in the catalogue; empty: a built-in one.
    """

    edit_id: str
    operation: str
    layer_size: Size
    format: LayerFormat
    reach_px: PixelRect
    pixels: Pixels
    mask: Mask
    seed: int
    prompt: str = ""
    previews: bool = True
    values: Mapping[str, Value] = field(default_factory=dict[str, Value])
    profile: bytes | None = None
    references: tuple[Reference, ...] = ()
    becomes: Canvas | None = None
    model: str = ""

    def number(self, name: str, default: float = 0.0) -> float:
        """A number among the values."""
        value = self.values.get(name, default)
        return default if isinstance(value, str) else float(value)


@dataclass(frozen=True, slots=True)
class EditProgress:
    """How far the edit is: ``fraction`` 0..1, ``stage`` in plain words."""

    fraction: float
    stage: str


@dataclass(frozen=True, slots=True, eq=False)
class EditPreview:
    """A first look: uint8 H×W×3 or H×W×4 (straight alpha) of ``rect_px``, perhaps at a lower resolution.

    ``pixels`` has shape ceil(rect/scale): ``scale`` layer pixels a preview pixel, both ways.
    """

    rect_px: PixelRect
    scale: int
    pixels: npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class EditFacts:
    """What was used: told to the person after the edit and kept with the version.

    Attributes:
        model: ``"exemplar"``, later others.
        weights_hash: SHA-256 of the weights, empty when the model has none.
        device: ``"cpu"``, ``"cuda:0"``, …
        engine_s: seconds between the worker's receipt of the request and its result.
        notes: approximations and other things worth saying, in plain words.
    """

    model: str
    weights_hash: str
    device: str
    engine_s: float
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class EditResult:
    """The patch: ``pixels`` H×W×C of ``rect_px`` in the layer's own format; outside the mask the source's values.

    Attributes:
        mask: H×W uint8 of ``rect_px``: where the operation itself found out what to change (a subject, the letters);
            never more than the request's mask. None: the request's own mask.
        canvas: what the layer becomes, for an operation that changes its size or format: ``rect_px`` is then the new
            canvas' whole rectangle and ``pixels`` are in the canvas' format.
        layers: what a host may set itself instead of the pixels, lowest first.
    """

    rect_px: PixelRect
    pixels: Pixels
    facts: EditFacts
    mask: Mask | None = None
    canvas: Canvas | None = None
    layers: tuple[HostLayer, ...] = ()


EditEvent = EditProgress | EditPreview | EditResult


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """What the worker found when it started; ``memory``: the fields of `engine.models.memory.Device`, where told."""

    device: str
    torch_version: str
    models: tuple[str, ...]
    memory: Mapping[str, str | int] = field(default_factory=dict[str, str | int])


class Engine(Protocol):
    """Runs edits. The one implementation for real use is `engine.host.WorkerEngine`."""

    @property
    def is_ready(self) -> bool:
        """Whether an edit would begin at once."""
        ...

    async def start(self) -> None:
        """Begin to start the worker; returns at once, `run` waits for it."""
        ...

    async def stop(self) -> None:
        """End the worker; a running edit is cancelled."""
        ...

    async def info(self) -> EngineInfo:
        """Waits until the worker is ready.

        Raises:
            WorkerCrashed: when it cannot be started.
        """
        ...

    def run(self, request: EditRequest) -> AsyncGenerator[EditEvent, None]:
        """Run one edit; events as they come, an `EditResult` last. Closing the generator cancels the edit.

        Raises:
            EngineError: see `engine.errors`.
        """
        ...
