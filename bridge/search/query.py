"""What is typed to search, read: words, and what they are to be found with.

``warmer "dark cuff" -draft by:ana after:2026-11-01 op:relight is:approved in:comments``
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Literal, cast, get_args

from bridge.errors import BridgeError
from bridge.history.folding import fold
from engine.commands.plan import AnyOperation

Kind = Literal["comment", "version", "verdict"]
State = Literal["approved", "rejected", "open", "resolved", "head"]
KINDS: dict[str, Kind] = {"comments": "comment", "versions": "version", "verdicts": "verdict"}
STATES: tuple[State, ...] = get_args(State)
OPERATIONS: tuple[str, ...] = tuple(
    sorted(str(get_args(one.model_fields["op"].annotation)[0]) for one in get_args(AnyOperation))
)
KEYS = ("by", "after", "before", "on", "op", "is", "in", "layer")
# A query is typed by a person; each of its words is one more condition.
MOST_TERMS = 24
_TERM = re.compile(r'(-?)(?:([^\s":]+):)?(?:"([^"]*)(?:"|$)|(\S*))')
_AGO = re.compile(r"(\d{1,4})([dwmy])")
_DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}
_HINT = (
    "Words, “words together” in quotes, -without, by:ana (or by:me), after:2026-11-01, before:, on:, op:relight, "
    "is:approved, is:rejected, is:open, is:resolved, is:head, in:comments, in:versions, in:verdicts, layer:sky."
)


class Unclear(BridgeError):
    """That search cannot be read."""

    code = "search_unclear"
    hint = _HINT


@dataclass(frozen=True, slots=True)
class Query:
    """What is searched for; all of it must hold. Texts are folded (see `fold`), times in UTC.

    Attributes:
        words, without: that the text must have, or must not.
        by, not_by: parts of names of who wrote it; ``me``: the one who asks.
        layer, not_layer: parts of its layer's name.
        since, until: from when on, and up to before when.
        ops, not_ops: operations that made the version, or the version that it is about.
        states, not_states: of that version or of the comment's thread.
        kinds: what is wanted.
    """

    words: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    not_by: tuple[str, ...] = ()
    layer: tuple[str, ...] = ()
    not_layer: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    ops: tuple[str, ...] = ()
    not_ops: tuple[str, ...] = ()
    states: tuple[State, ...] = ()
    not_states: tuple[State, ...] = ()
    kinds: frozenset[Kind] = field(default=frozenset(("comment", "version", "verdict")))

    @property
    def is_empty(self) -> bool:
        """Whether it asks for nothing in particular."""
        return all(getattr(self, one.name) == getattr(Query(), one.name) for one in fields(self))


def read_query(text: str, now: datetime | None = None) -> Query:
    """What was typed, read.

    Args:
        text: in any form.
        now: for “today” and “7d”.

    Raises:
        Unclear: says which part, and what it may have been.
    """
    today = (now or datetime.now(UTC)).astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    query = Query()
    kinds: set[Kind] = set()
    not_kinds: set[Kind] = set()
    terms = [found for found in _TERM.finditer(text) if found[0].strip()]
    if len(terms) > MOST_TERMS:
        raise Unclear(f"That is {len(terms)} words; a search has at most {MOST_TERMS}.")
    for found in terms:
        is_not, key = bool(found[1]), (found[2] or "").lower()
        value = found[3] if found[3] is not None else found[4]
        if found[2] is not None and key not in KEYS and not _is_key(key):
            key, value = "", f"{found[2]}:{value}"  # 16:9, a colon in what somebody said
        if not key and not value.strip():
            continue
        if key and not value.strip():
            raise Unclear(f"“{key}:” says nothing of what it should be.")
        folded = fold(value)
        match key:
            case "":
                query = _with(query, "without" if is_not else "words", folded)
            case "by":
                query = _with(query, "not_by" if is_not else "by", folded)
            case "layer":
                query = _with(query, "not_layer" if is_not else "layer", folded)
            case "after" | "before" | "on":
                query = _dated(query, key, folded, today)
            case "op":
                wanted = _one_of(folded.replace("-", "_").replace(" ", "_"), OPERATIONS, "op")
                query = _with(query, "not_ops" if is_not else "ops", wanted)
            case "is":
                query = _with(
                    query, "not_states" if is_not else "states", _one_of(_ALIASES.get(folded, folded), STATES, "is")
                )
            case "in":
                kind = KINDS[_one_of(folded if folded.endswith("s") else f"{folded}s", tuple(KINDS), "in")]
                (not_kinds if is_not else kinds).add(kind)
            case _:
                near = difflib.get_close_matches(key, KEYS, 1, cutoff=0.7)
                raise Unclear(f"“{key}:” is nothing to search by" + (f"; {near[0]}: is." if near else "."))
    return replace(query, kinds=frozenset((kinds or query.kinds) - not_kinds))


_ALIASES = {
    "changes_requested": "rejected",
    "changes": "rejected",
    "unresolved": "open",
    "closed": "resolved",
    "current": "head",
}


def _is_key(key: str) -> bool:
    """Whether a word before a colon was meant as a key: one that is close to one, or looks like one."""
    return bool(difflib.get_close_matches(key, KEYS, 1, cutoff=0.6)) or re.fullmatch(r"[a-z]{2,9}", key) is not None


def _one_of(value: str, known: tuple[str, ...], key: str) -> str:
    if value in known:
        return value
    near = difflib.get_close_matches(value, known, 1) or [one for one in known if value and value in one][:1]
    said = f"“{key}:{value}” is not known" + (f"; {key}:{near[0]} is." if near else ".")
    raise Unclear(said, hint=f"{key}: is one of {', '.join(known)}.")


def _dated(query: Query, key: str, value: str, today: datetime) -> Query:
    day = _day(value, today)
    if day is None:
        raise Unclear(
            f"“{key}:{value}” is no date.",
            hint="A date is like 2026-11-01, 2026-11, today, yesterday, or 7d, 2w, 3m ago.",
        )
    start, end = day
    since = query.since if key == "before" else start if query.since is None else max(start, query.since)
    limit = start if key == "before" else end
    until = query.until if key == "after" else limit if query.until is None else min(limit, query.until)
    return replace(query, since=since, until=until)


def _day(value: str, today: datetime) -> tuple[datetime, datetime] | None:
    """When it begins and ends."""
    if value in ("today", "yesterday"):
        start = today - timedelta(days=value == "yesterday")
        return start, start + timedelta(days=1)
    ago = _AGO.fullmatch(value)
    if ago is not None:
        try:
            start = today - timedelta(days=int(ago[1]) * _DAYS[ago[2]])
        except OverflowError:  # before there were years
            return None
        return start, start + timedelta(days=1)
    for form, days in (("%Y-%m-%d", 1), ("%Y-%m", 31), ("%Y", 366)):
        try:
            start = datetime.strptime(value, form).replace(tzinfo=UTC)
            end = start + timedelta(days=days)
        except (ValueError, OverflowError):
            continue
        return start, end if days == 1 else end.replace(day=1, month=end.month if days < 366 else 1)
    return None


def _with(query: Query, name: str, value: str) -> Query:
    had = cast(tuple[str, ...], getattr(query, name))
    return replace(query, **{name: (*had, value)})  # type: ignore[arg-type]
