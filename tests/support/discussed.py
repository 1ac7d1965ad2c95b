"""A document in which much has happened: a tree with branches, other canvases, comments, verdicts, locks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256

import numpy as np
from sqlalchemy import insert

from bridge.grid import cut
from bridge.history.records import NewComment, Person
from bridge.history.schema import SharedTileRow
from bridge.history.store import History
from bridge.protocol.messages import TILE_PX
from bridge.review.approvals import Approvals
from bridge.review.comments import Comments
from bridge.review.states import States
from engine.api import Canvas
from engine.geometry import PixelRect, Size
from support.histories import Host, box_mask, paint
from support.profiles import profile_of

HOSTILE = '<img src=x onerror="alert(1)"><script>alert(1)</script> ]]> {nb} “\u202egnp.exe\u202c” &amp; \n\nend'


@dataclass
class Discussed:
    history: History
    host: Host
    bob: Person

    @property
    def document_id(self) -> str:
        return self.host.layer.document_id


async def discussed(history: History, title: str = "Poster") -> Discussed:
    """Two layers, seven versions, one of them of another size; who said what of them."""
    host = await Host.open(history)
    ada, document_id = host.person, host.layer.document_id
    if title != "Poster":
        await history.versions.open_document(ada, "poster", title)
    layer = host.layer
    host.layer = await history.versions.describe_layer(
        document_id, "layer", "Layer", layer.size, layer.format, profile_of(2.2)
    )
    await share(host)
    bob = await history.people.add("Bob <b>Böhm</b>", sha256(b"bob").digest())
    await history.members.set_role(document_id, bob.person_id, "approver")
    await host.edit(PixelRect(10, 20, 140, 160), 1)
    first = await host.head()
    await host.edit(PixelRect(150, 20, 240, 160), 2)
    await host.undo()
    await host.edit(PixelRect(0, 0, 50, 50), 3)
    head = await host.head()
    # A variation beside it, and an edit that came too late for its place.
    late = host.finished(PixelRect(0, 0, 40, 40), first, paint(PixelRect(0, 0, 40, 40)), paint(PixelRect(0, 0, 40, 40)))
    await history.versions.land(late)
    await _extended(host)

    comments, approvals, states = (kind(history.database) for kind in (Comments, Approvals, States))
    await comments.add(NewComment("comment-1", head, HOSTILE, PixelRect(1, 2, 30, 40), None), ada)
    await comments.add(NewComment("comment-2", head, "yes", None, "comment-1"), bob)
    await comments.add(NewComment("comment-3", head, "look", PixelRect(5, 5, 9, 9), "comment-2"), bob)
    await comments.change("comment-2", "no", bob)
    await comments.resolve("comment-1", True, bob)
    await comments.resolve("comment-1", False, ada)
    await comments.add(NewComment("comment-4", first, "Of the whole version.", None, None), bob)
    carol = await history.people.add("Carol", sha256(b"carol").digest())
    await history.members.set_role(document_id, carol.person_id, "viewer")
    spoken_to = (ada.person_id, bob.person_id, carol.person_id)
    await comments.add(
        NewComment("comment-5", first, f"@Carol, @Ada and @{bob.name}: look.", None, "comment-4", spoken_to), ada
    )
    await comments.resolve("comment-4", True, ada)
    await states.set_approvers(document_id, [bob.person_id], ada)
    now = await host.head()
    await approvals.set(head, "changes_requested", "Warmer.", bob)
    await approvals.set(head, "withdrawn", "", bob)
    await approvals.set(now, "approved", HOSTILE, bob)
    await states.lock(now, True, ada)
    await states.lock(now, False, ada)
    await history.versions.describe_layer(document_id, "other", "Other / layer", Size(64, 32), layer.format, None)
    return Discussed(history, host, bob)


async def share(host: Host) -> None:
    """The whole picture is known from the original on."""
    whole_px = host.layer.size.rect
    tiles = cut(host.pixels, whole_px, whole_px)
    await host.history.blobs.put_many({sha256(tile).digest(): tile for tile in tiles.values()})
    source = (await host.history.versions.tree(host.layer.layer_id))[0]
    rows = [
        {"version_id": source.version_id, "col": cell.col, "row": cell.row, "tile_hash": sha256(tile).digest()}
        for cell, tile in tiles.items()
    ]
    await host.history.database.write(lambda session: session.execute(insert(SharedTileRow), rows))


async def _extended(host: Host) -> None:
    """The layer grows to the right and below."""
    size, layer_px = Size(400, 260), host.layer.size.rect
    pixels = paint(size.rect, host.layer.format, 9)
    pixels[: layer_px.y1, : layer_px.x1] = host.pixels
    edit = host.finished(layer_px, await host.head(), pixels[: layer_px.y1, : layer_px.x1])
    cells = cut(host.pixels, layer_px, layer_px)
    before = {cell: sha256(cells[cell]).digest() for cell in layer_px.cells(TILE_PX)}
    canvas = Canvas(size, host.layer.format)
    grown = replace(
        edit,
        rect_px=size.rect,
        mask=box_mask(size.rect),
        before=before,
        before_tiles={before[cell]: cells[cell] for cell in before},
        candidates=(replace(edit.candidates[0], pixels=np.ascontiguousarray(pixels)),),
        canvas=canvas,
    )
    await host.history.versions.land(grown)
    host.layer = await host.history.versions.layer(host.layer.layer_id)
    host.pixels = pixels
