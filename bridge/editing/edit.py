"""One edit, from the words to the acknowledged version. The numbers are the steps of ARCHITECTURE.md.

Before it come ``①`` bytes → message (`bridge.connection`) and ``②`` may this person edit this document?
(`bridge.dispatch`). What goes wrong is raised; `bridge.editing.desk` records it and tells the client.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bridge.connection import ConnectionClosed, Outbox
from bridge.editing.candidates import Made, is_new, is_worth_making, noted
from bridge.editing.channel import Channel
from bridge.editing.delivery import Delivery, Patch
from bridge.editing.job import Job, Take, job_of, understand
from bridge.editing.meanwhile import meanwhile
from bridge.editing.models import OpenModels
from bridge.editing.queue import FairQueue
from bridge.editing.references import expect_references, references_of
from bridge.editing.stored import stored_hashes
from bridge.editing.tiles import TileCache
from bridge.editing.words import Words
from bridge.editing.work import Around, Work
from bridge.errors import Conflict, NothingChanged
from bridge.grid import assemble
from bridge.history.records import Hash, Landing, Layer
from bridge.history.store import History
from bridge.protocol import messages as m
from bridge.translate import moved_patch, preview_message, version_info, version_patch
from engine.api import EditPreview, EditProgress, EditResult, Engine, Mask
from engine.commands.plan import Plan, Redo, Undo
from engine.errors import EmptySelection, OperationFailed
from engine.geometry import TileIndex


@dataclass(frozen=True, slots=True, eq=False)
class Services:
    """What an edit works with; built by `bridge.compose`. ``models``: the open models whose weights are here now."""

    history: History
    tiles: TileCache
    queue: FairQueue
    engine: Engine
    delivery: Delivery
    words: Words
    models: Callable[[], OpenModels] = OpenModels


async def edit(start: m.EditStart, layer: Layer, channel: Channel, services: Services) -> None:
    """Carry out one edit.

    Raises:
        BridgeError, EngineError: it ended without landing; the layer is as it was.
    """
    history, person = services.history, channel.person
    seed = secrets.randbits(32) if start.seed is None else start.seed

    has_selection, references = start.mask_rect_px is not None, len(start.references)
    models = await _models(start, layer, services)
    plan = await services.words.plan(start.text, has_selection=has_selection, references=references, models=models)  # ③
    plan, operations = understand(
        start.text, has_selection=has_selection, references=references, plan=plan, models=models
    )
    if isinstance(operations, Undo | Redo):
        await _move_head(operations, plan, start, layer, channel, services)
        return
    if start.base_version_id is not None:  # what the client shows, wherever the head went meanwhile
        layer = await history.versions.layer_at(layer, start.base_version_id)
    job = await job_of(operations, plan, start, layer, seed, history.versions, models)
    stored = None if start.pixels == "client" else await stored_hashes(job, layer.head_version_id, history.versions)
    record = history.edits.begin(start.edit_id, layer.document_id, layer.layer_id, person.person_id, start.text)

    async with meanwhile(record):  # the disk is waited for while the pixels travel
        if stored is None:
            channel.expect_hashes(job.reach_px)
        expect_references(start, job.pictures, channel)
        await channel.send(_plan_message(start, plan, seed, job))
        mask = await _mask(job, channel, history)
        tiles = await _bring_tiles(job, stored, channel, services.tiles)  # ④ only the reach, only what is not here
        pictures = await references_of(start, job.pictures, channel)
    samples = {cell: tile for cell, (_, tile) in tiles.items()}
    pixels = await asyncio.to_thread(assemble, samples, job.reach_px, job.base.size.rect, job.base.format)
    profile = await history.versions.profile_of(layer)
    around = Around(start.edit_id, profile, pictures, job.keep, start.previews)

    def moved(position: int) -> None:
        channel.offer(m.EditQueued(edit_id=start.edit_id, position=position), "queued")

    made: list[Made] = []
    async with (
        services.queue.turn(person.person_id, moved),  # ⑤ fair between people
        meanwhile(history.edits.running(start.edit_id)),
        meanwhile(history.blobs.put_many(job.before(tiles))),
    ):
        for take in job.takes:
            if is_worth_making(take, made):
                work = await _worked(take, len(made), job.work(pixels, mask), around, channel, services.engine)  # ⑥ ⑦
                made += [Made(take, work)] if is_new(take, work, made) else []
    if job.instead_of is not None:
        made = await _others(job.instead_of, made, history)
    made = noted(made, len(job.takes))

    job, works = replace(job, takes=tuple(one.take for one in made)), tuple(one.work for one in made)
    finished = await asyncio.to_thread(job.finished, start.edit_id, person.person_id, plan, tiles, works)
    landing = await history.versions.land(finished)  # ⑧ blobs first, then one transaction

    patches = [  # ⑨ acknowledged only now
        version_patch(version, candidate.pixels, finished.mask, edit_id=start.edit_id, candidate=number)
        for number, (version, candidate) in enumerate(zip(landing.versions, finished.candidates, strict=True))
        if start.wants_patch
    ]
    await deliver(landing, patches, start.edit_id, channel, services.delivery)


async def deliver(
    landing: Landing, patches: Sequence[Patch], edit_id: str, channel: Channel, delivery: Delivery
) -> None:
    """⑨ Send each candidate's patch, then `EditDone`; also at a reconnect.

    A client that is lost in the middle and is back already on another connection gets all of it there; one that is
    not gets it when it comes back.

    Raises:
        Conflict: the result was kept beside the head.
    """
    if landing.conflict_with is not None:
        raise Conflict(landing.versions[0].version_id, landing.head_version_id)
    versions = tuple(version_info(version) for version in landing.versions)
    done = m.EditDone(edit_id=edit_id, seq=landing.seq, versions=versions, head_version_id=landing.head_version_id)
    channel.heard(done)
    told: Outbox | None = None
    while (out := channel.out) is not None and out is not told:
        try:
            for patch in patches:
                await delivery.send(patch, out)
            await out.send(done)
            told = out
        except ConnectionClosed:
            channel.detach(out)


async def _models(start: m.EditStart, layer: Layer, services: Services) -> OpenModels:
    """The open models that are here, and which of them this edit and its document name."""
    of_document = await services.history.versions.model_of(layer.document_id)
    present = await asyncio.to_thread(services.models)
    return present.for_edit(start.model or "", of_document)


async def _mask(job: Job, channel: Channel, history: History) -> Mask | None:
    """The selection: H×W uint8 of the job's ``selection_px``; None without one.

    Raises:
        EmptySelection: nothing is selected.
    """
    if job.selection_px is None:
        return None
    mask = await (channel.mask() if job.mask_of is None else history.versions.mask_of(job.mask_of))
    if not mask.any():
        raise EmptySelection
    return mask


async def _bring_tiles(
    job: Job, stored: dict[TileIndex, Hash] | None, channel: Channel, cache: TileCache
) -> dict[TileIndex, tuple[Hash, bytes]]:
    """④ The tiles of the reach as they are at the job's base: hash and samples of each cell."""
    if stored is not None:
        held = await cache.get(stored.values())
        return {cell: (key, held[key]) for cell, key in stored.items()}
    if job.all_here:
        hashes = job.overrides
    else:
        hashes = await channel.hashes()
        hashes |= {cell: key for cell, key in job.overrides.items() if cell in hashes}
    held = await cache.find(hashes.values())
    # A colour that fills many cells is asked for once.
    wanted = {cell: key for key, cell in {key: cell for cell, key in hashes.items() if key not in held}.items()}
    for cell, samples in (await channel.tiles(wanted, job.base.size, job.base.format)).items():
        held[hashes[cell]] = samples
    cache.keep(held)
    return {cell: (key, held[key]) for cell, key in hashes.items()}


async def _worked(take: Take, number: int, work: Work, around: Around, channel: Channel, engine: Engine) -> Work:
    """⑥ ⑦ One candidate: its steps one after another; the engine's events go to the client as they come."""
    for step, operation in enumerate(take.operations):
        request = work.request(operation, around, take.seed)
        result: EditResult | None = None
        async for event in engine.run(request):
            match event:
                case EditProgress(fraction=fraction, stage=stage):
                    done = (step + fraction) / len(take.operations)
                    progress = m.EditProgress(edit_id=request.edit_id, candidate=number, fraction=done, stage=stage)
                    channel.offer(progress, "progress")
                case EditPreview():
                    channel.offer(preview_message(event, request.edit_id, number), f"preview{number}")
                case EditResult():
                    result = event
        if result is None:
            raise OperationFailed("The engine ended without a result.")
        work = await asyncio.to_thread(work.after, request, result, around)
    return work


async def _others(version_id: str, made: list[Made], history: History) -> list[Made]:
    """Those that came out otherwise than that version: “another one” is to be another one.

    Raises:
        NothingChanged: none did.
    """
    last = await history.versions.version(version_id)
    shown = await history.versions.patch_of(last)
    others = [one for one in made if not one.work.shows(shown, last.rect_px, last.format)]
    if not others:
        raise NothingChanged("Another one would be the same: the seed has no say in this edit.")
    return others


async def _move_head(
    operation: Undo | Redo, plan: Plan, start: m.EditStart, layer: Layer, channel: Channel, services: Services
) -> None:
    """“undo”, “redo”: no pixels to make, only the head to move and the patch to send."""
    history, person = services.history, channel.person
    await history.edits.begin(start.edit_id, layer.document_id, layer.layer_id, person.person_id, start.text)
    await channel.send(_plan_message(start, plan, 0, None))
    step = history.versions.undo if isinstance(operation, Undo) else history.versions.redo
    move = await step(layer.layer_id, operation.count, person, start.edit_id)
    is_wanted = move.tiles and start.wants_patch
    patches = [await moved_patch(move, layer, services.tiles, edit_id=start.edit_id)] if is_wanted else []
    landing = Landing((), move.head_version_id, move.seq, rebased=False, conflict_with=None)
    await deliver(landing, patches, start.edit_id, channel, services.delivery)


def _plan_message(start: m.EditStart, plan: Plan, seed: int, job: Job | None) -> m.EditPlan:
    return m.EditPlan(
        re=start.id,
        edit_id=start.edit_id,
        ops=tuple(operation.op for operation in plan.ops),
        says=plan.says,
        reach_px=None if job is None or job.all_here or start.pixels == "bridge" else job.reach_px.as_tuple(),
        seed=seed,
        references=() if job is None else job.pictures,
    )
