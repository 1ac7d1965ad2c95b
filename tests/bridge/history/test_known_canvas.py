"""What is known of a layer at a version, held against a plain model that looks at one cell at a time."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, event
from sqlalchemy.orm import Session
from support.histories import Host, same_bits

from bridge.errors import NotFound
from bridge.grid import assemble
from bridge.history.canvas import KnownCanvas, canvas_at
from bridge.history.schema import Base, LayerRow, SharedTileRow, TileRow, VersionRow
from engine.api import Pixels
from engine.geometry import PixelRect, Size, TileIndex

LEFT, RIGHT = PixelRect(10, 10, 90, 90), PixelRect(200, 20, 290, 120)


class Tree:
    """Versions as lists: what the plain model reads, and the rows of a database."""

    def __init__(self) -> None:
        self.parents: list[int | None] = []
        self.cells: list[int] = []
        self.changes: list[bool] = []
        self.before: list[dict[int, int]] = []
        self.after: list[dict[int, int]] = []
        self.shared: list[dict[int, int]] = []
        self.contents = 0

    def add(self, parent: int | None, touched: set[int], cells: int, *, changes: bool = False) -> None:
        """A version: ``touched`` cells get contents that there have never been."""
        old = 0 if parent is None else self.cells[parent]
        self.parents.append(parent)
        self.cells.append(cells)
        self.changes.append(changes)
        self.before.append({c: self._new() for c in (range(old) if changes else touched)})
        self.after.append({c: self._new() for c in (range(cells) if changes else touched)})
        self.shared.append({})

    def share(self, number: int, cells: set[int]) -> None:
        self.shared[number] |= {c: self._new() for c in cells if c < self.cells[number]}

    def _new(self) -> int:
        self.contents += 1
        return self.contents

    # ── the plain model ──────────────────────────────────────────────────────────────────────────────────────

    def known(self, number: int) -> dict[int, int]:
        found = {c: self._of(number, c) for c in range(self.cells[number])}
        return {c: content for c, content in found.items() if content is not None}

    def _of(self, number: int, c: int) -> int | None:
        way: list[int] = []
        here: int | None = number
        while here is not None:
            way.append(here)
            for contents in (self.shared, self.after):
                if c in contents[here]:
                    return contents[here][c]
            if self.changes[here]:
                return None
            here = self.parents[here]
        others = sorted(
            (far, -one, one) for one in range(len(self.parents)) if (far := self._off(one, way)) is not None
        )
        for _, _, one in others:
            if c in self.shared[one] and not any(c in self.after[step] for step in self._between(one, way)):
                return self.shared[one][c]
        for _, _, one in others:
            if c in self.before[one] and not any(c in self.after[step] for step in self._between(one, way)[1:]):
                return self.before[one][c]
        return None

    def _between(self, one: int, way: list[int]) -> list[int]:
        steps: list[int] = []
        here: int | None = one
        while here is not None and here not in way:
            steps.append(here)
            here = self.parents[here]
        return steps

    def _off(self, one: int, way: list[int]) -> int | None:
        """How many versions from the way; None on it, in another tree, or beyond a change of the canvas."""
        steps = self._between(one, way)
        if not steps or self.parents[steps[-1]] not in way or any(self.changes[step] for step in steps[1:]):
            return None
        return len(steps)

    # ── the same in a database ───────────────────────────────────────────────────────────────────────────────

    def stored(self) -> Session:
        database = create_engine("sqlite://")
        Base.metadata.create_all(database)
        session = Session(database)
        now = datetime.now(UTC)
        session.add(
            LayerRow(
                layer_id="layer", document_id="d", key="k", name="", width=1, height=1, depth="u8", channels=3,
                alpha="none", profile=b"p", head_version_id="0", created_at=now,
            )
        )  # fmt: skip
        for number, parent in enumerate(self.parents):
            session.add(
                VersionRow(
                    version_id=str(number), layer_id="layer", parent_id=None if parent is None else str(parent),
                    seq=number, kind="source" if parent is None else "edit", state="landed",
                    width=self.cells[number] * 128 - 3, height=90, depth="u8", channels=3, alpha="none",
                    x0=0, y0=0, x1=0, y1=0, layers=[], text="", plan="", says=[], model="", weights_hash="", device="",
                    person_id="p", created_at=now, engine_s=0.0, notes=[],
                    **({"canvas_x": 0, "canvas_y": 0, "canvas_scale": 1.0} if self.changes[number] else {}),
                )
            )  # fmt: skip
            before, after = self.before[number], self.after[number]
            for c in before.keys() | after.keys():
                session.add(
                    TileRow(
                        version_id=str(number), col=c, row=0, before_hash=_hash(before.get(c)),
                        after_hash=_hash(after.get(c)),
                    )
                )  # fmt: skip
            for c, content in self.shared[number].items():
                session.add(SharedTileRow(version_id=str(number), col=c, row=0, tile_hash=_hash(content) or b""))
        session.flush()
        return session


def _hash(content: int | None) -> bytes | None:
    return None if content is None else content.to_bytes(4, "big")


@st.composite
def trees(draw: st.DrawFn) -> Tree:
    """Chains, branches, new canvases, layers described anew, and pictures shared on the way."""
    tree = Tree()
    tree.add(None, set(), draw(st.integers(1, 4)))
    some = st.sets(st.integers(0, 3), max_size=4)
    for _ in range(draw(st.integers(0, 12))):
        # Mostly one after another, as an edit comes after an edit; sometimes from where somebody went back to.
        parent = draw(st.just(len(tree.parents) - 1) | st.integers(0, len(tree.parents) - 1))
        match draw(st.sampled_from(("edit", "edit", "edit", "share", "canvas", "anew"))):
            case "edit":
                tree.add(parent, {c for c in draw(some) if c < tree.cells[parent]}, tree.cells[parent])
            case "share":
                tree.share(parent, draw(some))
            case "canvas":
                tree.add(parent, set(), draw(st.integers(1, 4)), changes=True)
            case _:
                tree.add(None, set(), draw(st.integers(1, 4)))
    return tree


@given(trees())
def test_what_is_known_is_what_a_look_at_each_cell_alone_finds(tree: Tree):
    session = tree.stored()
    for number in range(len(tree.parents)):
        known = canvas_at(session, str(number))
        assert known.size == Size(tree.cells[number] * 128 - 3, 90)
        plain = tree.known(number)
        assert known.tiles == {TileIndex(c, 0): _hash(content) for c, content in plain.items()}
        assert known.is_whole == (len(plain) == tree.cells[number])


def test_a_thousand_versions_are_read_in_a_few_questions():
    tree = Tree()
    tree.add(None, set(), 4)
    for number in range(1000):
        tree.add(number, {number % 2}, 4)
    session = tree.stored()
    asked: list[str] = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *call: asked.append(call[2]))
    canvas_at(session, "1000")
    canvas_at(session, "0")
    assert len(asked) < 40


async def pixels_of(host: Host, known: KnownCanvas) -> Pixels:
    held = await host.history.blobs.get_many(known.tiles.values())
    rect_px = known.size.rect
    return assemble({cell: held[key] for cell, key in known.tiles.items()}, rect_px, rect_px, known.format)


async def test_only_what_edits_touched_is_known_and_the_rest_is_missing(host: Host):
    source = await host.head()
    assert (await host.history.versions.canvas_at(source)).tiles == {}
    landing = await host.edit(LEFT, 1)
    known = await host.history.versions.canvas_at(landing.head_version_id)
    assert set(known.tiles) == {TileIndex(0, 0)} and not known.is_whole
    assert set((await host.history.versions.canvas_at(source)).tiles) == {TileIndex(0, 0)}


async def test_where_edits_touched_all_of_it_every_version_is_known_to_the_bit(host: Host):
    whole_px = host.layer.size.rect
    shown: dict[str, Pixels] = {await host.head(): host.pixels}
    for seed, rect_px in enumerate((LEFT, RIGHT, whole_px, LEFT)):
        landing = await host.edit(rect_px, seed)
        shown[landing.head_version_id] = host.pixels
        if seed == 1:
            await host.undo(2)
            landing = await host.edit(RIGHT, 9)
            shown[landing.head_version_id] = host.pixels
    for version_id, pixels in shown.items():
        known = await host.history.versions.canvas_at(version_id)
        assert known.is_whole and same_bits(await pixels_of(host, known), pixels)


async def test_a_version_that_is_not_there_is_told_so(host: Host):
    with pytest.raises(NotFound):
        await host.history.versions.canvas_at("nothing")
