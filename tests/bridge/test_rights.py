"""Every message × every role × no role, at a bridge with a real history: who may what, and what strangers learn."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import pytest
import pytest_asyncio
from support.idle import IdleEngine
from support.pictures import RGB8, picture
from support.wire import Client, connected

from bridge.access.roles import NEEDS, RIGHTS, Role
from bridge.access.tokens import token_hash
from bridge.client import Bin, InlayClient, People, Review
from bridge.compose import Bridge, running_bridge
from bridge.history.store import History
from bridge.protocol import messages as m
from bridge.protocol.export import client_types
from bridge.settings import Settings

pytestmark = pytest.mark.asyncio(loop_scope="module")

ROLES: tuple[Role, ...] = get_args(Role)
NOBODY = "nobody"
# Who may send what about somebody's document, written down once more, by hand.
LOOK = {"owner", "editor", "approver", "commenter", "viewer"}
COMMENT = LOOK - {"viewer"}
EXPECTED: dict[str, set[str]] = {
    "document.visit": LOOK,
    "document.model": {"owner", "editor"},
    "layer.describe": {"owner", "editor"},
    "edit.start": {"owner", "editor"},
    "history.tree": LOOK,
    "history.undo": {"owner", "editor"},
    "history.redo": {"owner", "editor"},
    "history.restore": {"owner", "editor"},
    "patch.fetch": LOOK,
    "source.offer": {"owner", "editor"},
    "source.tiles": {"owner", "editor"},
    "source.finish": {"owner", "editor"},
    "comment.add": COMMENT,
    "comment.change": COMMENT,
    "comment.resolve": COMMENT,
    "comment.list": LOOK,
    "comment.places": LOOK,
    "thread.list": LOOK,
    "thread.get": LOOK,
    "thread.count": LOOK,
    "thread.pins": LOOK,
    "approval.set": {"owner", "approver"},
    "approval.list": LOOK,
    "state.get": LOOK,
    "approvers.set": {"owner"},
    "version.lock": {"owner", "editor"},
    "version.picture": LOOK,
    "version.canvas": LOOK,
    "version.pixel": LOOK,
    "version.compare": LOOK,
    "link.make": LOOK,
    "link.find": LOOK,
    "presence.look": LOOK,
    "member.list": LOOK,
    "member.set": {"owner"},
    "invite.make": {"owner"},
    "invite.list": {"owner"},
    "invite.revoke": {"owner"},
    "take.picture": LOOK,
    "take.report": LOOK,
    "take.archive": {"owner"},
    "document.delete": {"owner"},
    "document.restore": {"owner"},
}
# What speaks of no document, or only of one's own.
OWN = {
    "hello", "pair", "ping", "document.open", "document.list", "patch.ack",
    "edit.tiles", "edit.have", "edit.cancel", "edit.resume", "bin.list", "search",
    "presence.point", "models.list",
}  # fmt: skip


@dataclass(frozen=True)
class Scene:
    """A document with a comment, and a token for every role in it; two more to delete and to bring back."""

    bridge: Bridge
    tokens: dict[str, str]
    ids: dict[str, str]
    spare: dict[str, str]

    async def put_back(self) -> None:
        """What may be deleted is there again, what may be brought back is in the bin again."""
        async with await InlayClient.connect(self.bridge.address, self.bridge.local_token) as client:
            binned = {one.document_id for one in await Bin(client).list()}
            if self.spare["document.delete"] in binned:
                await Bin(client).restore(self.spare["document.delete"])
            if self.spare["document.restore"] not in binned:
                await Bin(client).delete(self.spare["document.restore"])


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    folder: Path = tmp_path_factory.mktemp("data")
    async with running_bridge(Settings(data_folder=folder, port=0, durable=False), IdleEngine()) as bridge:
        async with await InlayClient.connect(bridge.address, bridge.local_token) as client:
            layer = await client.open_layer("poster", picture(200, 300), RGB8)
            assert layer.head_version_id is not None
            comment = await Review(client).comment(layer.head_version_id, "Hm.")
            invite, _ = await People(client).invite(layer.document_id, "viewer")
            spare = {
                tag: (await client.open_layer(tag, picture(9, 9), RGB8)).document_id
                for tag in ("document.delete", "document.restore")
            }
        tokens = {"owner": bridge.local_token}
        beside = await History.open(folder, durable=False)
        for role in (*ROLES[1:], NOBODY):
            tokens[role] = f"token-of-{role}"
            person = await beside.people.add(role, token_hash(tokens[role]))
            if role in ROLES:
                for document_id in (layer.document_id, *spare.values()):
                    await beside.members.set_role(document_id, person.person_id, role)
        await beside.close()
        ids = {
            "document_id": layer.document_id,
            "layer_id": layer.layer_id,
            "version_id": layer.head_version_id,
            "comment_id": comment.comment_id,
            "invite_id": invite.invite_id,
        }
        scene = Scene(bridge, tokens, ids, spare)
        await scene.put_back()
        yield scene


def tags() -> list[tuple[type[m.Message], str]]:
    return [(kind, tag) for kind in client_types() for tag in get_args(kind.model_fields["type"].annotation)]


def message_of(kind: type[m.Message], tag: str, ids: dict[str, str], number: int) -> m.Message:
    """A valid message of that type about the document."""
    known: dict[str, Any] = {
        **ids,
        "type": tag,
        "id": number,
        "key": "layer",
        "name": "again",
        "width": 300,
        "height": 200,
        "depth": "u8",
        "channels": 3,
        "alpha": "none",
        "edit_id": f"edit-{number:08d}",
        "text": "remove this",
        "model": "auto",
        "verdict": "approved",
        "resolved": True,
        "side_px": 32,
        "x": 3,
        "from_version_id": ids["version_id"],
        "y": 4,
        "patch_id": "nothing",
        "person_id": "nothing",
        "role": "viewer",
        "person_ids": (),
        "locked": False,
        "received": 1,
        "hashes": (bytes(32),),
        "tiles": (m.Tile(cell=(0, 0), encoding="raw", data=b""),),
    }
    if tag == "comment.add":
        known["comment_id"] = f"comment-{number}"
    if tag == "comment.list":
        known["layer_id"] = None
    return kind(**{name: known[name] for name in kind.model_fields if name in known})


async def answer_to(client: Client, message: Any) -> Any:
    """The answer to that request, whatever else comes."""
    await client.send(message)
    while True:
        got = await client.receive()
        if getattr(got, "re", None) == message.id:
            return got
        if isinstance(got, m.EditFailed) and got.edit_id == getattr(message, "edit_id", None):
            return got  # it was begun, and failed for want of a selection


async def patient_answer_to(client: Client, message: Any) -> Any:
    """The answer, from a bridge that has heard so much of this person that they must wait."""
    while isinstance(answer := await answer_to(client, message), m.Error) and answer.code == "too_fast":
        await asyncio.sleep(0.1)
    return answer


async def test_every_message_is_in_the_tables():
    sent = {tag for _, tag in tags()}
    assert set(NEEDS) == sent
    assert set(EXPECTED) | OWN == sent and not set(EXPECTED) & OWN
    assert set(RIGHTS) == set(ROLES)
    assert {tag for tag, right in NEEDS.items() if right is None} == OWN


@pytest.mark.parametrize("role", [*ROLES, NOBODY])
async def test_each_role_may_what_it_may_and_nothing_else(scene: Scene, role: str):
    got: dict[str, str] = {}
    async with connected(scene.bridge.server) as client:
        await client.hello(scene.tokens[role])
        for number, (kind, tag) in enumerate(tags(), start=1000 * (1 + [*ROLES, NOBODY].index(role))):
            if tag in EXPECTED:
                ids = scene.ids if tag not in scene.spare else {**scene.ids, "document_id": scene.spare[tag]}
                answer = await patient_answer_to(client, message_of(kind, tag, ids, number))
                got[tag] = answer.code if isinstance(answer, m.Error) else "allowed"
    await scene.put_back()
    for tag, allowed in EXPECTED.items():
        if role == NOBODY:
            assert got[tag] == "not_found", tag
        elif role in allowed:
            assert got[tag] not in ("forbidden", "too_fast"), tag
        else:
            assert got[tag] == "forbidden", tag


@pytest.mark.parametrize("tag", [tag for _, tag in tags() if tag in EXPECTED])
async def test_what_is_not_ones_own_is_refused_in_the_words_for_what_is_not_there(scene: Scene, tag: str):
    kind = next(kind for kind, other in tags() if other == tag)
    nothing = dict.fromkeys(scene.ids, "nothing-there")
    async with connected(scene.bridge.server) as client:
        await client.hello(scene.tokens[NOBODY])
        said = []
        for ids in (scene.ids, nothing):
            answer = await patient_answer_to(client, message_of(kind, tag, ids, 7))
            assert isinstance(answer, m.Error)
            said.append(answer)
        assert said[0] == said[1]


async def test_without_a_token_nothing_is_answered(scene: Scene):
    for number, (kind, tag) in enumerate(tags()):
        if tag in EXPECTED:
            async with connected(scene.bridge.server) as client:
                await client.hello(None)
                answer = await answer_to(client, message_of(kind, tag, scene.ids, number))
                assert (answer.type, answer.code) == ("error", "not_paired")


@pytest.mark.parametrize("role", ["viewer", "commenter", NOBODY])
async def test_a_thousand_comments_a_second_are_slowed_whoever_sends_them(scene: Scene, role: str):
    codes: list[str] = []
    async with connected(scene.bridge.server) as client:
        await client.hello(scene.tokens[role])
        for number in range(1000):
            fields = {name: scene.ids[name] for name in ("version_id",)}
            await client.send(m.CommentAdd(id=number, comment_id=f"{role}-{number:06d}", text=f"{number}", **fields))
        while len(codes) < 1000:
            answer = await asyncio.wait_for(client.receive(), 20)
            if answer.type != "event":
                codes.append(answer.code if isinstance(answer, m.Error) else answer.type)
        refused = codes.count("too_fast")
        assert refused > 800
        assert set(codes) <= {"too_fast", {"viewer": "forbidden", "commenter": "comment.is"}.get(role, "not_found")}
        assert (await answer_to(client, m.Ping(id=5000))).type == "done"
