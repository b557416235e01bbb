"""People's names in little room: given names become initials before anything is cut.

«Иванов Сергей Петрович» becomes «Иванов С. П.», “Alexandra van der Berg” “A. van der Berg”. Names
that are not people's (a channel, a product) have no initials: whoever calls knows which they are.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from rich.cells import cell_len

from kpictl.report.layout import fit

_WORD = re.compile(r"[^\W\d_]+(?:[-'’ʼ][^\W\d_]+)*\.?")
_PATRONYMIC = re.compile(r".{2,}(?:вич|вна|чна|ьич|улы|кызы|оглы|заде)", re.IGNORECASE)
_SURNAME = re.compile(
    r".+(?:[оеё]в|[оеё]ва|[иы]н|[иы]на|[сц]кий|[сц]кая|[сц]ой|[иы]х|енко|[уюч]к|ян|янц|дзе|швили)",
    re.IGNORECASE,
)
# Given names that end as surnames do.
_GIVEN_NAMES = (
    "августин алевтина алина альбина ангелина антонина арина валентин валентина вениамин галина"
    " екатерина зарина ирина карина катарина константин кристина лев марина мартин нина полина"
    " регина рина сабина северин фаина эвелина элина ярослав марк янина аделина дина инна"
)
_GIVEN = frozenset(_GIVEN_NAMES.split())
_CHILD = frozenset(("оглы", "кызы", "улы"))  # «son of», «daughter of» after a father's name
_PARTICLES_OF_SURNAMES = "van der den de di da du von zu la le el al bin ibn del della dos"
_PARTICLES = frozenset(_PARTICLES_OF_SURNAMES.split())


def shortened(name: str) -> list[str]:
    """Return shorter forms of a person's name, the most usual first; [] where it has none.

    >>> shortened("Иванов Сергей Петрович")
    ['Иванов С. П.', 'Иванов Сергей П.']
    >>> shortened("Анна Белова"), shortened("Smith, John"), shortened("Madonna")
    (['А. Белова'], ['Smith, J.'], [])
    """
    head, comma, rest = name.partition(", ")
    words = (rest if comma else head).split()
    if not 1 <= len(words) <= 6 or not all(
        _WORD.fullmatch(word) for word in (*words, *head.split())
    ):
        return []
    kept = set[int]() if comma else _surname(words)
    if not comma and len(kept) == len(words):
        return []
    given = [place for place in range(len(words)) if place not in kept]
    forms = []
    for initials in (given, given[1:]):
        short = (_initial(w) if n in initials else w for n, w in enumerate(words))
        text = " ".join(word for word in short if word)
        forms.append(f"{head}, {text}" if comma else text)
    return [form for form in dict.fromkeys(forms) if cell_len(form) < cell_len(name)]


def _surname(words: Sequence[str]) -> set[int]:
    """Return the places of the words of a surname: by a patronymic, else by endings, else the last
    word with the particles before it."""
    last = len(words) - 1
    if not last:
        return {0}
    if len(words) > 2 and _PATRONYMIC.fullmatch(words[last]):
        return set(range(last - 1))
    if not _is_surname(words[last]) and _is_surname(words[0]):
        return {0}
    first = last
    while first > 1 and words[first - 1].casefold() in _PARTICLES:
        first -= 1
    return set(range(first, last + 1))


def _is_surname(word: str) -> bool:
    return word.casefold() not in _GIVEN and bool(_SURNAME.fullmatch(word))


def _initial(word: str) -> str:
    """Return a name as an initial; of a double name both: Анна-Мария is А.-М."""
    if word.casefold() in _CHILD:
        return ""
    return "-".join(f"{part[0]}." for part in word.split("-")) if len(word) > 2 else word


def fitted(names: Sequence[str], width: int) -> list[str]:
    """Return people's names in at most `width` cells: whole, by initials, or cut; two people are
    never shortened to the same."""
    wanted = [name for name in names if cell_len(name) > width]
    forms = {name: shortened(name) for name in wanted}
    taken = Counter(form for found in forms.values() for form in found)
    taken.update(name for name in names if name not in forms)
    return [_fitted(name, forms.get(name), taken, width) for name in names]


def _fitted(name: str, forms: Sequence[str] | None, taken: Counter[str], width: int) -> str:
    if forms is None:
        return name
    alone = [form for form in forms if taken[form] == 1]
    whole = next((form for form in alone if cell_len(form) <= width), None)
    return whole or fit(alone[0] if alone else name, width)
