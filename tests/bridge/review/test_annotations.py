"""Comments as Web Annotations: what the Recommendation asks for, and every word as it was typed."""

from __future__ import annotations

import json

from bridge.protocol import messages as m
from bridge.review.annotations import CONTEXT, annotation, collection

DOCUMENT = m.DocumentInfo(document_id="d1", key="poster", title="Poster", role="owner", last_seq=9)
AT, LATER = "2026-01-02T03:04:05+00:00", "2026-01-02T03:05:06+00:00"


def comment(comment_id: str = "c1", **fields: object) -> m.CommentInfo:
    known: dict[str, object] = {
        "comment_id": comment_id,
        "document_id": "d1",
        "layer_id": "l1",
        "version_id": "v1",
        "reply_to": None,
        "rect_px": None,
        "text": "Too dark?",
        "author": "Ann",
        "person_id": "p1",
        "created_at": AT,
        "changed_at": None,
        "resolved_by": None,
        "resolved_at": None,
    }
    return m.CommentInfo(**(known | fields))  # type: ignore[arg-type]


def test_a_place_is_a_media_fragment_in_pixels():
    made = annotation(comment(rect_px=(10, 20, 11, 60)))
    assert made["target"] == {
        "type": "SpecificResource",
        "source": "urn:inlay:version:v1",
        "selector": {
            "type": "FragmentSelector",
            "conformsTo": "http://www.w3.org/TR/media-frags/",
            "value": "xywh=pixel:10,20,1,40",
        },
    }
    assert (made["motivation"], made["created"], "modified" in made) == ("commenting", AT, False)
    assert annotation(comment())["target"] == "urn:inlay:version:v1"


def test_an_answer_answers_its_thread():
    assert annotation(comment("c2", reply_to="c1"))["target"] == "urn:inlay:comment:c1"
    placed = annotation(comment("c2", reply_to="c1", rect_px=(0, 0, 1, 1)))
    assert placed["motivation"] == "replying"
    assert [type(one) for one in placed["target"]] == [str, dict]


def test_what_happened_to_it_is_told():
    made = annotation(comment(changed_at=LATER, resolved_by="Bob", resolved_at=LATER))
    assert (made["modified"], made["inlay:resolved"], made["inlay:resolvedBy"]) == (LATER, LATER, "Bob")


def test_a_collection_has_all_of_them_in_one_page_and_every_name_once():
    text = "</script>“é” \u2028 <b>bold</b> 👩‍👩‍👧"
    comments = [comment(f"c{number}", text=text) for number in range(5)]
    made = json.loads(json.dumps(collection(DOCUMENT, comments)))
    assert made["@context"][0] == CONTEXT
    assert (made["type"], made["total"], made["label"]) == ("AnnotationCollection", 5, "Poster")
    page = made["first"]
    assert (page["type"], page["partOf"], page["startIndex"]) == ("AnnotationPage", made["id"], 0)
    assert [item["body"] for item in page["items"]] == [
        {"type": "TextualBody", "value": text, "format": "text/plain"}
    ] * 5
    assert len({item["id"] for item in page["items"]} | {made["id"], page["id"]}) == 7
    assert all(item["type"] == "Annotation" for item in page["items"])


def test_whom_it_speaks_to_are_tags_beside_its_text():
    made = annotation(comment(text="@Bob?", mentions=("p2", "p3")))
    assert made["body"] == [
        {"type": "TextualBody", "value": "@Bob?", "format": "text/plain", "purpose": "commenting"},
        {"type": "SpecificResource", "purpose": "tagging", "source": "urn:inlay:person:p2"},
        {"type": "SpecificResource", "purpose": "tagging", "source": "urn:inlay:person:p3"},
    ]
