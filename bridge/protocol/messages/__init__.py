"""Every message on the wire, as tagged unions.

One message is one binary WebSocket frame: a msgpack map with a ``type``. A client's message that wants an answer
carries ``id``, chosen by the client; the answer, or the `Error`, carries the same number as ``re``.

One edit on the wire::

    → edit.start {edit_id, layer_id, text, mask_rect_px}      → edit.tiles (plane mask)
    ← edit.plan {says, reach_px}
    → edit.have {hashes of the tiles in reach}
    ← edit.want {the tiles that are not here yet}             → edit.tiles (plane layer)
                                          and, for the references the plan uses, → edit.tiles (plane reference)
    ← edit.ack for each frame of tiles: at most `Limits.window_frames` may be under way
    ← edit.queued {position} · edit.progress · edit.preview
    ← patch.begin, patch.tiles …  (each frame is answered by → patch.ack; same window)
    ← edit.done {versions, head}   or   edit.failed {code, message, hint}

A conversation on the wire, for everybody who has the document open (``document.open``, ``document.visit``)::

    → comment.add {comment_id, version_id, rect_px, text}     ← comment.is {comment}
                                                              ← event {kind comment.added, comment_id, seq}, to all
    → comment.list {document_id, layer_id}                    ← comments {a page of them}
    → comment.places {version_id}                             ← comment.places.are {where they are in that version}
    → approval.set {version_id, verdict}                      ← approval.is, and event approval.set to all
    → state.get {document_id}                                 ← state.is {draft, in_review, changes_requested, approved}

    → thread.list, thread.get, thread.count, thread.pins      ← threads, thread.is, thread.counts, pins

Open models, by name (`EditStart.model` is for one edit)::

    → models.list                                             ← models {name, title, abilities, present}
    → document.model {document_id, model}                     ← document.model.is, and event document.model to all

Something to take away (`TakePicture`, `TakeReport`, `TakeArchive`)::

    → take.picture {version_id, kind, part}                   ← take.progress {request_id, done} …
                                                              ← take.is {token}: GET /take/TOKEN, once

An event of a comment carries the comment as it is then, so nobody asks again. After a lost connection the client says
the last ``seq`` it saw, hears the rest in order, and sends again what was not answered, with the same ids.

Tiles are the cells of a grid of ``Limits.tile_px`` squares from the layer's origin. A layer tile is the cell clipped to
the layer; a mask or patch tile is the cell clipped to the mask's or the patch's rectangle. Samples are interleaved,
little-endian; masks are uint8. A tile's hash is the SHA-256 of its raw samples.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, TypeAdapter

from bridge.protocol.fields import (
    FRAME_BYTES,
    LEAST_PICTURE_PX,
    LOOK_TILE_PX,
    MOST_APPROVERS,
    MOST_PICTURE_PX,
    MOST_REFERENCES,
    OFFERED_TILES,
    PAGE_COMMENTS,
    PAGE_THREADS,
    PAGE_VERSIONS,
    PROFILE_BYTES,
    PROTOCOL_VERSION,
    SIDE_PX,
    TEXT_CHARS,
    TILE_PX,
    WINDOW_FRAMES,
    AlphaName,
    Cell,
    DepthName,
    EditId,
    Encoding,
    Hash,
    Id,
    InvitedRole,
    Message,
    Name,
    PlainText,
    Rect,
    RequestId,
    Seed,
    Sequence,
    Tile,
)
from bridge.protocol.messages.bin import BinIs, BinList, BinnedInfo, DocumentDelete, DocumentRestore
from bridge.protocol.messages.compare import (
    VersionCanvas,
    VersionCanvasIs,
    VersionCompare,
    VersionCompareIs,
    VersionPixel,
    VersionPixelIs,
)
from bridge.protocol.messages.connection import Done, Error, Hello, Limits, Pair, Paired, Ping, Welcome
from bridge.protocol.messages.documents import (
    DocumentList,
    DocumentOpen,
    DocumentOpened,
    Documents,
    DocumentVisit,
    Event,
    LayerDescribe,
    LayerDescribed,
)
from bridge.protocol.messages.edits import (
    EditAck,
    EditCancel,
    EditDone,
    EditFailed,
    EditHave,
    EditPlan,
    EditPreview,
    EditProgress,
    EditQueued,
    EditResume,
    EditStart,
    EditTiles,
    EditWant,
)
from bridge.protocol.messages.finding import LinkFind, LinkFound
from bridge.protocol.messages.history import (
    HeadMoved,
    HistoryMove,
    HistoryRestore,
    HistoryTree,
    HistoryTreeIs,
    PatchAck,
    PatchBegin,
    PatchFetch,
    PatchTiles,
)
from bridge.protocol.messages.models import DocumentModel, DocumentModelIs, ModelInfo, ModelList, ModelName, Models
from bridge.protocol.messages.people import (
    InviteIs,
    InviteList,
    InviteMake,
    InviteRevoke,
    Invites,
    LinkIs,
    LinkMake,
    MemberList,
    Members,
    MemberSet,
)
from bridge.protocol.messages.presence import Presence, PresenceAt, PresenceLook, PresencePoint, PresentInfo
from bridge.protocol.messages.review import (
    ApprovalIs,
    ApprovalList,
    Approvals,
    ApprovalSet,
    ApproversSet,
    CommentAdd,
    CommentChange,
    CommentIs,
    CommentList,
    CommentPlaces,
    CommentPlacesAre,
    CommentResolve,
    Comments,
    Picture,
    StateGet,
    StateIs,
    VersionLock,
    VersionPicture,
)
from bridge.protocol.messages.search import SEARCH_CHARS, HitInfo, Search, SearchFound
from bridge.protocol.messages.source import SourceFinish, SourceIs, SourceOffer, SourceTiles, SourceWant
from bridge.protocol.messages.take import TakeArchive, TakeIs, TakePicture, TakeProgress, TakeReport
from bridge.protocol.messages.threads import (
    PinInfo,
    Pins,
    ThreadCount,
    ThreadCounts,
    ThreadGet,
    ThreadInfo,
    ThreadIs,
    ThreadList,
    ThreadPins,
    Threads,
    VersionThreads,
)
from bridge.protocol.messages.watching import EditWatched, EditWatchedPreview, RoleIs, WatchedState
from bridge.protocol.shapes import (
    ApprovalInfo,
    CanvasInfo,
    CommentInfo,
    DocumentInfo,
    InviteInfo,
    LayerInfo,
    LayerStateInfo,
    MemberInfo,
    PlaceInfo,
    ReferenceInfo,
    ReviewState,
    Verdict,
    VersionInfo,
)

__all__ = [
    "FRAME_BYTES",
    "LEAST_PICTURE_PX",
    "LOOK_TILE_PX",
    "MOST_APPROVERS",
    "MOST_PICTURE_PX",
    "MOST_REFERENCES",
    "OFFERED_TILES",
    "PAGE_COMMENTS",
    "PAGE_THREADS",
    "PAGE_VERSIONS",
    "PROFILE_BYTES",
    "PROTOCOL_VERSION",
    "SEARCH_CHARS",
    "SIDE_PX",
    "TEXT_CHARS",
    "TILE_PX",
    "WINDOW_FRAMES",
    "AlphaName",
    "ApprovalInfo",
    "ApprovalIs",
    "ApprovalList",
    "ApprovalSet",
    "Approvals",
    "ApproversSet",
    "BinIs",
    "BinList",
    "BinnedInfo",
    "CanvasInfo",
    "Cell",
    "ClientMessage",
    "CommentAdd",
    "CommentChange",
    "CommentInfo",
    "CommentIs",
    "CommentList",
    "CommentPlaces",
    "CommentPlacesAre",
    "CommentResolve",
    "Comments",
    "DepthName",
    "DocumentDelete",
    "DocumentInfo",
    "DocumentList",
    "DocumentModel",
    "DocumentModelIs",
    "DocumentOpen",
    "DocumentOpened",
    "DocumentRestore",
    "DocumentVisit",
    "Documents",
    "Done",
    "EditAck",
    "EditCancel",
    "EditDone",
    "EditFailed",
    "EditHave",
    "EditId",
    "EditPlan",
    "EditPreview",
    "EditProgress",
    "EditQueued",
    "EditResume",
    "EditStart",
    "EditTiles",
    "EditWant",
    "EditWatched",
    "EditWatchedPreview",
    "Encoding",
    "Error",
    "Event",
    "Hash",
    "HeadMoved",
    "Hello",
    "HistoryMove",
    "HistoryRestore",
    "HistoryTree",
    "HistoryTreeIs",
    "HitInfo",
    "Id",
    "InviteInfo",
    "InviteIs",
    "InviteList",
    "InviteMake",
    "InviteRevoke",
    "InvitedRole",
    "Invites",
    "LayerDescribe",
    "LayerDescribed",
    "LayerInfo",
    "LayerStateInfo",
    "Limits",
    "LinkFind",
    "LinkFound",
    "LinkIs",
    "LinkMake",
    "MemberInfo",
    "MemberList",
    "MemberSet",
    "Members",
    "Message",
    "ModelInfo",
    "ModelList",
    "ModelName",
    "Models",
    "Name",
    "Pair",
    "Paired",
    "PatchAck",
    "PatchBegin",
    "PatchFetch",
    "PatchTiles",
    "Picture",
    "PinInfo",
    "Ping",
    "Pins",
    "PlaceInfo",
    "PlainText",
    "Presence",
    "PresenceAt",
    "PresenceLook",
    "PresencePoint",
    "PresentInfo",
    "Rect",
    "ReferenceInfo",
    "RequestId",
    "ReviewState",
    "RoleIs",
    "Search",
    "SearchFound",
    "Seed",
    "Sequence",
    "ServerMessage",
    "SourceFinish",
    "SourceIs",
    "SourceOffer",
    "SourceTiles",
    "SourceWant",
    "StateGet",
    "StateIs",
    "TakeArchive",
    "TakeIs",
    "TakePicture",
    "TakeProgress",
    "TakeReport",
    "ThreadCount",
    "ThreadCounts",
    "ThreadGet",
    "ThreadInfo",
    "ThreadIs",
    "ThreadList",
    "ThreadPins",
    "Threads",
    "Tile",
    "Verdict",
    "VersionCanvas",
    "VersionCanvasIs",
    "VersionCompare",
    "VersionCompareIs",
    "VersionInfo",
    "VersionLock",
    "VersionPicture",
    "VersionPixel",
    "VersionPixelIs",
    "VersionThreads",
    "WatchedState",
    "Welcome",
    "client_messages",
    "server_messages",
]

ClientMessage = Annotated[
    Hello
    | Pair
    | DocumentOpen
    | DocumentVisit
    | DocumentList
    | DocumentModel
    | ModelList
    | LayerDescribe
    | EditStart
    | EditTiles
    | EditHave
    | EditCancel
    | EditResume
    | HistoryTree
    | HistoryMove
    | HistoryRestore
    | PatchFetch
    | PatchAck
    | SourceOffer
    | SourceTiles
    | SourceFinish
    | CommentAdd
    | CommentChange
    | CommentResolve
    | CommentList
    | CommentPlaces
    | ApprovalSet
    | ApprovalList
    | StateGet
    | ApproversSet
    | VersionLock
    | VersionPicture
    | VersionCanvas
    | VersionPixel
    | VersionCompare
    | ThreadList
    | ThreadGet
    | ThreadCount
    | ThreadPins
    | MemberList
    | MemberSet
    | InviteMake
    | InviteList
    | InviteRevoke
    | LinkMake
    | TakePicture
    | TakeReport
    | TakeArchive
    | DocumentDelete
    | DocumentRestore
    | BinList
    | Search
    | LinkFind
    | PresenceLook
    | PresencePoint
    | Ping,
    Field(discriminator="type"),
]

ServerMessage = Annotated[
    Welcome
    | Paired
    | DocumentOpened
    | Documents
    | DocumentModelIs
    | Models
    | LayerDescribed
    | EditPlan
    | EditWant
    | EditAck
    | EditQueued
    | EditProgress
    | EditPreview
    | PatchBegin
    | PatchTiles
    | EditDone
    | EditFailed
    | EditWatched
    | EditWatchedPreview
    | SourceWant
    | SourceIs
    | RoleIs
    | HistoryTreeIs
    | HeadMoved
    | CommentIs
    | Comments
    | CommentPlacesAre
    | ApprovalIs
    | Approvals
    | StateIs
    | Picture
    | VersionCanvasIs
    | VersionPixelIs
    | VersionCompareIs
    | Threads
    | ThreadIs
    | ThreadCounts
    | Pins
    | Members
    | InviteIs
    | Invites
    | LinkIs
    | TakeProgress
    | TakeIs
    | BinIs
    | SearchFound
    | LinkFound
    | Presence
    | PresenceAt
    | Event
    | Done
    | Error,
    Field(discriminator="type"),
]


def client_messages() -> TypeAdapter[ClientMessage]:
    """The adapter that reads what clients send (built on demand: it takes some milliseconds)."""
    return TypeAdapter(ClientMessage)


def server_messages() -> TypeAdapter[ServerMessage]:
    """The adapter that reads what the bridge sends."""
    return TypeAdapter(ServerMessage)
