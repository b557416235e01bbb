"""People at work while somebody reads: changes between two commands, by a seed."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from portal.php import Params

if TYPE_CHECKING:
    from portal.portal import Portal

DEEDS = ("create", "change", "move", "delete", "merge", "reopen")


class Meddler:
    """A hook that changes deals: `portal.before_command = Meddler(seed=1, rate=0.2)`.

    `rate` is the chance of a deed before each command, `at_most` ends it. What it did stands in
    `done` (how often), `touched` (ids that exist and were made or changed) and `gone`."""

    def __init__(
        self,
        seed: int = 1,
        rate: float = 0.2,
        deeds: Sequence[str] = DEEDS,
        at_most: int | None = None,
        seconds: float = 0.0,
    ) -> None:
        self._dice = random.Random(seed)  # noqa: S311
        self.rate = rate
        self.deeds = tuple(deeds)
        self.at_most = at_most
        self.seconds = seconds
        """Time that passes on the clock with each deed."""
        self.done: Counter[str] = Counter()
        self.touched: set[int] = set()
        self.gone: set[int] = set()

    def __call__(self, _method: str, _params: Params, portal: Portal) -> None:
        if self._dice.random() >= self.rate:
            return
        if self.at_most is not None and self.done.total() >= self.at_most:
            return
        portal.clock.sleep(self.seconds)
        self.meddle(portal)

    def meddle(self, portal: Portal) -> None:
        """Do one thing to the deals."""
        deed = self._dice.choice(self.deeds)
        table = portal.world["deals"]
        if not len(table) or deed == "create":
            self.touched.add(portal.world.add("deals", TITLE="Новая", OPPORTUNITY=self._amount()))
            self.done["create"] += 1
            return
        number = table.ids[self._dice.randrange(len(table))]
        self.done[deed] += 1
        if deed in {"delete", "merge"}:
            self._lose(portal, deed, number)
            return
        self.touched.add(number)
        if deed == "change":
            portal.world.change("deals", number, OPPORTUNITY=self._amount())
        else:
            category = table.row(number)["CATEGORY_ID"]
            stages = portal.world.stages("deals", category)
            stage = self._dice.choice(stages) if deed == "move" else stages[1]
            portal.world.move("deals", number, stage)

    def _lose(self, portal: Portal, deed: str, number: int) -> None:
        table = portal.world["deals"]
        kept = table.ids[self._dice.randrange(len(table))]
        if deed == "merge" and kept != number:
            portal.world.merge("deals", kept, number)
            self.touched.add(kept)
        else:
            portal.world.delete("deals", number)
        self.touched.discard(number)
        self.gone.add(number)

    def _amount(self) -> str:
        return f"{self._dice.randrange(1, 900_000)}.{self._dice.randrange(100):02}"
