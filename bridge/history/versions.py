"""Documents, layers and versions as the rest of the bridge sees them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bridge.errors import NotFound, StorageDamaged
from bridge.grid import assemble, tile_rect_px
from bridge.history import documents, locks, moves
from bridge.history.blobs import BlobStore
from bridge.history.canvas import KnownCanvas, canvas_at
from bridge.history.database import Database, finished
from bridge.history.landing import land, mask_from
from bridge.history.records import Document, FinishedEdit, Hash, Landing, Layer, Move, Person, Version, VersionPage
from bridge.history.schema import VersionRow
from bridge.history.shapes import shape_of
from bridge.history.sharing import share
from bridge.history.tree import (
    Difference,
    difference,
    route,
    tiles_of,
    version_record,
    version_records,
    version_row,
)
from engine.api import LayerFormat, Mask, Pixels
from engine.geometry import Size, TileIndex


class Versions:
    """The tree of versions of every layer of every document."""

    def __init__(self, database: Database, blobs: BlobStore) -> None:
        self._database = database
        self._blobs = blobs

    # ── documents and layers ─────────────────────────────────────────────────────────────────────────────────────

    async def open_document(self, person: Person, key: str, title: str) -> Document:
        """This person's own document of that key; made when it is not there. An empty title changes nothing.

        Raises:
            InBin: it was deleted.
        """
        found = await self._database.read(lambda session: documents.open_document(session, person, key, title))
        if found is not None:
            return found
        return await self._database.write(lambda session: documents.make_document(session, person, key, title))

    async def document_for(self, document_id: str, person: Person) -> Document:
        """The document, with this person's role in it.

        Raises:
            NotFound: this person has none there, or there is no such document.
        """
        return await self._database.read(lambda session: documents.document_for(session, document_id, person))

    async def documents(self, person: Person) -> tuple[Document, ...]:
        """Every document in which this person has a role, oldest first."""
        return await self._database.read(lambda session: documents.documents_of(session, person))

    async def model_of(self, document_id: str) -> str:
        """The open model that the document is pinned to; empty: none."""
        return await self._database.read(lambda session: documents.model_of(session, document_id))

    async def pin_model(self, document_id: str, name: str, person: Person) -> None:
        """Pin it to an open model; event ``document.model`` when it was another.

        Raises:
            NotFound: no such document.
        """
        await self._database.write(lambda session: documents.pin_model(session, document_id, name, person))

    async def describe_layer(
        self, document_id: str, key: str, name: str, size: Size, format_: LayerFormat, profile: bytes | None
    ) -> Layer:
        """The layer of that key, made or brought up to date; event ``layer.described`` when anything changed.

        A new layer begins with a version of kind ``source``. So does one whose size or format is not what it was: the
        tiles of earlier versions fit no longer, so their tree ends there and can be looked at, not restored.

        Raises:
            NotFound: no such document.
        """
        key_of_profile: Hash | None = None
        if profile is not None:
            key_of_profile = sha256(profile).digest()
        known = await self._database.read(lambda session: documents.layer_of_key(session, document_id, key))
        if known is not None and documents.is_described(known, name, size, format_, key_of_profile):
            return known
        if profile is not None and key_of_profile is not None:
            await finished(self._blobs.put_many({key_of_profile: profile}))
        return await self._database.write(
            lambda session: documents.describe_layer(session, document_id, key, name, size, format_, key_of_profile)
        )

    async def profile_of(self, layer: Layer) -> bytes | None:
        """The layer's ICC profile."""
        if layer.profile is None:
            return None
        return (await self._blobs.get_many([layer.profile])).get(layer.profile)

    async def layers(self, document_id: str) -> tuple[Layer, ...]:
        """A document's layers, oldest first."""
        return await self._database.read(lambda session: documents.layers_of(session, document_id))

    async def layer(self, layer_id: str) -> Layer:
        """The layer.

        Raises:
            NotFound: no such layer.
        """
        return await self._database.read(
            lambda session: documents.layer_record(documents.layer_row(session, layer_id)),
        )

    async def layer_document(self, layer_id: str) -> str:
        """The id of the layer's document.

        Raises:
            NotFound: no such layer.
        """
        return (await self.layer(layer_id)).document_id

    # ── versions ─────────────────────────────────────────────────────────────────────────────────────────────────

    async def version(self, version_id: str) -> Version:
        """The version.

        Raises:
            NotFound: no such version.
        """
        return await self._database.read(
            lambda session: version_record(session, version_row(session, version_id)),
        )

    async def tree(self, layer_id: str) -> tuple[Version, ...]:
        """All versions of a layer, oldest first.

        Raises:
            NotFound: no such layer.
        """
        found = select(VersionRow).where(VersionRow.layer_id == layer_id).order_by(VersionRow.seq)
        versions = await self._database.read(lambda session: version_records(session, session.scalars(found)))
        if not versions:
            raise NotFound("layer")
        return versions

    async def page(self, layer_id: str, skip: int, limit: int, *, from_end: bool = False) -> VersionPage:
        """``limit`` versions of a layer, oldest first, after the first ``skip``, or ``from_end`` before the last ones.

        Raises:
            NotFound: no such layer.
        """
        mine = VersionRow.layer_id == layer_id

        def work(session: Session) -> VersionPage:
            total = session.scalar(select(func.count()).select_from(VersionRow).where(mine)) or 0
            if total == 0:
                raise NotFound("layer")
            first = max(0, total - skip - limit) if from_end else skip
            end = max(0, total - skip) if from_end else skip + limit
            found = select(VersionRow).where(mine).order_by(VersionRow.seq).offset(first).limit(end - first)
            versions = version_records(session, session.scalars(found))
            begins = (
                select(VersionRow.seq).where(mine).order_by(VersionRow.seq).offset(first).limit(1).scalar_subquery()
            )
            earlier = select(func.count()).where(mine, VersionRow.kind == "edit", VersionRow.seq < begins)
            before = session.scalar(earlier) or 0
            layer = documents.layer_record(documents.layer_row(session, layer_id))
            return VersionPage(layer, total, before, versions)

        return await self._database.read(work)

    async def last_edit(self, layer_id: str) -> Version | None:
        """The edit that the head shows last; None when the layer is as the host first had it.

        Raises:
            NotFound: no such layer.
        """
        # Sources have no parents, so nothing but edits lies above an edit until the source.
        head = await self.version((await self.layer(layer_id)).head_version_id)
        return head if head.kind == "edit" else None

    async def mask_of(self, version: Version) -> Mask:
        """The selection that a version was made with: H×W of its place, uint8.

        Raises:
            NotFound: a source has none.
            StorageDamaged: the blob is not what it was.
        """
        if version.mask is None:
            raise NotFound("mask")
        samples = await self._blobs.get_many((version.mask,))
        return mask_from(samples[version.mask], version.rect_px)

    async def patch_of(self, version: Version) -> Pixels:
        """What a version shows in its place: H×W×C, in the format that the layer had then.

        Raises:
            NotFound: a source has none.
            StorageDamaged: a blob is not what it was.
        """
        if version.kind == "source":
            raise NotFound("patch")
        (size, format_), cells = await self._database.read(
            lambda session: (
                shape_of(row := version_row(session, version.version_id)),
                {cell: tile.after_hash for cell, tile in tiles_of(session, row).items() if tile.after_hash is not None},
            )
        )
        held = await self._blobs.get_many(cells.values())
        for cell, key in cells.items():
            if len(held[key]) != tile_rect_px(cell, size.rect).area * format_.bytes_per_pixel:
                raise StorageDamaged("A stored tile has not the size of its cell.")
        found = {cell: held[key] for cell, key in cells.items()}
        return await asyncio.to_thread(assemble, found, version.rect_px, size.rect, format_)

    async def tiles_of(self, version: Version) -> dict[Literal["before", "after"], dict[TileIndex, Hash]]:
        """The cells that a version touched, as they were before it and as they are in it; those that are there.

        Raises:
            NotFound: no such version.
        """

        def work(session: Session) -> dict[Literal["before", "after"], dict[TileIndex, Hash]]:
            rows = tiles_of(session, version_row(session, version.version_id))
            return {
                "before": {cell: row.before_hash for cell, row in rows.items() if row.before_hash is not None},
                "after": {cell: row.after_hash for cell, row in rows.items() if row.after_hash is not None},
            }

        return await self._database.read(work)

    async def canvas_at(self, version_id: str) -> KnownCanvas:
        """What is stored of the layer as that version shows it; see `bridge.history.canvas`.

        Raises:
            NotFound: no such version.
        """
        return await self._database.read(lambda session: canvas_at(session, version_id))

    async def share(self, version_id: str, tiles: Mapping[TileIndex, Hash], person: Person) -> int | None:
        """From now on the layer shows these tiles, all of it, at that version: event ``source.shared``, whose number
        is returned; None when it was known just so. The blobs are stored before.

        Raises:
            NotFound: no such version.
            Forbidden: the person may not edit here.
        """
        return await self._database.write(lambda session: share(session, version_id, tiles, person))

    async def between(self, from_version_id: str, to_version_id: str) -> Difference:
        """The cells that differ between two versions of a layer, with the contents at the second.

        Raises:
            NotFound: no such version.
            OutOfOrder: the layer was described anew between them.
        """
        return await self._database.read(
            lambda session: difference(session, route(session, from_version_id, to_version_id))
        )

    async def layer_at(self, layer: Layer, version_id: str) -> Layer:
        """The layer as it is in one of its versions.

        Raises:
            NotFound: it has no such version.
        """
        if version_id == layer.head_version_id:
            return layer
        version = await self.version(version_id)
        if version.layer_id != layer.layer_id:
            raise NotFound("version")
        return replace(layer, size=version.size, format=version.format, head_version_id=version_id)

    async def check_unlocked(self, layer_id: str) -> None:
        """Before an edit begins.

        Raises:
            Locked: the layer stays as it was approved.
        """
        await self._database.read(lambda session: locks.check_unlocked(session, layer_id))

    async def land(self, edit: FinishedEdit) -> Landing:
        """Store a finished edit as versions, the first candidate as the head, and acknowledge it by returning.

        Where the head has moved on since the edit began: if no mask in between meets this one, the edit is put on top
        of the head (``rebased``); else its versions are kept beside, and the head stays. Landing the same edit again
        gives what the first landing gave. Being cancelled does not cut it short.

        Raises:
            BadPixels: sizes do not fit.
            NotFound: no such layer or version, or a tile before is neither given nor stored.
            OutOfOrder: that edit has ended in another way, or is another person's.
            Forbidden: the person may not edit here any more.
            StorageError: it is not stored; try again.
        """
        return await finished(land(edit, self._database, self._blobs))

    async def undo(self, layer_id: str, count: int, person: Person, edit_id: str | None = None) -> Move:
        """Move the head ``count`` versions up, or as many as there are; event ``head.moved``. With ``edit_id`` that
        edit has ended so, in the same transaction.

        Raises:
            NotFound: no such layer.
            NothingTo: the head is where the tree begins.
        """
        return await self._database.write(lambda session: moves.undo(session, layer_id, count, person, edit_id))

    async def redo(self, layer_id: str, count: int, person: Person, edit_id: str | None = None) -> Move:
        """Move the head back down where it was most recently; event ``head.moved``.

        Raises:
            NotFound: no such layer.
            NothingTo: the head never went on from here.
        """
        return await self._database.write(lambda session: moves.redo(session, layer_id, count, person, edit_id))

    async def restore(self, version_id: str, person: Person) -> Move:
        """Move the head to any version of its layer, also a candidate; event ``head.moved`` unless it is there.

        Raises:
            NotFound: no such version.
            OutOfOrder: the layer was described anew since then.
        """
        return await self._database.write(lambda session: moves.restore(session, version_id, person))
