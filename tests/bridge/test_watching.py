"""Everybody who has a document open sees its edits run; nobody else does, and roles count at once."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from support.painting import PaintingEngine
from support.pictures import RGB8, picture
from support.wire import connected, settled

from bridge.access.roles import Role
from bridge.client import InlayClient, Layer, People, RemoteError, Review, join, link_of
from bridge.compose import Bridge, running_bridge
from bridge.errors import StorageBusy
from bridge.history.members import Members
from bridge.protocol import messages as m
from bridge.settings import Settings
from engine.api import Mask
from engine.geometry import PixelRect

SELECTED = PixelRect(100, 60, 180, 150)


@dataclass
class Guest:
    """Somebody who was invited, with what their connection was told unasked."""

    client: InlayClient
    person_id: str
    heard: list[Any] = field(default_factory=list[Any])

    def states(self) -> list[str]:
        """Of edits, each once."""
        return list(dict.fromkeys(message.state for message in self.heard if isinstance(message, m.EditWatched)))

    def last(self) -> m.EditWatched:
        return [message for message in self.heard if isinstance(message, m.EditWatched)][-1]


@dataclass
class Scene:
    bridge: Bridge
    engine: PaintingEngine
    client: InlayClient
    layer: Layer
    guests: list[Guest] = field(default_factory=list[Guest])

    async def guest(self, role: Any, *, watch: bool = True) -> Guest:
        _, token = await People(self.client).invite(self.layer.document_id, role)
        joined = await join(link_of(self.bridge.address, token), role)
        client = await InlayClient.connect(self.bridge.address, joined.token)
        members = await People(self.client).members(self.layer.document_id)
        guest = Guest(client, next(one.person_id for one in members if one.name == role))
        client.watch(guest.heard.append)
        client.listen(guest.heard.append)
        await Review(client).visit(self.layer.document_id, watch=watch)
        self.guests.append(guest)
        return guest

    def mask(self) -> Mask:
        mask = (self.layer.pixels[..., 0] * 0).astype("uint8")
        mask[SELECTED.slices()] = 255
        return mask


@pytest_asyncio.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    engine = PaintingEngine()
    async with running_bridge(Settings(data_folder=tmp_path, port=0, durable=False), engine) as bridge:
        async with await InlayClient.connect(bridge.address, bridge.local_token) as client:
            scene = Scene(bridge, engine, client, await client.open_layer("poster", picture(200, 300), RGB8))
            yield scene
            for guest in scene.guests:
                await guest.client.close()


async def test_who_has_it_open_sees_an_edit_from_its_plan_to_its_end(scene: Scene):
    viewer = await scene.guest("viewer")
    scene.engine.gate.clear()
    edit = await scene.client.edit(scene.layer, "remove this", mask=scene.mask(), seed=7)
    await settled(lambda: any(isinstance(message, m.EditWatchedPreview) for message in viewer.heard))
    seen = viewer.last()
    assert (seen.edit_id, seen.by, seen.text) == (edit.edit_id, "this machine", "remove this")
    assert seen.rect_px == SELECTED.as_tuple() and seen.base_version_id == scene.layer.head_version_id
    assert seen.says and seen.state == "running" and 0 < seen.fraction < 1 and seen.stage == "Painting"
    scene.engine.gate.set()
    outcome = await edit.result()
    await settled(lambda: viewer.last().state == "done")
    assert viewer.last().version_ids == tuple(version.version_id for version in outcome.versions)
    assert [state for state in viewer.states() if state != "waiting"] == ["preparing", "running", "done"]


async def test_who_comes_while_it_runs_sees_where_it_is_by_now(scene: Scene):
    scene.engine.gate.clear()
    edit = await scene.client.edit(scene.layer, "remove this", mask=scene.mask())
    async for event in edit.events():
        if type(event).__name__ == "Preview":
            break
    late = await scene.guest("commenter")
    await settled(lambda: any(isinstance(message, m.EditWatchedPreview) for message in late.heard))
    assert late.last().state == "running" and late.last().says
    await edit.cancel()
    await settled(lambda: late.last().state == "cancelled")
    nobody = await scene.guest("viewer")
    await asyncio.sleep(0.05)
    assert nobody.heard == []


async def test_ones_own_edit_is_not_told_where_it_runs_and_only_those_who_asked_are_told(scene: Scene):
    own: list[Any] = []
    plain = await scene.guest("viewer", watch=False)
    scene.client.watch(own.append)
    await Review(scene.client).visit(scene.layer.document_id, watch=True)
    other = await InlayClient.connect(scene.bridge.address, scene.bridge.local_token)
    beside: list[Any] = []
    other.watch(beside.append)
    await Review(other).visit(scene.layer.document_id, watch=True)
    await (await scene.client.edit(scene.layer, "remove this", mask=scene.mask())).result()
    await settled(lambda: beside and getattr(beside[-1], "state", "") == "done")
    assert own == [] and not any(isinstance(message, m.EditWatched) for message in plain.heard)
    await other.close()


async def test_whoever_is_put_out_hears_nothing_more_though_the_edit_goes_on(scene: Scene):
    viewer, stays = await scene.guest("viewer"), await scene.guest("commenter")
    scene.engine.gate.clear()
    edit = await scene.client.edit(scene.layer, "remove this", mask=scene.mask())
    await settled(lambda: viewer.states() == stays.states() != [])
    await People(scene.client).set_role(scene.layer.document_id, viewer.person_id, None)
    heard = len(viewer.heard)
    scene.engine.gate.set()
    await edit.result()
    await settled(lambda: stays.last().state == "done")
    await settled(lambda: viewer.heard[-1:] == [m.RoleIs(document_id=scene.layer.document_id, role=None)])
    assert [message for message in viewer.heard[heard:] if not isinstance(message, m.RoleIs)] == []


async def test_a_changed_role_reaches_an_open_connection_and_everybody_else(scene: Scene):
    guest, other = await scene.guest("viewer"), await scene.guest("commenter")
    with pytest.raises(RemoteError):
        await Review(guest.client).comment(scene.layer.head_version_id or "", "Hm.")
    await People(scene.client).set_role(scene.layer.document_id, guest.person_id, "approver")
    await settled(lambda: m.RoleIs(document_id=scene.layer.document_id, role="approver") in guest.heard)
    await settled(lambda: [e.kind for e in other.heard if isinstance(e, m.Event)][-1:] == ["member.changed"])
    await Review(guest.client).comment(scene.layer.head_version_id or "", "Now I may.")
    assert not any(isinstance(message, m.RoleIs) for message in other.heard)


async def test_an_edit_of_somebody_who_may_not_edit_any_more_ends(scene: Scene):
    editor = await scene.guest("editor")
    scene.engine.gate.clear()
    layer = Layer(scene.layer.layer_id, scene.layer.document_id, scene.layer.pixels, RGB8, scene.layer.head_version_id)
    edit = await editor.client.edit(layer, "remove this", mask=scene.mask())
    async for event in edit.events():
        if type(event).__name__ == "Preview":
            break
    await People(scene.client).set_role(scene.layer.document_id, editor.person_id, "viewer")
    with pytest.raises(RemoteError) as error:
        await edit.result()
    assert error.value.code == "forbidden"
    assert len(await scene.client.tree(scene.layer)) == 1


async def test_an_edit_is_not_resumed_by_somebody_who_is_nothing_there_any_more(scene: Scene):
    editor = await scene.guest("editor")
    layer = Layer(scene.layer.layer_id, scene.layer.document_id, scene.layer.pixels, RGB8, scene.layer.head_version_id)
    edit = await editor.client.edit(layer, "remove this", mask=scene.mask())
    await edit.result()
    await (await editor.client.resume(layer, edit.edit_id)).result()
    await People(scene.client).set_role(scene.layer.document_id, editor.person_id, None)
    with pytest.raises(RemoteError) as error:
        await editor.client.resume(layer, edit.edit_id)
    assert error.value.code == "not_found"


async def test_a_slow_reader_misses_previews_and_keeps_no_edit_waiting(scene: Scene):
    viewer = await scene.guest("viewer")
    sock = viewer.client._connection._socket  # type: ignore[reportPrivateUsage]
    sock.transport.pause_reading()
    for seed in range(3):
        edit = await scene.client.edit(scene.layer, "remove this", mask=scene.mask(), seed=seed)
        outcome = await edit.result()
        scene.layer.apply(outcome.patches[0])
    sock.transport.resume_reading()
    await settled(lambda: [e.kind for e in viewer.heard if isinstance(e, m.Event)].count("version.landed") == 3)


async def test_a_history_that_cannot_be_read_for_a_while_keeps_nobody_from_hearing_the_end(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
):
    viewer = await scene.guest("viewer")
    scene.engine.gate.clear()
    edit = await scene.client.edit(scene.layer, "remove this", mask=scene.mask())
    await settled(lambda: "running" in viewer.states())
    real, locked = Members.roles, [True]

    async def roles(self: Members, document_id: str) -> dict[str, Role]:
        if locked[0]:
            raise StorageBusy("The database is locked.")
        return await real(self, document_id)

    monkeypatch.setattr(Members, "roles", roles)
    scene.engine.gate.set()
    await edit.result()
    await asyncio.sleep(0.2)  # all that happened has been told, or not
    locked[0] = False
    await settled(lambda: viewer.last().state == "done")


async def test_a_connection_that_resumes_twice_is_told_once(scene: Scene):
    edit = await scene.client.edit(scene.layer, "remove this", mask=scene.mask())
    await edit.result()
    async with connected(scene.bridge.server) as client:
        await client.hello(scene.bridge.local_token)
        for number in (2, 3):
            await client.send(m.EditResume(id=number, edit_id=edit.edit_id))
        heard: list[Any] = []
        # Nothing is acknowledged, so what is told first is not over before the second is asked for.
        while sum(isinstance(message, m.Done) for message in heard) < 2 or not heard_patch(heard):
            heard.append(await client.receive())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.3):
                while True:
                    heard.append(await client.receive())
        assert sum(isinstance(message, m.PatchBegin) for message in heard) == 1


def heard_patch(heard: list[Any]) -> bool:
    return any(isinstance(message, m.PatchBegin) for message in heard)
