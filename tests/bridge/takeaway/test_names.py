"""Names of files made of hostile titles: safe on every system, in a header, and to the eye."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote

import pytest

from bridge.takeaway.names import disposition, file_name

HOSTILE = [
    "../../etc/passwd",
    "..\\..\\windows",
    'a"; filename="evil.exe',
    "line\r\nSet-Cookie: evil=1\n",
    "\x00\x07\x1b[31m",
    "\u202egnp.exe\u202c",
    "a\u200bb\u2066c\ufeff",
    ".",
    "..",
    ".hidden",
    "   ",
    "",
    "con",
    "NUL.txt",
    "lpt1",
    "x" * 500,
    "漢" * 500,
    "👩‍👩‍👧 ﷽ e\u0301",
    "<b>bold</b>|*?:",
    "a%2e%2e%2fb; c",
    "trailing. . .",
    "مرحبا بالعالم",
]


@pytest.mark.parametrize("title", HOSTILE)
def test_a_name_is_only_a_name(title: str):
    name = file_name(title, "png", "v3")
    assert name.endswith(" v3.png") and len(name.encode()) <= 200
    assert not re.search(r'[\x00-\x1f\x7f/\\:*?"<>|;%]', name)
    assert not any(unicodedata.category(letter) in ("Cc", "Cf") for letter in name)
    stem = name.removesuffix(" v3.png")
    assert stem and stem == stem.strip(" .") and not name.startswith(".")
    assert stem.casefold() not in ("con", "nul", "lpt1")


def test_a_good_title_stays_as_it_is():
    assert file_name("Herbst – Plakat (3)", "zip") == "Herbst – Plakat (3).zip"
    assert file_name("", "pdf", "review") == "Untitled review.pdf"


@pytest.mark.parametrize("title", HOSTILE)
def test_the_header_has_one_line_and_one_name(title: str):
    header = disposition(file_name(title, "png"))
    found = re.fullmatch(
        r'attachment; filename="([\x20-\x21\x23-\x5b\x5d-\x7e]+)"; filename\*=UTF-8\'\'([!-~]+)', header
    )
    assert found is not None
    assert unquote(found[2]) == file_name(title, "png")
    assert found[1].endswith(".png") and not found[1].startswith(".")
    assert not re.search(r"[^A-Za-z0-9.%_~-]", found[2])
