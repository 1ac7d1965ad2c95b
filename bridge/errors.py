"""What can go wrong in the bridge; every one reaches the client as `protocol.messages.Error` or `EditFailed`.

::

    BridgeError                      code, hint
    ├── ProtocolError                what came in is not a message we take
    │   ├── Malformed                not msgpack, or not a message's fields
    │   ├── UnknownMessage           a type this bridge does not know
    │   ├── VersionMismatch          the client speaks another protocol version
    │   ├── TooLarge                 beyond a stated limit (frame, tile, text, layer)
    │   └── OutOfOrder               a message that does not fit what went before
    ├── AccessError
    │   ├── NotPaired                no token, or not a valid one
    │   ├── PairingFailed            wrong or old code
    │   ├── TooManyAttempts          wait before trying again
    │   ├── TooFast                  more in a second than one person may write
    │   ├── Forbidden                this person may not do that
    │   ├── InviteInvalid            an invite that lets nobody in, or not any more
    │   ├── OwnerStays               a document's owner cannot be made less
    │   └── BadOrigin                Host or Origin is not one we serve
    ├── NotFound                     no such document, layer, version or edit
    ├── EditError
    │   ├── NotUnderstood            the words; carries what to try
    │   ├── CannotYet                understood, but the engine has no such operation yet
    │   ├── NeedsSelection           the operation needs a selection
    │   ├── NeedsReference           the operation needs a picture that did not come with it
    │   ├── NothingChanged           the operation found nothing to change
    │   ├── BadPixels                a tile or mask that is not what was described
    │   ├── ClientLeft               the client went away before its pixels were here
    │   ├── Busy                     too many edits of this person wait already
    │   └── Conflict                 somebody's edit landed where this one would; carries both versions
    ├── ReviewError
    │   ├── NoWords                  a comment that says nothing
    │   ├── BadPlace                 a place that is not on the layer
    │   ├── NotYours                 somebody else's comment
    │   ├── IdTaken                  another comment has that id
    │   ├── NotApprover              somebody who may not approve cannot be asked to
    │   ├── NotApproved              only what is approved is locked
    │   └── Locked                   the layer stays as it was approved
    ├── BadSpan                      words that are no span of time
    ├── PortTaken                    another program listens where the bridge would
    ├── NothingTo                    nothing to undo, redo or repeat
    ├── FileError                    a picture file that cannot be used
    │   ├── UnreadablePicture        not a picture, damaged, cut off, or not there
    │   ├── UnsupportedPicture       a picture of a kind we do not keep exactly
    │   └── PictureTooLarge          more pixels than we open
    ├── WeightsError                 open weights (`bridge.weights.errors`)
    └── StorageError
        ├── StorageFull              no room on the disk
        ├── StorageBusy              the database is locked by another program
        ├── StorageDamaged           a blob is not what its hash says
        └── StorageTooNew            the database was written by a newer Inlay

Errors of the engine (`engine.errors`) carry the same ``code`` and ``hint`` and are passed on as they are.
"""

from __future__ import annotations


class BridgeError(Exception):
    """Base of all errors of the bridge.

    Attributes:
        code: stable name for machines.
        hint: what the person can do next.
        message: what happened, in plain words, without payloads or paths of other people.
    """

    code = "bridge_error"
    hint = "Try again; if it happens again, run `inlay doctor`."

    def __init__(self, message: str = "", *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message or (type(self).__doc__ or self.code)
        if hint is not None:
            self.hint = hint

    def __str__(self) -> str:
        return self.message


class ProtocolError(BridgeError):
    """What came in is not a message this bridge takes.

    Attributes:
        re: id of the request that it was, where that could be read.
    """

    code = "protocol_error"
    hint = "Update the plugin or the bridge, so that both speak the same version."
    re: int | None = None


class Malformed(ProtocolError):
    """The message cannot be read."""

    code = "malformed"


class UnknownMessage(ProtocolError):
    """This bridge does not know that kind of message."""

    code = "unknown_message"


class VersionMismatch(ProtocolError):
    """The client and the bridge speak different versions of the protocol."""

    code = "version_mismatch"

    def __init__(self, theirs: int, ours: int) -> None:
        super().__init__(f"The client speaks protocol {theirs}, this bridge speaks {ours}.")
        self.theirs, self.ours = theirs, ours


class TooLarge(ProtocolError):
    """Something is larger than the stated limit."""

    code = "too_large"
    hint = "Select less, or send it in smaller pieces."


class OutOfOrder(ProtocolError):
    """That message does not fit what went before."""

    code = "out_of_order"


class AccessError(BridgeError):
    """Access was refused."""

    code = "access_refused"
    hint = "Pair again: `inlay pair` shows a code on the machine where the bridge runs."


class NotPaired(AccessError):
    """This client is not paired with the bridge."""

    code = "not_paired"


class PairingFailed(AccessError):
    """The pairing code is wrong or too old."""

    code = "pairing_failed"


class TooManyAttempts(AccessError):
    """Too many attempts."""

    code = "too_many_attempts"

    def __init__(self, wait_s: float) -> None:
        super().__init__("Too many wrong codes.", hint=f"Wait {max(1, round(wait_s))} seconds, then try again.")
        self.wait_s = wait_s


class TooFast(AccessError):
    """That was too much at once."""

    code = "too_fast"

    def __init__(self, wait_s: float) -> None:
        super().__init__(hint=f"Wait {wait_s:.1f} seconds, then send it again.")
        self.wait_s = wait_s


class Forbidden(AccessError):
    """You may not do that in this document."""

    code = "forbidden"
    hint = "Ask the document's owner for another role."


class InviteInvalid(AccessError):
    """That invite lets nobody in."""

    code = "invite_invalid"
    hint = "Ask whoever sent it for a new one."


class OwnerStays(AccessError):
    """The document's owner stays its owner."""

    code = "owner_stays"
    hint = "Change somebody else's role."


class BadOrigin(AccessError):
    """That address or page may not talk to this bridge."""

    code = "bad_origin"
    hint = "Open the bridge by the address that `inlay serve` prints."


class NotFound(BridgeError):
    """It is not there."""

    code = "not_found"
    hint = "Refresh the history: it may have been removed."

    def __init__(self, what: str) -> None:
        super().__init__(f"There is no such {what}.")
        self.what = what


class EditError(BridgeError):
    """The edit cannot be done."""

    code = "edit_error"


class NotUnderstood(EditError):
    """The words were not understood."""

    code = "not_understood"
    hint = "Nothing was changed; change the words and try again."


class CannotYet(EditError):
    """Inlay understands this but cannot do it yet."""

    code = "cannot_yet"
    hint = "Nothing was changed."


class NeedsSelection(EditError):
    """This operation needs a selection."""

    code = "needs_selection"
    hint = "Select the thing to change, then type the words again."


class NeedsReference(EditError):
    """The words speak of a picture that did not come with them."""

    code = "needs_reference"
    hint = "Add the picture to the command, then try again."


class NothingChanged(EditError):
    """Nothing of the layer would be different, so no version was made."""

    code = "nothing_changed"
    hint = "Say what should change in other words, or select another place."


class BadPixels(EditError):
    """The pixels are not what was described."""

    code = "bad_pixels"
    hint = "Start the edit again; the plugin reads the layer anew."


class ClientLeft(EditError):
    """The client left before all of its pixels were here."""

    code = "client_left"
    hint = "Start the edit again; nothing was changed."


class Busy(EditError):
    """Too many edits are waiting already."""

    code = "busy"
    hint = "Wait until some are done, or cancel them."


class Conflict(EditError):
    """Somebody changed the same pixels while this edit ran.

    Attributes:
        kept_version_id: this edit's own result, kept beside the head.
        head_version_id: the version that landed first.
    """

    code = "conflict"
    hint = "Your result is kept as a version beside it: compare both and choose."

    def __init__(self, kept_version_id: str, head_version_id: str) -> None:
        super().__init__("Another edit of the same place landed first.")
        self.kept_version_id, self.head_version_id = kept_version_id, head_version_id


class BadSpan(BridgeError):
    """Those words are no span of time."""

    code = "bad_span"
    hint = "Say it like 90m, 12h, 7d or 2w."


class ReviewError(BridgeError):
    """That cannot be said of this version."""

    code = "review_error"


class NoWords(ReviewError):
    """The comment says nothing."""

    code = "no_words"
    hint = "Type something, then send it."


class BadPlace(ReviewError):
    """That place is not on the layer as this version has it."""

    code = "bad_place"
    hint = "Point at the layer itself, or comment on the whole version."


class NotYours(ReviewError):
    """That comment is somebody else's."""

    code = "not_yours"
    hint = "Answer it instead."


class IdTaken(ReviewError):
    """Another comment has that id."""

    code = "id_taken"
    hint = "Send the comment again with a new id."


class NotApprover(ReviewError):
    """One of those people may not approve in this document."""

    code = "not_approver"
    hint = "Make them an approver first."


class NotApproved(ReviewError):
    """That version is not approved."""

    code = "not_approved"
    hint = "Lock it when everybody who must has approved it."


class Locked(ReviewError):
    """The layer is locked at an approved version."""

    code = "locked"
    hint = "Unlock the version first, then go on."


class NothingTo(BridgeError):
    """There is nothing to undo, redo or repeat."""

    code = "nothing_to"
    hint = "Make an edit first, then say it again."

    def __init__(self, verb: str) -> None:
        super().__init__(f"There is nothing to {verb}.", hint=_NOTHING_TO.get(verb))
        self.verb = verb


_NOTHING_TO = {
    "undo": "The layer is as it was before the first edit.",
    "redo": "Nothing was undone since the last edit.",
    "withdraw": "You have not said anything of this version that counts.",
}


class PortTaken(BridgeError):
    """Another program listens on that port."""

    code = "port_taken"
    hint = "Stop the other bridge, or choose another port: `inlay serve --port 0` takes a free one."

    def __init__(self, port: int) -> None:
        super().__init__(f"Port {port} is taken by another program.")
        self.port = port


class FileError(BridgeError):
    """That picture file cannot be used."""

    code = "file_error"
    hint = "Check the file's name and place."


class UnreadablePicture(FileError):
    """The file is not a picture, or it is damaged."""

    code = "unreadable_picture"
    hint = "Open it in another program and save it as PNG or TIFF, then try again."


class UnsupportedPicture(FileError):
    """Pictures of that kind cannot be kept exactly."""

    code = "unsupported_picture"
    hint = "Save it as an RGB or grey PNG or TIFF, then try again."


class PictureTooLarge(FileError):
    """The picture has more pixels than we open."""

    code = "picture_too_large"
    hint = "Crop it to the part that matters, then try again."


class StorageError(BridgeError):
    """The data folder cannot be used."""

    code = "storage_error"


class StorageFull(StorageError):
    """The disk is full; nothing acknowledged was lost."""

    code = "storage_full"
    hint = "Make room on the disk, then try the edit again."


class StorageBusy(StorageError):
    """The history is locked by another program."""

    code = "storage_busy"
    hint = "Close the other program that holds the data folder, then try again."


class StorageDamaged(StorageError):
    """A stored picture is damaged."""

    code = "storage_damaged"
    hint = "Run `inlay doctor`; restore the data folder from a backup if the disk is failing."


class StorageTooNew(StorageError):
    """The data folder was written by a newer Inlay."""

    code = "storage_too_new"
    hint = "Update Inlay: `python -m pip install --upgrade inlay`."
