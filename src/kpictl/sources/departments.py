"""A list of departments: what each is a part of, and who leads it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from kpictl.naming import fold, tidy
from kpictl.people.staff import Ambiguous, Directory, Person
from kpictl.plan.sources import Table
from kpictl.tables import TableFile, rows

ENTITY = "departments"
CAPTIONS = {
    "name": ("name", "department", "название", "отдел", "подразделение"),
    "parent": (
        *("parent", "part of", "parent department", "входит в"),
        *("вышестоящее подразделение", "вышестоящий отдел", "родитель"),
    ),
    "head": ("head", "manager", "руководитель", "начальник"),
}


class Department(Struct, frozen=True):
    """A department, the one that it is a part of, and who leads it, as the list calls them."""

    name: str
    parent: str = ""
    head: str = ""


def read(files: Iterable[TableFile], table: Table) -> Iterator[Department]:
    """Yield the departments of files that say what is a part of what; the plan may say which
    columns these are (`fields`)."""
    for file in files:
        columns = _columns(file, table)
        if "name" not in columns or not {"parent", "head"} & columns.keys():
            continue
        for _, cells in rows(file):
            texts = {field: tidy(cells[column]) for field, column in columns.items()}
            if texts["name"]:
                yield Department(texts["name"], texts.get("parent", ""), texts.get("head", ""))


def _columns(file: TableFile, table: Table) -> dict[str, int]:
    folded = [fold(caption) for caption in file.header]
    found = {}
    for field, captions in CAPTIONS.items():
        own = table.columns[field].column if field in table.columns else ()
        wanted = [own] if isinstance(own, str) else list(own)
        for caption in (*wanted, *captions):
            if fold(caption) in folded:
                found[field] = folded.index(fold(caption))
                break
    return found


def placed(people: Sequence[Person], departments: Sequence[Department]) -> list[Person]:
    """Give people the departments above their own, and say who leads: whom a department or a
    colleague names as the head."""
    tree = {fold(one.name): fold(one.parent) for one in departments if one.parent}
    heads = _heads(people, departments)
    return [_placed(p, tree, is_head=p.is_head or p.id in heads) for p in people]


def _heads(people: Sequence[Person], departments: Sequence[Department]) -> frozenset[str]:
    """Return the ids of those who lead somebody or something."""
    named = {one.head for one in departments}
    named |= {post.head or "" for person in people for post in _posts(person)}
    named.discard("")
    if not named:
        return frozenset()
    directory = Directory(people)
    found = (_find(directory, text) for text in named)
    return frozenset(person.id for person in found if person is not None)


def _posts(person: Person) -> tuple[Person, ...]:
    return (person, *map(person.as_in, person.assignments))


def _find(directory: Directory, text: str) -> Person | None:
    try:
        return directory.find(text)
    except Ambiguous:
        return None


def _placed(person: Person, tree: dict[str, str], *, is_head: bool) -> Person:
    posts = tuple(
        replace(post, above=post.above or above(post.department, tree))
        for post in person.assignments
    )
    own = person.above or above(person.department, tree)
    return replace(person, above=own, assignments=posts, is_head=is_head)


def above(department: str | None, tree: dict[str, str]) -> frozenset[str]:
    """Return a department, folded, with all that it is a part of; a circle ends where it closes."""
    found: set[str] = set()
    place = fold(department) if department else ""
    while place and place not in found:
        found.add(place)
        place = tree.get(place, "")
    return frozenset(found)
