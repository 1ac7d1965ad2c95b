"""How each operation is asked for in the tests of what all of them promise.

Whoever registers an operation adds it to `ARGUMENTS`; `test_promises` fails until then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from hypothesis import strategies as st

from engine.api import Alpha, Canvas, Depth, EditRequest, LayerFormat, Mask, Pixels, Reference, Value
from engine.geometry import PixelRect, Size

FORMATS = tuple(
    LayerFormat(depth, channels, alpha)
    for depth in Depth
    for channels, alpha in (
        (1, Alpha.NONE), (2, Alpha.STRAIGHT), (2, Alpha.PREMULTIPLIED),
        (3, Alpha.NONE), (4, Alpha.STRAIGHT), (4, Alpha.PREMULTIPLIED),
    )
)  # fmt: skip
RGB8 = LayerFormat(Depth.U8, 3, Alpha.NONE)
ANCHORS = ("top left", "top", "top right", "left", "centre", "right", "bottom left", "bottom", "bottom right")
# Bits of float32 that mean no number, with a payload: a copy keeps it, arithmetic does not.
_NO_NUMBER = 0x7FC12345


@dataclass(frozen=True, slots=True)
class Asked:
    """How one operation is asked for.

    Attributes:
        values: draws what the plan says besides.
        prompts: what to draw, for those that draw.
        references: how many pictures it looks at.
        keeps: which pixels stay to the bit. ``mask``: those outside the request's mask. ``found``: those outside the
            mask that comes with the result, which the operation finds by itself. ``canvas``: the old ones, wherever
            they lie on a larger canvas. ``none``: it has ``why``.
        why: why no pixel can stay.
        becomes: what the layer becomes, of its size and format; None: what it was.
        sides: shortest and longest side of the layers that it is tried on; what is slow is tried on smaller ones.
    """

    values: st.SearchStrategy[Mapping[str, Value]] = st.just({})  # noqa: RUF009 -- strategies are immutable
    prompts: tuple[str, ...] = ("",)
    references: int = 0
    keeps: Literal["mask", "found", "canvas", "none"] = "mask"
    why: str = ""
    becomes: Callable[[Size, LayerFormat], Canvas | None] = lambda _size, _format: None
    sides: tuple[int, int] = (12, 36)


def _said(**strategies: st.SearchStrategy[Value]) -> st.SearchStrategy[Mapping[str, Value]]:
    """Some of these values, as a plan says them."""
    return st.fixed_dictionaries({}, optional=strategies)


def _with_alpha(size: Size, format_: LayerFormat) -> Canvas | None:
    if format_.alpha is not Alpha.NONE:
        return None
    return Canvas(size, LayerFormat(format_.depth, format_.channels + 1, Alpha.STRAIGHT))


def _twice(size: Size, format_: LayerFormat) -> Canvas:
    return Canvas(Size(2 * size.width, 2 * size.height), format_, scale=2.0)


def _grown(size: Size, format_: LayerFormat) -> Canvas:
    return Canvas(Size(size.width + 7, size.height + 5), format_)


_REGIONS = {"region": st.sampled_from(("subject", "background"))}
_RECT = st.just("2,3,30,28")
_SHARE = st.floats(0, 1, width=32)
_CHANGE = st.floats(-1, 1, width=32)

# Some of these may not be registered yet: their entries wait for them.
ARGUMENTS: dict[str, Asked] = {
    "remove": Asked(_said(**_REGIONS)),
    "replace": Asked(_said(**_REGIONS), ("navy", "brick wall", "red and white stripes"), sides=(12, 24)),
    "background_remove": Asked(keeps="found", becomes=_with_alpha),
    "background_replace": Asked(
        _said(reference=st.just(1.0), light=_SHARE, shadow=st.just(1.0)), ("navy", "grass"), 1, keeps="found"
    ),
    "background_blur": Asked(_said(amount=_SHARE), keeps="found"),
    "extend": Asked(
        _said(x0=st.integers(0, 7).map(float), y0=st.integers(0, 5).map(float)),
        keeps="canvas", becomes=_grown, sides=(12, 24),
    ),
    "add_text": Asked(
        st.fixed_dictionaries(
            {
                "text": st.sampled_from(("A", "Sale", "é\nß")),
                "size": st.sampled_from(("huge", 6.0, 0.25)),  # the usual size is too small for such small layers
            },
            optional={
                "place": st.sampled_from(ANCHORS) | _RECT,
                "colour": st.sampled_from(("white", "navy", "#1f6aa5")),
                "style": st.sampled_from(("bold", "classic")),
            },
        ),
        keeps="found", sides=(24, 48),
    ),
    "place_image": Asked(
        st.fixed_dictionaries(
            {"reference": st.just(1.0)},
            optional={
                "place": st.sampled_from(ANCHORS) | _RECT,
                "scale": st.floats(0.25, 4, width=32),
                "rotation": st.sampled_from((90.0, -30.0, 12.5)),
                "opacity": st.floats(0.125, 1, width=32),
            },
        ),
        references=1, keeps="found",
    ),
    "relight": Asked(
        _said(
            exposure=st.floats(-4, 4, width=32), contrast=_CHANGE, temperature=_CHANGE, vividness=_CHANGE,
            **{"from": st.sampled_from(("left", "above", "below right"))}, **_REGIONS,
        )
    ),
    "recolour": Asked(
        st.one_of(
            _said(strength=_SHARE, **_REGIONS).map(lambda said: {"colour": "navy", **said}),
            _said(strength=_SHARE, **_REGIONS).map(lambda said: {"hue": 120.0, **said}),
        )
    ),
    "adjust": Asked(
        st.builds(
            lambda kind, said: {"kind": kind, **said},
            st.sampled_from(("blur", "sharpen", "denoise", "grain")),
            _said(amount=_SHARE, **_REGIONS),
        )
    ),
    "upscale": Asked(
        keeps="none", why="every pixel of a larger layer is drawn anew", becomes=_twice, sides=(8, 20)
    ),
    "restyle": Asked(_said(**_REGIONS), ("watercolour", "sepia", "mosaic"), sides=(12, 24)),
    "combine": Asked(
        st.just({"references": "1,2"}), ("", "image 1 on the left and image 2 in the top right"), 2, keeps="found",
        sides=(40, 64),
    ),
}  # fmt: skip


def pixels_of(size: Size, format_: LayerFormat, seed: int, *, odd: bool) -> Pixels:
    """A disc on a ground, with grain: H×W×C. ``odd``: with all that a real file can hold besides: light beyond white
    and below black, what is no number, colour under no opacity, more colour than opacity.
    """
    rng = np.random.default_rng(seed)
    rows, cols = np.ogrid[0 : size.height, 0 : size.width]
    is_disc = np.hypot((rows - size.height / 2) / size.height, (cols - size.width / 2) / size.width) < 0.3
    values = np.where(is_disc, 0.8, 0.3)[..., None] + rng.normal(0, 0.04, (size.height, size.width, format_.channels))
    values = np.clip(values, 0, 1)
    if format_.alpha is not Alpha.NONE:
        opacity = rng.choice([0.0, 0.4, 1.0], (size.height, size.width)) if odd else np.ones(is_disc.shape)
        values[..., -1] = opacity
        if format_.alpha is Alpha.PREMULTIPLIED and not odd:
            values[..., :-1] *= opacity[..., None]
    if format_.depth is not Depth.F32:
        return np.rint(values * format_.depth.white).astype(format_.depth.dtype)
    pixels = values.astype(np.float32)
    if odd:
        some = rng.random(pixels.shape)
        pixels[some < 0.04] *= 9
        pixels[some > 0.97] = -0.5
        pixels[rng.random(pixels.shape) < 0.02] = np.inf
        pixels[rng.random(pixels.shape) < 0.02] = np.array(_NO_NUMBER, np.uint32).view(np.float32)
    return pixels


def mask_of(size: Size, seed: int, kind: str) -> Mask:
    """H×W: a box, a soft slope, single pixels, or nearly everything; never nothing."""
    rng = np.random.default_rng(seed)
    mask = np.zeros((size.height, size.width), np.uint8)
    match kind:
        case "box":
            mask[size.height // 4 : size.height // 2 + 1, size.width // 3 : size.width // 2 + 1] = 255
        case "soft":
            mask[:, : size.width // 2 + 1] = np.linspace(255, 1, size.width // 2 + 1).astype(np.uint8)
        case "specks":
            mask[rng.random(mask.shape) < 0.1] = rng.integers(1, 256)
            mask[size.height // 2, size.width // 2] = 1
        case _:
            mask[:] = 255
            mask[0, :] = 0
    return mask


def logo() -> Reference:
    """20 × 12, its left half clear."""
    pixels = np.zeros((12, 20, 4), np.uint8)
    pixels[:, 10:] = (0, 200, 0, 255)
    return Reference(pixels, LayerFormat(Depth.U8, 4, Alpha.STRAIGHT))


def photograph() -> Reference:
    """24 × 24 of grey grain with a bright disc, in 16 bit."""
    format_ = LayerFormat(Depth.U16, 3, Alpha.NONE)
    return Reference(pixels_of(Size(24, 24), format_, 1, odd=False), format_)


def plain_request(name: str, format_: LayerFormat = RGB8) -> EditRequest:
    """One request without anything odd, which the operation can carry out."""
    asked = ARGUMENTS[name]
    size = Size(asked.sides[1], asked.sides[1] - 4)
    values: Mapping[str, Value] = {
        "relight": {"exposure": 1.0}, "recolour": {"colour": "navy"}, "adjust": {"kind": "grain", "amount": 0.5},
        "add_text": {"text": "Sale", "size": 10.0}, "place_image": {"reference": 1.0},
        "combine": {"references": "1,2"},
    }.get(name, {})  # fmt: skip
    return _request(name, format_, size, size.rect, pixels_of(size, format_, 3, odd=False), "box", 7, values, 0, asked)


@st.composite
def requests(draw: st.DrawFn, name: str, format_: LayerFormat) -> EditRequest:
    """Any request of that operation for a layer of that format."""
    asked = ARGUMENTS[name]
    least, most = asked.sides
    size = Size(draw(st.integers(least, most)), draw(st.integers(least, most)))
    seed = draw(st.integers(0, 2**32 - 1))
    kind = draw(st.sampled_from(("box", "soft", "specks", "nearly all")))
    number = draw(st.integers(0, len(asked.prompts) - 1))
    values = draw(asked.values)
    # Only what sees a part of a layer can begin elsewhere than at its corner.
    reach_px = size.rect.shift(3, 5) if asked.keeps == "mask" else size.rect
    pixels = pixels_of(size, format_, seed, odd=draw(st.booleans()))
    return _request(name, format_, Size(reach_px.x1, reach_px.y1), reach_px, pixels, kind, seed, values, number, asked)


def _request(
    name: str,
    format_: LayerFormat,
    layer: Size,
    reach_px: PixelRect,
    pixels: Pixels,
    kind: str,
    seed: int,
    values: Mapping[str, Value],
    prompt: int,
    asked: Asked,
) -> EditRequest:
    # What finds its place by itself, or works on everything, is given everything.
    everything = np.full(pixels.shape[:2], 255, np.uint8)
    mask = mask_of(reach_px.size, seed, kind) if asked.keeps == "mask" else everything
    request = EditRequest(
        "edit-0001", name, layer, format_, reach_px, pixels, mask, seed,
        prompt=asked.prompts[prompt], values=values, becomes=asked.becomes(layer, format_),
    )  # fmt: skip
    return replace(request, references=(logo(), *(photograph() for _ in range(asked.references)))[: asked.references])
