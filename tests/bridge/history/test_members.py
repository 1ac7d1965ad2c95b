"""Roles, asked for by whatever a message speaks of."""

from __future__ import annotations

import pytest
from support.histories import Host, paint

from bridge.access.roles import Subject
from bridge.errors import Forbidden, NotFound
from bridge.history.records import NewComment
from bridge.history.store import History
from bridge.review.comments import Comments
from engine.geometry import PixelRect

PLACE = PixelRect(10, 20, 40, 60)


async def subjects(history: History, host: Host) -> dict[Subject, str]:
    """The document and one of each of its parts."""
    head = await host.head()
    await Comments(history.database).add(NewComment("comment-1", head, "Hm.", None, None), host.person)
    return {
        "document": host.layer.document_id,
        "layer": host.layer.layer_id,
        "version": head,
        "comment": "comment-1",
    }


async def test_whoever_opened_a_document_owns_it_and_others_are_nothing_there(history: History):
    ada, bob = await Host.open(history), await Host.open(history)
    for subject, subject_id in (await subjects(history, ada)).items():
        assert await history.members.role(ada.person.person_id, subject, subject_id) == "owner"
        assert await history.members.role(bob.person.person_id, subject, subject_id) is None
        assert await history.members.role("nobody", subject, subject_id) is None
        assert await history.members.role(ada.person.person_id, subject, "nothing") is None


async def test_a_role_is_given_and_given_anew_in_one_document_only(history: History):
    ada, bob = await Host.open(history), await Host.open(history)
    other = await Host.open(history, key="other", person=ada.person)
    for role in ("viewer", "editor"):
        await history.members.set_role(ada.layer.document_id, bob.person.person_id, role)
        for subject, subject_id in (await subjects(history, ada)).items():
            assert await history.members.role(bob.person.person_id, subject, subject_id) == role
        assert await history.members.role(bob.person.person_id, "document", other.layer.document_id) is None
    assert {document.role for document in await history.versions.documents(bob.person)} == {"owner", "editor"}


@pytest.mark.parametrize("role", ["viewer", "approver", None])
async def test_whoever_loses_the_right_while_an_edit_runs_lands_nothing(history: History, host: Host, role):
    bob = (await Host.open(history)).person
    await history.members.set_role(host.layer.document_id, bob.person_id, "editor")
    guest = Host(history, bob, host.layer, host.pixels)
    first = await guest.edit(PLACE)
    waits = guest.finished(PLACE, first.head_version_id, paint(PLACE, seed=2))
    await history.members.set_role(host.layer.document_id, bob.person_id, role)
    with pytest.raises(Forbidden):
        await history.versions.land(waits)
    assert await host.head() == first.head_version_id


async def test_there_is_no_role_in_what_is_not_there(history: History, host: Host):
    with pytest.raises(NotFound):
        await history.members.set_role("nothing", host.person.person_id, "editor")
