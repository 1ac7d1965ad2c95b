"""Comments, verdicts and pictures, for the Python client.

::

    review = Review(client)
    comment = await review.comment(layer.head_version_id, "Is the cuff too dark?", rect_px=PixelRect(40, 60, 90, 80))
    await review.resolve(comment.comment_id)
    await review.approve(layer.head_version_id)
"""

from __future__ import annotations

import secrets
from typing import Literal

from bridge.client.client import InlayClient
from bridge.protocol import messages as m
from engine.geometry import PixelRect


class Review:
    """What a person says of versions, through their connection.

    All of it raises `bridge.client.RemoteError` when the bridge refuses, and `bridge.client.NotConnected` when the
    connection has ended; what was sent then may be sent again, with the same ``comment_id``, and is stored once.
    """

    def __init__(self, client: InlayClient) -> None:
        self._client = client

    async def visit(self, document_id: str, last_seq: int | None = None, *, watch: bool = False) -> m.DocumentOpened:
        """Open a document in which one has a role; its events go to the client's listeners from now on, those after
        ``last_seq`` first. With ``watch``, others' edits go to its watchers while they run."""
        return await self._client.request(
            lambda number: m.DocumentVisit(id=number, document_id=document_id, last_seq=last_seq, watch=watch),
            m.DocumentOpened,
        )

    async def comment(
        self,
        version_id: str,
        text: str,
        *,
        rect_px: PixelRect | None = None,
        reply_to: str | None = None,
        comment_id: str | None = None,
        mentions: tuple[str, ...] = (),
    ) -> m.CommentInfo:
        """Say something of a version, or of a place on it, or to a comment.

        Args:
            version_id: the version.
            text: what to say.
            rect_px: where, in the pixels of the layer in that version.
            reply_to: the id of a comment of the same layer.
            comment_id: of a comment that may have been sent before; a new one by default.
            mentions: the ids of people of the document whose names are in the text after an @.
        """
        chosen = comment_id or secrets.token_urlsafe(16)
        place = None if rect_px is None else rect_px.as_tuple()
        answer = await self._client.request(
            lambda number: m.CommentAdd(
                id=number,
                comment_id=chosen,
                version_id=version_id,
                text=text,
                rect_px=place,
                reply_to=reply_to,
                mentions=mentions,
            ),
            m.CommentIs,
        )
        return answer.comment

    async def change(self, comment_id: str, text: str) -> m.CommentInfo:
        """Say one's own comment in other words."""
        answer = await self._client.request(
            lambda number: m.CommentChange(id=number, comment_id=comment_id, text=text), m.CommentIs
        )
        return answer.comment

    async def resolve(self, comment_id: str, resolved: bool = True) -> m.CommentInfo:
        """Close the thread that began with this comment, or open it again."""
        answer = await self._client.request(
            lambda number: m.CommentResolve(id=number, comment_id=comment_id, resolved=resolved), m.CommentIs
        )
        return answer.comment

    async def comments(self, document_id: str, layer_id: str | None = None) -> tuple[m.CommentInfo, ...]:
        """All comments of a document, or of one layer of it, oldest first."""
        found: list[m.CommentInfo] = []
        while True:
            skip = len(found)
            page = await self._client.request(
                lambda number, skip=skip: m.CommentList(
                    id=number, document_id=document_id, layer_id=layer_id, skip=skip
                ),
                m.Comments,
            )
            found += page.comments
            if len(found) >= page.total or not page.comments:
                return tuple(found)

    async def places(self, version_id: str) -> tuple[m.PlaceInfo, ...]:
        """Where each comment of the version's layer is in that version, in the order of `comments`."""
        found: list[m.PlaceInfo] = []
        while True:
            skip = len(found)
            page = await self._client.request(
                lambda number, skip=skip: m.CommentPlaces(id=number, version_id=version_id, skip=skip),
                m.CommentPlacesAre,
            )
            found += page.places
            if len(found) >= page.total or not page.places:
                return tuple(found)

    async def approve(self, version_id: str, verdict: m.Verdict = "approved", text: str = "") -> m.ApprovalInfo:
        """Approve a version, ask for changes, or withdraw what one said of it."""
        answer = await self._client.request(
            lambda number: m.ApprovalSet(id=number, version_id=version_id, verdict=verdict, text=text), m.ApprovalIs
        )
        return answer.approval

    async def approvals(self, document_id: str) -> tuple[m.ApprovalInfo, ...]:
        """The last verdict of each person on each version of a document, oldest first; also those withdrawn."""
        found: list[m.ApprovalInfo] = []
        while True:
            skip = len(found)
            page = await self._client.request(
                lambda number, skip=skip: m.ApprovalList(id=number, document_id=document_id, skip=skip), m.Approvals
            )
            found += page.approvals
            if len(found) >= page.total or not page.approvals:
                return tuple(found)

    async def state(self, document_id: str) -> m.StateIs:
        """Where a document stands."""
        return await self._client.request(lambda number: m.StateGet(id=number, document_id=document_id), m.StateIs)

    async def set_approvers(self, document_id: str, person_ids: tuple[str, ...]) -> m.StateIs:
        """Say who must approve a document; returns where it stands then."""
        return await self._client.request(
            lambda number: m.ApproversSet(id=number, document_id=document_id, person_ids=person_ids), m.StateIs
        )

    async def lock(self, version_id: str, locked: bool = True) -> m.StateIs:
        """Keep a layer at its approved head, or let it go again; returns where its document stands then."""
        return await self._client.request(
            lambda number: m.VersionLock(id=number, version_id=version_id, locked=locked), m.StateIs
        )

    async def picture(
        self, version_id: str, show: Literal["before", "after"] = "after", side_px: int = 256
    ) -> m.Picture:
        """A small picture of what a version changed, in a file's bytes."""
        return await self._client.request(
            lambda number: m.VersionPicture(id=number, version_id=version_id, show=show, side_px=side_px), m.Picture
        )
