"""What a portal is at the moment, as its methods see it, and the shapes of what they answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from portal.clock import Clock
from portal.listing import Lists
from portal.php import Params
from portal.world import World

ALL_SCOPES = ("crm", "user", "department", "telephony", "task")


class RestError(Exception):
    """An error answer: HTTP status, code, description."""

    def __init__(self, status: int, code: str, description: str) -> None:
        super().__init__(f"{status} {code}: {description}")
        self.status = status
        self.code = code
        self.description = description


@dataclass(frozen=True, slots=True)
class Answer:
    """What a method brings: its result, and for lists the number of matches and the next page."""

    result: Any
    total: int | None = None
    next: int | None = None


@dataclass(slots=True)
class State:
    """The settings of a portal that its methods look at; a test may change any at any time."""

    world: World
    clock: Clock
    user_id: int = 1
    admin: bool = True
    scopes: set[str] = field(default_factory=lambda: set(ALL_SCOPES))
    absent: set[str] = field(default_factory=set)
    by_application: bool = False
    upper_names: str = "common"
    """What `upperName` holds: `common` as in the docs' example (CREATED_TIME), or `entity`, the old
    family's own code (DATE_CREATE). The docs show no deal."""
    lists: Lists = field(default_factory=Lists)


Handler = Callable[[State, Params], Answer]


@dataclass(frozen=True, slots=True)
class Method:
    """A method of the portal: who may call it, and what it does."""

    run: Handler
    scopes: tuple[str, ...] = ()
    """Any of these opens it; none: everybody may."""
