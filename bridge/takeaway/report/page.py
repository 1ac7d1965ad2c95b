"""A report as one HTML file: whole in itself, without a script, under a policy that would run none.

It is built as a tree of elements, never of strings put together, so there is no place where a text could become markup.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, tostring

from bridge.history.records import Approval, Comment
from bridge.takeaway.report.story import (
    ROLES,
    STATES,
    VERDICTS,
    Look,
    Page,
    Shot,
    Story,
    Thread,
    is_wide,
    moment,
    title_of,
)

_STYLE = (Path(__file__).parent / "report.css").read_text(encoding="utf-8")
# What no text shows and some readers stumble over.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_PIN_PX = 13


def html_of(story: Story, pages: Sequence[Page], looks: Mapping[str, Look], tool: str) -> str:
    """The file's text."""
    root = Element("html", lang="en")
    head = SubElement(root, "head")
    SubElement(head, "meta", charset="utf-8")
    digest = base64.b64encode(sha256(_STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    SubElement(head, "meta", {"http-equiv": "Content-Security-Policy", "content": policy})
    SubElement(head, "meta", name="viewport", content="width=device-width, initial-scale=1")
    SubElement(head, "meta", name="referrer", content="no-referrer")
    SubElement(head, "title").text = _plain(f"{story.title} · review")
    SubElement(head, "style").text = _STYLE
    body = SubElement(root, "body")
    _cover(body, story, len(pages), tool)
    for page in pages:
        _page(body, page, looks.get(page.version.version_id))
    return "<!doctype html>\n" + tostring(root, encoding="unicode", method="html") + "\n"


def _cover(body: Element, story: Story, pages: int, tool: str) -> None:
    cover = SubElement(body, "section", {"class": "cover"})
    _text(cover, "p", "Review", "kicker")
    _said(cover, "h1", story.title)
    row = SubElement(cover, "p", {"class": "row"})
    _text(row, "span", STATES[story.state.state], f"badge {story.state.state}")
    _text(row, "span", _counts(story), "dim")
    _text(cover, "h2", "People")
    table = SubElement(cover, "table")
    for member in story.people:
        line = SubElement(table, "tr")
        _said(SubElement(line, "td"), "span", member.person.name)
        must = " · must approve" if member.person.person_id in story.approvers else ""
        _text(line, "td", f"{ROLES[member.role]}{must}", "dim")
    if pages == 0:
        _text(cover, "p", "Nobody has said or decided anything yet.", "dim")
    _text(cover, "p", f"Made {moment(story.made_at)} by {tool}. Times are in UTC.", "foot")


def _counts(story: Story) -> str:
    return ", ".join(
        (
            _count(story.versions, "version"),
            _count(story.comments, "comment"),
            f"{_count(story.open_threads, 'thread')} open",
        )
    )


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _page(body: Element, page: Page, look: Look | None) -> None:
    version = page.version
    section = SubElement(body, "section", {"class": "version"})
    header = SubElement(section, "header")
    _text(header, "span", page.name, "number")
    _said(header, "h2", title_of(version))
    if page.is_current:
        _text(header, "span", "Current", "badge current")
    facts = SubElement(section, "p", {"class": "dim"})
    if page.layer_name:
        _said(facts, "span", page.layer_name)
        facts[-1].tail = " · "
    _said(facts, "span", version.author)
    facts[-1].tail = f" · {moment(version.created_at)}"
    if version.model:
        facts[-1].tail += f" · {_plain(version.model)}"
    if version.seed is not None:
        facts[-1].tail += f" · seed {version.seed}"
    if version.says:
        _said(section, "p", " ".join(version.says))
    _pictures(section, page, look)
    if page.verdicts:
        _text(section, "h3", "Verdicts")
        listed = SubElement(section, "ul", {"class": "verdicts"})
        for verdict in page.verdicts:
            _verdict(listed, verdict)
    if page.threads:
        _text(section, "h3", "Comments")
        for thread in page.threads:
            _thread(section, thread)


def _pictures(section: Element, page: Page, look: Look | None) -> None:
    if look is None or (look.before is None and look.after is None):
        _text(section, "p", "The bridge has no picture of this version.", "dim")
        return
    shots = [("Before", look.before, False), ("After", look.after, True)]
    there = [one for one in shots if one[1] is not None]
    wide = any(shot is not None and is_wide(shot) for _, shot, _ in there)
    pair = SubElement(section, "div", {"class": "pair stacked" if wide or len(there) == 1 else "pair"})
    for words, shot, has_pins in there:
        assert shot is not None
        figure = SubElement(pair, "figure")
        _text(figure, "figcaption", words if len(there) > 1 else "The layer")
        _picture(figure, shot, page.threads if has_pins else (), words)
    if any(shot is not None and not shot.is_whole for _, shot, _ in there):
        _text(section, "p", "What is hatched was never sent to the bridge.", "note")


def _picture(figure: Element, shot: Shot, threads: Iterable[Thread], words: str) -> None:
    """The picture in an SVG, so that pins lie on it at every size, on the screen and on paper."""
    wide, high = shot.size.width, shot.size.height
    box = {"viewBox": f"0 0 {wide} {high}", "width": str(wide), "height": str(high)}
    svg = SubElement(figure, "svg", {**box, "role": "img", "aria-label": f"{words} this version"})
    address = f"data:{shot.mime};base64,{base64.b64encode(shot.data).decode()}"
    SubElement(svg, "image", href=address, width=str(wide), height=str(high))
    scale, unit = wide / shot.rect_px.width, max(wide, high) / 500
    for thread in threads:
        place = thread.root.rect_px
        if place is None or not place.meets(shot.rect_px):
            continue
        part_px = place.intersect(shot.rect_px)
        x, y = (part_px.x0 - shot.rect_px.x0) * scale, (part_px.y0 - shot.rect_px.y0) * scale
        size = {"width": f"{part_px.width * scale:.1f}", "height": f"{part_px.height * scale:.1f}"}
        width = f"{2 * unit:.1f}"
        group = SubElement(svg, "g", {"class": "pin"})
        SubElement(group, "rect", {"x": f"{x:.1f}", "y": f"{y:.1f}", **size, "stroke-width": width})
        radius = _PIN_PX * unit
        cx, cy = min(max(x, radius), wide - radius), min(max(y, radius), high - radius)
        circle = {"cx": f"{cx:.1f}", "cy": f"{cy:.1f}", "r": f"{radius:.1f}", "stroke-width": width}
        SubElement(group, "circle", circle)
        label = {"x": f"{cx:.1f}", "y": f"{cy + 0.36 * radius:.1f}", "font-size": f"{1.05 * radius:.1f}"}
        SubElement(group, "text", label).text = str(thread.number)


def _verdict(listed: Element, verdict: Approval) -> None:
    item = SubElement(listed, "li")
    line = SubElement(item, "p")
    _said(line, "strong", verdict.person.name)
    line[-1].tail = " "
    _text(line, "span", VERDICTS[verdict.verdict], verdict.verdict)
    _text(line, "span", f" · {moment(verdict.at)}", "dim")
    if verdict.text:
        _said(item, "p", verdict.text, "words")


def _thread(section: Element, thread: Thread) -> None:
    is_done = thread.root.resolved_at is not None
    block = SubElement(section, "article", {"class": "thread done" if is_done else "thread"})
    _comment(block, thread.root, str(thread.number))
    for answer in thread.answers:
        _comment(block, answer, None)
    if thread.root.resolved_at is not None:
        line = SubElement(block, "p", {"class": "dim resolved"})
        line.text = "Resolved by "
        _said(line, "span", thread.root.resolved_by or "")
        line[-1].tail = f" · {moment(thread.root.resolved_at)}"


def _comment(block: Element, comment: Comment, number: str | None) -> None:
    item = SubElement(block, "div", {"class": "comment" if number else "comment answer"})
    line = SubElement(item, "p")
    if number is not None:
        _text(line, "span", number, "pin-number")
    _said(line, "strong", comment.person.name)
    changed = ", changed later" if comment.changed_at is not None else ""
    whole = " · on the whole version" if number is not None and comment.rect_px is None else ""
    _text(line, "span", f" · {moment(comment.created_at)}{changed}{whole}", "dim")
    _said(item, "p", comment.text, "words")


def _text(parent: Element, tag: str, text: str, class_: str = "") -> Element:
    """An element with words of ours."""
    made = SubElement(parent, tag, {"class": class_} if class_ else {})
    made.text = _plain(text)
    return made


def _said(parent: Element, tag: str, text: str, class_: str = "") -> Element:
    """An element with words of people, in whichever direction they read."""
    made = _text(parent, tag, text, class_)
    made.set("dir", "auto")
    return made


def _plain(text: str) -> str:
    return _CONTROLS.sub("\ufffd", text)
