"""The room that answers review's messages; whether a person may was decided before, where messages are dispatched."""

from __future__ import annotations

from bridge.connection import Outbox
from bridge.errors import BadPlace, Busy
from bridge.history.records import Approval, Comment, NewComment
from bridge.history.store import History
from bridge.protocol import messages as m
from bridge.review.approvals import Approvals
from bridge.review.closely import Closely
from bridge.review.comments import Comments
from bridge.review.finding import Finding
from bridge.review.pictures import Pictures
from bridge.review.places import Place, Places
from bridge.review.states import DocumentState, States
from bridge.review.tiles import Tiles
from engine.commands.text import typed
from engine.geometry import PixelRect

ReviewMessage = (
    m.CommentAdd
    | m.CommentChange
    | m.CommentResolve
    | m.CommentList
    | m.CommentPlaces
    | m.ApprovalSet
    | m.ApprovalList
    | m.StateGet
    | m.ApproversSet
    | m.VersionLock
    | m.VersionPicture
    | m.VersionCanvas
    | m.VersionPixel
    | m.VersionCompare
    | m.LinkFind
)
# Edits that one place names: a page of places fits a frame.
_CHANGES = 100
# Pictures that one client may wait for: more than a panel shows.
_PICTURES_WAITING = 128


class ReviewRoom:
    """Comments, verdicts and pictures.

    Args:
        history: what they are about, and where they are kept.
        tiles: what versions look like.
    """

    def __init__(self, history: History, tiles: Tiles) -> None:
        self._history = history
        self._waiting: dict[Outbox, int] = {}
        self.comments = Comments(history.database)
        self.approvals = Approvals(history.database)
        self.places = Places(history.database, history.blobs)
        self.states = States(history.database)
        self.pictures = Pictures(history, tiles)
        self.closely = Closely(history, tiles)
        self.finding = Finding(history.database)

    async def answer(self, message: ReviewMessage, out: Outbox) -> None:
        """Answer one message.

        Raises:
            BridgeError: see `Comments`, `Approvals` and `Pictures`.
        """
        match message:
            case m.CommentAdd():
                comment = await self.comments.add(_new_comment(message), out.person)
                await out.send(m.CommentIs(re=message.id, comment=comment_info(comment)))
            case m.CommentChange():
                comment = await self.comments.change(
                    message.comment_id, typed(message.text), out.person, message.mentions
                )
                await out.send(m.CommentIs(re=message.id, comment=comment_info(comment)))
            case m.CommentResolve():
                comment = await self.comments.resolve(message.comment_id, message.resolved, out.person)
                await out.send(m.CommentIs(re=message.id, comment=comment_info(comment)))
            case m.CommentList():
                total, comments = await self.comments.page(
                    message.document_id, message.layer_id, message.skip, m.PAGE_COMMENTS
                )
                infos = tuple(comment_info(comment) for comment in comments)
                await out.send(m.Comments(re=message.id, total=total, comments=infos))
            case m.CommentPlaces():
                await self._places(message, out)
            case m.ApprovalSet():
                approval = await self.approvals.set(
                    message.version_id, message.verdict, typed(message.text), out.person
                )
                await out.send(m.ApprovalIs(re=message.id, approval=approval_info(approval)))
            case m.ApprovalList():
                total, approvals = await self.approvals.page(message.document_id, message.skip, m.PAGE_COMMENTS)
                verdicts = tuple(approval_info(approval) for approval in approvals)
                await out.send(m.Approvals(re=message.id, total=total, approvals=verdicts))
            case m.StateGet():
                await out.send(state_info(message.id, await self.states.of(message.document_id)))
            case m.ApproversSet():
                state = await self.states.set_approvers(message.document_id, message.person_ids, out.person)
                await out.send(state_info(message.id, state))
            case m.VersionLock():
                state = await self.states.lock(message.version_id, message.locked, out.person)
                await out.send(state_info(message.id, state))
            case m.LinkFind():
                found = await self.finding.find(message.document_id, message.comment_id, message.version_id)
                await out.send(
                    m.LinkFound(
                        re=message.id,
                        layer_id=found.layer_id,
                        version_id=found.version_id,
                        comment_id=found.comment_id,
                    )
                )
            case m.VersionPicture():
                await self._picture(message, out)
            case m.VersionCanvas() | m.VersionPixel() | m.VersionCompare():
                await self.closely.answer(message, out)

    async def _places(self, message: m.CommentPlaces, out: Outbox) -> None:
        version = await self._history.versions.version(message.version_id)
        layer = await self._history.versions.layer(version.layer_id)
        if message.comment_ids is not None:
            comments = await self.comments.some(layer.layer_id, message.comment_ids)
            total = len(comments)
        else:
            page = await self.comments.page(layer.document_id, layer.layer_id, message.skip, m.PAGE_COMMENTS)
            total, comments = page
        places = await self.places.of(comments, version.version_id)
        infos = tuple(place_info(place) for place in places)
        await out.send(m.CommentPlacesAre(re=message.id, version_id=version.version_id, total=total, places=infos))

    async def _picture(self, message: m.VersionPicture, out: Outbox) -> None:
        """Also called in a task of its own: pictures take a while, and other messages must not wait for them."""
        if self._waiting.get(out, 0) >= _PICTURES_WAITING:
            raise Busy("Too many pictures are waiting already.", hint="Ask again when some are here.")
        self._waiting[out] = self._waiting.get(out, 0) + 1
        try:
            version = await self._history.versions.version(message.version_id)
            layer = await self._history.versions.layer(version.layer_id)
            made = await self.pictures.of(version, layer, message.show, message.side_px)
        finally:
            self._waiting[out] -= 1
            if not self._waiting[out]:
                del self._waiting[out]
        picture = m.Picture(
            re=message.id,
            version_id=version.version_id,
            show=message.show,
            mime=made.mime,
            width=made.size.width,
            height=made.size.height,
            rect_px=made.rect_px.as_tuple(),
            data=made.data,
        )
        await out.send(picture)


def comment_info(comment: Comment) -> m.CommentInfo:
    return m.CommentInfo(
        comment_id=comment.comment_id,
        document_id=comment.document_id,
        layer_id=comment.layer_id,
        version_id=comment.version_id,
        reply_to=comment.reply_to,
        rect_px=None if comment.rect_px is None else comment.rect_px.as_tuple(),
        text=comment.text,
        author=comment.person.name,
        person_id=comment.person.person_id,
        created_at=comment.created_at.isoformat(),
        changed_at=None if comment.changed_at is None else comment.changed_at.isoformat(),
        resolved_by=comment.resolved_by,
        resolved_at=None if comment.resolved_at is None else comment.resolved_at.isoformat(),
        mentions=comment.mentions,
    )


def place_info(place: Place) -> m.PlaceInfo:
    return m.PlaceInfo(
        comment_id=place.comment_id,
        where=place.where,
        rect_px=None if place.rect_px is None else place.rect_px.as_tuple(),
        same=place.is_same,
        changed_by=place.changed_by[-_CHANGES:],
    )


def approval_info(approval: Approval) -> m.ApprovalInfo:
    return m.ApprovalInfo(
        approval_id=approval.approval_id,
        document_id=approval.document_id,
        layer_id=approval.layer_id,
        version_id=approval.version_id,
        verdict=approval.verdict,
        text=approval.text,
        author=approval.person.name,
        person_id=approval.person.person_id,
        created_at=approval.at.isoformat(),
    )


def state_info(request_id: int, state: DocumentState) -> m.StateIs:
    return m.StateIs(
        re=request_id,
        document_id=state.document_id,
        state=state.state,
        approvers=tuple(
            m.MemberInfo(person_id=one.person.person_id, name=one.person.name, role=one.role) for one in state.approvers
        ),
        layers=tuple(
            m.LayerStateInfo(
                layer_id=layer.layer_id,
                head_version_id=layer.head_version_id,
                state=layer.state,
                approved_version_id=layer.approved_version_id,
                locked=layer.is_locked,
            )
            for layer in state.layers
        ),
    )


def _new_comment(message: m.CommentAdd) -> NewComment:
    rect_px = None
    if message.rect_px is not None:
        try:
            rect_px = PixelRect(*message.rect_px)
        except ValueError as error:
            raise BadPlace(f"That is no place: {error}.") from None
    return NewComment(
        message.comment_id, message.version_id, typed(message.text), rect_px, message.reply_to, message.mentions
    )
