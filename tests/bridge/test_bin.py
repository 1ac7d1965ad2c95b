"""The bin: a deleted document is gone for everybody at once, and comes back whole."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from support.commands import Commands
from support.histories import Host
from support.idle import IdleEngine
from support.pictures import RGB8, picture
from support.wire import settled

from bridge.access.local import write_local_token
from bridge.access.tokens import token_hash
from bridge.client import Bin, InlayClient, Layer, People, RemoteError, Review, join, link_of
from bridge.compose import Bridge, running_bridge
from bridge.history.store import History
from bridge.protocol import messages as m
from bridge.settings import Settings
from engine.geometry import PixelRect


@dataclass(frozen=True)
class Team:
    bridge: Bridge
    owner: InlayClient
    editor: InlayClient
    layer: Layer


@pytest_asyncio.fixture
async def team(tmp_path: Path) -> AsyncIterator[Team]:
    async with running_bridge(Settings(data_folder=tmp_path, port=0, durable=False), IdleEngine()) as bridge:
        async with await InlayClient.connect(bridge.address, bridge.local_token) as owner:
            layer = await owner.open_layer("poster", picture(40, 60), RGB8, title="Poster")
            beside = await History.open(tmp_path, durable=False)
            person = await beside.people.add("Ed", token_hash("ed"))
            await beside.members.set_role(layer.document_id, person.person_id, "editor")
            await beside.close()
            async with await InlayClient.connect(bridge.address, "ed") as editor:
                yield Team(bridge, owner, editor, layer)


async def refusal(work: object) -> str:
    with pytest.raises(RemoteError) as caught:
        await work  # type: ignore[misc]
    return caught.value.code


async def test_it_is_gone_for_everybody_and_open_connections_are_told(team: Team):
    document_id = team.layer.document_id
    heard: list[m.Event] = []
    team.editor.listen(heard.append)
    await Review(team.editor).visit(document_id)
    await Bin(team.owner).delete(document_id)
    await settled(lambda: [event.kind for event in heard] == ["document.deleted"])
    for client in (team.owner, team.editor):
        assert await client.documents() == ()
        assert await refusal(Review(client).visit(document_id)) == "not_found"
        assert await refusal(client.tree_of(team.layer.layer_id)) == "not_found"
        version_id = team.layer.head_version_id
        assert version_id is not None
        assert await refusal(Review(client).comment(version_id, "Hm.")) == "not_found"
        assert await refusal(Review(client).picture(version_id)) == "not_found"


async def test_the_owner_brings_it_back_with_everybody_and_everything_in_it(team: Team):
    document_id, version_id = team.layer.document_id, team.layer.head_version_id
    assert version_id is not None
    await Review(team.editor).comment(version_id, "Hm.")
    heard: list[m.Event] = []
    team.editor.listen(heard.append)
    last_seq = (await Review(team.editor).visit(document_id)).document.last_seq
    await Bin(team.owner).delete(document_id)
    (binned,) = await Bin(team.owner).list()
    assert (binned.title, binned.key, binned.comments, binned.versions) == ("Poster", "poster", 1, 0)
    assert await Bin(team.editor).list() == ()
    await Bin(team.owner).restore(document_id)
    assert await Bin(team.owner).list() == ()
    # Who had it open hears both, once and in order, and may do again what they might.
    await settled(lambda: [event.kind for event in heard] == ["document.deleted", "document.restored"])
    assert [event.seq for event in heard] == [last_seq + 1, last_seq + 2]
    assert (await Review(team.editor).visit(document_id)).document.role == "editor"
    assert [comment.text for comment in await Review(team.editor).comments(document_id)] == ["Hm."]


async def test_deleting_twice_is_deleting_once(team: Team):
    document_id = team.layer.document_id
    await Bin(team.owner).delete(document_id)
    (before,) = await Bin(team.owner).list()
    assert await refusal(Bin(team.owner).delete(document_id)) == "not_found"
    assert await Bin(team.owner).list() == (before,)
    await Bin(team.owner).restore(document_id)
    assert await refusal(Bin(team.owner).restore(document_id)) == "not_found"


async def test_the_same_key_begins_nothing_new_while_it_is_in_the_bin(team: Team):
    await Bin(team.owner).delete(team.layer.document_id)
    with pytest.raises(RemoteError) as caught:
        await team.owner.open_layer("poster", picture(40, 60), RGB8)
    assert caught.value.code == "in_bin"
    assert f"inlay restore {team.layer.document_id}" in caught.value.hint


async def test_invites_and_links_into_it_let_nobody_in_and_work_again_later(team: Team):
    document_id = team.layer.document_id
    _, token = await People(team.owner).invite(document_id, "viewer")
    own = await People(team.owner).own_link(document_id)
    await Bin(team.owner).delete(document_id)
    for link in (token, own.token):
        assert await refusal(join(link_of(team.bridge.address, link), "Guest")) == "invite_invalid"
    await Bin(team.owner).restore(document_id)
    assert (await join(link_of(team.bridge.address, token), "Guest")).document_id == document_id


async def test_only_its_owner_deletes_and_brings_back(team: Team):
    document_id = team.layer.document_id
    assert await refusal(Bin(team.editor).delete(document_id)) == "forbidden"
    await Bin(team.owner).delete(document_id)
    assert await refusal(Bin(team.editor).restore(document_id)) == "forbidden"


def test_the_commands_delete_list_bring_back_and_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    command = Commands(capsys, tmp_path)

    def inlay(*words: str) -> tuple[int, str]:
        """Its exit code and all that it said."""
        done = command(*words, "--data", tmp_path)
        return done.returncode, done.stdout + done.stderr

    async def begin() -> str:
        history = await History.open(tmp_path, durable=False)
        me = await history.people.add("this machine", token_hash(write_local_token(tmp_path)))
        host = await Host.open(history, person=me, key="poster")
        await host.edit(PixelRect(0, 0, 90, 90))
        await history.close()
        return host.layer.document_id

    document_id = asyncio.run(begin())
    code, said = inlay("delete", "poster")
    assert code == 0 and f"inlay restore {document_id}" in said
    assert document_id in inlay("bin")[1]
    assert inlay("restore", "poster")[0] == 0
    assert "The bin is empty." in inlay("bin")[1]
    assert inlay("delete", document_id)[0] == 0
    code, said = inlay("gc", document_id)
    assert code == 2 and "--now" in said
    code, said = inlay("gc", "--json")
    assert json.loads(said)["documents"] == 0
    code, said = inlay("gc", "--now", "--json")
    done = json.loads(said)
    assert code == 0 and done["documents"] == 1 and done["missing"] == 0
    assert done["after"]["blobs"] == done["before"]["blobs"] - done["freed"]["blobs"]
    code, said = inlay("restore", document_id)
    assert code == 1 and "no such document" in said
