"""What messages are made of: limits, checked kinds of numbers and names, and the tile."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

PROTOCOL_VERSION = 1

# Limits that are part of the protocol: the same on every bridge, stated in the welcome.
TILE_PX = 128
# Largest frame either side may send: a full window of four-channel float tiles would not help, and a plugin's
# bridge between its two halves wants about 1 MiB a piece.
FRAME_BYTES = 1 << 20
# Frames of tiles under way without an acknowledgement.
WINDOW_FRAMES = 4
# 300k × 300k is Photoshop's largest document (PSB).
SIDE_PX = 300_000
TEXT_CHARS = 2_000
PROFILE_BYTES = 768 << 10
# Pictures that one command may speak of.
MOST_REFERENCES = 10
# Tiles of a layer that is shared, offered in one message.
OFFERED_TILES = 4096
# Versions in one answer: with the longest texts they still fit a frame.
PAGE_VERSIONS = 100
# Comments, or verdicts, in one answer: the same.
PAGE_COMMENTS = 64
# Threads in one answer, each with its first comment and its last two answers.
PAGE_THREADS = 20
# People who must approve one document.
MOST_APPROVERS = 50
# The sides of a version's picture: of a thumbnail, and of what a panel compares.
LEAST_PICTURE_PX = 16
MOST_PICTURE_PX = 1024
# Tiles for looking at (GET /tiles/…), of 2 × 2 stored ones: a screen is some twenty of them.
LOOK_TILE_PX = 256


class Message(BaseModel):
    """Base of all messages: frozen, strict, no unknown fields."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


RequestId = Annotated[int, Field(ge=0, le=2**53 - 1)]
Sequence = Annotated[int, Field(ge=0, le=2**53 - 1)]
# Names that the client chooses (document and layer keys, edit ids) and ids that the bridge chose.
Name = Annotated[str, Field(min_length=1, max_length=200)]
EditId = Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]{8,64}$")]
Id = Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]{1,64}$")]
Hash = Annotated[bytes, Field(min_length=32, max_length=32)]
Coordinate = Annotated[int, Field(ge=0, le=SIDE_PX)]
# Half-open (x0, y0, x1, y1) in layer pixels.
Rect = tuple[Coordinate, Coordinate, Coordinate, Coordinate]
Cell = tuple[Coordinate, Coordinate]
DepthName = Literal["u8", "u16", "f32"]
AlphaName = Literal["none", "straight", "premultiplied"]
# Nobody is made a second owner.
InvitedRole = Literal["editor", "approver", "commenter", "viewer"]
Encoding = Literal["raw", "zlib", "zstd", "fill"]
Seed = Annotated[int, Field(ge=0, le=2**32 - 1)]
PlainText = Annotated[str, Field(max_length=2_000)]


class Tile(Message):
    """Samples of one cell.

    ``encoding``: ``raw``; ``zlib`` or ``zstd`` of the raw bytes; ``fill``: the bytes of one pixel, repeated.
    The decoded size is known from the cell, so nothing that inflates beyond it is ever unpacked.
    """

    cell: Cell
    encoding: Encoding
    data: bytes
