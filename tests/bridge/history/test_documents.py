"""Documents and layers: made once, found again by the host's key, described anew."""

from __future__ import annotations

import asyncio

import pytest
from support.histories import Host
from support.pictures import RGB8

from bridge.errors import NotFound
from bridge.history.store import History
from engine.api import Alpha, Depth, LayerFormat
from engine.geometry import Size

SIZE = Size(300, 200)


@pytest.fixture
async def person(history: History):
    return await history.people.add("Ada", bytes(32))


async def kinds(history: History, document_id: str) -> list[str]:
    return [event.kind for event in await history.events.after(document_id, 0, 100)]


async def test_a_document_is_made_once_and_found_by_its_key(history: History, person):
    one = await history.versions.open_document(person, "file:1", "Poster")
    again = await history.versions.open_document(person, "file:1", "Poster")
    other = await history.versions.open_document(person, "file:2", "Poster")
    assert one == again
    assert one.document_id != other.document_id
    assert (one.title, one.role, one.last_seq) == ("Poster", "owner", 0)
    assert await history.versions.documents(person) == (one, other)


async def test_a_new_title_is_kept_and_an_empty_one_changes_nothing(history: History, person):
    await history.versions.open_document(person, "file:1", "Poster")
    renamed = await history.versions.open_document(person, "file:1", "Flyer")
    assert renamed.title == "Flyer"
    assert await history.versions.open_document(person, "file:1", "") == renamed


async def test_the_same_key_of_two_people_is_two_documents(history: History, person):
    other = await history.people.add("Bob", bytes(range(32)))
    mine = await history.versions.open_document(person, "file:1", "Poster")
    theirs = await history.versions.open_document(other, "file:1", "Poster")
    assert mine.document_id != theirs.document_id
    assert await history.versions.documents(other) == (theirs,)


async def test_a_document_is_pinned_to_a_model_for_everybody_and_told_once(history: History, person):
    document = await history.versions.open_document(person, "file:1", "Poster")
    assert document.model == "" == await history.versions.model_of(document.document_id)
    for _ in range(2):
        await history.versions.pin_model(document.document_id, "meissonic", person)
    assert await history.versions.model_of(document.document_id) == "meissonic"
    assert (await history.versions.document_for(document.document_id, person)).model == "meissonic"
    told = await history.events.after(document.document_id, 0, 100)
    assert [(event.kind, event.detail) for event in told] == [("document.model", "meissonic")]
    with pytest.raises(NotFound):
        await history.versions.pin_model("nowhere", "meissonic", person)
    assert await history.versions.model_of("nowhere") == ""


async def test_opening_at_the_same_moment_makes_one_document(history: History, person):
    opened = await asyncio.gather(*(history.versions.open_document(person, "file:1", "") for _ in range(8)))
    assert len({document.document_id for document in opened}) == 1


async def test_a_new_layer_begins_with_a_source_that_is_its_head(history: History, person):
    document = await history.versions.open_document(person, "file:1", "Poster")
    layer = await history.versions.describe_layer(document.document_id, "l1", "Sky", SIZE, RGB8, b"profile")
    (source,) = await history.versions.tree(layer.layer_id)
    assert (source.kind, source.parent_id, source.version_id) == ("source", None, layer.head_version_id)
    assert source.rect_px.is_empty
    assert layer.profile is not None
    assert await history.blobs.get_many([layer.profile]) == {layer.profile: b"profile"}
    assert await history.versions.layer(layer.layer_id) == layer
    assert await history.versions.layers(document.document_id) == (layer,)
    assert await history.versions.layer_document(layer.layer_id) == document.document_id
    assert await kinds(history, document.document_id) == ["layer.described"]
    with pytest.raises(NotFound):
        await history.versions.mask_of(source)
    with pytest.raises(NotFound):
        await history.versions.patch_of(source)


async def test_describing_a_layer_again_says_nothing_when_nothing_changed(history: History, person):
    document = await history.versions.open_document(person, "file:1", "Poster")
    described = [
        await history.versions.describe_layer(document.document_id, "l1", "Sky", SIZE, RGB8, b"profile")
        for _ in range(3)
    ]
    assert described[0] == described[1] == described[2]
    assert await kinds(history, document.document_id) == ["layer.described"]


async def test_a_new_name_or_profile_is_kept_and_the_head_stays(history: History, person):
    document = await history.versions.open_document(person, "file:1", "Poster")
    one = await history.versions.describe_layer(document.document_id, "l1", "Sky", SIZE, RGB8, None)
    two = await history.versions.describe_layer(document.document_id, "l1", "Heaven", SIZE, RGB8, b"profile")
    assert (two.layer_id, two.head_version_id) == (one.layer_id, one.head_version_id)
    assert (two.name, two.profile is None) == ("Heaven", False)
    assert await kinds(history, document.document_id) == ["layer.described"] * 2


@pytest.mark.parametrize(
    ("size", "format_"),
    [(Size(301, 200), RGB8), (SIZE, LayerFormat(Depth.U16, 3, Alpha.NONE))],
    ids=["size", "format"],
)
async def test_another_size_or_format_begins_a_new_tree_beside_the_old_one(
    history: History, person, size: Size, format_: LayerFormat
):
    document = await history.versions.open_document(person, "file:1", "Poster")
    one = await history.versions.describe_layer(document.document_id, "l1", "Sky", SIZE, RGB8, None)
    two = await history.versions.describe_layer(document.document_id, "l1", "Sky", size, format_, None)
    assert two.layer_id == one.layer_id
    assert two.head_version_id != one.head_version_id
    assert (two.size, two.format) == (size, format_)
    assert [version.kind for version in await history.versions.tree(one.layer_id)] == ["source", "source"]


async def test_what_is_not_there_is_not_found(history: History):
    for asked in (
        history.versions.layer("nothing"),
        history.versions.version("nothing"),
        history.versions.tree("nothing"),
        history.versions.last_edit("nothing"),
        history.versions.layer_document("nothing"),
        history.versions.describe_layer("nothing", "l1", "", SIZE, RGB8, None),
    ):
        with pytest.raises(NotFound):
            await asked
    assert await history.versions.layers("nothing") == ()


async def test_keys_and_names_in_any_script_come_back_as_they_were(history: History, person):
    strange = "лист 1 — “печать” 🖼'; DROP TABLE layers; --\0"
    document = await history.versions.open_document(person, strange, strange)
    layer = await history.versions.describe_layer(document.document_id, strange, strange, SIZE, RGB8, None)
    assert (document.key, document.title, layer.key, layer.name) == (strange,) * 4
    assert (await Host.open(history)).layer.layer_id != layer.layer_id
