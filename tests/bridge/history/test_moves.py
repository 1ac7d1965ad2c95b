"""Undo, redo, restore: what the host shows afterwards is the picture of the version that is the head."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.histories import Host, MemoryBlobs, paint, pasted, same_bits

from bridge.errors import NotFound, NothingTo, OutOfOrder
from bridge.history.store import History
from engine.api import Mask, Pixels
from engine.geometry import PixelRect, Size

A, B, C = PixelRect(10, 10, 60, 60), PixelRect(100, 40, 200, 190), PixelRect(30, 30, 140, 140)


async def test_undo_and_redo_walk_along_the_edits(history: History, host: Host):
    pictures = [host.pixels]
    for number, place in enumerate((A, B, C)):
        await host.edit(place, number)
        pictures.append(host.pixels)
    for wanted in (pictures[2], pictures[1], pictures[0]):
        await host.undo()
        assert same_bits(host.pixels, wanted)
    for wanted in pictures[1:]:
        await host.redo()
        assert same_bits(host.pixels, wanted)


async def test_several_steps_are_one_move(history: History, host: Host):
    source = host.pixels
    for number, place in enumerate((A, B, C)):
        await host.edit(place, number)
    last = host.pixels
    move = await host.undo(3)
    assert same_bits(host.pixels, source)
    assert move.rect_px == A.union(B).union(C)
    await host.redo(100)
    assert same_bits(host.pixels, last)
    await host.undo(100)
    assert same_bits(host.pixels, source)


async def test_there_is_nothing_to_undo_at_the_source_and_nothing_to_redo_at_a_leaf(history: History, host: Host):
    with pytest.raises(NothingTo) as nothing:
        await host.undo()
    assert nothing.value.verb == "undo"
    await host.edit(A)
    with pytest.raises(NothingTo) as nothing:
        await host.redo()
    assert nothing.value.verb == "redo"
    assert len(await history.events.after(host.layer.document_id, 0, 10)) == 2


async def test_an_undone_edit_is_kept_when_another_is_made(history: History, host: Host):
    await host.edit(A, 1)
    one = host.pixels
    undone = await host.head()
    await host.undo()
    await host.edit(A, 2)
    assert len(await history.versions.tree(host.layer.layer_id)) == 3
    await host.restore(undone)
    assert same_bits(host.pixels, one)


async def test_redo_follows_the_branch_that_was_shown_last(history: History, host: Host):
    await host.edit(A, 1)
    first = await host.head()
    await host.edit(B, 2)
    await host.undo(2)
    await host.edit(C, 3)
    second = await host.head()
    await host.undo()
    assert (await host.redo()).head_version_id == second
    await host.restore(first)
    await host.undo()
    assert (await host.redo()).head_version_id == first


async def test_redo_does_not_choose_a_candidate_that_was_never_shown(history: History, host: Host):
    await history.versions.land(host.finished(A, await host.head(), paint(A, seed=1), paint(A, seed=2)))
    landed = await host.head()
    await host.undo()
    assert (await host.redo()).head_version_id == landed


async def test_restoring_a_candidate_shows_it_and_makes_it_landed(history: History, host: Host):
    source = host.pixels
    landing = await history.versions.land(host.finished(A, await host.head(), paint(A, seed=1), paint(A, seed=2)))
    move = await host.restore(landing.versions[1].version_id)
    assert same_bits(host.pixels[A.slices()], paint(A, seed=2))
    assert move.rect_px == A
    assert (await history.versions.version(landing.versions[1].version_id)).state == "landed"
    await host.undo()
    assert same_bits(host.pixels, source)


async def test_restoring_the_head_moves_nothing_and_says_nothing(history: History, host: Host):
    await host.edit(A)
    before = await history.events.after(host.layer.document_id, 0, 10)
    move = await host.restore(await host.head())
    assert (move.tiles, move.rect_px.is_empty, move.seq) == ({}, True, before[-1].seq)
    assert await history.events.after(host.layer.document_id, 0, 10) == before


async def test_what_was_painted_in_the_host_between_two_edits_comes_back_with_undo(history: History, host: Host):
    await host.edit(A, 1)
    host.pixels = host.pixels.copy()
    host.pixels[0:80, 0:80] = 7
    painted = host.pixels
    await host.edit(C, 2)
    await host.undo()
    assert same_bits(host.pixels, painted)


async def test_what_was_painted_around_an_edit_stays_when_it_is_undone(history: History, host: Host):
    await host.edit(A, 1)
    host.pixels = host.pixels.copy()
    host.pixels[100:, :] = 9
    await host.undo()
    assert (host.pixels[100:, :] == 9).all()


async def test_what_was_painted_between_two_selections_stays_when_both_are_undone(history: History, host: Host):
    source = host.pixels
    await host.edit(A, 1)
    await host.edit(B, 2)
    host.pixels = host.pixels.copy()
    between = PixelRect(62, 45, 98, 58)  # inside the box around both, in tiles that both touch
    host.pixels[between.slices()] = 9
    await host.undo(2)
    assert (host.pixels[between.slices()] == 9).all()
    assert same_bits(host.pixels[A.slices()], source[A.slices()]) and same_bits(
        host.pixels[B.slices()], source[B.slices()]
    )


async def test_a_version_of_the_layer_in_another_size_is_not_restored_but_can_be_looked_at(
    history: History, host: Host
):
    landing = await host.edit(B, 1)
    await history.versions.describe_layer(
        host.layer.document_id, "layer", "Layer", Size(128, 90), host.layer.format, None
    )
    with pytest.raises(OutOfOrder, match="another size"):
        await history.versions.restore(landing.head_version_id, host.person)
    with pytest.raises(NothingTo):
        await host.undo()
    assert same_bits(await history.versions.patch_of(landing.versions[0]), paint(B, seed=1))
    assert [version.kind for version in await history.versions.tree(host.layer.layer_id)] == [
        "source",
        "edit",
        "source",
    ]
    assert await history.versions.last_edit(host.layer.layer_id) is None


async def test_moves_of_what_is_not_there_are_not_found(history: History, host: Host):
    for move in (
        history.versions.undo("nothing", 1, host.person),
        history.versions.redo("nothing", 1, host.person),
        history.versions.restore("nothing", host.person),
    ):
        with pytest.raises(NotFound):
            await move


async def test_the_last_edit_is_the_heads(history: History, host: Host):
    versions = history.versions
    assert await versions.last_edit(host.layer.layer_id) is None
    await host.edit(A)
    first = await host.head()
    await host.edit(B)
    await host.undo()
    last = await versions.last_edit(host.layer.layer_id)
    assert last is not None and last.version_id == first


async def test_between_says_which_cells_differ_and_with_which_contents(history: History, host: Host):
    source = await host.head()
    await host.edit(A, 1)
    first = await host.head()
    await host.edit(A, 2)
    second = await host.head()
    there = (await history.versions.between(first, second)).tiles
    back = (await history.versions.between(second, first)).tiles
    assert set(there) == set(back)
    assert all(there[cell] != back[cell] for cell in there)
    assert (await history.versions.between(first, first)).tiles == {}
    assert set((await history.versions.between(second, source)).tiles) == set(there)


# ── a random life of a layer, beside a model that keeps whole pictures ────────────────────────────────────────────


class Model:
    """Whole pictures, and the children that were shown last; nothing clever."""

    def __init__(self, source_id: str, picture: Pixels) -> None:
        self.parents: dict[str, str | None] = {source_id: None}
        self.pictures = {source_id: picture}
        self.shown_last: dict[str, str] = {}
        self.head = source_id

    def way_up(self, version_id: str) -> list[str]:
        way = [version_id]
        while (parent := self.parents[way[-1]]) is not None:
            way.append(parent)
        return way

    def go(self, version_id: str) -> None:
        self.head = version_id
        way = self.way_up(version_id)
        for child, parent in pairwise(way):
            self.shown_last[parent] = child

    def add(self, version_id: str, parent: str, picture: Pixels) -> None:
        self.parents[version_id] = parent
        self.pictures[version_id] = picture

    def undone(self, count: int) -> str:
        way = self.way_up(self.head)
        return way[min(count, len(way) - 1)]

    def redone(self, count: int) -> str:
        at = self.head
        for _ in range(count):
            at = self.shown_last.get(at, at)
        return at


SIZE = Size(150, 140)


@st.composite
def places(draw: st.DrawFn) -> tuple[PixelRect, Mask]:
    x0, y0 = draw(st.integers(0, SIZE.width - 1)), draw(st.integers(0, SIZE.height - 1))
    rect_px = PixelRect(x0, y0, draw(st.integers(x0 + 1, SIZE.width)), draw(st.integers(y0 + 1, SIZE.height)))
    holes = draw(st.sampled_from([0.0, 0.5]))
    rng = np.random.default_rng(draw(st.integers(0, 9)))
    mask = np.where(rng.random((rect_px.height, rect_px.width)) < holes, 0, 255).astype(np.uint8)
    return rect_px, mask


STEPS = st.one_of(
    st.tuples(st.just("edit"), places(), st.integers(1, 2)),
    st.tuples(st.just("stale"), places(), st.integers(0, 20)),
    st.tuples(st.just("undo"), st.integers(1, 3)),
    st.tuples(st.just("redo"), st.integers(1, 3)),
    st.tuples(st.just("restore"), st.integers(0, 20)),
)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[asyncio.Runner, History]]:
    """One history for all lives: each has a layer of its own."""
    with asyncio.Runner() as runner:
        folder = tmp_path_factory.mktemp("lives")
        history = runner.run(History.open(folder, durable=False, blobs=MemoryBlobs()))
        yield runner, history
        runner.run(history.close())


@given(steps=st.lists(STEPS, min_size=1, max_size=14))
@settings(max_examples=60)
def test_after_any_life_of_a_layer_the_host_shows_the_picture_of_the_head(
    opened: tuple[asyncio.Runner, History], steps: list[tuple]
):
    runner, history = opened
    runner.run(live(history, steps))


async def live(history: History, steps: list[tuple]) -> None:
    host = await Host.open(history, SIZE)
    model = Model(await host.head(), host.pixels)
    for number, step in enumerate(steps):
        await take(step, number, host, model)
        assert await host.head() == model.head
        assert same_bits(host.pixels, model.pictures[model.head])
    events = await history.events.after(host.layer.document_id, 0, 1000)
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    ids = [version.version_id for version in await history.versions.tree(host.layer.layer_id)]
    assert ids == list(model.parents)


async def take(step: tuple, number: int, host: Host, model: Model) -> None:
    versions = host.history.versions
    match step:
        case ("edit", (rect_px, mask), count):
            results = [paint(rect_px, seed=100 * number + candidate) for candidate in range(count)]
            edit = host.finished(rect_px, model.head, *results, mask=mask)
            parent, shown = model.head, host.pixels
            landing = await versions.land(edit)
            for version, result in zip(landing.versions, results, strict=True):
                model.add(version.version_id, parent, pasted(shown, rect_px, mask, result))
            model.go(landing.versions[0].version_id)
            host.show(rect_px, mask, results[0])
        case ("stale", (rect_px, mask), which):
            base = list(model.parents)[which % len(model.parents)]
            result = paint(rect_px, seed=100 * number)
            edit = host.finished(rect_px, base, result, mask=mask, shown=model.pictures[base])
            landing = await versions.land(edit)
            (version,) = landing.versions
            assert touched_since(base, model, rect_px, mask) == (landing.conflict_with is not None)
            if landing.conflict_with is not None:
                model.add(version.version_id, base, pasted(model.pictures[base], rect_px, mask, result))
            else:
                model.add(version.version_id, model.head, pasted(host.pixels, rect_px, mask, result))
                model.go(version.version_id)
                host.show(rect_px, mask, result)
        case ("undo", count):
            await either(host.undo, count, model, model.undone(count))
        case ("redo", count):
            await either(host.redo, count, model, model.redone(count))
        case ("restore", which):
            target = list(model.parents)[which % len(model.parents)]
            await host.restore(target)
            model.go(target)


async def either(move, count: int, model: Model, target: str) -> None:
    if target == model.head:
        with pytest.raises(NothingTo):
            await move(count)
    else:
        await move(count)
        model.go(target)


def touched_since(base: str, model: Model, rect_px: PixelRect, mask: Mask) -> bool:
    """Whether anything under the mask was edited on the way from the base to the head, by the pictures alone."""
    up, down = model.way_up(base), model.way_up(model.head)
    steps = {(version, model.parents[version]) for version in set(up) ^ set(down)}
    return any(
        parent is not None
        and ((model.pictures[version] != model.pictures[parent]).any(axis=2)[rect_px.slices()] & (mask > 0)).any()
        for version, parent in steps
    )
