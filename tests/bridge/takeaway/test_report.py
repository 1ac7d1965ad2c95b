"""Reports: what they tell, and that no text in them is anything but text."""

from __future__ import annotations

import base64
import io
import re
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import pytest
import pytest_asyncio
from PIL import Image
from support.discussed import HOSTILE, Discussed, discussed
from support.histories import Host

from bridge.history.records import NewComment
from bridge.history.store import History
from bridge.review.comments import Comments
from bridge.takeaway import report
from bridge.takeaway.report import write_report
from bridge.takeaway.report.looks import looks_of
from bridge.takeaway.report.story import story_of
from engine.api import Alpha, Depth, LayerFormat
from engine.geometry import PixelRect, Size


@pytest_asyncio.fixture
async def story(history: History) -> Discussed:
    return await discussed(history, title=f"Poster {HOSTILE[:60]}")


class Reading(HTMLParser):
    """All elements with their attributes, and the text by element."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


async def written(story: Discussed, out: Path, kind: str, which: str = "discussed") -> tuple[str, ...]:
    document = await story.history.versions.document_for(story.document_id, story.host.person)
    return await write_report(
        story.history, document, out, kind, which, ("Inlay", "1.2.3"), lambda done: None  # type: ignore[arg-type]
    )  # fmt: skip


async def test_the_html_is_whole_in_itself_and_runs_nothing(story: Discussed, tmp_path: Path):
    assert await written(story, tmp_path / "a.html", "html", "all") == ()
    text = (tmp_path / "a.html").read_text(encoding="utf-8")
    read = Reading(text)
    names = {tag for tag, _ in read.tags}
    assert not names & {"script", "iframe", "object", "embed", "link", "form", "base", "a", "img"}
    for tag, attributes in read.tags:
        assert not any(name.startswith("on") or name == "style" for name in attributes), tag
        for name in ("src", "href", "xlink:href"):
            assert attributes.get(name, "data:image/").startswith("data:image/")
    policy = next(one["content"] for tag, one in read.tags if one.get("http-equiv") == "Content-Security-Policy")
    style = re.search(r"<style>(.*?)</style>", text, re.S)
    assert style is not None and policy is not None
    digest = base64.b64encode(sha256(style[1].encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    assert text.index("Content-Security-Policy") < text.index("<style>")
    assert "http://" not in text and "https://" not in text


async def test_every_word_of_people_is_there_as_they_typed_it(story: Discussed, tmp_path: Path):
    await written(story, tmp_path / "a.html", "html")
    read = Reading((tmp_path / "a.html").read_text(encoding="utf-8"))
    assert read.texts.count(HOSTILE) == 2  # a comment and a verdict
    for words in ("no", "look", "Of the whole version.", "Bob <b>Böhm</b>", "Warmer."):
        assert words in read.texts, words
    assert "yes" not in read.texts  # said in other words since
    said = " ".join(read.texts)
    assert "asked for changes" in said and "withdrew the verdict" in said and "approved" in said
    assert "Resolved by" in said and "must approve" in said and "Approved" in said


async def test_pins_lie_where_the_comments_do(story: Discussed, tmp_path: Path):
    await written(story, tmp_path / "a.html", "html")
    read = Reading((tmp_path / "a.html").read_text(encoding="utf-8"))
    boxes = [one for tag, one in read.tags if tag == "rect"]
    assert len(boxes) == 1
    tree = await story.history.versions.tree(story.host.layer.layer_id)
    document = await story.history.versions.document_for(story.document_id, story.host.person)
    pages = (await story_of(story.history, document, "discussed")).pages
    page = next(one for one in pages if any(thread.root.rect_px for thread in one.threads))
    shot = (await looks_of(story.history, page)).after
    assert shot is not None and tree
    scale = shot.size.width / shot.rect_px.width
    assert float(boxes[0]["x"] or 0) == pytest.approx((1 - shot.rect_px.x0) * scale, abs=0.1)
    assert float(boxes[0]["width"] or 0) == pytest.approx(29 * scale, abs=0.1)


async def test_only_what_was_discussed_is_in_it_unless_all_is_asked_for(story: Discussed):
    document = await story.history.versions.document_for(story.document_id, story.host.person)
    some = await story_of(story.history, document, "discussed")
    everything = await story_of(story.history, document, "all")
    assert [page.name for page in some.pages] == ["v1", "v3", "v6"]
    assert [page.name for page in everything.pages] == ["Original", "v1", "v2", "v3", "v4", "v5", "v6", "Original"]
    assert (some.versions, some.comments, some.open_threads) == (6, 5, 1)
    assert {page.layer_name for page in everything.pages} == {"Layer", "Other / layer"}


async def test_before_and_after_show_the_same_place(story: Discussed):
    document = await story.history.versions.document_for(story.document_id, story.host.person)
    pages = (await story_of(story.history, document, "all")).pages
    for page in pages:
        look = await looks_of(story.history, page)
        if page.version.kind == "source":
            assert look.before is None
            continue
        assert look.before is not None and look.after is not None
        if page.version.canvas is None:
            assert look.before.rect_px == look.after.rect_px
            assert look.after.rect_px.contains(page.version.rect_px)


async def test_what_is_not_at_the_bridge_is_hatched_and_said_so(history: History, tmp_path: Path):
    host = await Host.open(history, Size(600, 400))
    await host.edit(PixelRect(200, 200, 300, 300), 1)
    await Comments(history.database).add(
        NewComment("comment-1", await host.head(), "Here?", PixelRect(100, 100, 110, 110), None), host.person
    )
    story = Discussed(history, host, host.person)
    await written(story, tmp_path / "a.html", "html")
    assert "What is hatched was never sent" in (tmp_path / "a.html").read_text(encoding="utf-8")
    document = await history.versions.document_for(host.layer.document_id, host.person)
    look = await looks_of(history, (await story_of(history, document, "discussed")).pages[0])
    assert look.after is not None and not look.after.is_whole


@pytest.mark.parametrize(
    "format_",
    [
        LayerFormat(Depth.U16, 4, Alpha.STRAIGHT),
        LayerFormat(Depth.F32, 4, Alpha.PREMULTIPLIED),
        LayerFormat(Depth.F32, 3, Alpha.NONE),
        LayerFormat(Depth.U8, 1, Alpha.NONE),
    ],
    ids=str,
)
async def test_layers_of_every_kind_have_pictures(history: History, tmp_path: Path, format_: LayerFormat):
    host = await Host.open(history, Size(600, 400), format_)
    await host.edit(PixelRect(200, 200, 300, 300), 1)
    story = Discussed(history, host, host.person)
    for kind in ("html", "pdf"):
        await written(story, tmp_path / f"a.{kind}", kind, "all")
        assert (tmp_path / f"a.{kind}").stat().st_size > 5000


async def test_the_pdf_has_a_page_a_version_with_real_text(story: Discussed, tmp_path: Path):
    notes = await written(story, tmp_path / "a.pdf", "pdf")
    data = (tmp_path / "a.pdf").read_bytes()
    assert data.startswith(b"%PDF-") and notes == ()
    assert len(re.findall(rb"/Type /Page\b", data)) == 4
    assert b"/JavaScript" not in data and b"/OpenAction /" not in data and b"/Launch" not in data
    assert b"/ToUnicode" in data  # what is drawn can be read


async def test_a_document_of_which_nobody_spoke_has_a_cover(history: History, tmp_path: Path):
    host = await Host.open(history)
    story = Discussed(history, host, host.person)
    for kind in ("html", "pdf"):
        assert await written(story, tmp_path / f"a.{kind}", kind) == ()
    assert "Nobody has said or decided" in (tmp_path / "a.html").read_text(encoding="utf-8")


async def test_of_very_many_versions_the_last_are_told(story: Discussed, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(report, "MOST_PAGES", 2)
    assert await written(story, tmp_path / "a.html", "html") == (
        "The report has the last 2 versions; 1 before them are left out.",
    )


async def test_a_very_long_conversation_goes_over_pages(history: History, tmp_path: Path):
    host = await Host.open(history)
    comments, head = Comments(history.database), await host.head()
    for number in range(40):
        text = f"{number} " + "words and more words, " * 80
        await comments.add(NewComment(f"comment-{number}", head, text, None, None), host.person)
    await written(Discussed(history, host, host.person), tmp_path / "a.pdf", "pdf")
    assert len(re.findall(rb"/Type /Page\b", (tmp_path / "a.pdf").read_bytes())) > 8


async def test_pictures_are_pictures(story: Discussed):
    document = await story.history.versions.document_for(story.document_id, story.host.person)
    page = (await story_of(story.history, document, "discussed")).pages[0]
    look = await looks_of(story.history, page)
    for shot in (look.before, look.after):
        assert shot is not None
        with Image.open(io.BytesIO(shot.data)) as image:
            assert image.size == (shot.size.width, shot.size.height) and max(image.size) <= 1000
