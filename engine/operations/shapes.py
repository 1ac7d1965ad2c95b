"""What size a layer gets when it is extended or upscaled, and where its old pixels lie. No torch: the bridge asks."""

from __future__ import annotations

from engine.commands.plan import Extend, Upscale
from engine.errors import BadRequest
from engine.geometry import Size

# Without an amount a side grows by this share of the layer's length in its direction.
_USUAL_SHARE = 0.25
# Photoshop's largest side without the large document format.
MOST_SIDE_PX = 30_000
# Beyond this a layer that is made larger is too much for a designer's machine; and more times at once is invention.
MOST_UPSCALED_PX = 16_384
MOST_TIMES = 8


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


def size_of_upscaled(upscale: Upscale, size: Size) -> Size:
    """The layer's size afterwards: so many times, or the largest of its own proportions within the size asked for.

    Raises:
        BadRequest: it is no larger, more than `MOST_TIMES` as large, or larger than `MOST_UPSCALED_PX` on a side.
    """
    if upscale.size is None:
        times = upscale.factor or 2.0
        larger = Size(round(size.width * times), round(size.height * times))
    else:
        wide, high = (int(side) for side in upscale.size.split("x"))
        times = min(wide / size.width, high / size.height)
        # Never stretched; a pixel is what rounding may cost.
        width, height = round(size.width * times), round(size.height * times)
        larger = Size(wide if abs(wide - width) <= 1 else width, high if abs(high - height) <= 1 else height)
    if larger.width < size.width or larger.height < size.height or larger == size:
        raise BadRequest(
            f"The layer is {size}, so it would not become larger.", hint="Ask for a larger factor or size."
        )
    if max(larger.width, larger.height) > MOST_UPSCALED_PX:
        most = MOST_UPSCALED_PX / max(size.width, size.height)
        hint = f"This layer can become {most:.3g} times as large." if most > 1 else "It is as large as can be."
        raise BadRequest(f"A layer of {larger} is too large: a side has at most {MOST_UPSCALED_PX} pixels.", hint=hint)
    if times > MOST_TIMES:
        raise BadRequest(
            f"{larger} is more than {MOST_TIMES} times {size}.", hint=f"Ask for at most {MOST_TIMES} times as large."
        )
    return larger


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
