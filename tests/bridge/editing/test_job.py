"""What one edit works on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from support.pictures import RGB8, picture

from bridge.editing.job import job_of, understand
from bridge.editing.models import AUTO, NoModel, OpenModels
from bridge.editing.work import Around
from bridge.errors import BadPixels, NeedsSelection, NothingTo, NotUnderstood, TooLarge
from bridge.history.records import Layer, Version
from bridge.history.tree import Difference
from bridge.protocol import messages as m
from engine.commands.plan import Again, Combine, PlaceImage, Plan, Remove, Replace, Variations
from engine.geometry import PixelRect, Size, TileIndex

LAYER = Layer("layer", "document", "key", "name", Size(1000, 800), RGB8, None, "v2")
START = m.EditStart(id=1, edit_id="edit-0001", layer_id="layer", text="remove this", mask_rect_px=(10, 20, 110, 90))


class OneEdit:
    """A history whose layer has one edit, or none."""

    def __init__(self, last: Version | None) -> None:
        self.last = last

    async def last_edit(self, layer_id: str) -> Version | None:
        return self.last

    async def between(self, start: str, end: str) -> Difference:
        return Difference({TileIndex(0, 0): b"x" * 32}, PLACE)

    async def layer_at(self, layer: Layer, version_id: str) -> Layer:
        return replace(layer, head_version_id=version_id)


PLAN = Plan()
AROUND = Around("edit-0001", None, (), (), True)
PLACE = PixelRect(300, 300, 400, 380)


def edited(rect_px: PixelRect = PLACE) -> Version:
    return Version(
        "v2", "layer", "v1", "edit-0000", "edit", "landed", rect_px, b"m" * 32, "remove the cup", "{}", (), "exemplar",
        "", "cpu", 5, "Ada", datetime.now(UTC), 0.1, (), LAYER.size, LAYER.format,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "has_selection", "error"),
    [
        ("remove this", False, NeedsSelection),
        ("make it sing", True, NotUnderstood),
        ("make it sing", False, NotUnderstood),
    ],
)
def test_what_is_not_clear_is_an_error_that_says_what_to_do(text: str, has_selection: bool, error: type[Exception]):
    with pytest.raises(error):
        understand(text, has_selection=has_selection)


async def test_a_removal_works_on_the_selection_from_the_head():
    job = await job_of((Remove(),), PLAN, START, LAYER, 7, OneEdit(None))  # type: ignore[arg-type]
    assert job.rect_px == PixelRect(10, 20, 110, 90)
    assert job.base_version_id == "v2" and job.instead_of is None and job.mask_of is None
    assert job.reach_px.contains(job.rect_px) and LAYER.size.rect.contains(job.reach_px)


async def test_a_fill_sends_its_words_and_sees_only_a_strip_around_the_selection():
    job = await job_of((Replace(prompt="brick wall"),), PLAN, START, LAYER, 7, OneEdit(None))  # type: ignore[arg-type]
    pixels = np.zeros((job.reach_px.height, job.reach_px.width, 3), np.uint8)
    work = job.work(pixels, np.full((70, 100), 255, np.uint8))
    request = work.request(job.takes[0].operations[0], AROUND, 7)
    assert (request.operation, request.prompt) == ("replace", "brick wall")
    assert job.reach_px.area < 2.5 * (100 + 96) * (70 + 96) / 2


async def test_pictures_are_asked_for_where_an_operation_uses_them_and_no_others():
    info = m.ReferenceInfo(width=30, height=20, depth="u8", channels=3, alpha="none")
    start = START.model_copy(update={"references": (info, info, info)})
    operations = (PlaceImage(reference=3), Combine(references=(3, 1)), Replace(prompt="brick wall"))
    job = await job_of(operations, PLAN, start, LAYER, 7, OneEdit(None))  # type: ignore[arg-type]
    assert job.pictures == (1, 3)


async def test_again_and_another_one_do_what_the_last_edit_did():
    last = replace(edited(), text="fill with brick wall")
    for operation in (Again(), Variations()):
        job = await job_of(operation, PLAN, START, LAYER, 7, OneEdit(last))  # type: ignore[arg-type]
        assert job.takes[0].operations == (Replace(prompt="brick wall"),)


@pytest.mark.parametrize("operation", [Again(), Variations()])
async def test_what_repeats_an_edit_is_drawn_by_the_model_that_drew_it_unless_another_is_named(
    operation: Again | Variations,
):
    drawn = Plan.of((Replace(prompt="cat", model="meissonic"),))
    last = OneEdit(replace(edited(), text="replace it with a cat", plan=drawn.model_dump_json()))
    here = OpenModels(("meissonic", "amused-512"), of_document="amused-512")
    for asked, models, model in (
        (operation, here, "meissonic"),
        (operation.model_copy(update={"model": "amused-512"}), here, "amused-512"),
        (operation, here.for_edit(AUTO, "amused-512"), "meissonic"),
    ):
        job = await job_of(asked, PLAN, START, LAYER, 7, last, models)  # type: ignore[arg-type]
        assert job.takes[0].operations == (Replace(prompt="cat", model=model),)
        assert (
            job.work(np.zeros((job.reach_px.height, job.reach_px.width, 3), np.uint8), None)
            .request(Replace(prompt="cat", region="all", model=model), AROUND, 7)
            .model
            == model
        )
    with pytest.raises(NoModel):
        await job_of(operation, PLAN, START, LAYER, 7, last, OpenModels())  # type: ignore[arg-type]


async def test_again_by_a_model_that_looks_at_pictures_shows_it_those_that_came_now_and_asks_for_none():
    drawn = Plan.of((Replace(prompt="cat", model="meissonic"),))
    last = OneEdit(replace(edited(), text="replace it with a cat", plan=drawn.model_dump_json()))
    info = m.ReferenceInfo(width=30, height=20, depth="u8", channels=3, alpha="none")
    here, asked = OpenModels(("meissonic", "lumina-dimoo")), Again(model="lumina-dimoo")
    for came, looked_at in (((), ()), ((info, info), (1,))):
        start = START.model_copy(update={"references": came})
        job = await job_of(asked, PLAN, start, LAYER, 7, last, here)  # type: ignore[arg-type]
        assert job.pictures == looked_at
        assert job.takes[0].operations == (Replace(prompt="cat", references=looked_at or None, model="lumina-dimoo"),)


async def test_words_that_are_not_understood_any_more_cannot_be_repeated():
    last = replace(edited(), text="make it sing")
    with pytest.raises(NothingTo):
        await job_of(Again(), PLAN, START, LAYER, 7, OneEdit(last))  # type: ignore[arg-type]


async def test_seeds_of_variations_follow_each_other_and_wrap():
    job = await job_of((Remove(),), PLAN, START.model_copy(update={"variations": 3}), LAYER, 2**32 - 1, OneEdit(None))  # type: ignore[arg-type]
    assert [take.seed for take in job.takes] == [2**32 - 1, 0, 1]


async def test_again_repeats_the_last_selection_on_top_of_the_head():
    start = START.model_copy(update={"mask_rect_px": None, "text": "again"})
    job = await job_of(Again(), PLAN, start, LAYER, 7, OneEdit(edited()))  # type: ignore[arg-type]
    assert job.rect_px == PixelRect(300, 300, 400, 380)
    assert job.mask_of is not None and job.base_version_id == "v2" and job.text == "remove the cup"


async def test_again_with_a_new_selection_uses_that():
    job = await job_of(Again(), PLAN, START, LAYER, 7, OneEdit(edited()))  # type: ignore[arg-type]
    assert job.rect_px == PixelRect(10, 20, 110, 90) and job.mask_of is None


async def test_another_one_starts_where_the_last_edit_started():
    job = await job_of(Variations(count=2), PLAN, START, LAYER, 7, OneEdit(edited()))  # type: ignore[arg-type]
    assert job.base_version_id == "v1" and job.instead_of == "v2" and len(job.takes) == 2
    assert job.overrides == {TileIndex(0, 0): b"x" * 32}


@pytest.mark.parametrize("operation", [Again(), Variations()])
async def test_without_an_edit_there_is_nothing_to_repeat(operation: Again | Variations):
    with pytest.raises(NothingTo):
        await job_of(operation, PLAN, START, LAYER, 7, OneEdit(None))  # type: ignore[arg-type]


async def test_an_edit_of_a_layer_that_has_shrunk_since_is_not_repeated():
    beyond = OneEdit(edited(PixelRect(900, 700, 1200, 900)))
    with pytest.raises(NothingTo):
        await job_of(Again(), PLAN, START.model_copy(update={"mask_rect_px": None}), LAYER, 7, beyond)  # type: ignore[arg-type]


@pytest.mark.parametrize("rect", [(5, 5, 5, 9), (9, 5, 5, 9), (0, 0, 1001, 10)])
async def test_a_selection_that_cannot_be_one_is_refused(rect: tuple[int, int, int, int]):
    with pytest.raises(BadPixels):
        await job_of((Remove(),), PLAN, START.model_copy(update={"mask_rect_px": rect}), LAYER, 7, OneEdit(None))  # type: ignore[arg-type]


async def test_a_selection_beyond_what_the_bridge_holds_is_refused_before_a_pixel_is_sent():
    vast = replace(LAYER, size=Size(300_000, 300_000))
    with pytest.raises(TooLarge):
        await job_of(
            (Remove(),),
            PLAN,
            START.model_copy(update={"mask_rect_px": (0, 0, 200_000, 200_000)}),
            vast,
            7,
            OneEdit(None),  # type: ignore[arg-type]
        )


async def test_the_request_holds_the_mask_on_the_reachs_grid():
    job = await job_of((Remove(),), PLAN, START, LAYER, 7, OneEdit(None))  # type: ignore[arg-type]
    mask = np.full((70, 100), 200, np.uint8)
    pixels = picture(job.reach_px.height, job.reach_px.width)
    request = job.work(pixels, mask).request(Remove(), AROUND, 9)
    assert request.mask.shape == pixels.shape[:2]
    assert request.mask.sum() == mask.astype(int).sum()
    assert (request.mask[job.rect_px.slices(job.reach_px)] == 200).all()
    assert request.seed == 9
