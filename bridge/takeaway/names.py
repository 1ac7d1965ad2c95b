"""Names of files made of what people typed: safe on every system, in a header, and to the eye."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

# What Windows keeps for itself, whatever the ending.
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")
_NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*;%]')
_MOST_CHARS = 80
_MOST_BYTES = 150
_UNTITLED = "Untitled"


def file_name(title: str, ending: str, part: str = "") -> str:
    """``title part.ending``, whatever was typed as title: no slashes, quotes or line ends, nothing that turns the
    direction of reading (“cod.exe” that reads “exe.doc”), none of the names that Windows keeps.

    Args:
        title: what people typed.
        ending: ours, without its dot.
        part: more of ours.
    """
    plain = unicodedata.normalize("NFC", title)
    # Format characters, surrogates and what is not assigned: none of them is a letter.
    plain = "".join(letter for letter in plain if unicodedata.category(letter) not in ("Cf", "Cs", "Co", "Cn"))
    plain = _NOT_IN_NAMES.sub(" ", plain)
    plain = " ".join(plain.split())[:_MOST_CHARS]
    while len(plain.encode()) > _MOST_BYTES:
        plain = plain[:-1]
    plain = plain.strip(" .")
    if not plain or _RESERVED.fullmatch(plain):
        plain = f"{_UNTITLED} {plain}".strip()
    return f"{plain}{f' {part}' if part else ''}.{ending}"


def disposition(name: str) -> str:
    """A Content-Disposition that downloads under that name (RFC 6266): once for old readers, once in full (RFC 8187).

    Args:
        name: as `file_name` makes them.
    """
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    ascii_only = re.sub(r'["\\]', "", ascii_only).strip()
    if ascii_only.startswith(".") or not ascii_only:
        ascii_only = f"{_UNTITLED}{ascii_only}"
    return f"attachment; filename=\"{ascii_only}\"; filename*=UTF-8''{quote(name, safe='')}"
