// Made from bridge/protocol/messages by `inlay protocol export`; do not edit.

/**
 * Every message on the wire, as tagged unions.
 *
 * One message is one binary WebSocket frame: a msgpack map with a ``type``. A client's message that wants an answer
 * carries ``id``, chosen by the client; the answer, or the `Error`, carries the same number as ``re``.
 *
 * One edit on the wire::
 *
 *     → edit.start {edit_id, layer_id, text, mask_rect_px}      → edit.tiles (plane mask)
 *     ← edit.plan {says, reach_px}
 *     → edit.have {hashes of the tiles in reach}
 *     ← edit.want {the tiles that are not here yet}             → edit.tiles (plane layer)
 *                                           and, for the references the plan uses, → edit.tiles (plane reference)
 *     ← edit.ack for each frame of tiles: at most `Limits.window_frames` may be under way
 *     ← edit.queued {position} · edit.progress · edit.preview
 *     ← patch.begin, patch.tiles …  (each frame is answered by → patch.ack; same window)
 *     ← edit.done {versions, head}   or   edit.failed {code, message, hint}
 *
 * A conversation on the wire, for everybody who has the document open (``document.open``, ``document.visit``)::
 *
 *     → comment.add {comment_id, version_id, rect_px, text}     ← comment.is {comment}
 *                                                               ← event {kind comment.added, comment_id, seq}, to all
 *     → comment.list {document_id, layer_id}                    ← comments {a page of them}
 *     → comment.places {version_id}                             ← comment.places.are {where they are in that version}
 *     → approval.set {version_id, verdict}                      ← approval.is, and event approval.set to all
 *     → state.get {document_id}                                 ← state.is {draft, in_review, changes_requested, approved}
 *
 *     → thread.list, thread.get, thread.count, thread.pins      ← threads, thread.is, thread.counts, pins
 *
 * Open models, by name (`EditStart.model` is for one edit)::
 *
 *     → models.list                                             ← models {name, title, abilities, present}
 *     → document.model {document_id, model}                     ← document.model.is, and event document.model to all
 *
 * Something to take away (`TakePicture`, `TakeReport`, `TakeArchive`)::
 *
 *     → take.picture {version_id, kind, part}                   ← take.progress {request_id, done} …
 *                                                               ← take.is {token}: GET /take/TOKEN, once
 *
 * An event of a comment carries the comment as it is then, so nobody asks again. After a lost connection the client says
 * the last ``seq`` it saw, hears the rest in order, and sends again what was not answered, with the same ids.
 *
 * Tiles are the cells of a grid of ``Limits.tile_px`` squares from the layer's origin. A layer tile is the cell clipped to
 * the layer; a mask or patch tile is the cell clipped to the mask's or the patch's rectangle. Samples are interleaved,
 * little-endian; masks are uint8. A tile's hash is the SHA-256 of its raw samples.
 */

export const PROTOCOL_VERSION = 1;
export const TILE_PX = 128;
export const FRAME_BYTES = 1048576;
export const WINDOW_FRAMES = 4;
export const SIDE_PX = 300000;
export const TEXT_CHARS = 2000;
export const PROFILE_BYTES = 786432;
export const MOST_REFERENCES = 10;
export const OFFERED_TILES = 4096;
export const PAGE_VERSIONS = 100;
export const PAGE_COMMENTS = 64;
export const LOOK_TILE_PX = 256;
export const PAGE_THREADS = 20;
export const LEAST_PICTURE_PX = 16;
export const MOST_PICTURE_PX = 1024;

/**
 * First message of every connection. Without a token only `Pair` is answered afterwards.
 *
 * ``zstd``: whether this client unpacks it. A plugin does not: loopback carries raw tiles faster than JavaScript
 * unpacks packed ones, so they come as ``raw`` and ``fill``.
 */
export interface Hello {
  readonly type: "hello";
  readonly id: number;
  readonly protocol: number;
  readonly client: string;
  readonly token?: string | null;
  readonly zstd?: boolean; // default true
}

/** Trade the code that the bridge's own machine shows for a token. */
export interface Pair {
  readonly type: "pair";
  readonly id: number;
  readonly code: string;
  readonly name: string;
}

/**
 * Open, or make, the document that the host calls ``key``; ``last_seq``: the last event seen, for the catch-up.
 *
 * ``watch``: others' edits are told while they run, as `EditWatched`.
 */
export interface DocumentOpen {
  readonly type: "document.open";
  readonly id: number;
  readonly key: string;
  readonly title?: string; // default ""
  readonly last_seq?: number | null;
  readonly watch?: boolean; // default false
}

/** Open a document in which one has a role, by its id; ``last_seq`` and ``watch`` as in `DocumentOpen`. */
export interface DocumentVisit {
  readonly type: "document.visit";
  readonly id: number;
  readonly document_id: string;
  readonly last_seq?: number | null;
  readonly watch?: boolean; // default false
}

export interface DocumentList {
  readonly type: "document.list";
  readonly id: number;
}

/** Pin a document to an open model: that one draws whatever the built-in ones cannot. An edit may name another. */
export interface DocumentModel {
  readonly type: "document.model";
  readonly id: number;
  readonly document_id: string;
  readonly model: string;
}

export interface ModelList {
  readonly type: "models.list";
  readonly id: number;
}

/** Say what a layer is: size, format, profile. Again when it changed; the history stays. */
export interface LayerDescribe {
  readonly type: "layer.describe";
  readonly id: number;
  readonly document_id: string;
  readonly key: string;
  readonly name?: string; // default ""
  readonly width: number;
  readonly height: number;
  readonly depth: "u8" | "u16" | "f32";
  readonly channels: number;
  readonly alpha: "none" | "straight" | "premultiplied";
  readonly profile?: Uint8Array | null;
}

/** A picture that the words may speak of (“image 2”); its pixels follow when the plan uses it. */
export interface ReferenceInfo {
  readonly width: number;
  readonly height: number;
  readonly depth: "u8" | "u16" | "f32";
  readonly channels: number;
  readonly alpha: "none" | "straight" | "premultiplied";
  readonly profile?: Uint8Array | null;
}

/**
 * Begin an edit. ``edit_id`` is chosen by the client (random), so that it can ask for it after a reconnect.
 *
 * ``mask_rect_px`` is the selection's bounding box, or None without a selection. ``seed`` None: the bridge draws one.
 * ``base_version_id`` is the version that the client shows; None: the head. ``pixels``: whose of the layer are
 * edited; ``bridge`` are those that are stored of that version (the client sends the mask alone, and the plan's
 * reach is None). Without ``wants_patch`` the edit's end comes without patches. ``model``: the open model that is to
 * draw what it can of it, ``built-in`` or ``auto``; None: not said. Words that name one count more.
 */
export interface EditStart {
  readonly type: "edit.start";
  readonly id: number;
  readonly edit_id: string;
  readonly layer_id: string;
  readonly text: string;
  readonly mask_rect_px?: readonly [number, number, number, number] | null;
  readonly seed?: number | null;
  readonly variations?: number; // default 1
  readonly previews?: boolean; // default true
  readonly base_version_id?: string | null;
  readonly references?: readonly ReferenceInfo[]; // default []
  readonly pixels?: "client" | "bridge";
  readonly wants_patch?: boolean; // default true
  readonly model?: string | null;
}

/**
 * Samples of one cell.
 *
 * ``encoding``: ``raw``; ``zlib`` or ``zstd`` of the raw bytes; ``fill``: the bytes of one pixel, repeated.
 * The decoded size is known from the cell, so nothing that inflates beyond it is ever unpacked.
 */
export interface Tile {
  readonly cell: readonly [number, number];
  readonly encoding: "raw" | "zlib" | "zstd" | "fill";
  readonly data: Uint8Array;
}

/**
 * Tiles of the mask (after `EditStart`), of the layer (after `EditWant`), or of a reference (after `EditPlan`),
 * as many as fit a frame. ``reference`` counts from 1; 0 for the other planes.
 */
export interface EditTiles {
  readonly type: "edit.tiles";
  readonly edit_id: string;
  readonly plane: "mask" | "layer" | "reference";
  readonly reference?: number; // default 0
  readonly tiles: readonly Tile[];
}

/** Hashes of the layer's tiles in the cells of ``rect_px``, row by row, in one or more parts from ``first``. */
export interface EditHave {
  readonly type: "edit.have";
  readonly edit_id: string;
  readonly rect_px: readonly [number, number, number, number];
  readonly first?: number; // default 0
  readonly hashes: readonly Uint8Array[];
}

export interface EditCancel {
  readonly type: "edit.cancel";
  readonly id: number;
  readonly edit_id: string;
}

/** After a reconnect: send this edit's events here from now on, and its outcome if it is done. */
export interface EditResume {
  readonly type: "edit.resume";
  readonly id: number;
  readonly edit_id: string;
  readonly wants_patch?: boolean; // default true
}

/**
 * Ask for `PAGE_VERSIONS` of a layer's versions, oldest first, after the first ``skip``; with ``from_end`` those
 * before the last ``skip``, so that the newest come first, page by page.
 */
export interface HistoryTree {
  readonly type: "history.tree";
  readonly id: number;
  readonly layer_id: string;
  readonly skip?: number; // default 0
  readonly from_end?: boolean; // default false
}

/** Undo or redo: move the head along the tree; the patch that brings the layer there follows. */
export interface HistoryMove {
  readonly type: "history.undo" | "history.redo";
  readonly id: number;
  readonly layer_id: string;
  readonly count?: number; // default 1
}

/** Make a version the head (also: choose a candidate, or go back and branch by editing from there). */
export interface HistoryRestore {
  readonly type: "history.restore";
  readonly id: number;
  readonly version_id: string;
}

/** Send a version's own patch and mask again, as after the edit. */
export interface PatchFetch {
  readonly type: "patch.fetch";
  readonly id: number;
  readonly version_id: string;
}

/** This frame of tiles has been taken; the next may come. */
export interface PatchAck {
  readonly type: "patch.ack";
  readonly patch_id: string;
  readonly received: number;
}

/**
 * Hashes of the layer's tiles, row by row, from cell ``first`` on; 0 begins, and drops what this connection had
 * begun before. ``version_id`` is the version that the host shows, perhaps with what its designer painted since.
 */
export interface SourceOffer {
  readonly type: "source.offer";
  readonly id: number;
  readonly version_id: string;
  readonly first?: number; // default 0
  readonly hashes: readonly Uint8Array[];
}

/** Tiles that the bridge wants, as many as fit a frame. */
export interface SourceTiles {
  readonly type: "source.tiles";
  readonly id: number;
  readonly version_id: string;
  readonly tiles: readonly Tile[];
}

/** All of it has been sent: from now on this is what the layer shows at that version. */
export interface SourceFinish {
  readonly type: "source.finish";
  readonly id: number;
  readonly version_id: string;
}

/**
 * Say something about a version, or about a place on it. Sent again, it is answered again and stored once.
 *
 * ``comment_id`` is chosen by the client (random). ``rect_px`` is in the pixels of the layer in that version; a point
 * is one pixel wide and high; None: the whole version. ``reply_to``: a comment of the same layer; the answer joins
 * its thread.
 */
export interface CommentAdd {
  readonly type: "comment.add";
  readonly id: number;
  readonly comment_id: string;
  readonly version_id: string;
  readonly text: string;
  readonly rect_px?: readonly [number, number, number, number] | null;
  readonly reply_to?: string | null;
  readonly mentions?: readonly string[]; // default []
}

/** Say one's own comment in other words; what it said before is kept in the history. */
export interface CommentChange {
  readonly type: "comment.change";
  readonly id: number;
  readonly comment_id: string;
  readonly text: string;
  readonly mentions?: readonly string[]; // default []
}

/** Close a thread, or open it again; ``comment_id`` is the comment that it began with. */
export interface CommentResolve {
  readonly type: "comment.resolve";
  readonly id: number;
  readonly comment_id: string;
  readonly resolved: boolean;
}

/** Ask for `PAGE_COMMENTS` of a document's comments, or of one layer's, oldest first, after the first ``skip``. */
export interface CommentList {
  readonly type: "comment.list";
  readonly id: number;
  readonly document_id: string;
  readonly layer_id?: string | null;
  readonly skip?: number; // default 0
}

/**
 * Ask where the comments of a version's layer are in that version: for the same pages as `CommentList` gives for
 * the layer, or only for those named (those that are no comments of the layer are left out).
 */
export interface CommentPlaces {
  readonly type: "comment.places";
  readonly id: number;
  readonly version_id: string;
  readonly skip?: number; // default 0
  readonly comment_ids?: readonly string[] | null;
}

/** One's own verdict on a version; the last one counts, the earlier ones are kept in the history. */
export interface ApprovalSet {
  readonly type: "approval.set";
  readonly id: number;
  readonly version_id: string;
  readonly verdict: "approved" | "changes_requested" | "withdrawn";
  readonly text?: string; // default ""
}

/** Ask for `PAGE_COMMENTS` of a document's verdicts, oldest first, after the first ``skip``. */
export interface ApprovalList {
  readonly type: "approval.list";
  readonly id: number;
  readonly document_id: string;
  readonly skip?: number; // default 0
}

/** Ask where a document stands. */
export interface StateGet {
  readonly type: "state.get";
  readonly id: number;
  readonly document_id: string;
}

/** Say who must approve a document, all of them; nobody: every verdict counts. */
export interface ApproversSet {
  readonly type: "approvers.set";
  readonly id: number;
  readonly document_id: string;
  readonly person_ids: readonly string[];
}

/** Keep a layer at its approved head, or let it go again. */
export interface VersionLock {
  readonly type: "version.lock";
  readonly id: number;
  readonly version_id: string;
  readonly locked: boolean;
}

/**
 * Ask for a small picture of the place that a version changed, as it was before or after; of a source, of all of it
 * that is known.
 */
export interface VersionPicture {
  readonly type: "version.picture";
  readonly id: number;
  readonly version_id: string;
  readonly show?: "before" | "after";
  readonly side_px: number;
}

/**
 * Ask how large the layer is in a version, and which parts of it are here to be looked at; and where its pixels
 * lie in another version of the layer, ``onto_id``.
 */
export interface VersionCanvas {
  readonly type: "version.canvas";
  readonly id: number;
  readonly version_id: string;
  readonly onto_id?: string | null;
}

/** Ask for one pixel of a version in the layer's own numbers. */
export interface VersionPixel {
  readonly type: "version.pixel";
  readonly id: number;
  readonly version_id: string;
  readonly x: number;
  readonly y: number;
}

/** Ask how a version differs from another one of the layer, in exact figures at the layer's own depth. */
export interface VersionCompare {
  readonly type: "version.compare";
  readonly id: number;
  readonly from_version_id: string;
  readonly version_id: string;
}

/**
 * Ask for a layer's threads, newest first.
 *
 * ``version_id``: only those that began on it. ``which``: those that are open, in which this person spoke or is
 * mentioned, or all.
 * ``before``: only those whose first comment has a smaller ``seq``, for the next page.
 */
export interface ThreadList {
  readonly type: "thread.list";
  readonly id: number;
  readonly layer_id: string;
  readonly version_id?: string | null;
  readonly which?: "open" | "mine" | "all";
  readonly before?: number | null;
  readonly limit?: number; // default 20
}

/** Ask for one thread, by any comment in it; of its answers a page, after the first ``skip``. */
export interface ThreadGet {
  readonly type: "thread.get";
  readonly id: number;
  readonly comment_id: string;
  readonly skip?: number; // default 0
}

/** Ask how many threads a layer has, by the version that they began on. */
export interface ThreadCount {
  readonly type: "thread.count";
  readonly id: number;
  readonly layer_id: string;
}

/** Ask where the newest open threads of a version's layer are in that version. */
export interface ThreadPins {
  readonly type: "thread.pins";
  readonly id: number;
  readonly version_id: string;
}

/** Ask who is in a document. */
export interface MemberList {
  readonly type: "member.list";
  readonly id: number;
  readonly document_id: string;
}

/** Give a person another role in a document; None: they are out of it. */
export interface MemberSet {
  readonly type: "member.set";
  readonly id: number;
  readonly document_id: string;
  readonly person_id: string;
  readonly role: "editor" | "approver" | "commenter" | "viewer" | null;
}

/**
 * Make a link into a document. With a ``name`` it is that one person's; ``once``: only the first who opens it comes
 * in; ``expires_s``: for so long, None: until it is revoked.
 */
export interface InviteMake {
  readonly type: "invite.make";
  readonly id: number;
  readonly document_id: string;
  readonly role: "editor" | "approver" | "commenter" | "viewer";
  readonly name?: string; // default ""
  readonly once?: boolean; // default false
  readonly expires_s?: number | null;
}

/** Ask for a document's invites. */
export interface InviteList {
  readonly type: "invite.list";
  readonly id: number;
  readonly document_id: string;
}

/** Take an invite back: it lets nobody in, and those who came in by it are out. */
export interface InviteRevoke {
  readonly type: "invite.revoke";
  readonly id: number;
  readonly invite_id: string;
}

/** Make a link for a browser of one's own: whoever opens it is this person, once, for a short while. */
export interface LinkMake {
  readonly type: "link.make";
  readonly id: number;
  readonly document_id: string;
}

/**
 * Make a picture file of a version, to the bit, with the layer's own depth and profile.
 *
 * ``part``: the whole ``layer`` as the version shows it (refused with ``pixels_missing`` where the bridge does not
 * have all of it), or the box of what the version ``changed``. ``words``, ``people``: whether the file says what was
 * asked for, and by whom.
 */
export interface TakePicture {
  readonly type: "take.picture";
  readonly id: number;
  readonly version_id: string;
  readonly kind?: "png" | "tiff" | "webp";
  readonly part?: "layer" | "changed";
  readonly words?: boolean; // default false
  readonly people?: boolean; // default false
}

/**
 * Make a report of a document's review. ``versions``: those that were ``discussed``, by comments or verdicts, or
 * ``all``.
 */
export interface TakeReport {
  readonly type: "take.report";
  readonly id: number;
  readonly document_id: string;
  readonly kind?: "html" | "pdf";
  readonly versions?: "discussed" | "all";
}

/** Make one file of the whole document, which `inlay import` opens elsewhere. */
export interface TakeArchive {
  readonly type: "take.archive";
  readonly id: number;
  readonly document_id: string;
}

/** Put a document into the bin: it is gone for everybody at once, and its owner can bring it back for a while. */
export interface DocumentDelete {
  readonly type: "document.delete";
  readonly id: number;
  readonly document_id: string;
}

/** Bring a document back from the bin, with everything that was in it and everybody's roles. */
export interface DocumentRestore {
  readonly type: "document.restore";
  readonly id: number;
  readonly document_id: string;
}

/** Ask for one's own documents in the bin. */
export interface BinList {
  readonly type: "bin.list";
  readonly id: number;
}

/**
 * Search all documents that one may see, or one of them: ``warmer by:ana after:2026-11-01 op:relight is:approved
 * in:comments``. See `bridge.search.query`.
 */
export interface Search {
  readonly type: "search";
  readonly id: number;
  readonly query: string;
  readonly document_id?: string | null;
  readonly skip?: number; // default 0
}

/** Ask where a comment or a version of this document is; refused with ``not_found`` when it is not in it. */
export interface LinkFind {
  readonly type: "link.find";
  readonly id: number;
  readonly document_id: string;
  readonly comment_id?: string | null;
  readonly version_id?: string | null;
}

/**
 * Be here, in this document and no other, and look at this version of this layer; None: at none yet.
 *
 * From now on `Presence` and `PresenceAt` tell of everybody who is here. Said again whenever one looks elsewhere.
 */
export interface PresenceLook {
  readonly type: "presence.look";
  readonly id: number;
  readonly document_id: string;
  readonly layer_id?: string | null;
  readonly version_id?: string | null;
}

/**
 * Point at a place of the version that one looks at; None: no more. Not answered; beyond some 15 a second the
 * sender's next messages wait.
 */
export interface PresencePoint {
  readonly type: "presence.point";
  readonly at_px: readonly [number, number] | null;
}

export interface Ping {
  readonly type: "ping";
  readonly id: number;
}

export interface Limits {
  readonly frame_bytes: number; // default 1048576
  readonly tile_px: number; // default 128
  readonly window_frames: number; // default 4
  readonly text_chars: number; // default 2000
}

/** ``person`` is None when there was no valid token: pair first. */
export interface Welcome {
  readonly type: "welcome";
  readonly re: number;
  readonly protocol: number; // default 1
  readonly bridge: string;
  readonly person_id: string | null;
  readonly person: string | null;
  readonly limits: Limits;
}

export interface Paired {
  readonly type: "paired";
  readonly re: number;
  readonly token: string;
  readonly person_id: string;
}

/**
 * A document as this person sees it; ``key`` is what its owner's host calls it, for everybody else its id;
 * ``model``: the open model that it is pinned to, or ``auto``.
 */
export interface DocumentInfo {
  readonly document_id: string;
  readonly key: string;
  readonly title: string;
  readonly role: "owner" | "editor" | "approver" | "commenter" | "viewer";
  readonly last_seq: number;
  readonly model: string; // default "auto"
}

export interface LayerInfo {
  readonly layer_id: string;
  readonly key: string;
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly depth: "u8" | "u16" | "f32";
  readonly channels: number;
  readonly alpha: "none" | "straight" | "premultiplied";
  readonly head_version_id: string | null;
}

/** The document; when `DocumentOpen` said a ``last_seq``, the `Event`s since then follow in order. */
export interface DocumentOpened {
  readonly type: "document.opened";
  readonly re: number;
  readonly document: DocumentInfo;
  readonly layers: readonly LayerInfo[];
}

export interface Documents {
  readonly type: "documents";
  readonly re: number;
  readonly documents: readonly DocumentInfo[];
}

/** Which model the document is pinned to now; not ``present``: edits that need it are refused until it is here. */
export interface DocumentModelIs {
  readonly type: "document.model.is";
  readonly re: number;
  readonly document_id: string;
  readonly model: string;
  readonly present: boolean;
}

/** An open model: ``abilities`` as in `engine.models.catalogue`; ``present``: its weights are on this machine. */
export interface ModelInfo {
  readonly name: string;
  readonly title: string;
  readonly abilities: readonly string[];
  readonly present: boolean;
}

export interface Models {
  readonly type: "models";
  readonly re: number;
  readonly models: readonly ModelInfo[];
}

export interface LayerDescribed {
  readonly type: "layer.described";
  readonly re: number;
  readonly layer: LayerInfo;
}

/**
 * What will be done, in plain words, and the part of the layer that must be seen for it (None: no pixels).
 *
 * ``references``: the numbers of those whose tiles the bridge waits for.
 */
export interface EditPlan {
  readonly type: "edit.plan";
  readonly re: number;
  readonly edit_id: string;
  readonly ops: readonly string[];
  readonly says: readonly string[];
  readonly reach_px: readonly [number, number, number, number] | null;
  readonly seed: number;
  readonly references: readonly number[]; // default []
}

/** The cells of the reach whose tiles the bridge does not hold; may be empty. */
export interface EditWant {
  readonly type: "edit.want";
  readonly edit_id: string;
  readonly cells: readonly (readonly [number, number])[];
}

/** Frames of tiles of this edit taken so far, mask and layer counted together. */
export interface EditAck {
  readonly type: "edit.ack";
  readonly edit_id: string;
  readonly received: number;
}

/** Place in line: 0 is running. */
export interface EditQueued {
  readonly type: "edit.queued";
  readonly edit_id: string;
  readonly position: number;
}

export interface EditProgress {
  readonly type: "edit.progress";
  readonly edit_id: string;
  readonly candidate: number;
  readonly fraction: number;
  readonly stage: string;
}

/** uint8 RGB or straight RGBA of ``rect_px`` at 1/``scale`` of the layer's resolution; may be skipped when slow. */
export interface EditPreview {
  readonly type: "edit.preview";
  readonly edit_id: string;
  readonly candidate: number;
  readonly rect_px: readonly [number, number, number, number];
  readonly scale: number;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly encoding: "raw" | "zlib" | "zstd" | "fill";
  readonly data: Uint8Array;
}

/** What the layer is from now on, and where its old pixels lie in it: their corner, and new pixels an old one. */
export interface CanvasInfo {
  readonly width: number;
  readonly height: number;
  readonly depth: "u8" | "u16" | "f32";
  readonly channels: number;
  readonly alpha: "none" | "straight" | "premultiplied";
  readonly x0: number;
  readonly y0: number;
  readonly scale: number;
}

/**
 * A patch follows in ``frames`` frames: the pixels of ``rect_px`` as they are in ``version_id``, and its mask.
 *
 * ``edit_id`` is None when the patch answers a history request or a fetch. ``depth``, ``channels``, ``alpha``:
 * of its samples, which an older version may have had otherwise. ``mask`` is False when the whole rectangle is
 * to be replaced. With a ``canvas`` the layer has another size or format now, in which ``rect_px`` and the
 * samples are, and the patch is all of it.
 */
export interface PatchBegin {
  readonly type: "patch.begin";
  readonly re: number | null;
  readonly patch_id: string;
  readonly edit_id: string | null;
  readonly candidate: number;
  readonly layer_id: string;
  readonly version_id: string;
  readonly rect_px: readonly [number, number, number, number];
  readonly depth: "u8" | "u16" | "f32";
  readonly channels: number;
  readonly alpha: "none" | "straight" | "premultiplied";
  readonly mask: boolean;
  readonly frames: number;
  readonly canvas: CanvasInfo | null;
}

export interface PatchTiles {
  readonly type: "patch.tiles";
  readonly patch_id: string;
  readonly frame: number;
  readonly plane: "mask" | "layer";
  readonly tiles: readonly Tile[];
}

/** Letters that a host can set itself; see `engine.api.TextLayer`. */
export interface TextInfo {
  readonly kind: "text";
  readonly rect_px: readonly [number, number, number, number];
  readonly text: string;
  readonly family: string;
  readonly style: string;
  readonly size_px: number;
  readonly line_px: number;
  readonly colour: readonly [number, number, number, number];
  readonly align: string;
}

/** A reference that a host can place itself; see `engine.api.ImageLayer`. */
export interface ImageInfo {
  readonly kind: "image";
  readonly rect_px: readonly [number, number, number, number];
  readonly reference: number;
  readonly rotation: number;
  readonly opacity: number;
}

/** A soft rectangle beneath letters; see `engine.api.ShadeLayer`. */
export interface ShadeInfo {
  readonly kind: "shade";
  readonly rect_px: readonly [number, number, number, number];
  readonly colour: readonly [number, number, number, number];
  readonly radius_px: number;
}

/**
 * One version of a layer. ``created_at`` is ISO 8601 in UTC.
 *
 * ``canvas`` says what the layer became with this version, None when neither its size nor its format changed.
 * ``layers``: what a host may set itself instead of the pixels, lowest first.
 *
 * ``state``: ``landed`` (is or was the head), ``candidate`` (a variation not chosen), ``beside`` (kept after a
 * conflict).
 */
export interface VersionInfo {
  readonly version_id: string;
  readonly parent_id: string | null;
  readonly kind: "source" | "edit";
  readonly state: "landed" | "candidate" | "beside";
  readonly rect_px: readonly [number, number, number, number];
  readonly text: string;
  readonly says: readonly string[];
  readonly model: string;
  readonly weights_hash: string;
  readonly device: string;
  readonly seed: number | null;
  readonly author: string;
  readonly created_at: string;
  readonly engine_s: number;
  readonly notes: readonly string[];
  readonly canvas: CanvasInfo | null;
  readonly layers: readonly (TextInfo | ImageInfo | ShadeInfo)[]; // default []
}

/** The edit is stored: ``versions`` in the order of candidates, ``head_version_id`` is the layer's head now. */
export interface EditDone {
  readonly type: "edit.done";
  readonly edit_id: string;
  readonly seq: number;
  readonly versions: readonly VersionInfo[];
  readonly head_version_id: string | null;
}

/** The edit ended without landing. For ``conflict``, ``version_id`` is the result that was kept beside. */
export interface EditFailed {
  readonly type: "edit.failed";
  readonly edit_id: string;
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly version_id: string | null;
  readonly head_version_id: string | null;
}

/**
 * Where somebody's edit is by now: all that is known of it, each time.
 *
 * A connection that is behind gets only the last of these, perhaps none: what counts comes as an `Event` too. One's
 * own edit is not told on the connection that runs it.
 *
 * ``state``: ``preparing`` (planned; pixels are on their way), ``waiting`` in line (``position`` ahead of it),
 * ``running`` (``fraction`` of ``candidate`` is done), or how it ended: ``done``, ``failed``, ``cancelled``,
 * ``beside`` (kept beside another's). ``rect_px`` is the selection's box, None without a selection;
 * ``base_version_id`` the version that it starts from, in whose pixels that is. ``version_ids``: what it made.
 */
export interface EditWatched {
  readonly type: "edit.watched";
  readonly document_id: string;
  readonly layer_id: string;
  readonly edit_id: string;
  readonly base_version_id: string;
  readonly person_id: string;
  readonly by: string;
  readonly text: string;
  readonly says: readonly string[];
  readonly rect_px: readonly [number, number, number, number] | null;
  readonly state: "preparing" | "waiting" | "running" | "done" | "failed" | "cancelled" | "beside";
  readonly position: number; // default 0
  readonly candidate: number; // default 0
  readonly fraction: number; // default 0.0
  readonly stage: string; // default ""
  readonly version_ids: readonly string[]; // default []
}

/** A first look at somebody's edit, as `EditPreview`; may be skipped. */
export interface EditWatchedPreview {
  readonly type: "edit.watched.preview";
  readonly document_id: string;
  readonly layer_id: string;
  readonly edit_id: string;
  readonly candidate: number;
  readonly rect_px: readonly [number, number, number, number];
  readonly scale: number;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly encoding: "raw" | "zlib" | "zstd" | "fill";
  readonly data: Uint8Array;
}

/** The cells of the offered part whose tiles are not here; may be empty. */
export interface SourceWant {
  readonly type: "source.want";
  readonly re: number;
  readonly cells: readonly (readonly [number, number])[];
}

/** The picture is stored. ``seq`` is the number of the event ``source.shared``; None: it was known just so. */
export interface SourceIs {
  readonly type: "source.is";
  readonly re: number;
  readonly version_id: string;
  readonly seq: number | null;
}

/** What this person is from now on in a document that they have open here; None: nothing any more. */
export interface RoleIs {
  readonly type: "role.is";
  readonly document_id: string;
  readonly role: "owner" | "editor" | "approver" | "commenter" | "viewer" | null;
}

/**
 * A page of a layer's versions, oldest first; ``total`` is how many there are, ``edits_before`` how many edits come
 * before the page: the first edit on it is number ``edits_before`` + 1.
 */
export interface HistoryTreeIs {
  readonly type: "history.tree.is";
  readonly re: number;
  readonly layer: LayerInfo;
  readonly total: number;
  readonly versions: readonly VersionInfo[];
  readonly edits_before: number; // default 0
}

/** The answer to undo, redo and restore; the patch came before it. */
export interface HeadMoved {
  readonly type: "head.moved";
  readonly re: number;
  readonly layer_id: string;
  readonly head_version_id: string | null;
  readonly seq: number;
}

/**
 * A comment as it is now; times are ISO 8601 in UTC.
 *
 * ``rect_px`` is in the pixels of the layer in ``version_id``, None: the whole version. ``reply_to`` is the comment
 * that the thread began with, None for that one itself; only that one is resolved. ``text`` is as it was typed: show
 * it as text, never as HTML; ``mentions`` are the people who are meant by “@Name” in it.
 */
export interface CommentInfo {
  readonly comment_id: string;
  readonly document_id: string;
  readonly layer_id: string;
  readonly version_id: string;
  readonly reply_to: string | null;
  readonly rect_px: readonly [number, number, number, number] | null;
  readonly text: string;
  readonly author: string;
  readonly person_id: string;
  readonly created_at: string;
  readonly changed_at: string | null;
  readonly resolved_by: string | null;
  readonly resolved_at: string | null;
  readonly mentions: readonly string[]; // default []
}

/** The comment as it is now. */
export interface CommentIs {
  readonly type: "comment.is";
  readonly re: number;
  readonly comment: CommentInfo;
}

/** A page of comments, oldest first; ``total`` is how many there are. */
export interface Comments {
  readonly type: "comments";
  readonly re: number;
  readonly total: number;
  readonly comments: readonly CommentInfo[];
}

/**
 * Where a comment's place is in another version of its layer.
 *
 * ``where``: ``here``, at ``rect_px``; ``whole``, the comment is on the whole version; ``gone``, that place is beyond
 * the layer's border now; ``elsewhere``, the layer was described anew since, nothing leads there. ``same``: nothing is
 * different there from the comment's own version. ``changed_by``: the edits since that changed pixels there, in order;
 * of very many the last.
 */
export interface PlaceInfo {
  readonly comment_id: string;
  readonly where: "here" | "whole" | "gone" | "elsewhere";
  readonly rect_px: readonly [number, number, number, number] | null;
  readonly same: boolean;
  readonly changed_by: readonly string[];
}

/**
 * A page of places, in the order of the comments; ``total`` is how many comments the layer has, or were found of
 * those that were named.
 */
export interface CommentPlacesAre {
  readonly type: "comment.places.are";
  readonly re: number;
  readonly version_id: string;
  readonly total: number;
  readonly places: readonly PlaceInfo[];
}

/** What a person says of a version now; ``withdrawn``: nothing any more. ``created_at`` is ISO 8601 in UTC. */
export interface ApprovalInfo {
  readonly approval_id: string;
  readonly document_id: string;
  readonly layer_id: string;
  readonly version_id: string;
  readonly verdict: "approved" | "changes_requested" | "withdrawn";
  readonly text: string;
  readonly author: string;
  readonly person_id: string;
  readonly created_at: string;
}

/** The verdict that counts now. */
export interface ApprovalIs {
  readonly type: "approval.is";
  readonly re: number;
  readonly approval: ApprovalInfo;
}

/** A page of verdicts: of each person on each version the last, oldest first; ``total`` is how many there are. */
export interface Approvals {
  readonly type: "approvals";
  readonly re: number;
  readonly total: number;
  readonly approvals: readonly ApprovalInfo[];
}

/** Somebody in a document. */
export interface MemberInfo {
  readonly person_id: string;
  readonly name: string;
  readonly role: "owner" | "editor" | "approver" | "commenter" | "viewer";
}

/**
 * Where a layer stands. ``approved_version_id``: the nearest approved version that the head came from, or is; what
 * changed since is between the two. ``locked``: edits and moves of the head are refused.
 */
export interface LayerStateInfo {
  readonly layer_id: string;
  readonly head_version_id: string;
  readonly state: "draft" | "in_review" | "changes_requested" | "approved";
  readonly approved_version_id: string | null;
  readonly locked: boolean;
}

/** Where a document stands; ``approvers`` must approve it. */
export interface StateIs {
  readonly type: "state.is";
  readonly re: number;
  readonly document_id: string;
  readonly state: "draft" | "in_review" | "changes_requested" | "approved";
  readonly approvers: readonly MemberInfo[];
  readonly layers: readonly LayerStateInfo[];
}

/**
 * An encoded picture in 8 bit sRGB, at most ``side_px`` wide and high and never enlarged: JPEG, or PNG where
 * something is transparent.
 *
 * ``rect_px`` is what it shows: the version's place; where the version changed the layer's size, all of the layer,
 * before or after, in the pixels that it had then.
 */
export interface Picture {
  readonly type: "picture";
  readonly re: number;
  readonly version_id: string;
  readonly show: "before" | "after";
  readonly mime: "image/jpeg" | "image/png";
  readonly width: number;
  readonly height: number;
  readonly rect_px: readonly [number, number, number, number];
  readonly data: Uint8Array;
}

/**
 * The layer in a version, and what is known of it.
 *
 * Its tiles are at ``GET /tiles/{version_id}/{level}/{x}_{y}?of={pyramid}``: squares of `LOOK_TILE_PX` from the upper
 * left corner, level 0 at 1:1, each level above half as wide and high (rounded up), ``levels`` of them.
 *
 * ``pyramid``: what an address is to name, so that its answer can be kept for ever; it changes when more is known.
 * ``known``: a bit for each cell of `TILE_PX`, row by row, the first in the highest bit; empty when all are known.
 * ``opaque``: nothing is seen through it.
 * ``lies`` (x0, y0, scale): a pixel (x, y) is at (x × scale + x0, y × scale + y0) in ``onto_id``; None where no way
 * leads there, because the layer was described anew between the two, and where no other version was named.
 */
export interface VersionCanvasIs {
  readonly type: "version.canvas.is";
  readonly re: number;
  readonly version_id: string;
  readonly width: number;
  readonly height: number;
  readonly levels: number;
  readonly pyramid: string;
  readonly known: Uint8Array;
  readonly opaque: boolean;
  readonly lies: readonly [number, number, number] | null;
}

/**
 * One pixel: a number for each channel as it is stored (0 … 255, 0 … 65535, or as it is); none where nobody sent
 * it to the bridge.
 */
export interface VersionPixelIs {
  readonly type: "version.pixel.is";
  readonly re: number;
  readonly version_id: string;
  readonly x: number;
  readonly y: number;
  readonly values: readonly number[];
}

/**
 * How ``version_id`` differs from ``from_version_id``. Places are in the pixels of the layer in ``version_id``.
 *
 * ``why_not``: why pixels cannot be compared one by one, in a sentence; empty: they were. ``counted_px`` pixels were
 * compared, ``unknown_px`` nobody sent to the bridge; ``changed_px`` of those compared differ in any bit,
 * ``outside_px`` of these lie outside the selections of all edits on the way. Where that is not 0, somebody painted in
 * their program between two edits: ``edits_outside_px`` is what the edits themselves changed outside their selections.
 * ``largest``: between two numbers of one pixel, of ``white`` that is the layer's full white. ``rect_px``: around all
 * that changed. ``outline``: around the selections, polygons as x, y, x, y, …, exact where ``outline_px`` is 1, else
 * around blocks of so many pixels. The difference as a picture is at ``GET
 * /tiles/{from_version_id}..{version_id}/difference/{level}/{x}_{y}?by={gain}``.
 */
export interface VersionCompareIs {
  readonly type: "version.compare.is";
  readonly re: number;
  readonly from_version_id: string;
  readonly version_id: string;
  readonly why_not: string;
  readonly counted_px: number;
  readonly unknown_px: number;
  readonly changed_px: number;
  readonly outside_px: number;
  readonly edits_outside_px: number;
  readonly largest: number;
  readonly white: number;
  readonly rect_px: readonly [number, number, number, number] | null;
  readonly outline_px: number;
  readonly outline: readonly (readonly number[])[];
}

/**
 * A thread. ``number``: of its layer's threads, from 1, oldest first. ``seq``: of its first comment's event.
 * ``replies``: some of its ``reply_count`` answers, oldest first: in a list the last two.
 */
export interface ThreadInfo {
  readonly root: CommentInfo;
  readonly number: number;
  readonly seq: number;
  readonly reply_count: number;
  readonly replies: readonly CommentInfo[];
}

/** A page of threads, as of the event ``as_of``. ``total``: how many there are on all pages. */
export interface Threads {
  readonly type: "threads";
  readonly re: number;
  readonly as_of: number;
  readonly total: number;
  readonly threads: readonly ThreadInfo[];
}

/** One thread, as of the event ``as_of``. */
export interface ThreadIs {
  readonly type: "thread.is";
  readonly re: number;
  readonly as_of: number;
  readonly thread: ThreadInfo;
}

/** How many threads began on a version, and how many of them are open. */
export interface VersionThreads {
  readonly version_id: string;
  readonly open: number;
  readonly all: number;
}

/** Counts of all versions on which a thread began, as of the event ``as_of``; of very many the newest. */
export interface ThreadCounts {
  readonly type: "thread.counts";
  readonly re: number;
  readonly layer_id: string;
  readonly as_of: number;
  readonly versions: readonly VersionThreads[];
}

/** A thread's first comment and where it is; ``text`` is its beginning. */
export interface PinInfo {
  readonly comment_id: string;
  readonly number: number;
  readonly author: string;
  readonly text: string;
  readonly place: PlaceInfo;
}

/** The newest open threads that have a place on their version, newest first; ``total``: how many are open. */
export interface Pins {
  readonly type: "pins";
  readonly re: number;
  readonly version_id: string;
  readonly total: number;
  readonly pins: readonly PinInfo[];
}

export interface Members {
  readonly type: "members";
  readonly re: number;
  readonly members: readonly MemberInfo[];
}

/** An invite; times are ISO 8601 in UTC. ``joined``: the names of those who came in by it and are still there. */
export interface InviteInfo {
  readonly invite_id: string;
  readonly document_id: string;
  readonly role: "editor" | "approver" | "commenter" | "viewer";
  readonly name: string;
  readonly once: boolean;
  readonly created_at: string;
  readonly expires_at: string | null;
  readonly used_at: string | null;
  readonly revoked_at: string | null;
  readonly joined: readonly string[];
}

/**
 * An invite; ``token`` is said once, when it is made: the link is ``http://HOST/join#TOKEN``. ``link``: that
 * link by an address that others reach, where the bridge is open to them; None: on this machine only.
 */
export interface InviteIs {
  readonly type: "invite.is";
  readonly re: number;
  readonly invite: InviteInfo;
  readonly token: string | null;
  readonly link: string | null;
}

/** A document's invites, oldest first; of very many the last. */
export interface Invites {
  readonly type: "invites";
  readonly re: number;
  readonly invites: readonly InviteInfo[];
}

/** ``http://HOST/d/DOCUMENT#k=TOKEN`` works once, within ``expires_s`` seconds. */
export interface LinkIs {
  readonly type: "link.is";
  readonly re: number;
  readonly token: string;
  readonly expires_s: number;
}

/** How much of what that request asked for is made, 0 … 1. Not its answer. */
export interface TakeProgress {
  readonly type: "take.progress";
  readonly request_id: number;
  readonly done: number;
}

/**
 * It is made: ``http://HOST/take/TOKEN`` gives it once, within ``expires_s`` seconds, as a file of that ``name``.
 *
 * ``notes``: what a person should know of it.
 */
export interface TakeIs {
  readonly type: "take.is";
  readonly re: number;
  readonly token: string;
  readonly name: string;
  readonly bytes: number;
  readonly expires_s: number;
  readonly notes: readonly string[];
}

/**
 * A document in the bin; times are ISO 8601 in UTC. From ``ends_at`` on it may be gone for good. ``versions`` and
 * ``comments``: how many go with it.
 */
export interface BinnedInfo {
  readonly document_id: string;
  readonly key: string;
  readonly title: string;
  readonly deleted_at: string;
  readonly ends_at: string;
  readonly versions: number;
  readonly comments: number;
}

/** One's own documents in the bin, the last first; of very many the last. */
export interface BinIs {
  readonly type: "bin.is";
  readonly re: number;
  readonly documents: readonly BinnedInfo[];
}

/**
 * Something that was found; ``at`` is ISO 8601 in UTC. ``text`` is the part of it around the first word that was
 * looked for; ``marks`` are where those words are in it, as half-open ranges of characters. Show it as text.
 */
export interface HitInfo {
  readonly kind: "comment" | "version" | "verdict";
  readonly document_id: string;
  readonly document_title: string;
  readonly layer_id: string;
  readonly layer_name: string;
  readonly version_id: string;
  readonly comment_id: string | null;
  readonly author: string;
  readonly at: string;
  readonly text: string;
  readonly marks: readonly (readonly [number, number])[];
}

/** Some of what was found, the latest first; ``total``: how many there are. */
export interface SearchFound {
  readonly type: "search.found";
  readonly re: number;
  readonly total: number;
  readonly hits: readonly HitInfo[];
}

/** The version, and for a comment the one that its thread began with. */
export interface LinkFound {
  readonly type: "link.found";
  readonly re: number;
  readonly layer_id: string;
  readonly version_id: string;
  readonly comment_id: string | null;
}

/**
 * Somebody who is here, however many programs they have open.
 *
 * ``programs``: what those call themselves (“Figma”). ``layer_id`` and ``version_id``: what they looked at last in a
 * browser, None: nothing there. ``points``: where, is said by `PresenceAt`; when it is False their cursor is gone.
 */
export interface PresentInfo {
  readonly person_id: string;
  readonly name: string;
  readonly programs: readonly string[];
  readonly layer_id: string | null;
  readonly version_id: string | null;
  readonly points: boolean;
}

/** Everybody who is in the document now, by name; sent anew when that changes. */
export interface Presence {
  readonly type: "presence";
  readonly document_id: string;
  readonly people: readonly PresentInfo[];
}

/** Where somebody points; a later one takes its place, so a slow client misses some. */
export interface PresenceAt {
  readonly type: "presence.at";
  readonly document_id: string;
  readonly person_id: string;
  readonly version_id: string;
  readonly at_px: readonly [number, number];
}

/**
 * Something that happened in an open document, with its stored number; missed ones are sent at the reconnect.
 *
 * ``kind``: ``version.landed``, ``version.added`` (a candidate), ``head.moved``, ``edit.failed``,
 * ``edit.interrupted`` (the bridge stopped while it ran), ``edit.conflict``, ``layer.described``;
 * ``comment.added``, ``comment.changed``, ``comment.resolved`` and ``comment.reopened``, of ``comment_id``;
 * ``approval.set``, whose ``detail`` is the verdict; ``member.joined``, ``member.changed`` and ``member.left``;
 * ``approvers.set``; ``version.locked`` and ``version.unlocked``; ``source.shared``, at the version where the layer's
 * picture was shared; ``document.deleted``, after which the document is not there until ``document.restored``.
 * ``document.model``: the document was pinned to the open model ``detail``. ``comment``: the comment as it is now.
 */
export interface Event {
  readonly type: "event";
  readonly document_id: string;
  readonly seq: number;
  readonly kind: string;
  readonly at: string;
  readonly by: string;
  readonly layer_id: string | null;
  readonly edit_id: string | null;
  readonly version_id: string | null;
  readonly detail: string; // default ""
  readonly comment_id: string | null;
  readonly comment: CommentInfo | null;
}

/** The plain answer to a request that has nothing else to say. */
export interface Done {
  readonly type: "done";
  readonly re: number;
}

/** A request was refused. ``re`` is None when its id could not be read; after ``fatal`` the socket closes. */
export interface Error {
  readonly type: "error";
  readonly re: number | null;
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly fatal: boolean; // default false
}

export type ClientMessage =
  | Hello
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
  | Ping;

export interface ClientMessageByType {
  "hello": Hello;
  "pair": Pair;
  "document.open": DocumentOpen;
  "document.visit": DocumentVisit;
  "document.list": DocumentList;
  "document.model": DocumentModel;
  "models.list": ModelList;
  "layer.describe": LayerDescribe;
  "edit.start": EditStart;
  "edit.tiles": EditTiles;
  "edit.have": EditHave;
  "edit.cancel": EditCancel;
  "edit.resume": EditResume;
  "history.tree": HistoryTree;
  "history.undo": HistoryMove;
  "history.redo": HistoryMove;
  "history.restore": HistoryRestore;
  "patch.fetch": PatchFetch;
  "patch.ack": PatchAck;
  "source.offer": SourceOffer;
  "source.tiles": SourceTiles;
  "source.finish": SourceFinish;
  "comment.add": CommentAdd;
  "comment.change": CommentChange;
  "comment.resolve": CommentResolve;
  "comment.list": CommentList;
  "comment.places": CommentPlaces;
  "approval.set": ApprovalSet;
  "approval.list": ApprovalList;
  "state.get": StateGet;
  "approvers.set": ApproversSet;
  "version.lock": VersionLock;
  "version.picture": VersionPicture;
  "version.canvas": VersionCanvas;
  "version.pixel": VersionPixel;
  "version.compare": VersionCompare;
  "thread.list": ThreadList;
  "thread.get": ThreadGet;
  "thread.count": ThreadCount;
  "thread.pins": ThreadPins;
  "member.list": MemberList;
  "member.set": MemberSet;
  "invite.make": InviteMake;
  "invite.list": InviteList;
  "invite.revoke": InviteRevoke;
  "link.make": LinkMake;
  "take.picture": TakePicture;
  "take.report": TakeReport;
  "take.archive": TakeArchive;
  "document.delete": DocumentDelete;
  "document.restore": DocumentRestore;
  "bin.list": BinList;
  "search": Search;
  "link.find": LinkFind;
  "presence.look": PresenceLook;
  "presence.point": PresencePoint;
  "ping": Ping;
}

export type ServerMessage =
  | Welcome
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
  | Error;

export interface ServerMessageByType {
  "welcome": Welcome;
  "paired": Paired;
  "document.opened": DocumentOpened;
  "documents": Documents;
  "document.model.is": DocumentModelIs;
  "models": Models;
  "layer.described": LayerDescribed;
  "edit.plan": EditPlan;
  "edit.want": EditWant;
  "edit.ack": EditAck;
  "edit.queued": EditQueued;
  "edit.progress": EditProgress;
  "edit.preview": EditPreview;
  "patch.begin": PatchBegin;
  "patch.tiles": PatchTiles;
  "edit.done": EditDone;
  "edit.failed": EditFailed;
  "edit.watched": EditWatched;
  "edit.watched.preview": EditWatchedPreview;
  "source.want": SourceWant;
  "source.is": SourceIs;
  "role.is": RoleIs;
  "history.tree.is": HistoryTreeIs;
  "head.moved": HeadMoved;
  "comment.is": CommentIs;
  "comments": Comments;
  "comment.places.are": CommentPlacesAre;
  "approval.is": ApprovalIs;
  "approvals": Approvals;
  "state.is": StateIs;
  "picture": Picture;
  "version.canvas.is": VersionCanvasIs;
  "version.pixel.is": VersionPixelIs;
  "version.compare.is": VersionCompareIs;
  "threads": Threads;
  "thread.is": ThreadIs;
  "thread.counts": ThreadCounts;
  "pins": Pins;
  "members": Members;
  "invite.is": InviteIs;
  "invites": Invites;
  "link.is": LinkIs;
  "take.progress": TakeProgress;
  "take.is": TakeIs;
  "bin.is": BinIs;
  "search.found": SearchFound;
  "link.found": LinkFound;
  "presence": Presence;
  "presence.at": PresenceAt;
  "event": Event;
  "done": Done;
  "error": Error;
}
