"""Places followed from version to version: held against labels that are carried along pixel by pixel."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from support.histories import Host, box_mask, paint
from support.pictures import RGB8

from bridge.errors import NotFound
from bridge.history.records import Comment, NewComment
from bridge.history.store import History
from bridge.review.comments import Comments
from bridge.review.places import Place, Places
from engine.api import Canvas
from engine.geometry import PixelRect, Size

PLACE = PixelRect(20, 30, 60, 70)


class Told(Host):
    """A host whose versions are told in one line each."""

    async def shape(self, canvas: Canvas, mask: np.ndarray | None = None) -> str:
        """The layer becomes that; returns the new version."""
        whole_px = canvas.size.rect
        plain = self.finished(self.layer.size.rect, await self.head(), self.pixels)
        pixels = paint(whole_px, canvas.format, 5)
        edit = replace(
            plain,
            rect_px=whole_px,
            mask=box_mask(whole_px, 0) if mask is None else mask,
            candidates=(replace(plain.candidates[0], pixels=pixels),),
            canvas=canvas,
        )
        landing = await self.history.versions.land(edit)
        self.layer, self.pixels = await self.history.versions.layer(self.layer.layer_id), pixels
        return landing.head_version_id

    async def touch(self, rect_px: PixelRect, mask: np.ndarray | None = None) -> str:
        return (await self.edit(rect_px, mask=mask)).head_version_id

    async def say(self, rect_px: PixelRect | None, version_id: str | None = None) -> Comment:
        comments = Comments(self.history.database)
        head = version_id or await self.head()
        number = random.getrandbits(60)
        return await comments.add(NewComment(f"comment-{number}", head, "Hm.", rect_px, None), self.person)

    async def place(self, comment: Comment, version_id: str) -> Place:
        return (await Places(self.history.database, self.history.blobs).of([comment], version_id))[0]


@pytest.fixture
async def told(history: History) -> Told:
    host = await Told.open(history)
    assert isinstance(host, Told)
    return host


async def test_a_place_stays_and_is_the_same_until_an_edit_meets_it(told: Told):
    source = await told.head()
    comment = await told.say(PLACE)
    assert await told.place(comment, source) == Place(comment.comment_id, "here", PLACE, True, ())
    elsewhere = await told.touch(PixelRect(100, 100, 150, 150))
    assert await told.place(comment, elsewhere) == Place(comment.comment_id, "here", PLACE, True, ())
    first = await told.touch(PixelRect(0, 0, 25, 35))
    second = await told.touch(PLACE)
    assert await told.place(comment, second) == Place(comment.comment_id, "here", PLACE, False, (first, second))
    assert (await told.place(comment, elsewhere)).is_same


async def test_a_selection_that_is_empty_at_the_place_does_not_change_it(told: Told):
    comment = await told.say(PLACE)
    around = PixelRect(0, 0, 100, 100)
    mask = box_mask(around)
    mask[30:70, 20:60] = 0
    head = await told.touch(around, mask)
    assert (await told.place(comment, head)).is_same
    mask[69, 59] = 1
    head = await told.touch(around, mask)
    assert (await told.place(comment, head)).changed_by == (head,)


async def test_a_place_moves_with_an_extended_and_a_cropped_canvas_and_back(told: Told):
    source = await told.head()
    comment = await told.say(PLACE)
    wider = Canvas(Size(420, 260), RGB8, 60, 30)
    grown = box_mask(wider.size.rect)
    grown[30:230, 60:360] = 0
    extended = await told.shape(wider, grown)
    assert await told.place(comment, extended) == Place(
        comment.comment_id, "here", PixelRect(80, 60, 120, 100), True, ()
    )
    cropped = await told.shape(Canvas(Size(100, 90), RGB8, -90, -70))
    assert (await told.place(comment, cropped)).rect_px == PixelRect(0, 0, 30, 30)
    later = await told.say(PixelRect(0, 0, 10, 10))
    assert (await told.place(later, extended)).rect_px == PixelRect(90, 70, 100, 80)
    assert (await told.place(later, source)).rect_px == PixelRect(30, 40, 40, 50)
    away = await told.shape(Canvas(Size(50, 50), RGB8, -50, -40))
    assert await told.place(comment, away) == Place(comment.comment_id, "gone", None, False, ())


async def test_a_place_grows_with_an_upscaled_layer(told: Told):
    comment = await told.say(PixelRect(3, 5, 4, 6))
    twice = Canvas(Size(600, 400), RGB8, 0, 0, 2.0)
    head = await told.shape(twice, box_mask(twice.size.rect))
    assert await told.place(comment, head) == Place(comment.comment_id, "here", PixelRect(6, 10, 8, 12), False, (head,))


async def test_a_comment_on_the_whole_version_says_what_came_since(told: Told):
    source = await told.head()
    comment = await told.say(None)
    assert await told.place(comment, source) == Place(comment.comment_id, "whole", None, True, ())
    heads = [await told.touch(PixelRect(number, 0, number + 5, 5)) for number in range(3)]
    assert await told.place(comment, heads[-1]) == Place(comment.comment_id, "whole", None, False, tuple(heads))


async def test_on_another_branch_what_was_left_counts_as_a_difference_and_not_as_an_answer(told: Told):
    source = await told.head()
    await told.touch(PLACE)
    comment = await told.say(PLACE)
    await told.restore(source)
    branch = await told.touch(PixelRect(200, 100, 220, 120))
    assert await told.place(comment, branch) == Place(comment.comment_id, "here", PLACE, False, ())


async def test_no_way_leads_beyond_a_layer_that_was_described_anew(history: History, told: Told):
    comment = await told.say(PLACE)
    layer = await history.versions.describe_layer(told.layer.document_id, "layer", "Layer", Size(50, 50), RGB8, None)
    assert (await told.place(comment, layer.head_version_id)).where == "elsewhere"
    with pytest.raises(NotFound):
        await told.place(comment, "nothing")


@pytest.mark.parametrize("seed", range(3))
async def test_over_a_whole_life_every_place_is_where_its_pixels_are(told: Told, seed: int):
    rng = random.Random(seed)
    labels = {await told.head(): np.arange(300 * 200).reshape(200, 300)}
    fresh = 1_000_000

    def some_rect(size: Size) -> PixelRect:
        x0, y0 = rng.randrange(size.width - 1), rng.randrange(size.height - 1)
        return PixelRect(x0, y0, rng.randint(x0 + 1, size.width), rng.randint(y0 + 1, size.height))

    for _ in range(14):
        base = labels[await told.head()]
        if rng.random() < 0.3:
            size = Size(rng.randint(150, 400), rng.randint(100, 300))
            canvas = Canvas(size, RGB8, rng.randint(-60, 90), rng.randint(-60, 90))
            after = np.full((size.height, size.width), -1)
            old_px = told.layer.size.rect.shift(canvas.x0, canvas.y0).intersect(size.rect)
            if old_px.is_empty:
                continue
            after[old_px.slices()] = base[old_px.shift(-canvas.x0, -canvas.y0).slices()]
            mask = np.where(after < 0, 255, 0).astype(np.uint8)
            head = await told.shape(canvas, mask)
        else:
            rect_px = some_rect(told.layer.size)
            mask = (np.random.default_rng(rng.randrange(10**9)).random((rect_px.height, rect_px.width)) < 0.05) * 255
            mask = mask.astype(np.uint8)
            mask[rng.randrange(rect_px.height), rng.randrange(rect_px.width)] = 255
            head = await told.touch(rect_px, mask)
            after, inside = base.copy(), np.zeros(base.shape, bool)
            inside[rect_px.slices()] = mask > 0
            after[inside] = -1
        fresh += 1_000_000
        after[after < 0] = fresh + np.arange((after < 0).sum())
        labels[head] = after
        if rng.random() < 0.25:
            target = rng.choice(list(labels))
            move = await told.history.versions.restore(target, told.person)
            told.layer = await told.history.versions.layer(move.layer_id)
            told.pixels = paint(told.layer.size.rect)
    places = Places(told.history.database, told.history.blobs)
    comments = [
        await told.say(some_rect(Size(there.shape[1], there.shape[0])), version_id)
        for version_id, there in labels.items()
        for _ in range(2)
    ]
    found: dict[str, int] = {}
    for version_id, shown in labels.items():
        for comment, place in zip(comments, await places.of(comments, version_id), strict=True):
            first = labels[comment.version_id][comment.rect_px.slices()]
            if place.where == "gone":
                found["gone"] = found.get("gone", 0) + 1
                continue
            assert place.rect_px is not None
            now = shown[place.rect_px.slices()]
            kept = np.isin(now, first)
            assert place.is_same == kept.all()
            if kept.any():  # what is left of the place is in the same order
                row, col = (int(one[0]) for one in np.nonzero(kept))
                top, left = (int(one[0]) for one in np.nonzero(first == now[row, col]))
                y, x = top - row, left - col
                assert y >= 0 and x >= 0 and first.shape[0] >= y + now.shape[0] and first.shape[1] >= x + now.shape[1]
                part = first[y : y + now.shape[0], x : x + now.shape[1]]
                assert np.array_equal(part[kept], now[kept])
            name = "same" if place.is_same else "changed"
            found[name] = found.get(name, 0) + 1
    assert min(found.get("same", 0), found.get("changed", 0)) > 10
