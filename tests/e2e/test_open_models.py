"""Open models from words to pixels: chosen, named, pinned to a document, lacking, without room, dying at work."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytest_asyncio
from support.pictures import RGB8, changed_outside, picture
from support.worker_models import put

from bridge.client import EditHandle, InlayClient, Layer, Models, Outcome, Planned, Reference, RemoteError
from bridge.compose import Bridge, running_bridge
from bridge.settings import Settings
from engine.api import Mask
from engine.host import OpenModels, WorkerEngine

pytestmark = pytest.mark.asyncio(loop_scope="module")
TESTS = Path(__file__).parent.parent
HEIGHT, WIDTH = 96, 128


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def bridge(folder: Path) -> AsyncIterator[Bridge]:
    os.environ["PYTHONPATH"] = str(TESTS)
    models = OpenModels(folder / "models")
    engine = WorkerEngine(device="cpu", threads=1, operations="support.worker_models:OPERATIONS", models=models)
    async with running_bridge(Settings(data_folder=folder, port=0, durable=False), engine) as bridge:
        yield bridge


@pytest.fixture
def here(folder: Path) -> Any:
    """Put models there; they are gone afterwards."""

    def pulled(*names: str) -> None:
        put(folder / "models", *names)

    yield pulled
    shutil.rmtree(folder / "models", ignore_errors=True)


def box() -> Mask:
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[30:60, 40:90] = 255
    return mask


async def opened(client: InlayClient, key: str) -> Layer:
    return await client.open_layer(key, picture(HEIGHT, WIDTH), RGB8)


async def said(handle: EditHandle) -> tuple[tuple[str, ...], Outcome]:
    """What the plan said, and how it ended."""
    says: tuple[str, ...] = ()
    async for event in handle.events():
        if isinstance(event, Planned):
            says = event.says
    return says, await handle.result()


async def drawn(client: InlayClient, layer: Layer, text: str, **more: Any) -> tuple[tuple[str, ...], Outcome]:
    before = layer.pixels
    says, outcome = await said(await client.edit(layer, text, mask=box(), **more))
    layer.apply(outcome.patches[0])
    layer.head_version_id = outcome.head_version_id
    assert changed_outside(before, layer.pixels, box()) == 0
    return says, outcome


async def test_an_open_model_widens_what_can_be_drawn_from_the_moment_it_is_here(client: InlayClient, here: Any):
    layer = await opened(client, "widens")
    with pytest.raises(RemoteError) as refused:
        await (await client.edit(layer, "replace it with a cat", mask=box())).result()
    assert refused.value.code == "not_understood" and "inlay models pull" in refused.value.hint
    here("meissonic")
    says, outcome = await drawn(client, layer, "replace it with a cat")
    assert says[0] == "Fill the selection with cat, drawn by Meissonic." and len(says) == 2
    (version,) = outcome.versions
    assert version.model == "meissonic" and version.says == says
    _, outcome = await drawn(client, layer, "fill with red")
    assert outcome.versions[0].model == "materials"


async def test_what_repeats_an_edit_keeps_its_model_unless_another_is_named(
    client: InlayClient, here: Any, folder: Path
):
    here("meissonic")
    layer = await opened(client, "repeats")
    await drawn(client, layer, "fill this with brick wall using meissonic")
    for words in ("again", "another one"):
        says, outcome = await said(await client.edit(layer, words))
        layer.apply(outcome.patches[0])
        assert outcome.versions[0].model == "meissonic", words
    _, outcome = await said(await client.edit(layer, "again using the built-in model"))
    layer.apply(outcome.patches[0])
    assert outcome.versions[0].model != "meissonic"
    await client.undo(layer)
    shutil.rmtree(folder / "models")
    with pytest.raises(RemoteError) as refused:
        await (await client.edit(layer, "again")).result()
    assert refused.value.code == "no_model" and "inlay models pull meissonic" in refused.value.hint


async def test_an_instruction_is_drawn_where_a_model_reads_it_and_asked_back_on_where_none_does(
    client: InlayClient, here: Any
):
    layer = await opened(client, "instruction")
    here("meissonic")
    with pytest.raises(RemoteError) as refused:
        await (await client.edit(layer, "make it sing", mask=box())).result()
    assert refused.value.code == "not_understood"
    with pytest.raises(RemoteError) as refused:
        await (await client.edit(layer, "make it sing", mask=box(), model="meissonic")).result()
    assert refused.value.code == "not_understood"
    here("editmgt")  # it has no room in this worker, and no other one reads instructions
    with pytest.raises(RemoteError) as refused:
        await (await client.edit(layer, "make it sing", mask=box())).result()
    assert refused.value.code == "out_of_memory" and "EditMGT" in str(refused.value)


async def test_a_picture_that_came_with_the_words_is_looked_at_or_it_is_said_that_it_was_not(
    client: InlayClient, here: Any
):
    here("meissonic", "lumina-dimoo")
    layer = await opened(client, "beside")
    other = (Reference(picture(40, 50), RGB8),)
    says, outcome = await drawn(client, layer, "replace it with a cat", references=other)
    assert says[-1] == "Lumina-DiMOO looks at image 1 with the words."
    assert outcome.versions[0].model == "lumina-dimoo" and not any(
        "looked" in note for note in outcome.versions[0].notes
    )
    with pytest.raises(RemoteError) as refused:
        await (await client.edit(layer, "again")).result()
    assert refused.value.code == "needs_reference" and "image 1" in str(refused.value)
    says, outcome = await drawn(client, layer, "replace it with a dog using meissonic", references=other)
    assert says[-1] == "Meissonic does not look at other pictures: image 1 will not be used."
    _, outcome = await said(await client.edit(layer, "again using lumina-dimoo"))
    assert outcome.versions[0].model == "lumina-dimoo", "no picture had been looked at, so none is asked for"
    _, outcome = await said(await client.edit(layer, "again using meissonic"))
    assert outcome.versions[0].model == "meissonic" and not any("looked" in note for note in outcome.versions[0].notes)


async def test_without_room_the_next_model_draws_it_and_the_notes_say_so(client: InlayClient, here: Any):
    here("editmgt", "meissonic")
    layer = await opened(client, "room")
    says, outcome = await drawn(client, layer, "replace it with a cat")
    assert "EditMGT is the best" in says[1]
    (version,) = outcome.versions
    assert version.model == "meissonic"
    assert version.notes[0] == "there was no room for EditMGT: Meissonic drew it"
    _, outcome = await drawn(client, layer, "remove this using meissonic")
    assert outcome.versions[0].model == "meissonic" and outcome.versions[0].notes == ()


async def test_a_worker_that_dies_of_a_model_costs_only_that_edit(client: InlayClient, here: Any):
    here("amused-512", "meissonic")
    layer = await opened(client, "dies")
    before = layer.pixels.copy()
    with pytest.raises(RemoteError) as refused:
        await drawn(client, layer, "replace it with a cat", model="amused-512")
    assert refused.value.code == "worker_crashed" and np.array_equal(layer.pixels, before)
    _, outcome = await drawn(client, layer, "replace it with a cat", model="meissonic")
    assert outcome.versions[0].model == "meissonic"


async def test_a_document_is_pinned_for_everybody_in_it(client: InlayClient, here: Any):
    here("editmgt", "meissonic")
    layer = await opened(client, "pinned")
    events: list[tuple[str, str]] = []
    client.listen(lambda event: events.append((event.kind, event.detail)))
    models = Models(client)
    assert {one.name: one.present for one in await models.list()} == {
        "editmgt": True, "meissonic": True, "lumina-dimoo": False, "amused-512": False, "amused-256": False
    }  # fmt: skip
    pinned = await models.pin(layer.document_id, "meissonic")
    assert (pinned.model, pinned.present) == ("meissonic", True)
    says, outcome = await drawn(client, layer, "replace it with a cat")
    assert says[1] == "Meissonic is this document's model." and outcome.versions[0].notes == ()
    infos = {one.document_id: one.model for one in await client.documents()}
    assert infos[layer.document_id] == "meissonic" and ("document.model", "meissonic") in events

    assert not (await models.pin(layer.document_id, "lumina-dimoo")).present
    with pytest.raises(RemoteError) as refused:
        await (await client.edit(layer, "replace it with a cat", mask=box())).result()
    assert refused.value.code == "no_model" and "this document's model" in str(refused.value)
    assert (await drawn(client, layer, "fill with red"))[1].versions[0].model == "materials"
    assert (await drawn(client, layer, "remove this using meissonic", model="auto"))[1].versions[0].model == "meissonic"

    with pytest.raises(RemoteError) as refused:
        await models.pin(layer.document_id, "flux")
    assert refused.value.code == "no_model"
    assert (await models.pin(layer.document_id, "auto")).model == "auto"
