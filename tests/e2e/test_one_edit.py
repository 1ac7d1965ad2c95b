"""The main job over a real socket: pair, describe, edit, preview, patch, versions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from support.pictures import RGB8, changed_outside, disc, picture

from bridge.client import InlayClient, NotConnected, Planned, Preview, RemoteError
from bridge.compose import Bridge
from bridge.errors import StorageFull
from bridge.history import versions
from bridge.history.records import FinishedEdit, Landing
from engine.api import Alpha, Depth, EditEvent, EditRequest, LayerFormat

pytestmark = pytest.mark.asyncio(loop_scope="module")

FORMATS = [
    LayerFormat(Depth.U8, 1, Alpha.NONE),
    LayerFormat(Depth.U8, 2, Alpha.STRAIGHT),
    RGB8,
    LayerFormat(Depth.U8, 4, Alpha.STRAIGHT),
    LayerFormat(Depth.U16, 3, Alpha.NONE),
    LayerFormat(Depth.U16, 4, Alpha.PREMULTIPLIED),
    LayerFormat(Depth.F32, 3, Alpha.NONE),
    LayerFormat(Depth.F32, 4, Alpha.STRAIGHT),
]


@pytest.mark.parametrize("format_", FORMATS, ids=lambda f: f"{f.depth}x{f.channels}-{f.alpha}")
async def test_an_edit_changes_the_selection_and_not_a_bit_outside(client: InlayClient, format_: LayerFormat):
    before = picture(300, 400, format_)
    mask = disc(300, 400, 140, 210, 30)
    mask[135:140, 100:400] = 90  # soft, and beyond one tile
    layer = await client.open_layer(f"exact {format_}", before, format_)
    outcome = await (await client.edit(layer, "remove this", mask=mask, seed=7)).result()
    after = layer.apply(outcome.patches[0])
    assert changed_outside(before, after, mask) == 0
    assert (after != before).any()
    assert outcome.versions[0].seed == 7
    assert outcome.versions[0].model == "exemplar"


async def test_the_plan_comes_first_in_plain_words_and_previews_come_before_the_end(client: InlayClient):
    layer = await client.open_layer("events", picture(400, 400), RGB8)
    handle = await client.edit(layer, "remove this", mask=disc(400, 400, 200, 200, 80))
    events = [event async for event in handle.events()]
    assert isinstance(events[0], Planned)
    assert "Remove" in events[0].says[0]
    previews = [event for event in events if isinstance(event, Preview)]
    assert previews and previews[0].pixels.dtype == np.uint8
    outcome = await handle.result()
    assert outcome.first_preview_s is not None and outcome.first_preview_s < outcome.seconds


async def test_the_same_seed_gives_the_same_bits_and_an_unchanged_canvas_is_not_sent_again(client: InlayClient):
    before = picture(600, 600, seed=3)
    mask = disc(600, 600, 300, 300, 60)
    patches, sent = [], []
    for document in ("twice a", "twice b"):
        layer = await client.open_layer(document, before, RGB8)
        outcome = await (await client.edit(layer, "remove this", mask=mask, seed=5)).result()
        patches.append(layer.apply(outcome.patches[0]))
        sent.append(outcome.bytes_up)
    assert np.array_equal(patches[0], patches[1])
    assert sent[1] < sent[0] / 5


async def test_undo_redo_restore_and_branch_show_the_right_pixels(client: InlayClient):
    source = picture(300, 300, seed=4)
    layer = await client.open_layer("tree", source, RGB8)
    first = await (await client.edit(layer, "remove this", mask=disc(300, 300, 100, 100, 30), seed=1)).result()
    one = layer.apply(first.patches[0])
    second = await (await client.edit(layer, "remove this", mask=disc(300, 300, 200, 200, 30), seed=2)).result()
    two = layer.apply(second.patches[0])

    await client.undo(layer)
    assert np.array_equal(layer.pixels, one)
    await client.undo(layer)
    assert np.array_equal(layer.pixels, source)
    with pytest.raises(RemoteError) as nothing:
        await client.undo(layer)
    assert nothing.value.code == "nothing_to"
    await client.redo(layer, 2)
    assert np.array_equal(layer.pixels, two)

    await client.restore(layer, first.versions[0].version_id)
    assert np.array_equal(layer.pixels, one)
    branch = await (await client.edit(layer, "remove this", mask=disc(300, 300, 50, 250, 20), seed=3)).result()
    layer.apply(branch.patches[0])
    assert branch.versions[0].parent_id == first.versions[0].version_id
    tree = await client.tree(layer)
    assert [version.kind for version in tree] == ["source", "edit", "edit", "edit"]
    await client.restore(layer, second.versions[0].version_id)
    assert np.array_equal(layer.pixels, two)


async def test_undo_by_words_is_an_edit_that_can_be_asked_for_later(bridge: Bridge, client: InlayClient):
    source = picture(200, 200, seed=4)
    layer = await client.open_layer("undo resumed", source, RGB8)
    outcome = await (await client.edit(layer, "make it brighter")).result()
    layer.apply(outcome.patches[0])
    shown = layer.pixels
    handle = await client.edit(layer, "undo")
    await handle.result()
    async with await InlayClient.connect(bridge.address, bridge.local_token, "later") as later:
        layer = await later.open_layer("undo resumed", shown, RGB8)
        again = await (await later.resume(layer, handle.edit_id)).result()
        assert again.versions == () and again.head_version_id == layer.head_version_id
        assert np.array_equal(layer.apply(again.patches[0]), source)


async def test_two_quick_undos_arrive_in_their_order(client: InlayClient):
    source = picture(700, 700, LayerFormat(Depth.U16, 4, Alpha.STRAIGHT), seed=4)
    layer = await client.open_layer("quick undos", source, LayerFormat(Depth.U16, 4, Alpha.STRAIGHT))
    # The patch of the second undo is small and would overtake that of the first.
    for mask in (disc(700, 700, 350, 350, 20), None):
        outcome = await (await client.edit(layer, "make it brighter", mask=mask)).result()
        layer.apply(outcome.patches[0])
    await asyncio.gather(client.undo(layer), client.undo(layer))
    assert np.array_equal(layer.pixels, source)
    assert layer.head_version_id == (await client.tree(layer))[0].version_id


async def test_a_document_that_is_opened_twice_on_a_connection_tells_its_events_once(client: InlayClient):
    before, seen = picture(64, 64, seed=4), list[int]()
    client.listen(lambda event: seen.append(event.seq))
    for last_seq in (None, None, 0):
        layer = await client.open_layer("opened twice", before, RGB8, last_seq=last_seq)
    await (await client.edit(layer, "make it brighter")).result()
    for _ in range(100):
        if seen and seen[-1] == 2:
            break
        await asyncio.sleep(0.02)
    await client.tree(layer)
    assert seen in ([1, 1, 2], [1, 2])  # the first, perhaps, before it was asked for anew from the beginning


async def test_undo_takes_back_the_selection_and_leaves_what_was_painted_around_it(client: InlayClient):
    source = picture(300, 300, seed=4)
    layer = await client.open_layer("painted", source, RGB8)
    mask = disc(300, 300, 150, 150, 30)
    outcome = await (await client.edit(layer, "make this brighter", mask=mask)).result()
    layer.apply(outcome.patches[0])
    painted = layer.pixels.copy()
    painted[122:128, 122:128] = 9  # a corner of the selection's box that is not selected
    for text in (None, "redo", "undo"):
        layer.pixels = painted.copy()
        if text is None:
            await client.undo(layer)
            painted = np.where(mask[..., np.newaxis] > 0, source, painted)
        else:
            moved = await (await client.edit(layer, text)).result()
            layer.apply(moved.patches[0])
            other = outcome.patches[0] if text == "redo" else None
            assert changed_outside(painted, layer.pixels, mask) == 0
            assert (layer.pixels[mask > 0] != source[mask > 0]).any() == (other is not None)
            painted = layer.pixels
        assert (layer.pixels[122:128, 122:128] == 9).all()


async def test_words_undo_again_and_another_one(client: InlayClient):
    source = picture(300, 300, seed=6)
    layer = await client.open_layer("words", source, RGB8)
    mask = disc(300, 300, 150, 150, 40)
    first = await (await client.edit(layer, "remove this", mask=mask, seed=1)).result()
    one = layer.apply(first.patches[0])

    other = await (await client.edit(layer, "another one", seed=2)).result()
    two = layer.apply(other.patches[0])
    assert other.versions[0].parent_id == first.versions[0].parent_id
    assert changed_outside(source, two, mask) == 0

    again = await (await client.edit(layer, "again", seed=3)).result()
    layer.apply(again.patches[0])
    assert again.versions[0].parent_id == other.versions[0].version_id

    back = await (await client.edit(layer, "undo")).result()
    layer.apply(back.patches[0])
    assert np.array_equal(layer.pixels, two)
    await client.restore(layer, first.versions[0].version_id)
    assert np.array_equal(layer.pixels, one)


async def test_another_one_that_cannot_be_stored_leaves_the_head_where_it_was(
    client: InlayClient, monkeypatch: pytest.MonkeyPatch
):
    layer = await client.open_layer("another, full", picture(200, 200, seed=6), RGB8)
    first = await (await client.edit(layer, "remove this", mask=disc(200, 200, 100, 100, 30))).result()
    layer.apply(first.patches[0])
    landed = versions.land

    async def full(edit: FinishedEdit, *rest: Any) -> Landing:
        monkeypatch.setattr(versions, "land", landed)
        raise StorageFull

    monkeypatch.setattr(versions, "land", full)
    with pytest.raises(RemoteError) as refused:
        await (await client.edit(layer, "another one")).result()
    assert refused.value.code == "storage_full"
    tree, head = await client.tree_of(layer.layer_id)
    assert head == first.head_version_id == layer.head_version_id and len(tree) == 2


async def test_variations_are_candidates_of_one_parent_and_the_first_is_the_head(client: InlayClient):
    layer = await client.open_layer("variations", picture(300, 300, seed=8), RGB8)
    mask = disc(300, 300, 150, 150, 40)
    outcome = await (await client.edit(layer, "remove this", mask=mask, variations=3, seed=1)).result()
    assert [version.state for version in outcome.versions] == ["landed", "candidate", "candidate"]
    assert len({version.parent_id for version in outcome.versions}) == 1
    assert outcome.head_version_id == outcome.versions[0].version_id
    base = layer.pixels
    layer.apply(outcome.patches[0])
    await client.restore(layer, outcome.versions[2].version_id)
    assert changed_outside(base, layer.pixels, mask) == 0
    fetched = await client.fetch(layer, outcome.versions[2].version_id)
    assert fetched.tiles == outcome.patches[2].tiles


async def test_a_variation_that_comes_out_alike_is_left_out_and_the_next_is_tried(
    bridge: Bridge, client: InlayClient, monkeypatch: pytest.MonkeyPatch
):
    run = bridge.engine.run
    seeds: list[int] = []

    def second_as_first(request: EditRequest) -> AsyncGenerator[EditEvent, None]:
        seeds.append(request.seed)
        return run(replace(request, seed=1 if request.seed == 2 else request.seed))

    monkeypatch.setattr(bridge.engine, "run", second_as_first)
    layer = await client.open_layer("alike in part", picture(200, 200, seed=8), RGB8)
    mask = disc(200, 200, 100, 100, 30)
    outcome = await (await client.edit(layer, "remove this", mask=mask, variations=3, seed=1)).result()
    assert seeds == [1, 2, 3]
    assert [version.seed for version in outcome.versions] == [1, 3]
    assert "2 are made of 3" in outcome.versions[0].notes[-1]
    one, three = (layer.apply(patch).tobytes() for patch in outcome.patches)
    assert one != three


async def test_variations_that_would_all_be_alike_are_one_that_says_so(client: InlayClient):
    layer = await client.open_layer("alike", picture(120, 160, seed=8), RGB8)
    outcome = await (await client.edit(layer, "make it brighter", variations=4)).result()
    assert len(outcome.versions) == len(outcome.patches) == 1
    assert "another seed makes the same" in outcome.versions[0].notes[-1]
    layer.apply(outcome.patches[0])
    with pytest.raises(RemoteError) as refused:
        await (await client.edit(layer, "another one")).result()
    assert refused.value.code == "nothing_changed" and "Another one would be the same" in str(refused.value)
    assert (await client.tree_of(layer.layer_id))[1] == outcome.head_version_id


@pytest.mark.parametrize(
    ("text", "selected", "code"),
    [
        ("make it sing", True, "not_understood"),
        ("remove this", False, "needs_selection"),
        ("again", False, "nothing_to"),
    ],
)
async def test_what_cannot_be_done_is_said_with_a_code_and_a_hint(
    client: InlayClient, text: str, selected: bool, code: str
):
    layer = await client.open_layer(f"refused {text}", picture(200, 200), RGB8)
    mask = disc(200, 200, 100, 100, 20) if selected else None
    with pytest.raises(RemoteError) as refused:
        await (await client.edit(layer, text, mask=mask)).result()
    assert refused.value.code == code
    assert refused.value.hint


async def test_a_selection_of_the_whole_layer_is_refused_with_a_reason(client: InlayClient):
    layer = await client.open_layer("whole", picture(100, 100), RGB8)
    with pytest.raises(RemoteError) as refused:
        await (await client.edit(layer, "remove this", mask=np.full((100, 100), 255, np.uint8))).result()
    assert refused.value.code == "nothing_to_copy_from"


async def test_a_cancelled_edit_changes_nothing_and_the_next_one_works(client: InlayClient):
    layer = await client.open_layer("cancel", picture(700, 700), RGB8)
    mask = disc(700, 700, 350, 350, 160)
    handle = await client.edit(layer, "remove this", mask=mask)
    async for event in handle.events():
        if isinstance(event, Preview):
            await handle.cancel()
    with pytest.raises(RemoteError) as cancelled:
        await handle.result()
    assert cancelled.value.code == "cancelled"
    assert len(await client.tree(layer)) == 1
    await (await client.edit(layer, "remove this", mask=disc(700, 700, 100, 100, 20))).result()


async def test_an_edit_goes_on_when_the_socket_drops_and_its_result_is_there_at_the_reconnect(bridge: Bridge):
    before = picture(500, 500, seed=9)
    mask = disc(500, 500, 250, 250, 90)
    first = await InlayClient.connect(bridge.address, bridge.local_token, "drops")
    layer = await first.open_layer("drops", before, RGB8)
    handle = await first.edit(layer, "remove this", mask=mask, seed=4)
    async for event in handle.events():
        if isinstance(event, Preview):
            break
    await first.close()
    with pytest.raises(NotConnected):
        await handle.result()

    async with await InlayClient.connect(bridge.address, bridge.local_token, "drops") as second:
        layer = await second.open_layer("drops", before, RGB8)
        outcome = await (await second.resume(layer, handle.edit_id)).result()
        after = layer.apply(outcome.patches[0])
        assert changed_outside(before, after, mask) == 0
        assert (after != before).any()
        # And once more, long after it ended.
        again = await (await second.resume(layer, handle.edit_id)).result()
        assert again.patches[0].tiles == outcome.patches[0].tiles


async def test_an_edit_that_never_began_is_said_not_to_be_there(client: InlayClient):
    layer = await client.open_layer("never began", picture(64, 64), RGB8)
    with pytest.raises(RemoteError) as refused:
        await (await client.resume(layer, "no-such-edit")).result()
    assert refused.value.code == "not_found"


async def test_missed_events_are_told_at_the_reconnect_in_order_and_none_twice(bridge: Bridge):
    before = picture(200, 200, seed=10)
    async with await InlayClient.connect(bridge.address, bridge.local_token, "one") as client:
        layer = await client.open_layer("events seen", before, RGB8)
        await (await client.edit(layer, "remove this", mask=disc(200, 200, 100, 100, 20))).result()
    seen: list[int] = []
    async with await InlayClient.connect(bridge.address, bridge.local_token, "two") as client:
        client.listen(lambda event: seen.append(event.seq))
        layer = await client.open_layer("events seen", before, RGB8, last_seq=0)
        await (await client.edit(layer, "remove this", mask=disc(200, 200, 50, 50, 20))).result()
        for _ in range(50):
            if len(await client.tree(layer)) == 3 and len(seen) >= 3:
                break
            await asyncio.sleep(0.02)
    assert seen == list(range(1, len(seen) + 1))


async def test_edits_that_do_not_meet_both_land_and_those_that_meet_conflict(bridge: Bridge):
    before = picture(400, 400, seed=11)
    async with (
        await InlayClient.connect(bridge.address, bridge.local_token, "left") as one,
        await InlayClient.connect(bridge.address, bridge.local_token, "right") as two,
    ):
        mine = await one.open_layer("both", before, RGB8)
        theirs = await two.open_layer("both", before, RGB8)
        left, right = disc(400, 400, 100, 100, 40), disc(400, 400, 300, 300, 40)
        handles = [
            await one.edit(mine, "remove this", mask=left),
            await two.edit(theirs, "remove this", mask=right),
        ]
        outcomes = [await handle.result() for handle in handles]
        ids = {version.version_id for outcome in outcomes for version in outcome.versions}
        tree = await one.tree(mine)
        assert ids <= {version.version_id for version in tree if version.state == "landed"}

        await one.restore(mine, tree[0].version_id)
        await two.restore(theirs, tree[0].version_id)
        handles = [
            await one.edit(mine, "remove this", mask=left),
            await two.edit(theirs, "remove this", mask=disc(400, 400, 120, 120, 40)),
        ]
        ends = await asyncio.gather(*(handle.result() for handle in handles), return_exceptions=True)
        conflicts = [end for end in ends if isinstance(end, RemoteError)]
        assert [conflict.code for conflict in conflicts] == ["conflict"]
        assert conflicts[0].version_id in {version.version_id for version in await one.tree(mine)}


async def test_somebody_elses_document_is_not_even_said_to_exist(bridge: Bridge, client: InlayClient):
    layer = await client.open_layer("private", picture(64, 64), RGB8)
    token = await InlayClient.pair(bridge.address, bridge.pairing_code(), "stranger")
    async with await InlayClient.connect(bridge.address, token, "stranger") as stranger:
        for refused in (stranger.tree(layer), stranger.undo(layer)):
            with pytest.raises(RemoteError) as error:
                await refused
            assert error.value.code == "not_found"
        assert await stranger.documents() == ()
