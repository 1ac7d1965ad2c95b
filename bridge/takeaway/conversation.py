"""Comments in an exported document: the W3C Web Annotations of `bridge.review.annotations`, and all that happened to
each under words of our own (``inlay:seq``, ``inlay:changes``), so that nothing of a conversation's history is lost."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import cast

from pydantic import ValidationError

from bridge.protocol import messages as m
from bridge.review.annotations import collection
from bridge.takeaway.errors import ArchiveError
from bridge.takeaway.manifest import CommentPart

_PLACE = re.compile(r"xywh=pixel:(\d{1,6}),(\d{1,6}),(\d{1,6}),(\d{1,6})")
_DOCUMENT = "document"


def annotated(title: str, comments: Iterable[tuple[m.CommentInfo, CommentPart]]) -> bytes:
    """The JSON-LD of all comments, oldest first, each as it is now and with what happened to it."""
    both = tuple(comments)
    document = m.DocumentInfo(document_id=_DOCUMENT, key=_DOCUMENT, title=title, role="owner", last_seq=0)
    made = collection(document, [info for info, _ in both])
    made["label"] = title
    items = cast(list[dict[str, object]], cast(dict[str, object], made["first"])["items"])
    for item, (_, part) in zip(items, both, strict=True):
        item["inlay:version"] = f"urn:inlay:version:{part.version}"
        item["inlay:seq"] = part.seq
        item["inlay:changes"] = [change.model_dump(mode="json") for change in part.changes]
    return json.dumps(made, ensure_ascii=False, indent=1).encode() + b"\n"


def comments_in(data: bytes) -> tuple[CommentPart, ...]:
    """The comments of such a file, oldest first.

    Raises:
        ArchiveError: it is no such file.
    """
    try:
        read = cast(object, json.loads(data))
        items = _get(_get(read, "first"), "items")
        if not isinstance(items, list):
            raise ArchiveError("Its comments are no annotations.")
        return tuple(_comment(item) for item in cast(list[object], items))
    except (ValueError, RecursionError, ValidationError) as error:
        raise ArchiveError("Its comments cannot be read.") from error


def _comment(item: object) -> CommentPart:
    target = _get(item, "target")
    answers = _get(item, "motivation") == "replying"
    targets = cast(list[object], target) if isinstance(target, list) else [target]
    place: object = next((one for one in targets if not isinstance(one, str)), None)
    fields: dict[str, object] = {
        "id": _own("comment", _get(item, "id")),
        "layer": _own("layer", _get(item, "inlay:layer")),
        "version": _own("version", _get(item, "inlay:version")),
        "reply_to": _own("comment", targets[0]) if answers and targets else None,
        "rect_px": None if place is None else _place(_get(_get(place, "selector"), "value")),
        "person": _own("person", _get(_get(item, "creator"), "id")),
        "seq": _get(item, "inlay:seq"),
        "created_at": _get(item, "created"),
        "changes": _get(item, "inlay:changes"),
    }
    comment = CommentPart.model_validate_json(json.dumps(fields))
    texts = [change.text for change in comment.changes if change.text is not None]
    body = _get(item, "body")
    bodies = cast(list[object], body) if isinstance(body, list) else [body]
    spoken = bodies[0] if bodies else None  # tags may come after it
    if not texts or texts[-1] != _get(spoken, "value"):
        raise ArchiveError("A comment says something else than its history.")
    return comment


def _place(value: object) -> tuple[int, int, int, int]:
    found = _PLACE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ArchiveError("The place of a comment cannot be read.")
    x0, y0, width, height = (int(part) for part in found.groups())
    return x0, y0, x0 + width, y0 + height


def _own(kind: str, name: object) -> str:
    """The id in one of our names, ``urn:inlay:comment:ID``."""
    prefix = f"urn:inlay:{kind}:"
    if not isinstance(name, str) or not name.startswith(prefix):
        raise ArchiveError(f"The name of a {kind} in its comments cannot be read.")
    return name.removeprefix(prefix)


def _get(value: object, name: str) -> object:
    if not isinstance(value, Mapping):
        raise ArchiveError("Its comments are no annotations.")
    return cast(Mapping[str, object], value).get(name)
