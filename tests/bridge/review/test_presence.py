"""Who is here: one entry a person, where they look and point; over when they leave or have no role any more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from support.histories import Host
from support.outbox import KeptOutbox
from support.wire import settled

from bridge.access.pace import Pace
from bridge.history.records import Person
from bridge.history.store import History
from bridge.protocol import messages as m
from bridge.review.presence import Presence

ANN, BOB, EVE = Person("ann", "Ann"), Person("bob", "Bob"), Person("eve", "Eve")


class Scene:
    """A document of Ann's in which Bob may look, and who is there."""

    def __init__(self, history: History, document_id: str, people: dict[str, Person]) -> None:
        self.history, self.document_id, self.people = history, document_id, people
        self.presence = Presence(history, Pace(burst=5, a_second=1000))

    async def page(self, person: Person, version_id: str | None = "v1") -> KeptOutbox:
        """A page of theirs, looking at that version."""
        out = KeptOutbox(person)
        await self.look(out, version_id)
        return out

    async def look(self, out: KeptOutbox, version_id: str | None) -> None:
        message = m.PresenceLook(id=1, document_id=self.document_id, layer_id="l1", version_id=version_id)
        await self.presence.answer(message, out)

    async def point(self, out: KeptOutbox, at_px: tuple[int, int] | None) -> None:
        await self.presence.answer(m.PresencePoint(at_px=at_px), out)

    def here(self) -> list[tuple[str, str | None, bool]]:
        return [(one.name, one.version_id, one.points) for one in self.presence.people(self.document_id)]


def heard(out: KeptOutbox) -> list[tuple[str, str | None, bool]]:
    """What the last list says."""
    lists = [message for message in out.sent if isinstance(message, m.Presence)]
    return [(one.name, one.version_id, one.points) for one in lists[-1].people] if lists else []


@pytest_asyncio.fixture
async def scene(history: History, host: Host) -> AsyncIterator[Scene]:
    document_id = host.layer.document_id
    people = {name: await history.people.add(name, name.encode()) for name in ("Ann", "Bob", "Eve")}
    for name in ("Ann", "Bob"):
        await history.members.set_role(document_id, people[name].person_id, "viewer")
    scene = Scene(history, document_id, people)
    yield scene
    await scene.presence.stop()


async def test_each_is_told_who_is_here_and_what_they_look_at(scene: Scene):
    ann = await scene.page(scene.people["Ann"], "v1")
    bob = await scene.page(scene.people["Bob"], "v2")
    wanted = [("Ann", "v1", False), ("Bob", "v2", False)]
    await settled(lambda: heard(ann) == wanted and heard(bob) == wanted)
    await scene.look(bob, "v1")
    await settled(lambda: heard(ann) == [("Ann", "v1", False), ("Bob", "v1", False)])
    scene.presence.left(bob)
    await settled(lambda: heard(ann) == [("Ann", "v1", False)])


async def test_a_person_with_many_tabs_and_a_program_is_there_once_by_what_they_did_last(scene: Scene):
    ann = await scene.page(scene.people["Ann"], "v1")
    plugin = KeptOutbox(scene.people["Ann"])
    plugin.program = "Figma"
    scene.presence.opened(scene.document_id, plugin)
    second = await scene.page(scene.people["Ann"], "v2")
    assert scene.here() == [("Ann", "v2", False)]
    assert scene.presence.people(scene.document_id)[0].programs == ("Figma", "test")
    await scene.look(ann, "v1")
    assert scene.here() == [("Ann", "v1", False)]
    for out in (ann, second):
        scene.presence.left(out)
    assert scene.here() == [("Ann", None, False)]
    assert plugin.sent == []  # a program does not ask, and is not told
    scene.presence.left(plugin)
    assert scene.here() == []


async def test_a_cursor_goes_to_the_others_and_ends_when_they_look_elsewhere(scene: Scene):
    ann = await scene.page(scene.people["Ann"])
    bob = await scene.page(scene.people["Bob"])
    await scene.point(bob, (3, 4))
    await scene.point(bob, (5, 6))
    me = scene.people["Bob"].person_id
    said = [message for _, message in ann.offered if isinstance(message, m.PresenceAt)]
    assert [(one.person_id, one.version_id, one.at_px) for one in said] == [(me, "v1", (3, 4)), (me, "v1", (5, 6))]
    assert {key for key, _ in ann.offered} == {f"presence:{me}"}  # each takes the place of the one before
    assert bob.offered == []
    await settled(lambda: ("Bob", "v1", True) in heard(ann))
    await scene.look(bob, "v2")
    await settled(lambda: ("Bob", "v2", False) in heard(ann))
    await scene.point(bob, (1, 1))
    await scene.point(bob, None)
    await settled(lambda: ("Bob", "v2", False) in heard(ann))


async def test_whoever_has_no_role_any_more_hears_nothing_and_is_not_heard(scene: Scene):
    ann = await scene.page(scene.people["Ann"])
    bob = await scene.page(scene.people["Bob"])
    await settled(lambda: len(heard(ann)) == 2 and len(heard(bob)) == 2)
    await scene.history.members.set_role(scene.document_id, scene.people["Bob"].person_id, None)
    await settled(lambda: heard(ann) == [("Ann", "v1", False)])
    count = len(bob.sent)
    await scene.point(bob, (3, 4))
    await scene.point(ann, (3, 4))
    await asyncio.sleep(0.1)
    assert (len(bob.sent), bob.offered, ann.offered) == (count, [], [])


async def test_somebody_without_a_role_who_slipped_in_is_out_at_once(scene: Scene):
    eve = await scene.page(scene.people["Eve"])
    await settled(lambda: scene.here() == [])
    ann = await scene.page(scene.people["Ann"])
    await settled(lambda: heard(ann) == [("Ann", "v1", False)])
    await scene.point(ann, (1, 2))
    assert eve.offered == []


async def test_a_connection_is_in_one_document_at_a_time(scene: Scene):
    ann = await scene.page(scene.people["Ann"])
    await scene.presence.answer(m.PresenceLook(id=2, document_id="elsewhere"), ann)
    assert scene.here() == []


async def test_changes_that_come_together_are_told_together(scene: Scene):
    ann = await scene.page(scene.people["Ann"])
    bob = await scene.page(scene.people["Bob"])
    await settled(lambda: len(heard(ann)) == 2)
    count = len(ann.sent)
    for number in range(1000):
        await scene.look(bob, f"v{number}")
    await settled(lambda: ("Bob", "v999", False) in heard(ann))
    assert len(ann.sent) - count <= 3


async def test_whoever_hurries_waits_and_nobody_with_them(scene: Scene):
    scene.presence = hurried = Presence(scene.history, Pace(burst=3, a_second=20))
    ann, bob = KeptOutbox(scene.people["Ann"]), KeptOutbox(scene.people["Bob"])
    began = asyncio.get_running_loop().time()
    for _ in range(5):
        await hurried.slow(ann)
    waited_s = asyncio.get_running_loop().time() - began
    assert waited_s > 0.07  # two more than the burst, at 20 a second
    for _ in range(3):
        await asyncio.wait_for(hurried.slow(bob), 0.02)


@pytest.mark.parametrize("out", [ANN, BOB])
async def test_whoever_is_nowhere_may_leave_and_point(scene: Scene, out: Person):
    nowhere = KeptOutbox(out)
    scene.presence.left(nowhere)
    await scene.point(nowhere, (1, 2))
    assert scene.here() == []
