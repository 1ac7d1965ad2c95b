"""What size a layer gets when it is extended, and where its old pixels lie. No torch: the bridge asks this first."""

from __future__ import annotations

from engine.commands.plan import Extend
from engine.errors import BadRequest
from engine.geometry import Size

# Without an amount a side grows by this share of the layer's length in its direction.
_USUAL_SHARE = 0.25
# Photoshop's largest side without the large document format.
MOST_SIDE_PX = 30_000


def margins_of(extend: Extend, size: Size) -> dict[str, int] | None:
    """Pixels that named sides grow by: left, right, top, bottom; None when an aspect is asked for."""
    if extend.sides is None:
        return None
    named = extend.sides if isinstance(extend.sides, dict) else dict.fromkeys(extend.sides, _USUAL_SHARE)
    margins = {"left": 0, "right": 0, "top": 0, "bottom": 0}
    for side, amount in named.items():
        length = size.width if side in ("left", "right") else size.height
        margins[side] = amount if isinstance(amount, int) else max(1, round(amount * length))
    return margins


def size_of_extended(extend: Extend, size: Size) -> Size:
    """The layer's size afterwards: the smallest of that aspect that holds all of it, or with its sides grown.

    Raises:
        BadRequest: it has that shape already, or would be larger than a layer can be.
    """
    margins = margins_of(extend, size)
    if margins is None:
        wide, high = (float(part) for part in (extend.aspect or "1:1").split(":"))
        width = max(size.width, round(size.height * wide / high))
        height = max(size.height, round(size.width * high / wide))
        # Only one of both grows: the other one's growth is a rounding of what it is.
        grown = Size(width, size.height) if width > size.width else Size(size.width, height)
    else:
        grown = Size(size.width + margins["left"] + margins["right"], size.height + margins["top"] + margins["bottom"])
    if grown == size:
        raise BadRequest(f"The layer has that shape already: it is {size}.", hint="Ask for another shape.")
    if max(grown.width, grown.height) > MOST_SIDE_PX:
        raise BadRequest(f"A layer of {grown} is too large.", hint=f"A side has at most {MOST_SIDE_PX} pixels.")
    return grown


def place_on_canvas(extend: Extend, size: Size, canvas: Size) -> dict[str, float]:
    """Where the words say that the old pixels lie: ``x0`` and ``y0``, each only if they say so."""
    margins = margins_of(extend, size)
    if margins is not None:
        return {"x0": float(margins["left"]), "y0": float(margins["top"])}
    anchor = extend.anchor
    if anchor is None:
        return {}
    room_x, room_y = canvas.width - size.width, canvas.height - size.height
    x0 = 0 if "left" in anchor else room_x if "right" in anchor else room_x // 2
    y0 = 0 if "top" in anchor else room_y if "bottom" in anchor else room_y // 2
    return {"x0": float(x0), "y0": float(y0)}
