"""What a script does with a condition: exit code 5, and silence where nothing has changed.

Of whom a condition held when it was last asked stands in a small file in the store's folder, by
what was asked: the plan, of which a folder may hold several, the condition, the period as it was
typed, and whose rows.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from msgspec import Struct

from kpictl.cli.strictness import WARNED
from kpictl.errors import Problem, UsageError

if TYPE_CHECKING:
    from kpictl.cli.options import Common
    from kpictl.values import Breach, Results

FILE = "alerts.json"
_HEAD = "kpictl_alerts"
Key = tuple[str, ...]


class Changes(Struct, frozen=True):
    """Of whom a condition holds since now, and of whom no longer (their names as kept)."""

    new: tuple[Breach, ...]
    over: tuple[str, ...] = ()

    @property
    def any(self) -> bool:
        return bool(self.new or self.over)


def require_condition(condition: str | None, *, on_change: bool) -> None:
    """Refuse to tell changes of nothing."""
    if on_change and condition is None:
        raise UsageError("fail_on.alone")


def changes(results: Results, asked: Sequence[object], chosen: Common) -> Changes:
    """Return what has changed since the same was asked last, and keep how it is now."""
    from kpictl import store
    from kpictl.cli import outputs
    from kpictl.cli.errors import tell

    assert results.alert is not None  # noqa: S101  asked only with a condition
    folder = store.folder_of(chosen.plan)
    path = folder / FILE
    known, damaged = _read(path)
    if damaged:
        tell([Problem("fail_on.state", None, {"file": str(path)}, "warning")], chosen, failed=False)
    own = _key(chosen.plan, asked)
    before = known.get(own, {})
    now = {"\t".join(one.key): one.name for one in results.alert.breaches}
    new = tuple(one for one in results.alert.breaches if "\t".join(one.key) not in before)
    over = tuple(name for key, name in before.items() if key not in now)
    if not folder.is_dir():
        store.make_folder(folder)
    text = json.dumps({_HEAD: 1, "asked": {**known, own: now}}, ensure_ascii=False, indent=1)
    outputs.write(path, text.encode())
    path.chmod(0o600)
    return Changes(new, over)


def _key(plan: str, asked: Sequence[object]) -> str:
    """Return what the same question is known by in the file: that of the same plan, without its
    folder, which is the file's own. A key of before had no plan and is nobody's any more."""
    words = json.dumps((Path(plan).resolve().name, *asked), default=str)
    return hashlib.sha256(words.encode()).hexdigest()[:16]


def _read(path: Path) -> tuple[dict[str, dict[str, str]], bool]:
    """Return what was kept, and whether the file is there and is not ours to read."""
    try:
        found = json.loads(path.read_text("utf-8"))
        asked = found["asked"]
        if found[_HEAD] == 1 and all(isinstance(one, dict) for one in asked.values()):
            return dict(asked), False
    except FileNotFoundError:
        return {}, False
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        pass
    return {}, True


def say_who(results: Results, chosen: Common, found: Changes | None, *, mask: bool) -> None:
    """List on stderr of whom the condition holds, or what has changed of it; numbers in place of
    names where they are to be masked."""
    from kpictl.cli.errors import write
    from kpictl.report import Options, alert_view
    from kpictl.report.format import Numbers, clean
    from kpictl.report.view import arrange
    from kpictl.words import say

    if results.alert is None:
        return
    lang = chosen.lang or results.language
    shown = arrange(results, Options(lang=lang, mask=mask))
    assert shown.alert is not None  # noqa: S101
    numbers = Numbers.of(results, lang)
    texts = alert_view.lines(shown.alert.breaches, shown, numbers)
    pairs = zip(results.alert.breaches, texts, strict=True)
    if found is None:
        lines = texts
    else:
        lines = [say(lang, "fail_on.new", line=text) for one, text in pairs if one in found.new]
        gone = ("–" if mask else clean(name) or "–" for name in found.over)
        lines += [say(lang, "fail_on.over", line=name) for name in gone]
    heading = alert_view.heading(results, lang)
    write("".join([f"{heading}\n", *(f"  {line}\n" for line in lines)]))


def stop(results: Results, found: Changes | None) -> None:
    """End with exit code 5 where the condition holds of anybody; since the last time, if asked."""
    if results.alert is None:
        return
    if results.alert.breaches if found is None else found.new:
        raise typer.Exit(WARNED)
