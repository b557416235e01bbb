"""Every word that a reader of results or of mistakes sees, in the languages we speak.

A text is found by its key; `{name}` is filled with data, `{n|запись|записи|записей}` picks the
form that goes with the number `n` (one, few, many; in English one, many). Adding a language is
one package beside `ru` and one line in `LANGUAGES`; a test holds their keys together.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Mapping
from functools import cache

LANGUAGES = ("en", "ru")
DEFAULT = "en"

_SLOT = re.compile(r"\{(\w+)((?:\|[^|{}]*)*)\}(\s?%)?")


@cache
def table(lang: str) -> Mapping[str, str]:
    """Return all texts of a language by key; an unknown language falls back to English."""
    package = importlib.import_module(f"kpictl.words.{lang if lang in LANGUAGES else DEFAULT}")
    texts: dict[str, str] = {}
    for found in sorted(pkgutil.iter_modules(package.__path__), key=lambda m: m.name):
        texts.update(importlib.import_module(f"{package.__name__}.{found.name}").TEXTS)
    return texts


def plural(lang: str, number: int) -> int:
    """Return which form goes with a number: 0 one, 1 few (or many in English), 2 many."""
    n = abs(number)
    if lang != "ru":
        return 0 if n == 1 else 1
    if n % 10 == 1 and n % 100 != 11:
        return 0
    return 1 if 2 <= n % 10 <= 4 and not 12 <= n % 100 <= 14 else 2


def say(lang: str, key: str, /, **data: object) -> str:
    """Return the text of `key` with its slots filled. A missing key is our bug: KeyError.

    A number of percent has the decimal sign of the language; any other is written as plans have it.
    """

    def fill(match: re.Match[str]) -> str:
        value, forms, percent = data[match[1]], match[2][1:], match[3]
        if percent:
            shown = str(value)
            return (shown.replace(".", ",") if lang == "ru" else shown) + percent
        if not forms:
            return str(value)
        options = forms.split("|")
        number = int(str(value))
        return options[min(plural(lang, number), len(options) - 1)]

    return _SLOT.sub(fill, table(lang)[key])


def has(lang: str, key: str) -> bool:
    return key in table(lang)
