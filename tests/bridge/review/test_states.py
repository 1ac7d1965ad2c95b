"""Where a document stands: it follows from who must approve, from the verdicts and from the heads; and what is locked
stays."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

import pytest
from support.histories import Host, new_edit_id, paint

from bridge.errors import Locked, NotApproved, NotApprover, OutOfOrder
from bridge.history import landing
from bridge.history.records import Person, Verdict
from bridge.history.store import History
from bridge.review.approvals import Approvals
from bridge.review.states import States, state_of
from engine.geometry import PixelRect, Size

PLACE, OTHER = PixelRect(10, 20, 40, 60), PixelRect(100, 20, 140, 60)


@pytest.fixture
def states(history: History) -> States:
    return States(history.database)


@pytest.fixture
def approvals(history: History) -> Approvals:
    return Approvals(history.database)


async def member(history: History, host: Host, name: str, role="approver") -> Person:
    person = await history.people.add(name, sha256(name.encode()).digest())
    await history.members.set_role(host.layer.document_id, person.person_id, role)
    return person


YES, NO, OFF = "approved", "changes_requested", "withdrawn"


@pytest.mark.parametrize(
    ("verdicts", "approvers", "state"),
    [
        ({}, (), "draft"),
        ({"a": OFF}, (), "draft"),
        ({"a": YES}, (), "approved"),
        ({"a": YES, "b": NO}, (), "changes_requested"),
        ({}, ("a",), "in_review"),
        ({"a": OFF}, ("a",), "in_review"),
        ({"a": YES}, ("a", "b"), "in_review"),
        ({"a": YES, "b": YES}, ("a", "b"), "approved"),
        ({"a": YES, "b": YES, "c": NO}, ("a", "b"), "approved"),
        ({"a": YES, "b": NO}, ("a", "b"), "changes_requested"),
        ({"c": YES}, ("a",), "in_review"),
    ],
)
def test_a_version_stands_where_those_who_must_approve_put_it(
    verdicts: Mapping[str, Verdict], approvers: tuple[str, ...], state: str
):
    assert state_of(verdicts, approvers) == state


async def test_a_document_goes_from_draft_to_approved_and_a_new_version_is_in_review_again(
    history: History, host: Host, states: States, approvals: Approvals
):
    document_id, bob = host.layer.document_id, await member(history, host, "Bob")
    assert (await states.of(document_id)).state == "draft"
    first = (await host.edit(PLACE)).head_version_id
    asked = await states.set_approvers(document_id, (host.person.person_id, bob.person_id), host.person)
    assert (asked.state, [one.person.name for one in asked.approvers]) == ("in_review", ["Ada", "Bob"])
    await approvals.set(first, "changes_requested", "The cuff.", bob)
    assert (await states.of(document_id)).state == "changes_requested"
    await approvals.set(first, "approved", "", bob)
    assert (await states.of(document_id)).state == "in_review"
    await approvals.set(first, "approved", "", host.person)
    done = await states.of(document_id)
    assert (done.state, done.layers[0].approved_version_id) == ("approved", first)
    second = (await host.edit(OTHER)).head_version_id
    again = await states.of(document_id)
    assert (again.state, again.layers[0].head_version_id) == ("in_review", second)
    assert again.layers[0].approved_version_id == first
    await host.undo()
    assert (await states.of(document_id)).state == "approved"


async def test_a_document_is_approved_when_all_that_was_edited_is(
    history: History, host: Host, states: States, approvals: Approvals
):
    document_id = host.layer.document_id
    described = (host.layer.size, host.layer.format, None)
    layer = await history.versions.describe_layer(document_id, "second", "Second", *described)
    other = Host(history, host.person, layer, host.pixels)
    await approvals.set((await host.edit(PLACE)).head_version_id, "approved", "", host.person)
    found = await states.of(document_id)
    assert (found.state, [one.state for one in found.layers]) == ("approved", ["approved", "draft"])
    await other.edit(PLACE)
    assert (await states.of(document_id)).state == "in_review"
    await approvals.set(await other.head(), "changes_requested", "The cuff.", host.person)
    assert (await states.of(document_id)).state == "changes_requested"


async def test_only_who_may_approve_is_asked_and_who_left_is_not_waited_for(
    history: History, host: Host, states: States
):
    document_id, bob = host.layer.document_id, await member(history, host, "Bob")
    eve = await member(history, host, "Eve", "commenter")
    for wrong in (eve.person_id, "nobody"):
        with pytest.raises(NotApprover):
            await states.set_approvers(document_id, (bob.person_id, wrong), host.person)
    await states.set_approvers(document_id, (bob.person_id,), host.person)
    await states.set_approvers(document_id, (bob.person_id, bob.person_id), host.person)
    kinds = [event.kind for event in await history.events.after(document_id, 0, 100)]
    assert kinds.count("approvers.set") == 1
    await history.members.set_role(document_id, bob.person_id, "viewer")
    assert (await states.of(document_id)).approvers == ()
    await history.members.set_role(document_id, bob.person_id, "approver")
    assert len((await states.of(document_id)).approvers) == 1
    await history.members.set_role(document_id, bob.person_id, None, host.person.person_id)
    assert (await states.of(document_id)).approvers == ()
    assert (await states.set_approvers(document_id, (), host.person)).state == "draft"


async def approved(host: Host, approvals: Approvals) -> str:
    head = (await host.edit(PLACE)).head_version_id
    await approvals.set(head, "approved", "", host.person)
    return head


async def test_what_is_locked_stays_until_it_is_unlocked(
    history: History, host: Host, states: States, approvals: Approvals
):
    source = await host.head()
    head = await approved(host, approvals)
    for _ in range(2):
        assert (await states.lock(head, True, host.person)).layers[0].is_locked
    for move in (host.undo(), host.restore(source), history.versions.check_unlocked(host.layer.layer_id)):
        with pytest.raises(Locked):
            await move
    assert await host.head() == head
    assert not (await states.lock(head, False, host.person)).layers[0].is_locked
    await host.undo()
    assert await host.head() == source
    kinds = [event.kind for event in await history.events.after(host.layer.document_id, 0, 100)]
    assert [kind for kind in kinds if kind.startswith("version.")] == [
        "version.landed", "version.locked", "version.unlocked",
    ]  # fmt: skip


async def test_an_edit_that_was_under_way_is_kept_beside_what_is_locked(
    host: Host, states: States, approvals: Approvals
):
    head = await approved(host, approvals)
    waits = host.finished(OTHER, head, paint(OTHER), edit_id=new_edit_id())
    await states.lock(head, True, host.person)
    landed = await host.history.versions.land(waits)
    assert (landed.conflict_with, landed.versions[0].state) == (head, "beside")
    assert await host.head() == head


async def test_a_lock_between_the_look_and_the_landing_is_seen(
    host: Host, states: States, approvals: Approvals, monkeypatch: pytest.MonkeyPatch
):
    head = await approved(host, approvals)
    decided = landing._decided

    async def locks_meanwhile(*looked):
        await states.lock(head, True, host.person)
        return await decided(*looked)

    monkeypatch.setattr(landing, "_decided", locks_meanwhile)
    landed = await host.history.versions.land(host.finished(OTHER, head, paint(OTHER)))
    assert landed.conflict_with == await host.head() == head


async def test_only_the_approved_head_is_locked(host: Host, states: States, approvals: Approvals):
    first = await approved(host, approvals)
    second = (await host.edit(OTHER)).head_version_id
    with pytest.raises(OutOfOrder):
        await states.lock(first, True, host.person)
    with pytest.raises(NotApproved):
        await states.lock(second, True, host.person)


async def test_a_layer_that_is_described_anew_is_another_picture_and_not_locked(
    history: History, host: Host, states: States, approvals: Approvals
):
    await states.lock(await approved(host, approvals), True, host.person)
    await history.versions.describe_layer(
        host.layer.document_id, "layer", "Layer", Size(50, 50), host.layer.format, None
    )
    found = await states.of(host.layer.document_id)
    assert (found.state, found.layers[0].is_locked) == ("draft", False)
    await history.versions.check_unlocked(host.layer.layer_id)
