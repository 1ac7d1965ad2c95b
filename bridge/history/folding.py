"""Comparing texts without their case, in SQL: SQLite knows the case of ASCII only, so it is given our own function."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from sqlalchemy import Boolean, ColumnElement, and_, func, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

SQLITE_NAME = "inlay_has"
# Between words that are looked for: no text has it.
_BETWEEN = "\x1f"


def fold(text: str) -> str:
    """The text as it is compared: large and small letters alike, in any script, however accents were typed."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def sqlite_has(text: object, words: object) -> bool:
    """What SQLite calls: whether the text has all of the words, which are folded already. One call a row, whatever is
    looked for; bringing folded texts back to SQLite for its LIKE took half as long again."""
    if not isinstance(text, str) or not isinstance(words, str):
        return False
    folded = fold(text)
    return all(word in folded for word in words.split(_BETWEEN))


class has_words(FunctionElement[bool]):  # noqa: N801 -- reads as the function that it is
    """``has_words(column, words)`` in a question; see `has`."""

    type = Boolean()
    # The words are written into the SQL of databases other than SQLite.
    inherit_cache = False


def has(text: ColumnElement[str] | object, words: Sequence[str]) -> ColumnElement[bool]:
    """Whether a text has all of these words, folded by `fold`; what has a meaning in LIKE has none here."""
    return has_words(text, literal(_BETWEEN.join(word.replace(_BETWEEN, " ") for word in words)))


def _compiled_for_sqlite(element: has_words, compiler: SQLCompiler, **options: object) -> str:
    return f"{SQLITE_NAME}({compiler.process(element.clauses, **options)})"  # type: ignore[arg-type]


def _compiled(element: has_words, compiler: SQLCompiler, **options: object) -> str:
    """PostgreSQL knows every script's case."""
    text, words = element.clauses
    folded = func.lower(func.normalize(text))
    each = str(words.value).split(_BETWEEN)  # type: ignore[attr-defined]
    return compiler.process(and_(*(folded.contains(word, autoescape=True) for word in each)), **options)  # type: ignore[arg-type]


compiles(has_words)(_compiled)
compiles(has_words, "sqlite")(_compiled_for_sqlite)
