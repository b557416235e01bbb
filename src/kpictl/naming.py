"""How names and captions are compared: the way people read them, not the way they are typed.

Names that look the same are the same. One folding decides it everywhere: for people, departments,
captions, stages, channels, targets and what is typed at the command line. It works on one text, so
callers fold the different texts of a column, never its rows.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Protocol, TypeVar

# Compatibility forms that only differ in width or in how letters are joined. Not among them:
# superscripts, fractions and circled digits, which a reader tells apart (m² is not m2).
_SAFE_FORMS = frozenset(
    f"<{form}>"
    for form in (
        *("wide", "narrow", "noBreak", "compat", "font"),
        *("initial", "medial", "final", "isolated"),
    )
)
_APOSTROPHES = "`´‘’‚‛ʹʻʼʽʾʿˈˊˋ՚׳′‵ꞌ＇｀"
_QUOTES = "“”„‟«»″‶ʺ˝״〝〞〟＂"
_HYPHENS = "−⁃˗ｰ➖"  # besides Unicode's own dashes (category Pd)
_BLANKS = "\u2800"  # an empty braille cell looks like a space and is none to Python
# Not of the category of format characters (Cf), and just as invisible: fillers of Hangul,
# the grapheme joiner, variation selectors.
_IGNORED = frozenset(
    (
        *(0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B, 0x180C, 0x180D, 0x180F, 0x3164, 0xFFA0),
        *range(0xFE00, 0xFE10),
        *range(0xE0100, 0xE01F0),
    )
)
SHOWN = 200
"""So many characters of a path, a name or a value are shown in a message."""
FEW = 5
"""So many names are listed where there may be any number."""
_LETTERS = re.compile(r"[^\W\d_]+")
_MIXED = re.compile("[a-z][\u0400-\u052f]|[\u0400-\u052f][a-z]")
_CYRILLIC, _LATIN = "авекмнорстухі", "abekmhopctyxi"
_TO_LATIN = str.maketrans(_CYRILLIC, _LATIN)
_TO_CYRILLIC = str.maketrans(_LATIN, _CYRILLIC)


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    r"""Return a text as it is compared.

    No difference is made by case, ё, kinds of space, of hyphen, of apostrophe and of quote, by
    invisible characters, by Unicode's ways to write one letter, nor by a Latin letter that strayed
    into a Cyrillic word (or the other way round).

    >>> fold("  O’Brien\u00a0‑ Pe\u0301rez ")
    "o'brien - pérez"
    """
    if text.isascii():
        return " ".join(text.lower().replace("`", "'").split())
    seen = unicodedata.normalize("NFD", text).casefold().translate(_ALIKE)
    seen = unicodedata.normalize("NFC", seen).replace("ё", "е")
    if _MIXED.search(seen):
        seen = _LETTERS.sub(_of_one_alphabet, seen)
    return " ".join(seen.split())


def look(text: str) -> str:
    r"""Return a text as it looks, which is how conditions compare texts: as `fold` does, but with
    its case, its ё and its letters as they are, since codes may differ in these.

    >>> look("  O’Brien\u00a0‑ Pe\u0301rez "), look("a") == look("A")
    ("O'Brien - Pérez", False)
    """
    if not text.isascii():
        text = unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).translate(_LOOKS))
    return " ".join(text.replace("`", "'").split())


def tidy(text: str) -> str:
    """Return a name as it is shown: composed letters, ordinary spaces, nothing invisible."""
    if text.isascii():
        return " ".join(text.split())
    return " ".join(unicodedata.normalize("NFC", text.translate(_SEEN)).split())


def trim(text: str) -> str:
    """Return a text without what is not seen at its ends: space of every width, and all that `tidy`
    takes away."""
    if text.isascii():
        return text.strip()
    seen = [at for at, char in enumerate(text) if char.translate(_SEEN).strip()]
    return text[seen[0] : seen[-1] + 1] if seen else ""


def shortened(text: str, most: int = SHOWN) -> str:
    """Return a text as a message shows it: a long one without its middle, since a path is known by
    where it begins and by its last name.

    >>> shortened("abcdefghij", 7)
    'abc…hij'
    """
    if len(text) <= most:
        return text
    end = (most - 1) // 2
    return f"{text[: most - 1 - end]}…{text[len(text) - end :]}"


def spelling(texts: Iterable[str]) -> str:
    """Return which of some texts of one name is shown: a tidy one, not all in capitals or all in
    small letters; the first in order of those. The answer does not depend on the given order."""
    return min(texts, key=lambda t: (t != tidy(t), t.isupper(), t.islower(), t))


def named(text: str, labels: Mapping[str, str]) -> list[str]:
    """Return the ids that a text means, of id → label: the id itself, else one of that folding,
    else all whose label it is."""
    if text in labels:
        return [text]
    wanted = fold(text)
    by_id = [ident for ident in labels if fold(ident) == wanted]
    return by_id or [ident for ident, label in labels.items() if fold(label) == wanted]


_Name = TypeVar("_Name")


class Somebody(Protocol):
    """Who has an id and a name, and may have a department and a position; of one of several posts
    of somebody `segment` is its first day."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def segment(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def department(self) -> str | None: ...
    @property
    def position(self) -> str | None: ...


def told_apart(people: Iterable[Somebody]) -> dict[str, str]:
    """Return subject → what somebody is called among these people: the name, and in brackets, where
    others have the same, the department or the position if it is another for each, else the id (of
    one of several posts its first day)."""
    alike: dict[str, list[Somebody]] = {}
    for one in {one.subject: one for one in people}.values():
        alike.setdefault(fold(one.name), []).append(one)
    return {
        one.subject: f"{one.name} ({mark})" if mark else one.name
        for same in alike.values()
        for one, mark in zip(same, _marks(same), strict=True)
    }


def _marks(same: list[Somebody]) -> list[str]:
    if len(same) == 1:
        return [""]
    for texts in ([p.department or "" for p in same], [p.position or "" for p in same]):
        if all(texts) and len({fold(text) for text in texts}) == len(same):
            return texts
    return [one.segment or one.id for one in same]


class _Translation(dict[int, str]):
    """What becomes of each character, worked out when it is first met."""

    def __init__(self, of_char: Callable[[str], str]) -> None:
        super().__init__()
        self.of_char = of_char

    def __missing__(self, code: int) -> str:
        self[code] = made = self.of_char(chr(code))
        return made


def _seen(char: str) -> str:
    """Return a character as it is shown."""
    if ord(char) in _IGNORED or unicodedata.category(char) == "Cf":
        return ""
    return " " if char in _BLANKS else char


def _looks(char: str) -> str:
    """Return what a decomposed character looks like."""
    if char in _APOSTROPHES:
        return "'"
    if char in _QUOTES:
        return '"'
    if char in _HYPHENS or unicodedata.category(char) == "Pd":
        return "-"
    form, _, letters = unicodedata.decomposition(char).partition(" ")
    if form in _SAFE_FORMS:
        plain = "".join(chr(int(code, 16)) for code in letters.split())
        return unicodedata.normalize("NFD", plain).translate(_LOOKS)
    return _seen(char)


def _alike(char: str) -> str:
    """Return what a decomposed, case-folded character looks like, case-folded."""
    return _looks(char).casefold()


_SEEN, _LOOKS, _ALIKE = _Translation(_seen), _Translation(_looks), _Translation(_alike)


def _of_one_alphabet(word: re.Match[str]) -> str:
    """Write a word of two alphabets in that one of them in which all of it can be written."""
    letters = word[0]
    latin = [c for c in letters if c.isascii()]
    cyrillic = [c for c in letters if "\u0400" <= c <= "\u052f"]
    if not latin or not cyrillic:
        return letters
    if all(c in _LATIN for c in latin):
        return letters.translate(_TO_CYRILLIC)
    if all(c in _CYRILLIC for c in cyrillic):
        return letters.translate(_TO_LATIN)
    return letters


def few(names: Sequence[str]) -> str:
    """Return the first five of some names, and how many more there are."""
    more = len(names) - FEW
    return ", ".join(names[:FEW]) + (f" +{more}" if more > 0 else "")


def first_few(names: Sequence[_Name]) -> tuple[tuple[_Name, ...], int]:
    """Return the first five of some names, and how many more there are, apart."""
    return tuple(names[:FEW]), max(len(names) - FEW, 0)


def slug(caption: str) -> str:
    """Return a caption as a name for expressions: `Deal Stage` → `deal_stage`."""
    return re.sub(r"\W+", "_", fold(caption)).strip("_") or caption
