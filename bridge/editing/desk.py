"""The edits that are under way: each has a task and a channel; how each ends is recorded and told here."""

from __future__ import annotations

import asyncio

import structlog

from bridge.access.roles import Role, may
from bridge.connection import ConnectionClosed, Outbox
from bridge.editing.channel import Channel
from bridge.editing.edit import Services, deliver, edit
from bridge.editing.watching import Watched, Watching
from bridge.errors import BridgeError, Busy, Conflict, Forbidden, NotFound, OutOfOrder
from bridge.history.records import EditRecord, EditState, Landing, Layer, Move
from bridge.logs import describe
from bridge.protocol import messages as m
from bridge.translate import moved_patch, stored_patch
from engine.errors import Cancelled, EngineError, OperationFailed
from engine.geometry import PixelRect

_log = structlog.get_logger(__name__)


class Desk:
    """Starts, feeds, cancels and resumes edits.

    Args:
        services: what edits work with.
        watching: who else is told of them.
        per_person: edits of one person that may be under way, their pixels not yet here included.
    """

    def __init__(self, services: Services, watching: Watching, *, per_person: int) -> None:
        self._services = services
        self._watching = watching
        watching.on_role(self._role_changed)
        self._per_person = per_person
        self._running: dict[str, tuple[Channel, asyncio.Task[None]]] = {}
        # In which document each of them is.
        self._documents: dict[str, str] = {}
        self._stopping = False

    async def start(self, start: m.EditStart, layer: Layer, out: Outbox, *, known: bool) -> None:
        """Begin an edit; its events follow. Its tiles may come right after, so the channel is open on return.

        ``known``: the history has an edit of this id.

        Raises:
            OutOfOrder: an edit of that id exists already.
            Busy: this person has too many under way.
        """
        if start.edit_id in self._running or known:
            raise OutOfOrder("An edit of that id exists already.")
        mine = sum(channel.person.person_id == out.person.person_id for channel, _ in self._running.values())
        if mine >= self._per_person:
            raise Busy(f"{mine} of your edits are under way already.")
        channel = Channel(start.edit_id, out)
        if start.mask_rect_px is not None and _is_inside(start.mask_rect_px, layer):
            channel.expect_mask(PixelRect(*start.mask_rect_px))
        watched = Watched(self._watching, _begun(start, layer, out), lambda: channel.out)
        channel.heard = watched.hear
        self._documents[start.edit_id] = layer.document_id
        task = asyncio.create_task(self._run(start, layer, channel), name=f"edit {start.edit_id}")
        task.add_done_callback(lambda _: watched.ended())
        self._running[start.edit_id] = (channel, task)

    async def tiles(self, message: m.EditTiles, out: Outbox) -> None:
        """Tiles for a running edit; for one that has ended they are acknowledged and dropped."""
        channel = self._channel(message.edit_id, out)
        if channel is not None:
            try:
                await out.send(channel.take_tiles(message))
            except BridgeError as error:
                channel.fail(error)

    def hashes(self, message: m.EditHave, out: Outbox) -> None:
        """Hashes for a running edit; for one that has ended they are dropped."""
        channel = self._channel(message.edit_id, out)
        if channel is not None:
            channel.take_hashes(message)

    async def cancel(self, edit_id: str, out: Outbox) -> None:
        """Stop an edit; returns when it has ended. One that has ended already is left as it is.

        Raises:
            NotFound: no such edit of this person.
        """
        entry = self._running.get(edit_id)
        if entry is not None and entry[0].person == out.person:
            entry[1].cancel()
            await asyncio.wait([entry[1]])
        elif await self._services.history.edits.get(edit_id, out.person.person_id) is None:
            raise NotFound("edit")

    async def resume(self, message: m.EditResume, out: Outbox) -> None:
        """Send this edit's events to that connection from now on; if it has ended, its outcome.

        Raises:
            NotFound: no such edit of this person, or they are nothing in its document any more.
        """
        edit_id, history = message.edit_id, self._services.history
        entry = self._running.get(edit_id)
        running = entry is not None and entry[0].person == out.person
        record = None if running else await history.edits.get(edit_id, out.person.person_id)
        document_id = self._documents.get(edit_id) if record is None else record.document_id
        if document_id is None or not (running or record is not None):
            raise NotFound("edit")
        if not may(await history.members.role(out.person.person_id, "document", document_id), "view"):
            raise NotFound("edit")
        await out.send(m.Done(re=message.id))  # the answer comes before what it promises
        if entry is not None and running:
            entry[0].attach(out)
        elif record is not None:
            channel, name = Channel(edit_id, out), f"resume {edit_id} {id(out)}"
            if name in self._running:
                return  # this connection is being told already
            again = self._say_again(record, channel, wants_patch=message.wants_patch)
            task = asyncio.create_task(again, name=name)
            self._running[name] = (channel, task)
            task.add_done_callback(lambda _: self._running.pop(name, None))

    def left(self, out: Outbox) -> None:
        """That connection has ended; its edits go on."""
        for channel, _ in self._running.values():
            channel.detach(out)
        self._services.delivery.left(out)

    async def stop(self) -> None:
        """The bridge stops: running edits end here and are reported as interrupted at the next start."""
        self._stopping = True
        tasks = [task for _, task in self._running.values()]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def _channel(self, edit_id: str, out: Outbox) -> Channel | None:
        entry = self._running.get(edit_id)
        return entry[0] if entry is not None and entry[0].person == out.person else None

    async def _run(self, start: m.EditStart, layer: Layer, channel: Channel) -> None:
        """Run one edit to its end; whatever that is, it is recorded first and then told."""
        try:
            await edit(start, layer, channel, self._services)
        except asyncio.CancelledError:
            if not self._stopping:
                await self._cancelled(start, channel)
        except ConnectionClosed:
            pass  # it has landed; the patch waits for the reconnect
        except Conflict as conflict:
            await channel.send(_failed(start.edit_id, conflict))  # the history recorded it when it kept the result
        except (BridgeError, EngineError) as error:
            await self._ended(start, channel, "failed", error)
        except Exception as error:
            _log.error("edit failed", edit_id=start.edit_id, exception=describe(error))
            await self._ended(start, channel, "failed", OperationFailed())
        finally:
            self._running.pop(start.edit_id, None)
            self._documents.pop(start.edit_id, None)

    def _role_changed(self, document_id: str, person_id: str, role: Role | None) -> None:
        """Edits of somebody who may not edit there any more end now, not only when they would land."""
        if may(role, "edit"):
            return
        for edit_id, (channel, task) in list(self._running.items()):
            if channel.person.person_id == person_id and self._documents.get(edit_id) == document_id:
                channel.fail(Forbidden("You may not edit this document any more."))
                task.cancel()

    async def _cancelled(self, start: m.EditStart, channel: Channel) -> None:
        """A cancel that comes while the result is being stored comes too late: what has landed is delivered."""
        record = await self._services.history.edits.get(start.edit_id, channel.person.person_id)
        if channel.error is not None:
            await self._ended(start, channel, "failed", channel.error)
        elif record is not None and record.state in ("done", "conflict"):
            await self._say_again(record, channel, wants_patch=start.wants_patch)
        else:
            await self._ended(start, channel, "cancelled", Cancelled())

    async def _ended(
        self, start: m.EditStart, channel: Channel, state: EditState, error: BridgeError | EngineError
    ) -> None:
        _log.info("edit ended", edit_id=start.edit_id, state=state, code=error.code)
        try:
            await self._services.history.edits.fail(start.edit_id, state, error.code, str(error), error.hint)
        except BridgeError as storage:
            _log.warning("edit's end not recorded", edit_id=start.edit_id, code=storage.code)
        await channel.send(_failed(start.edit_id, error))

    async def _say_again(self, record: EditRecord, channel: Channel, *, wants_patch: bool) -> None:
        """The outcome of an edit that ended while its client was away."""
        versions, edit_id = self._services.history.versions, record.edit_id
        try:
            if record.moved_from is not None and record.head_version_id is not None:
                end_id = record.head_version_id
                await self._move_again(record.moved_from, end_id, record, channel, wants_patch=wants_patch)
            elif record.state in ("done", "conflict"):
                layer = await versions.layer(record.layer_id)
                kept = [await versions.version(version_id) for version_id in record.version_ids]
                conflict_with = layer.head_version_id if record.state == "conflict" else None
                landing = Landing(tuple(kept), layer.head_version_id, record.seq, False, conflict_with)
                patches = [
                    await stored_patch(version, layer, self._services.history, edit_id=edit_id, candidate=number)
                    for number, version in enumerate(kept)
                    if wants_patch
                ]
                await deliver(landing, patches, edit_id, channel, self._services.delivery)
            else:
                error = (record.error_code, record.error_message, record.error_hint)
                await channel.send(_failed_as(record.edit_id, *error))
        except ConnectionClosed:
            pass
        except (BridgeError, EngineError) as error:
            await channel.send(_failed(record.edit_id, error))

    async def _move_again(
        self, start_id: str, end_id: str, record: EditRecord, channel: Channel, *, wants_patch: bool
    ) -> None:
        """The patch of an edit that only moved the head: from where it was then to where it went then."""
        versions = self._services.history.versions
        layer = await versions.layer_at(await versions.layer(record.layer_id), end_id)
        found = await versions.between(start_id, end_id)
        move = Move(layer.layer_id, end_id, record.seq, found.rect_px, found.tiles, found.canvas, found.masks)
        is_wanted = found.tiles and wants_patch
        patches = [await moved_patch(move, layer, self._services.tiles, edit_id=record.edit_id)] if is_wanted else []
        landing = Landing((), end_id, record.seq, rebased=False, conflict_with=None)
        await deliver(landing, patches, record.edit_id, channel, self._services.delivery)


def _is_inside(rect: tuple[int, int, int, int], layer: Layer) -> bool:
    """A selection's box that can be one; the others are refused by the edit itself."""
    return 0 <= rect[0] < rect[2] <= layer.size.width and 0 <= rect[1] < rect[3] <= layer.size.height


def _begun(start: m.EditStart, layer: Layer, out: Outbox) -> m.EditWatched:
    """An edit as others see it, before its plan."""
    return m.EditWatched(
        document_id=layer.document_id,
        layer_id=layer.layer_id,
        edit_id=start.edit_id,
        base_version_id=start.base_version_id or layer.head_version_id,
        person_id=out.person.person_id,
        by=out.person.name,
        text=start.text,
        says=(),
        rect_px=start.mask_rect_px,
        state="preparing",
    )


def _failed(edit_id: str, error: BridgeError | EngineError) -> m.EditFailed:
    kept = (error.kept_version_id, error.head_version_id) if isinstance(error, Conflict) else (None, None)
    return _failed_as(edit_id, error.code, str(error), error.hint, *kept)


def _failed_as(
    edit_id: str, code: str, message: str, hint: str, version_id: str | None = None, head: str | None = None
) -> m.EditFailed:
    return m.EditFailed(
        edit_id=edit_id, code=code, message=message, hint=hint, version_id=version_id, head_version_id=head
    )
