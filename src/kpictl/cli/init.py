"""`kpictl init`: a commented plan to start from."""

from __future__ import annotations

import os
import sys
from importlib import resources
from pathlib import Path
from typing import Annotated

import typer

from kpictl.cli.options import DEFAULT_PLAN, Common, command, language, out, plan_zone
from kpictl.errors import UsageError
from kpictl.naming import shortened

TEMPLATE = "sales"
LARGEST_PLAN = 4_000_000  # bytes


@command
def run(
    chosen: Common,
    template: Annotated[
        str | None,
        typer.Option("--template", "-t", help="sales (default), marketing or support."),
    ] = None,
    from_portal: Annotated[
        bool,
        typer.Option(
            "--from-portal",
            help="Draft it from a Bitrix24 portal: its departments, pipelines and custom fields. "
            "The webhook is BITRIX24_WEBHOOK_URL, of the environment or of .env.",
        ),
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite a plan that is there.")] = False,
) -> None:
    """Write a commented kpi.yaml to start from. An existing one is kept unless --force."""
    from kpictl.cli.outputs import require_place, write
    from kpictl.words import say

    if from_portal and template is not None:
        raise UsageError("draft.two_ways")
    path = Path(chosen.config or DEFAULT_PLAN)
    speak = language(chosen)
    text = "" if from_portal else _template(template or TEMPLATE, speak)
    require_place(str(path))
    if path.exists():
        if not force:
            raise UsageError("usage.exists", file=shortened(str(path)))
        _require_plan(path)
    said = say(speak, "usage.written", file=str(path))
    if from_portal:
        text, said = _drafted(chosen, path)
    write(path, text.encode("utf-8"))
    if not chosen.quiet:
        out(said + "\n")


def _require_plan(path: Path) -> None:
    """Refuse to overwrite what is no plan, such as data named by mistake; a device may be written
    to."""
    if not path.is_file() or path.suffix.lower() in (".yaml", ".yml"):
        return
    with path.open("rb") as opened:
        if b"kpictl:" not in opened.read(LARGEST_PLAN):
            raise UsageError("usage.no_plan_to_replace", file=str(path))


def _template(name: str, lang: str) -> str:
    folder = resources.files("kpictl") / "templates" / lang
    known = sorted(
        f.name.removesuffix(".yaml") for f in folder.iterdir() if f.name.endswith(".yaml")
    )
    if name not in known:
        raise UsageError("usage.template", given=name, known=", ".join(known))
    return (folder / f"{name}.yaml").read_text("utf-8")


def _drafted(chosen: Common, path: Path) -> tuple[str, str]:
    """Return a plan drafted from the portal, and what to say of it."""
    from kpictl.cli.clock import SystemClock
    from kpictl.cli.progress import Log, Tracks
    from kpictl.report.format import clean
    from kpictl.scaffold import compose, portray
    from kpictl.words import say

    clock = SystemClock()
    log = Log(Tracks(clock), sys.stderr, plan_zone(None))
    told = None if chosen.quiet else log.wait
    portrait = portray(path.resolve().parent, os.environ, clock, told)
    speak = chosen.lang or portrait.language or language(chosen)
    cards = max(sum(1 for d in portrait.departments if d.sells), 1)
    fields = sum(len(fields) for fields in portrait.fields.values())
    host = clean(portrait.host)
    said = say(speak, "draft.written", host=host, file=str(path), cards=cards, fields=fields)
    return compose(portrait, speak), said
