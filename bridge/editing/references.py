"""④ The pictures that a command speaks of: described with it, sent when the plan uses them."""

from __future__ import annotations

from bridge.editing.channel import Channel
from bridge.errors import BadPixels, TooLarge
from bridge.protocol import messages as m
from engine.api import Alpha, Depth, LayerFormat, Reference
from engine.geometry import Size

# Pixels of all pictures of one command that the bridge is ready to hold at once, raw.
REFERENCE_BYTES = 512 << 20


def expect_references(start: m.EditStart, channel: Channel) -> tuple[m.ReferenceInfo, ...]:
    """Ready the channel for the pictures, before the client can know that they are wanted.

    Raises:
        BadPixels: one is of a kind that there is not.
        TooLarge: together they are more than the bridge holds.
    """
    shapes = [(Size(info.width, info.height), _format(info)) for info in start.references]
    if sum(size.rect.area * format_.bytes_per_pixel for size, format_ in shapes) > REFERENCE_BYTES:
        raise TooLarge(
            "The pictures with the command are more than this bridge takes at once.", hint="Send smaller ones."
        )
    channel.expect_references(shapes)
    return start.references


async def references_of(infos: tuple[m.ReferenceInfo, ...], channel: Channel) -> tuple[Reference, ...]:
    """The pictures, when all of them are here.

    Raises:
        ClientLeft, BadPixels: as `Channel.mask`.
    """
    pictures = await channel.references() if infos else ()
    return tuple(Reference(pixels, _format(info), info.profile) for pixels, info in zip(pictures, infos, strict=True))


def _format(info: m.ReferenceInfo) -> LayerFormat:
    try:
        return LayerFormat(Depth(info.depth), info.channels, Alpha(info.alpha))
    except ValueError as error:
        raise BadPixels(f"A picture with the command cannot be used: {error}.") from None
