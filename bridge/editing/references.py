"""④ The pictures that a command speaks of: described with it, sent where the plan uses them."""

from __future__ import annotations

import numpy as np

from bridge.editing.channel import Channel
from bridge.errors import BadPixels, TooLarge
from bridge.protocol import messages as m
from engine.api import Alpha, Depth, LayerFormat, Reference
from engine.geometry import Size

# Pixels of all pictures of one command that the bridge is ready to hold at once, raw.
REFERENCE_BYTES = 512 << 20
_NOT_SENT = Reference(np.zeros((1, 1, 3), np.uint8), LayerFormat(Depth.U8, 3, Alpha.NONE))


def expect_references(start: m.EditStart, numbers: tuple[int, ...], channel: Channel) -> None:
    """Ready the channel for the pictures of these numbers, before the client can know that they are wanted.

    Raises:
        BadPixels: one is of a kind that there is not.
        TooLarge: together they are more than the bridge holds.
    """
    infos = {number: start.references[number - 1] for number in numbers}
    shapes = {number: (Size(info.width, info.height), _format(info)) for number, info in infos.items()}
    if sum(size.rect.area * format_.bytes_per_pixel for size, format_ in shapes.values()) > REFERENCE_BYTES:
        raise TooLarge(
            "The pictures with the command are more than this bridge takes at once.", hint="Send smaller ones."
        )
    channel.expect_references(shapes)


async def references_of(start: m.EditStart, numbers: tuple[int, ...], channel: Channel) -> tuple[Reference, ...]:
    """The pictures, when those of these numbers are here; each of the others, which nobody looks at, is one pixel.

    Raises:
        ClientLeft, BadPixels: as `Channel.mask`.
    """
    pictures = await channel.references() if numbers else {}
    return tuple(
        Reference(pictures[number], _format(info), info.profile) if number in pictures else _NOT_SENT
        for number, info in enumerate(start.references, 1)
    )


def _format(info: m.ReferenceInfo) -> LayerFormat:
    try:
        return LayerFormat(Depth(info.depth), info.channels, Alpha(info.alpha))
    except ValueError as error:
        raise BadPixels(f"A picture with the command cannot be used: {error}.") from None
