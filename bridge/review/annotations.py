"""A document's comments as W3C Web Annotations (Recommendation of 2017-02-23), for other programs to read.

Each comment is an Annotation whose body is its text as plain text and whose target is the version, or the place on it
as a media fragment in pixels (``xywh=pixel:…``, Media Fragments URI 1.0, 4.2.2). An answer's target is the annotation
that it answers (Web Annotation Vocabulary, ``replying``). What that vocabulary has no word for, that a thread is
resolved and which layer it is on, has a word of our own under ``inlay:``.
"""

from __future__ import annotations

from collections.abc import Sequence

from bridge.protocol import messages as m

Json = dict[str, object]
CONTEXT = "http://www.w3.org/ns/anno.jsonld"
MEDIA_FRAGMENTS = "http://www.w3.org/TR/media-frags/"
# Names, not addresses: nothing is to be found on the web under them.
_OURS = "urn:inlay:vocabulary:"


def collection(document: m.DocumentInfo, comments: Sequence[m.CommentInfo]) -> Json:
    """All comments of a document as one ``AnnotationCollection`` of one page; JSON-LD, ready for `json.dumps`.

    Args:
        document: which document.
        comments: oldest first, as they are now.
    """
    name = f"urn:inlay:document:{document.document_id}"
    page: Json = {
        "type": "AnnotationPage",
        "partOf": f"{name}:comments",
        "startIndex": 0,
        "items": [annotation(comment) for comment in comments],
    }
    return {
        "@context": [CONTEXT, {"inlay": _OURS}],
        "id": f"{name}:comments",
        "type": "AnnotationCollection",
        "label": document.title or document.key,
        "total": len(comments),
        "first": {"id": f"{name}:comments:1", **page},
    }


def annotation(comment: m.CommentInfo) -> Json:
    """One comment; its context is that of the collection."""
    made: Json = {
        "id": _name("comment", comment.comment_id),
        "type": "Annotation",
        "motivation": "commenting" if comment.reply_to is None else "replying",
        "creator": {"id": _name("person", comment.person_id), "type": "Person", "name": comment.author},
        "created": comment.created_at,
    }
    if comment.changed_at is not None:
        made["modified"] = comment.changed_at
    made["body"] = _body(comment)
    made["target"] = _target(comment)
    made["inlay:layer"] = _name("layer", comment.layer_id)
    if comment.resolved_at is not None:
        made["inlay:resolved"] = comment.resolved_at
        made["inlay:resolvedBy"] = comment.resolved_by
    return made


def _body(comment: m.CommentInfo) -> object:
    """Its text; with it whom it speaks to, as tags (Web Annotation Data Model, 3.3.5)."""
    text: Json = {"type": "TextualBody", "value": comment.text, "format": "text/plain"}
    if not comment.mentions:
        return text
    people: list[Json] = [
        {"type": "SpecificResource", "purpose": "tagging", "source": _name("person", person_id)}
        for person_id in comment.mentions
    ]
    return [{**text, "purpose": "commenting" if comment.reply_to is None else "replying"}, *people]


def _target(comment: m.CommentInfo) -> object:
    version = _name("version", comment.version_id)
    place: object = version
    if comment.rect_px is not None:
        x0, y0, x1, y1 = comment.rect_px
        place = {
            "type": "SpecificResource",
            "source": version,
            "selector": {
                "type": "FragmentSelector",
                "conformsTo": MEDIA_FRAGMENTS,
                "value": f"xywh=pixel:{x0},{y0},{x1 - x0},{y1 - y0}",
            },
        }
    if comment.reply_to is None:
        return place
    thread = _name("comment", comment.reply_to)
    return thread if comment.rect_px is None else [thread, place]


def _name(kind: str, own: str) -> str:
    return f"urn:inlay:{kind}:{own}"
