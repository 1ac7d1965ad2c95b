"""Sharing a layer's whole picture, as its host shows it, so that the team can see all of it: an act of its own.

::

    → source.offer {version_id, first, hashes}     row by row, part by part, all cells of the layer
    ← source.want {the cells of this part that the bridge lacks}
    → source.tiles {version_id, tiles}             each frame answered by ← done, once it is stored; the usual window
    → source.finish {version_id}                   ← source.is

What was stored stays: a client that begins again is asked only for the rest. Until `SourceFinish` is answered nothing
of it counts.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bridge.protocol.fields import OFFERED_TILES, Cell, Hash, Id, Message, RequestId, Sequence, Tile


class SourceOffer(Message):
    """Hashes of the layer's tiles, row by row, from cell ``first`` on; 0 begins, and drops what this connection had
    begun before. ``version_id`` is the version that the host shows, perhaps with what its designer painted since.
    """

    type: Literal["source.offer"] = "source.offer"
    id: RequestId
    version_id: Id
    first: Annotated[int, Field(ge=0, le=1 << 26)] = 0
    hashes: Annotated[tuple[Hash, ...], Field(min_length=1, max_length=OFFERED_TILES, fail_fast=True)]


class SourceTiles(Message):
    """Tiles that the bridge wants, as many as fit a frame."""

    type: Literal["source.tiles"] = "source.tiles"
    id: RequestId
    version_id: Id
    tiles: Annotated[tuple[Tile, ...], Field(min_length=1, max_length=4096, fail_fast=True)]


class SourceFinish(Message):
    """All of it has been sent: from now on this is what the layer shows at that version."""

    type: Literal["source.finish"] = "source.finish"
    id: RequestId
    version_id: Id


# ── bridge → client ──────────────────────────────────────────────────────────────────────────────────────────────


class SourceWant(Message):
    """The cells of the offered part whose tiles are not here; may be empty."""

    type: Literal["source.want"] = "source.want"
    re: RequestId
    cells: tuple[Cell, ...]


class SourceIs(Message):
    """The picture is stored. ``seq`` is the number of the event ``source.shared``; None: it was known just so."""

    type: Literal["source.is"] = "source.is"
    re: RequestId
    version_id: Id
    seq: Sequence | None
