"""The order of a connection's messages, without sockets: bytes come in, actions go out; a driver does them.

::

    new ──hello──► proving ──known token──► paired ──► Handle for every message
                      └──no or unknown token──► unpaired ──pair──► pairing ──right code──► paired
    any ──fatal error──► closed

While ``proving`` or ``pairing`` the driver owes an answer (`authenticated`, `pairing_done`, `pairing_refused`) and
reads nothing more. No asyncio here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bridge.errors import AccessError, BridgeError, Malformed, NotPaired, OutOfOrder, ProtocolError, VersionMismatch
from bridge.protocol.codec import decode_client
from bridge.protocol.messages import (
    PROTOCOL_VERSION,
    ClientMessage,
    Done,
    Error,
    Hello,
    Message,
    Pair,
    Paired,
    Ping,
    Welcome,
)
from engine.errors import EngineError

State = Literal["new", "proving", "unpaired", "pairing", "paired", "closed"]

# Refused messages after which a connection is closed: a client that does so is broken or means harm. A paired one
# may be a plugin of a newer version that tries what this bridge does not know.
FAULTS_UNPAIRED = 10
FAULTS_PAIRED = 100

# Longest text of an error; it is for people.
_ERROR_CHARS = 500

# WebSocket close codes (RFC 6455, 7.4.1).
CLOSE_PROTOCOL = 1002
CLOSE_NOT_BINARY = 1003
CLOSE_POLICY = 1008


@dataclass(frozen=True, slots=True)
class Reply:
    """Send this."""

    message: Message


@dataclass(frozen=True, slots=True)
class Authenticate:
    """Find out whose token this is, then call `Session.authenticated`."""

    token: str


@dataclass(frozen=True, slots=True)
class TryPair:
    """Try this code, then call `Session.pairing_done` or `Session.pairing_refused`."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Handle:
    """A message of a paired client, for the bridge's rooms."""

    message: ClientMessage


@dataclass(frozen=True, slots=True)
class Close:
    """Close the socket, after what was replied has been sent."""

    code: int
    reason: str


Action = Reply | Authenticate | TryPair | Handle | Close
Actions = tuple[Action, ...]


class NoPairingHere(AccessError):
    """Programs are not paired over the network."""

    code = "no_pairing_here"
    hint = "Open the link of an invite in a browser, or pair on the machine where the bridge runs."


class Session:
    """One connection's state.

    Args:
        bridge: name and version, said in the welcome.
        cookie: a token that came with the request, in place of one in the hello.
        only_cookies: nothing else lets anybody in: no token in the hello, no pairing.

    Attributes:
        zstd: whether the client unpacks it, as its hello says.
        program: what the client calls itself there.
    """

    def __init__(self, bridge: str, cookie: str | None = None, *, only_cookies: bool = False) -> None:
        self._bridge = bridge
        self._only_cookies = only_cookies
        self._cookie = cookie
        self._request = 0
        self._faults = 0
        self.zstd = True
        self.program = ""
        self.state: State = "new"

    @property
    def paired(self) -> bool:
        return self.state == "paired"

    def receive(self, data: bytes) -> Actions:
        """One binary frame has come in."""
        if self.state in ("closed", "proving", "pairing"):
            return ()
        try:
            message = decode_client(data)
        except ProtocolError as error:
            return self._refuse(error, error.re)
        return self._take(message)

    def receive_text(self) -> Actions:
        """A text frame has come in."""
        error = Malformed("Messages are binary frames.")
        return self._end(error, None, CLOSE_NOT_BINARY)

    def authenticated(self, person_id: str | None, name: str | None) -> Actions:
        """The answer to `Authenticate`: whose token it is, or None twice."""
        self.state = "unpaired" if person_id is None else "paired"
        return (self._welcome(person_id, name),)

    def pairing_done(self, token: str, person_id: str) -> Actions:
        """The answer to `TryPair`: the code was right."""
        self.state = "paired"
        return (Reply(Paired(re=self._request, token=token, person_id=person_id)),)

    def pairing_refused(self, error: BridgeError) -> Actions:
        """The answer to `TryPair`: it was not. The person may try again on the same connection."""
        self.state = "unpaired"
        return self._refuse(error, self._request)

    def _take(self, message: ClientMessage) -> Actions:
        match self.state:
            case "new":
                return self._take_first(message)
            case "unpaired":
                return self._take_unpaired(message)
            case _:
                return self._take_paired(message)

    def _take_first(self, message: ClientMessage) -> Actions:
        if isinstance(message, Hello):
            return self._hello(message)
        return self._end(OutOfOrder("Say hello first."), id_of(message), CLOSE_PROTOCOL)

    def _take_unpaired(self, message: ClientMessage) -> Actions:
        match message:
            case Ping():
                return (Reply(Done(re=message.id)),)
            case Pair() if self._only_cookies:
                return self._refuse(NoPairingHere(), message.id)
            case Pair():
                self._request = message.id
                self.state = "pairing"
                return (TryPair(message.code, message.name),)
            case Hello():
                return self._refuse(OutOfOrder("Hello has been said."), message.id)
            case _:
                return self._refuse(NotPaired(), id_of(message))

    def _take_paired(self, message: ClientMessage) -> Actions:
        match message:
            case Ping():
                return (Reply(Done(re=message.id)),)
            case Hello() | Pair():
                return self._refuse(OutOfOrder("This connection is paired already."), message.id)
            case _:
                return (Handle(message),)

    def _hello(self, hello: Hello) -> Actions:
        if hello.protocol != PROTOCOL_VERSION:
            return self._end(VersionMismatch(hello.protocol, PROTOCOL_VERSION), hello.id, CLOSE_PROTOCOL)
        self._request = hello.id
        self.zstd = hello.zstd
        self.program = hello.client
        token = self._cookie if hello.token is None or self._only_cookies else hello.token
        if token is None:
            return self.authenticated(None, None)
        self.state = "proving"
        return (Authenticate(token),)

    def _welcome(self, person_id: str | None, name: str | None) -> Reply:
        return Reply(Welcome(re=self._request, bridge=self._bridge, person_id=person_id, person=name))

    def _refuse(self, error: BridgeError, re: int | None) -> Actions:
        """Answer with the error; the socket stays open until there have been too many."""
        self._faults += 1
        if self._faults >= (FAULTS_PAIRED if self.paired else FAULTS_UNPAIRED):
            return self._end(error, re, CLOSE_POLICY)
        return (Reply(error_message(error, re)),)

    def _end(self, error: BridgeError, re: int | None, code: int) -> Actions:
        self.state = "closed"
        return Reply(error_message(error, re, fatal=True)), Close(code, error.code)


def error_message(error: BridgeError | EngineError, re: int | None, *, fatal: bool = False) -> Error:
    """The error as it goes to the client."""
    message, hint = str(error)[:_ERROR_CHARS], error.hint[:_ERROR_CHARS]
    return Error(re=re, code=error.code, message=message, hint=hint, fatal=fatal)


def id_of(message: ClientMessage) -> int | None:
    """The request's id, of the messages that have one."""
    value: object = getattr(message, "id", None)
    return value if isinstance(value, int) else None
