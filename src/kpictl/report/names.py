"""People's names in little room: given names become initials before anything is cut.

«Иванов Сергей Петрович» becomes «Иванов С. П.», “Alexandra van der Berg” “A. van der Berg”. Names
that are not people's (a channel, a product) have no initials: whoever calls knows which they are.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, count

from kpictl.report.terminal import cell_len, fit, widest

FORMS = 3

_TOLD_APART = re.compile(r"([^()]+) (\([^()]+\))")
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
# What people are called mostly: beside one of these the other word is the surname.
_USUAL_NAMES = (
    "александр александра алексей алёна алиса алла анастасия анатолий андрей анна антон аркадий"
    " артём артур борис вадим валерий валерия варвара василий вера вероника виктор виктория виталий"
    " владимир владислав вячеслав геннадий георгий герман глеб григорий даниил данила дарья денис"
    " диана дмитрий ева евгений евгения егор елена елизавета жанна захар зоя иван игорь илья иосиф"
    " кирилл ксения лариса леонид лидия лилия любовь людмила максим маргарита мария матвей михаил"
    " надежда наталия наталья никита николай оксана олег олеся ольга павел пётр раиса ринат роман"
    " руслан рустам светлана семён сергей софия софья станислав степан тамара татьяна тимофей тимур"
    " ульяна фёдор фаина эдуард эльвира эмма юлия юрий яна"
)
_USUAL = frozenset(_USUAL_NAMES.split()) | _GIVEN
_CHILD = frozenset(("оглы", "кызы", "улы"))  # «son of», «daughter of» after a father's name
_PARTICLES_OF_SURNAMES = "van der den de di da du von zu la le el al bin ibn del della dos"
_PARTICLES = frozenset(_PARTICLES_OF_SURNAMES.split())


def shortened(name: str) -> list[str]:
    """Return shorter forms of a person's name, the most usual first; [] where it has none.

    >>> shortened("Иванов Сергей Петрович")
    ['Иванов С. П.', 'Иванов Сергей П.']
    >>> shortened("Анна Белова"), shortened("Smith, John"), shortened("Madonna")
    (['А. Белова'], ['Smith, J.'], [])
    >>> shortened("Анна Белова (Казань)")  # what tells namesakes apart stays
    ['А. Белова (Казань)']
    """
    told = _TOLD_APART.fullmatch(name)
    if told:
        return [f"{short} {told[2]}" for short in shortened(told[1])]
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
    if words[last].casefold() in _USUAL and words[0].casefold() not in _USUAL:
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
    """Return people's names in at most `width` cells, all in one form: whole; the names after the
    first by initials; all given names so; cut only where that is not narrow enough.
    A name that no form makes fit asks none of the others. What tells posts or namesakes apart is
    then written by its first letters, if these tell them apart: «Д. Чернов (РО)».

    Two people are never shortened to the same: who would be keeps more of the name.
    """
    forms = {name: _forms(name) for name in names}
    helped = [one for one in forms.values() if cell_len(one[-1]) <= width]
    column = next(
        n for n in range(FORMS) if n == FORMS - 1 or widest(f[n] for f in helped) <= width
    )
    taken = Counter(form for several in forms.values() for form in set(several))
    marked = _by_letters(names, width)
    chosen = {
        name: _form(several[: column + 1], taken)
        if cell_len(several[-1]) <= width
        else marked.get(name, _form(several, taken))
        for name, several in forms.items()
    }
    told = _apart(chosen, width)
    return [told[name] for name in names]


def _by_letters(names: Sequence[str], width: int) -> dict[str, str]:
    """Return, of names with a mark of several words behind them, the longest form that fits with
    the first letters of these; none of those whom the letters would not tell apart."""
    told = {name: found for name in names if (found := _TOLD_APART.fullmatch(name))}
    letters = {
        name: "".join(word[0] for word in found[2].strip("()").split()).upper()
        for name, found in told.items()
    }
    alike = Counter((told[name][1], short) for name, short in letters.items())
    written = {
        name: [
            text for form in _forms(told[name][1]) if cell_len(text := f"{form} ({short})") <= width
        ]
        for name, short in letters.items()
        if len(short) > 1 and alike[told[name][1], short] == 1
    }
    return {name: fitting[0] for name, fitting in written.items() if fitting}


def _forms(name: str) -> tuple[str, ...]:
    """Return a name in each form, from whole to short; one that it has not is the one before."""
    shorter = shortened(name)
    return (name, *(shorter[1:] or [name]), *(shorter[:1] or [name]))


def _form(forms: Sequence[str], taken: Counter[str]) -> str:
    """Return the shortest form that nobody else may be meant by."""
    return next((form for form in reversed(forms) if taken[form] == 1), forms[0])


def _apart(chosen: Mapping[str, str], width: int) -> dict[str, str]:
    """Return texts cut to a width by name, no two alike: who would be is cut in the middle, or
    gets a number."""
    cuts = {name: fit(text, width) for name, text in chosen.items()}
    many, taken = Counter(cuts.values()), set(cuts.values())
    numbers: dict[str, Iterator[int]] = {}
    for name, text in chosen.items():
        if many[cuts[name]] > 1:
            own = cuts[name]
            ways = chain(
                _middle_cuts(text, width), _numbered(text, width, numbers.setdefault(own, count(1)))
            )
            cuts[name] = next((way for way in ways if way not in taken), own)
            taken.add(cuts[name])
    return cuts


def _middle_cuts(text: str, width: int) -> Iterator[str]:
    """Yield a text cut in its middle, with ever more of its end."""
    for end in range(max(width // 3, 1), width - 1):
        head = fit(text, width - cell_len(text[-end:]))
        if head != text and cell_len(head + text[-end:]) <= width and len(head) > 1:
            yield head + text[-end:]


def _numbered(text: str, width: int, numbers: Iterator[int]) -> Iterator[str]:
    for number in numbers:
        mark = str(number)
        if len(mark) >= width:
            return
        yield fit(text, width - len(mark)) + mark
