"""What a link names is found in its own document only."""

from __future__ import annotations

import pytest
from support.histories import Host

from bridge.errors import NotFound
from bridge.history.records import NewComment
from bridge.history.store import History
from bridge.review.comments import Comments
from bridge.review.finding import Finding, Found


async def test_a_version_and_a_comment_are_found_with_their_layer(history: History, host: Host):
    comments, finding = Comments(history.database), Finding(history.database)
    head = await host.head()
    await comments.add(NewComment("comment-1", head, "First", None, None), host.person)
    await comments.add(NewComment("comment-2", head, "Answer", None, "comment-1"), host.person)
    document_id, layer_id = host.layer.document_id, host.layer.layer_id
    assert await finding.find(document_id, None, head) == Found(layer_id, head)
    for comment_id in ("comment-1", "comment-2"):
        assert await finding.find(document_id, comment_id, None) == Found(layer_id, head, "comment-1")


async def test_what_is_in_another_document_is_refused_in_the_words_for_what_is_not_there(history: History, host: Host):
    comments, finding = Comments(history.database), Finding(history.database)
    head = await host.head()
    await comments.add(NewComment("comment-1", head, "First", None, None), host.person)
    other = await history.versions.open_document(host.person, "other", "Other")
    said: set[str] = set()
    for comment_id, version_id in (("comment-1", None), ("nothing", None)):
        with pytest.raises(NotFound) as refused:
            await finding.find(other.document_id, comment_id, version_id)
        said.add(str(refused.value))
    assert len(said) == 1
    for version_id in (head, "nothing", None):
        with pytest.raises(NotFound):
            await finding.find(other.document_id, None, version_id)
