"""A finished edit lands: exactly, once, on top of what landed meanwhile, or beside it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.histories import Host, MemoryBlobs, box_mask, new_edit_id, paint, pasted, same_bits
from support.pictures import RGB8

from bridge.errors import BadPixels, NotFound, OutOfOrder
from bridge.grid import assemble, cut
from bridge.history.landing import _paste
from bridge.history.records import FinishedEdit
from bridge.history.store import History
from engine.api import Alpha, Depth, LayerFormat
from engine.geometry import PixelRect, Size, TileIndex

LEFT = PixelRect(10, 20, 90, 150)
RIGHT = PixelRect(180, 20, 290, 180)
FORMATS = [
    LayerFormat(Depth.U8, 1, Alpha.NONE),
    LayerFormat(Depth.U8, 4, Alpha.STRAIGHT),
    LayerFormat(Depth.U16, 2, Alpha.PREMULTIPLIED),
    LayerFormat(Depth.F32, 4, Alpha.STRAIGHT),
]


async def shown_in(history: History, host: Host, version_id: str):
    """The picture around a version's place, put together from its own tiles."""
    version = await history.versions.version(version_id)
    whole = version.rect_px.align(128).intersect(host.layer.size.rect)
    source = (await history.versions.tree(host.layer.layer_id))[0]
    tiles = (await history.versions.between(source.version_id, version_id)).tiles
    held = await history.blobs.get_many(tiles.values())
    return whole, assemble({cell: held[key] for cell, key in tiles.items()}, whole, host.layer.size.rect, RGB8)


@pytest.mark.parametrize("format_", FORMATS, ids=lambda f: f"{f.depth}x{f.channels}")
async def test_a_version_keeps_the_edit_bit_for_bit_and_how_it_was_made(history: History, format_: LayerFormat):
    host = await Host.open(history, format_=format_)
    rect_px = PixelRect(100, 90, 300, 200)
    mask = np.random.default_rng(0).integers(0, 3, (rect_px.height, rect_px.width)).astype(np.uint8)
    before = host.pixels
    landing = await host.edit(rect_px, seed=3, mask=mask)
    (version,) = landing.versions
    assert same_bits(await history.versions.patch_of(version), host.pixels[rect_px.slices()])
    assert same_bits(await history.versions.mask_of(version), mask)
    assert same_bits(host.pixels[rect_px.slices()][mask == 0], before[rect_px.slices()][mask == 0])
    assert (version.state, version.kind, version.rect_px) == ("landed", "edit", rect_px)
    assert (version.text, version.says, version.model, version.device) == (
        "remove this",
        ("Remove what is selected.",),
        "exemplar",
        "cpu",
    )
    assert (version.author, version.notes, version.engine_s) == ("Ada", ("a note",), 0.25)
    assert version.created_at.tzinfo is not None
    assert landing.head_version_id == await host.head() == version.version_id
    assert await history.versions.version(version.version_id) == version


@given(data=st.data())
@settings(max_examples=40)
def test_a_stored_tile_differs_from_the_one_before_only_under_the_mask(data: st.DataObject):
    size = Size(data.draw(st.integers(1, 300)), data.draw(st.integers(1, 300)))
    format_ = data.draw(st.sampled_from(FORMATS))
    x0, y0 = data.draw(st.integers(0, size.width - 1)), data.draw(st.integers(0, size.height - 1))
    rect_px = PixelRect(x0, y0, data.draw(st.integers(x0 + 1, size.width)), data.draw(st.integers(y0 + 1, size.height)))
    seed = data.draw(st.integers(0, 99))
    picture = paint(size.rect, format_, seed)
    result = paint(rect_px, format_, seed + 1)
    mask = np.random.default_rng(seed).choice(np.array([0, 1, 128, 255], np.uint8), (rect_px.height, rect_px.width))
    cells = {cell: tile for cell, tile in cut(picture, size.rect, size.rect).items() if cell in rect_px.cells(128)}
    keys = {cell: bytes([cell.col, cell.row]) for cell in cells}
    edit = FinishedEdit("e", "l", "p", "v", size, format_, rect_px, mask, keys, {}, "", "", (), ())
    tiles = _paste(edit, result, keys, {keys[cell]: tile for cell, tile in cells.items()})
    around = rect_px.align(128).intersect(size.rect)
    after = assemble({cell: tile for cell, (_, tile) in tiles.items()}, around, size.rect, format_)
    assert same_bits(after, pasted(picture, rect_px, mask, result)[around.slices()])


async def test_landing_twice_stores_once_and_answers_the_same(history: History, host: Host):
    edit = host.finished(LEFT, await host.head(), paint(LEFT))
    first = await history.versions.land(edit)
    await host.edit(RIGHT)
    assert await history.versions.land(edit) == first
    assert len(await history.versions.tree(host.layer.layer_id)) == 3


async def test_landing_the_same_edit_from_many_tasks_stores_it_once(history: History, host: Host):
    edit = host.finished(LEFT, await host.head(), paint(LEFT))
    landings = await asyncio.gather(*(history.versions.land(edit) for _ in range(6)))
    assert all(landing == landings[0] for landing in landings)
    assert len(await history.versions.tree(host.layer.layer_id)) == 2


async def test_the_first_candidate_is_the_head_and_the_others_stay_findable(history: History, host: Host):
    base = await host.head()
    results = [paint(LEFT, seed=number) for number in range(3)]
    landing = await history.versions.land(host.finished(LEFT, base, *results))
    assert [version.state for version in landing.versions] == ["landed", "candidate", "candidate"]
    assert {version.parent_id for version in landing.versions} == {base}
    assert [version.seed for version in landing.versions] == [0, 1, 2]
    for version, result in zip(landing.versions, results, strict=True):
        assert same_bits(await history.versions.patch_of(version), result)
    happened = await history.events.after(host.layer.document_id, 1, 10)
    assert [event.kind for event in happened] == ["version.landed", "version.added", "version.added"]
    assert [event.version_id for event in happened] == [version.version_id for version in landing.versions]
    assert landing.seq == happened[-1].seq


class TestConcurrentEdits:
    async def test_masks_that_do_not_meet_both_land(self, history: History, host: Host):
        base, shown = await host.head(), host.pixels
        mine = host.finished(LEFT, base, paint(LEFT, seed=1), shown=shown)
        theirs = host.finished(RIGHT, base, paint(RIGHT, seed=2), shown=shown)
        first = await history.versions.land(mine)
        second = await history.versions.land(theirs)
        assert (first.rebased, second.rebased) == (False, True)
        assert second.conflict_with is None
        assert second.versions[0].parent_id == first.head_version_id
        assert second.head_version_id == second.versions[0].version_id == await host.head()

    async def test_a_rebased_version_shows_both_edits_in_the_tile_they_share(self, history: History, host: Host):
        base, shown = await host.head(), host.pixels
        one, other = PixelRect(10, 10, 60, 120), PixelRect(60, 10, 120, 120)
        mine, theirs = paint(one, seed=1), paint(other, seed=2)
        await history.versions.land(host.finished(one, base, mine, shown=shown))
        landing = await history.versions.land(host.finished(other, base, theirs, shown=shown))
        assert landing.rebased
        around, pixels = await shown_in(history, host, landing.head_version_id)
        wanted = pasted(pasted(shown, one, box_mask(one), mine), other, box_mask(other), theirs)
        assert same_bits(pixels, wanted[around.slices()])
        host.pixels = wanted
        await host.undo()
        assert same_bits(host.pixels, pasted(shown, one, box_mask(one), mine))

    async def test_boxes_that_overlap_while_masks_do_not_are_no_conflict(self, history: History, host: Host):
        rect_px = PixelRect(20, 20, 120, 120)
        upper = np.zeros((100, 100), np.uint8)
        upper[np.triu_indices(100)] = 1
        lower = np.where(upper == 0, 255, 0).astype(np.uint8)
        base, shown = await host.head(), host.pixels
        mine, theirs = paint(rect_px, seed=1), paint(rect_px, seed=2)
        await history.versions.land(host.finished(rect_px, base, mine, mask=upper, shown=shown))
        landing = await history.versions.land(host.finished(rect_px, base, theirs, mask=lower, shown=shown))
        assert landing.rebased
        around, pixels = await shown_in(history, host, landing.head_version_id)
        wanted = pasted(pasted(shown, rect_px, upper, mine), rect_px, lower, theirs)
        assert same_bits(pixels, wanted[around.slices()])

    async def test_masks_that_share_one_pixel_conflict_and_both_results_are_kept(self, history: History, host: Host):
        rect_px = PixelRect(20, 20, 120, 120)
        upper = np.zeros((100, 100), np.uint8)
        upper[np.triu_indices(100)] = 1
        lower = np.where(upper == 0, 255, 0).astype(np.uint8)
        lower[0, 99] = 1
        base, shown = await host.head(), host.pixels
        mine, theirs = paint(rect_px, seed=1), paint(rect_px, seed=2)
        first = await history.versions.land(host.finished(rect_px, base, mine, mask=upper, shown=shown))
        edit = host.finished(rect_px, base, theirs, paint(rect_px, seed=3), mask=lower, shown=shown)
        await history.edits.begin(edit.edit_id, host.layer.document_id, edit.layer_id, edit.person_id, "remove this")
        second = await history.versions.land(edit)
        assert second.conflict_with == first.head_version_id == second.head_version_id == await host.head()
        assert [version.state for version in second.versions] == ["beside", "beside"]
        assert {version.parent_id for version in second.versions} == {base}
        kept = await history.versions.patch_of(second.versions[0])
        assert same_bits(kept, pasted(shown, rect_px, lower, theirs)[rect_px.slices()])
        record = await history.edits.get(edit.edit_id, host.person.person_id)
        assert record is not None
        assert (record.state, record.error_code) == ("conflict", "conflict")
        assert record.version_ids == tuple(version.version_id for version in second.versions)
        happened = await history.events.after(host.layer.document_id, 0, 10)
        assert [event.kind for event in happened[-2:]] == ["edit.conflict", "version.added"]
        assert await history.versions.land(edit) == second

    async def test_a_result_kept_beside_can_be_chosen(self, history: History, host: Host):
        base, shown = await host.head(), host.pixels
        await host.edit(LEFT, 1)
        second = await history.versions.land(host.finished(LEFT, base, theirs := paint(LEFT, seed=2), shown=shown))
        await host.restore(second.versions[0].version_id)
        assert same_bits(host.pixels, pasted(shown, LEFT, box_mask(LEFT), theirs))
        assert (await history.versions.version(second.versions[0].version_id)).state == "landed"

    async def test_an_edit_of_a_place_that_was_undone_meanwhile_conflicts(self, history: History, host: Host):
        first = await host.edit(LEFT, 1)
        late = host.finished(LEFT, first.head_version_id, paint(LEFT, seed=2))
        elsewhere = host.finished(RIGHT, first.head_version_id, paint(RIGHT, seed=3))
        await host.undo()
        landing = await history.versions.land(late)
        assert landing.conflict_with == await host.head()
        assert landing.versions[0].parent_id == first.head_version_id
        assert (await history.versions.land(elsewhere)).rebased

    async def test_an_edit_of_a_layer_that_has_another_size_now_is_kept_beside(self, history: History, host: Host):
        base = await host.head()
        late = host.finished(LEFT, base, paint(LEFT))
        await history.versions.describe_layer(
            host.layer.document_id, "layer", "Layer", Size(64, 64), host.layer.format, None
        )
        landing = await history.versions.land(late)
        assert landing.conflict_with == await host.head() != base
        assert same_bits(await history.versions.patch_of(landing.versions[0]), paint(LEFT))

    async def test_edits_of_two_layers_know_nothing_of_each_other(self, history: History):
        one = await Host.open(history, key="one")
        two = await Host.open(history, key="two", person=one.person)
        edits = [host.finished(LEFT, await host.head(), paint(LEFT)) for host in (one, two)]
        landings = await asyncio.gather(*map(history.versions.land, edits))
        assert not any(landing.rebased for landing in landings)

    async def test_two_bridges_on_one_database_do_not_overwrite_each_other(self, history: History, host: Host, folder):
        other = await History.open(folder, durable=False)
        try:
            base, shown = await host.head(), host.pixels
            places = [PixelRect(x, 10, x + 18, 190) for x in range(0, 300, 20)]
            edits = [
                host.finished(place, base, paint(place, seed=number), shown=shown)
                for number, place in enumerate(places)
            ]
            bridges = [history, other]
            await asyncio.gather(
                *(bridges[number % 2].versions.land(edit) for number, edit in enumerate(edits)),
            )
            wanted = shown
            for number, place in enumerate(places):
                wanted = pasted(wanted, place, box_mask(place), paint(place, seed=number))
            source = (await history.versions.tree(host.layer.layer_id))[0].version_id
            tiles = (await history.versions.between(source, await host.head())).tiles
            held = await history.blobs.get_many(tiles.values())
            whole = host.layer.size.rect
            pixels = assemble({cell: held[key] for cell, key in tiles.items()}, whole, whole, RGB8)
            assert same_bits(pixels, wanted)
            numbers = [event.seq for event in await history.events.after(host.layer.document_id, 0, 100)]
            assert numbers == list(range(1, len(places) + 2))
        finally:
            await other.close()


class TestRefusals:
    @pytest.mark.parametrize(
        "wrong",
        [
            lambda edit: replace(edit, mask=edit.mask[1:]),
            lambda edit: replace(edit, mask=edit.mask.astype(np.float32)),
            lambda edit: replace(edit, rect_px=PixelRect(250, 100, 330, 230)),
            lambda edit: replace(edit, rect_px=PixelRect(5, 5, 5, 5)),
            lambda edit: replace(edit, before={}),
            lambda edit: replace(edit, before=edit.before | {TileIndex(9, 9): bytes(32)}),
            lambda edit: replace(edit, size=Size(200, 200)),
            lambda edit: replace(edit, candidates=()),
            lambda edit: replace(edit, candidates=(replace(edit.candidates[0], pixels=edit.candidates[0].pixels[1:]),)),
            lambda edit: replace(
                edit, candidates=(replace(edit.candidates[0], pixels=edit.candidates[0].pixels.astype(np.uint16)),)
            ),
            lambda edit: replace(edit, before_tiles={key: tile[1:] for key, tile in edit.before_tiles.items()}),
        ],
    )
    async def test_what_does_not_fit_is_not_stored(self, history: History, host: Host, wrong):
        edit = wrong(host.finished(LEFT, await host.head(), paint(LEFT)))
        with pytest.raises(BadPixels):
            await history.versions.land(edit)
        assert len(await history.versions.tree(host.layer.layer_id)) == 1

    async def test_a_tile_before_that_nobody_has_is_missed_and_nothing_lands(self, history: History, host: Host):
        edit = replace(host.finished(LEFT, await host.head(), paint(LEFT)), before_tiles={})
        with pytest.raises(NotFound):
            await history.versions.land(edit)
        assert len(await history.versions.tree(host.layer.layer_id)) == 1

    async def test_an_unknown_layer_or_base_is_not_found(self, history: History, host: Host):
        edit = host.finished(LEFT, await host.head(), paint(LEFT))
        other = await Host.open(history, key="other", person=host.person)
        for wrong in (
            replace(edit, layer_id="nothing"),
            replace(edit, base_version_id="nothing"),
            replace(edit, base_version_id=await other.head()),
        ):
            with pytest.raises(NotFound):
                await history.versions.land(wrong)

    async def test_an_edit_that_was_cancelled_does_not_land(self, history: History, host: Host):
        edit = host.finished(LEFT, await host.head(), paint(LEFT))
        await history.edits.begin(edit.edit_id, host.layer.document_id, edit.layer_id, edit.person_id, "")
        await history.edits.fail(edit.edit_id, "cancelled", "cancelled", "Cancelled.", "")
        with pytest.raises(OutOfOrder):
            await history.versions.land(edit)
        assert await host.head() == edit.base_version_id

    async def test_somebody_elses_edit_id_does_not_show_their_landing(self, history: History, host: Host):
        stranger = await Host.open(history)
        edit_id = new_edit_id()
        await host.edit(LEFT, edit_id=edit_id)
        with pytest.raises(OutOfOrder):
            await stranger.edit(LEFT, edit_id=edit_id)


async def test_another_one_takes_the_heads_place_in_one_step(history: History, host: Host):
    source_id, source = await host.head(), host.pixels
    one = (await host.edit(LEFT, 1)).versions[0]
    edit = replace(host.finished(LEFT, source_id, paint(LEFT, seed=2), shown=source), instead_of=one.version_id)
    landing = await history.versions.land(edit)
    other = landing.versions[0]
    assert landing.head_version_id == await host.head() == other.version_id
    assert (landing.conflict_with, landing.rebased, other.parent_id) == (None, False, source_id)
    kinds = [event.kind for event in await history.events.after(host.layer.document_id, 0, 10)]
    assert kinds == ["layer.described", "version.landed", "version.landed"]
    host.pixels = pasted(source, LEFT, edit.mask, edit.candidates[0].pixels)
    await host.undo()
    assert same_bits(host.pixels, source)


async def test_another_one_of_an_edit_that_was_gone_on_from_is_kept_beside(history: History, host: Host):
    source_id, source = await host.head(), host.pixels
    one = (await host.edit(LEFT, 1)).versions[0]
    later = (await host.edit(RIGHT, 3)).versions[0]
    edit = replace(host.finished(LEFT, source_id, paint(LEFT, seed=2), shown=source), instead_of=one.version_id)
    landing = await history.versions.land(edit)
    assert landing.conflict_with == one.version_id and await host.head() == later.version_id


async def test_an_edit_that_is_cancelled_while_it_lands_is_stored_whole_or_not_at_all(history: History, host: Host):
    for number in range(25):
        edit_id = new_edit_id()
        edit = host.finished(LEFT, await host.head(), paint(LEFT, seed=number), edit_id=edit_id)
        task = asyncio.create_task(history.versions.land(edit))
        for _ in range(number):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        # A task that had not begun stores nothing; one that had is there when the cancellation is.
        record = await history.edits.get(edit_id, host.person.person_id)
        assert (record is None) == (await host.head() == edit.base_version_id)
        assert number == 0 or record is not None


async def test_any_blob_store_will_do(folder):
    store = MemoryBlobs()
    history = await History.open(folder, durable=False, blobs=store)
    host = await Host.open(history)
    landing = await host.edit(LEFT)
    assert same_bits(await history.versions.patch_of(landing.versions[0]), paint(LEFT))
    assert store.blobs
    assert not (folder / "blobs").exists()
    await history.close()
