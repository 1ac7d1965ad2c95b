"""A report as a PDF, by fpdf2: real text, that can be searched and read aloud, and pictures with pins drawn on."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import MethodReturnValue, WrapMode, XPos, YPos

from bridge.history.disk import disk_errors
from bridge.history.records import Approval, Comment
from bridge.takeaway.report.letters import Fonts, clean, fonts_for, in_order, joined, reads_from_right
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

_Colour = tuple[int, int, int]
_INK, _DIM, _LINE, _PIN, _WELL = (22, 25, 29), (90, 98, 109), (215, 218, 224), (217, 45, 32), (241, 242, 244)
_BADGES: dict[str, tuple[_Colour, _Colour]] = {
    "approved": ((216, 242, 225), (13, 100, 51)),
    "changes_requested": ((255, 230, 214), (143, 56, 0)),
    "in_review": ((227, 235, 255), (26, 75, 208)),
    "draft": ((233, 235, 239), _INK),
}
_VERDICT_COLOURS: dict[str, _Colour] = {"approved": (13, 100, 51), "changes_requested": (143, 56, 0), "withdrawn": _DIM}
# Millimetres on A4.
_MARGIN_MM, _WIDTH_MM, _GAP_MM, _INDENT_MM = 18.0, 174.0, 6.0, 9.0
_MOST_HIGH_MM, _STACKED_HIGH_MM = 100.0, 84.0
_PIN_MM = 2.4
# A picture that is small already is not stretched further than so; an inch has 96 px on screens.
_MOST_MM_A_PX = 1.8 * 25.4 / 96
_FAMILY, _CORE_FAMILY = "inlay", "helvetica"
_NAMED_LETTERS = 12


def write_pdf(out: Path, story: Story, pages: Sequence[Page], looks: Mapping[str, Look], tool: str) -> tuple[str, ...]:
    """Write the file; returns what a person should know of it.

    Raises:
        StorageError: it cannot be written.
    """
    fonts = fonts_for((*_texts(story, pages), tool))
    sheet = _Sheet(fonts, story, tool)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of glyphs that a font has not: they were looked at
        sheet.cover(len(pages))
        for page in pages:
            sheet.version(page, looks.get(page.version.version_id))
        data = bytes(sheet.pdf.output())
    with disk_errors():
        out.write_bytes(data)
    if not fonts.missing:
        return ()
    some = " ".join(sorted(fonts.missing)[:_NAMED_LETTERS])
    return (f"No installed font has these letters, so they stand as “?”: {some} – the HTML report shows them.",)


def _texts(story: Story, pages: Sequence[Page]) -> Iterator[str]:
    """Everything that people wrote."""
    yield story.title
    for member in story.people:
        yield member.person.name
    for page in pages:
        yield from (page.layer_name, page.version.text, page.version.author, page.version.model, *page.version.says)
        for verdict in page.verdicts:
            yield from (verdict.person.name, verdict.text)
        for thread in page.threads:
            yield thread.root.resolved_by or ""
            for comment in (thread.root, *thread.answers):
                yield from (comment.person.name, comment.text)


class _Paper(FPDF):
    """A4 with a foot: title and page number."""

    def __init__(self, foot: str) -> None:
        super().__init__(format="A4")
        self._foot = foot
        self.font_name = _CORE_FAMILY
        self.set_margin(_MARGIN_MM)
        self.c_margin = 0  # words begin where pictures do
        self.str_alias_nb_pages = ""  # “{nb}” is what somebody typed, not the number of pages
        self.set_auto_page_break(True, _MARGIN_MM + 2)

    def footer(self) -> None:
        self.set_y(-_MARGIN_MM + 4)
        self.set_font(self.font_name, size=8)
        self.set_text_color(*_DIM)
        self.cell(_WIDTH_MM - 20, 4, self._foot)
        self.cell(20, 4, str(self.page_no()), align="R")


class _Sheet:
    """The document as it is written, from the top to the bottom."""

    def __init__(self, fonts: Fonts, story: Story, tool: str) -> None:
        self._missing = fonts.missing
        self._story = story
        self._tool = tool
        title = story.title if len(story.title) <= 70 else story.title[:69] + "..."
        self.pdf = _Paper(self._drawn(title))
        self._use(fonts)
        self.pdf.set_title(story.title)
        self.pdf.set_creator(tool)
        self.pdf.set_lang("en")

    def _use(self, fonts: Fonts) -> None:
        """The fonts that are needed; one that cannot be embedded is left out."""
        names: list[str] = []
        for number, face in enumerate(fonts.faces):
            name = _FAMILY if number == 0 else f"{_FAMILY}{number}"
            bold = fonts.bold if number == 0 and fonts.bold is not None else face
            try:
                self.pdf.add_font(name, "", face.path, collection_font_number=face.index)
                self.pdf.add_font(name, "B", bold.path, collection_font_number=bold.index)
            except Exception:  # noqa: S112 -- fonts are as odd as files can be
                continue
            names.append(name)
        if names:
            self.pdf.font_name = names[0]
            self.pdf.set_fallback_fonts(names[1:], exact_match=False)

    # ── pages ────────────────────────────────────────────────────────────────────────────────────────────────────

    def cover(self, pages: int) -> None:
        pdf, story = self.pdf, self._story
        pdf.add_page()
        pdf.set_y(38)
        self._words("REVIEW", 9, _DIM, bold=True)
        pdf.ln(2)
        self._words(story.title, 26, _INK, bold=True, line=1.15)
        pdf.ln(4)
        self._badge(STATES[story.state.state], story.state.state)
        pdf.set_x(pdf.get_x() + 3)
        self._words(_counts(story), 10, _DIM)
        pdf.ln(9)
        self._words("People", 13, _INK, bold=True)
        pdf.ln(2)
        for member in story.people:
            self._rule()
            must = ", must approve" if member.person.person_id in story.approvers else ""
            top = pdf.get_y() + 1.6
            pdf.set_xy(_MARGIN_MM, top)
            bottom = self._words(member.person.name, 10.5, _INK, width=104, is_label=True)
            pdf.set_xy(_MARGIN_MM + 110, top)
            self._words(f"{ROLES[member.role]}{must}", 10.5, _DIM, width=64)
            pdf.set_y(max(bottom, pdf.get_y()) + 1.6)
        self._rule()
        if pages == 0:
            pdf.ln(6)
            self._words("Nobody has said or decided anything yet.", 10.5, _DIM)
        pdf.ln(6)
        self._words(f"Made {moment(story.made_at)} by {self._tool}. Times are in UTC.", 8.5, _DIM)
        if self._missing:
            self._words("Letters that no font installed here has stand as “?”.", 8.5, _DIM)

    def version(self, page: Page, look: Look | None) -> None:
        pdf, version = self.pdf, page.version
        pdf.add_page()
        pdf.set_font(pdf.font_name, "B", 15)
        pdf.set_text_color(*_DIM)
        width = pdf.get_string_width(page.name) + 3
        top = pdf.get_y()
        pdf.cell(width, 7, page.name)
        pdf.set_xy(_MARGIN_MM + width, top)
        self._words(title_of(version), 15, _INK, bold=True, width=_WIDTH_MM - width, line=1.2)
        facts = [page.layer_name] if page.layer_name else []
        facts += [version.author, moment(version.created_at)]
        facts += [version.model] if version.model else []
        facts += [f"seed {version.seed}"] if version.seed is not None else []
        facts += ["the current version"] if page.is_current else []
        pdf.ln(0.8)
        self._words(" · ".join(facts), 9, _DIM)
        if version.says:
            pdf.ln(1)
            self._words(" ".join(version.says), 10, _INK)
        pdf.ln(4)
        self._pictures(page, look)
        if page.verdicts:
            self._heading("Verdicts")
            for verdict in page.verdicts:
                self._verdict(verdict)
        if page.threads:
            self._heading("Comments")
            for thread in page.threads:
                self._thread(thread)

    def _pictures(self, page: Page, look: Look | None) -> None:
        pdf = self.pdf
        shots = [] if look is None else [("Before", look.before), ("After", look.after)]
        there = [(words, shot) for words, shot in shots if shot is not None]
        if not there:
            self._words("The bridge has no picture of this version.", 9.5, _DIM)
            return
        stacked = len(there) == 1 or any(is_wide(shot) for _, shot in there)
        width = _WIDTH_MM if stacked else (_WIDTH_MM - _GAP_MM) / 2
        high = _STACKED_HIGH_MM if stacked and len(there) > 1 else _MOST_HIGH_MM
        top = bottom = pdf.get_y()
        for number, (words, shot) in enumerate(there):
            if stacked:
                top = bottom + (4 if number else 0)
            x = _MARGIN_MM if stacked else _MARGIN_MM + number * (width + _GAP_MM)
            scale = min(width / shot.size.width, high / shot.size.height, _MOST_MM_A_PX)
            size = (shot.size.width * scale, shot.size.height * scale)
            if stacked and top + 6 + size[1] > pdf.h - _MARGIN_MM - 4:
                pdf.add_page()
                top = pdf.get_y()
            pdf.set_xy(x, top)
            self._words(words if len(there) > 1 else "The layer", 9, _DIM, bold=True, width=width)
            at = (x, top + 5.4)
            self._picture(shot, at, size, page.threads if number == len(there) - 1 else (), words)
            bottom = max(bottom if not stacked else 0, at[1] + size[1])
        pdf.set_xy(_MARGIN_MM, bottom + 2)
        if any(not shot.is_whole for _, shot in there):
            self._words("What is hatched was never sent to the bridge.", 8.5, _DIM)

    def _picture(
        self, shot: Shot, at: tuple[float, float], size: tuple[float, float], threads: Sequence[Thread], words: str
    ) -> None:
        pdf = self.pdf
        (x, y), (wide, high) = at, size
        pdf.set_fill_color(*_WELL)
        pdf.rect(x, y, wide, high, "F")
        pdf.image(io.BytesIO(shot.data), x, y, wide, high, alt_text=f"{words} this version")
        scale = wide / shot.rect_px.width
        for thread in threads:
            place = thread.root.rect_px
            if place is None or not place.meets(shot.rect_px):
                continue
            part = place.intersect(shot.rect_px)
            left, top = x + (part.x0 - shot.rect_px.x0) * scale, y + (part.y0 - shot.rect_px.y0) * scale
            for colour, line in (((255, 255, 255), 0.9), (_PIN, 0.5)):  # seen on light and on dark
                pdf.set_draw_color(*colour)
                pdf.set_line_width(line)
                pdf.rect(left, top, part.width * scale, part.height * scale)
            centre = (min(max(left, x + _PIN_MM), x + wide - _PIN_MM), min(max(top, y + _PIN_MM), y + high - _PIN_MM))
            self._pin(thread.number, centre)

    def _pin(self, number: int, centre: tuple[float, float]) -> None:
        pdf = self.pdf
        x, y = centre
        pdf.set_fill_color(*_PIN)
        pdf.set_draw_color(255, 255, 255)
        pdf.set_line_width(0.4)
        pdf.circle(x, y, _PIN_MM, "DF")
        back = (pdf.get_x(), pdf.get_y())
        pdf.set_font(pdf.font_name, "B", 7.5 if number < 100 else 6)
        pdf.set_text_color(255, 255, 255)
        pdf.set_xy(x - _PIN_MM - 1, y - 1.5)
        pdf.cell(2 * _PIN_MM + 2, 3, str(number), align="C")
        pdf.set_xy(*back)

    def _verdict(self, verdict: Approval) -> None:
        pdf = self.pdf
        self._room(14)
        self._rule()
        pdf.ln(1.6)
        colour = _VERDICT_COLOURS[verdict.verdict]
        self._who(verdict.person.name, f"{VERDICTS[verdict.verdict]} · {moment(verdict.at)}", 0.0, colour)
        if verdict.text:
            self._words(verdict.text, 10, _INK)
        pdf.ln(1.6)

    def _thread(self, thread: Thread) -> None:
        pdf = self.pdf
        self._room(18)
        self._rule()
        pdf.ln(2)
        self._pin(thread.number, (_MARGIN_MM + _PIN_MM, pdf.get_y() + _PIN_MM))
        self._comment(thread.root, _INDENT_MM, on_whole=thread.root.rect_px is None)
        for answer in thread.answers:
            pdf.ln(1.6)
            self._room(12)
            self._comment(answer, 2 * _INDENT_MM, on_whole=False)
        if thread.root.resolved_at is not None:
            pdf.ln(1.4)
            pdf.set_x(_MARGIN_MM + _INDENT_MM)
            by = f"Resolved by {thread.root.resolved_by or ''} · {moment(thread.root.resolved_at)}"
            self._words(by, 9, _DIM, width=_WIDTH_MM - _INDENT_MM, is_label=True)
        pdf.ln(2)

    def _comment(self, comment: Comment, indent: float, *, on_whole: bool) -> None:
        pdf, width = self.pdf, _WIDTH_MM - indent
        facts = [moment(comment.created_at)]
        facts += ["changed later"] if comment.changed_at is not None else []
        facts += ["on the whole version"] if on_whole else []
        self._who(comment.person.name, " · ".join(facts), indent, _DIM)
        pdf.set_x(_MARGIN_MM + indent)
        self._words(comment.text, 10.5, _INK, width=width)

    # ── bricks ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _who(self, name: str, said: str, indent: float, colour: _Colour) -> None:
        """A name and what is said of it, on one line where both fit."""
        pdf = self.pdf
        x, width, top = _MARGIN_MM + indent, _WIDTH_MM - indent, pdf.get_y()
        pdf.set_font(pdf.font_name, "B", 10)
        wide = pdf.get_string_width(self._drawn(name)) + 2.4
        pdf.set_font(pdf.font_name, "", 9)
        fits = wide + pdf.get_string_width(said) <= width
        pdf.set_xy(x, top)
        self._words(name, 10, _INK, bold=True, width=width, is_label=True)
        if fits:
            bottom = pdf.get_y()
            pdf.set_xy(x + wide, bottom - 10 * 0.3528 * 1.32)
            self._words(said, 9, colour, width=width - wide, line=1.32 * 10 / 9)
            pdf.set_xy(_MARGIN_MM, bottom)
            return
        pdf.set_x(x)
        self._words(said, 9, colour, width=width)

    def _heading(self, words: str) -> None:
        self._room(26)
        self.pdf.ln(4)
        self._words(words, 12, _INK, bold=True)
        self.pdf.ln(1.6)

    def _rule(self) -> None:
        self.pdf.set_draw_color(*_LINE)
        self.pdf.set_line_width(0.2)
        self.pdf.line(_MARGIN_MM, self.pdf.get_y(), _MARGIN_MM + _WIDTH_MM, self.pdf.get_y())

    def _room(self, high: float) -> None:
        """A new page where so much does not fit on this one."""
        if self.pdf.get_y() + high > self.pdf.h - _MARGIN_MM - 4:
            self.pdf.add_page()

    def _badge(self, words: str, kind: str) -> None:
        pdf = self.pdf
        ground, ink = _BADGES[kind]
        pdf.set_font(pdf.font_name, "B", 9.5)
        width, (x, y) = pdf.get_string_width(words) + 7, (pdf.get_x(), pdf.get_y())
        pdf.set_fill_color(*ground)
        pdf.rect(x, y, width, 6, "F", round_corners=True, corner_radius=3)
        pdf.set_text_color(*ink)
        pdf.cell(width, 6, words, align="C", new_x=XPos.RIGHT, new_y=YPos.TOP)
        pdf.set_xy(x + width, y + 0.6)

    def _drawn(self, text: str) -> str:
        return in_order(joined(clean(text, self._missing)), from_right=reads_from_right(text))

    def _words(
        self,
        text: str,
        points: float,
        colour: _Colour,
        *,
        bold: bool = False,
        width: float = 0.0,
        line: float = 1.32,
        is_label: bool = False,
    ) -> float:
        """A text from here on, in its own direction, wrapped; the pen is below it then. Returns where that is.
        A label begins at the left, whichever way it reads."""
        pdf = self.pdf
        pdf.set_font(pdf.font_name, "B" if bold else "", points)
        pdf.set_text_color(*colour)
        x = pdf.get_x()
        width = width or pdf.w - _MARGIN_MM - x
        high = points * 0.3528 * line
        for paragraph in clean(text, self._missing).split("\n"):
            from_right = reads_from_right(paragraph)
            for one in self._lines(joined(paragraph), width):
                if pdf.get_y() + high > pdf.h - _MARGIN_MM - 2:
                    pdf.add_page()
                pdf.set_x(x)
                drawn = in_order(one, from_right=from_right)
                pdf.set_font(pdf.font_name, "B" if bold else "", points)
                pdf.set_text_color(*colour)
                pdf.cell(width, high, drawn, align="R" if from_right and not is_label else "L")
                pdf.set_y(pdf.get_y() + high)
        pdf.set_x(_MARGIN_MM)
        return pdf.get_y()

    def _lines(self, paragraph: str, width: float) -> list[str]:
        """Lines in the order in which they are read, before letters are put into the order in which they stand."""
        if not paragraph.strip():
            return [""]
        lines = self.pdf.multi_cell(
            width, 5, paragraph, dry_run=True, output=MethodReturnValue.LINES, align="L", wrapmode=WrapMode.WORD
        )
        return [str(one) for one in lines] if isinstance(lines, list) else [paragraph]


def _counts(story: Story) -> str:
    threads = f"{story.open_threads} {'thread' if story.open_threads == 1 else 'threads'} open"
    versions = f"{story.versions} {'version' if story.versions == 1 else 'versions'}"
    comments = f"{story.comments} {'comment' if story.comments == 1 else 'comments'}"
    return f"{versions}, {comments}, {threads}"
