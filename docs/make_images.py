# ruff: noqa: INP001  a folder of pages, not a package
"""Draw docs/images/compute.svg from what `kpictl compute` prints on a terminal.

python docs/make_images.py            writes it
python docs/make_images.py --check    exits 1 where the words in it are not those printed today
"""

from __future__ import annotations

import io
import re
import sys
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

from msgspec.structs import replace
from rich.console import Console
from rich.terminal_theme import DIMMED_MONOKAI
from rich.text import Text

from kpictl.api import compute
from kpictl.report import Options, render

DOCS = Path(__file__).resolve().parent
PICTURE = DOCS / "images" / "compute.svg"
PLAN = DOCS.parent / "examples" / "sales" / "kpi.yaml"
WIDTH = 100
TITLE = "kpictl compute --period 2024-05"
FOOTER = ("Как получен план", "Не вошли:")  # the picture ends before them
_FONTS = 'font-family: "Fira Code", "DejaVu Sans Mono", Menlo, Consolas, monospace'


def main() -> int:
    printed = output()
    if "--check" in sys.argv[1:]:
        if not PICTURE.exists() or not set(plain(printed).split()) <= words(
            PICTURE.read_text("utf-8")
        ):
            sys.stderr.write("out of date, run `make docs`: docs/images/compute.svg\n")
            return 1
        return 0
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_text(draw(printed), "utf-8")
    return 0


def output() -> str:
    """Return the scorecard as a terminal gets it, colours and all."""
    results = compute(PLAN, period="2024-05", as_of=datetime(2024, 7, 1, tzinfo=UTC))
    shown = replace(results, plan_file=PLAN.name)
    lines = str(render(shown, "table", Options(width=WIDTH, color=True))).splitlines()
    end = next(i for i, line in enumerate(lines) if plain(line).startswith(FOOTER))
    return "\n".join(lines[:end]).rstrip()


def plain(text: str) -> str:
    return Text.from_ansi(text).plain


def draw(printed: str) -> str:
    console = Console(
        record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor"
    )
    console.print(Text.from_ansi(printed), soft_wrap=True)
    svg = console.export_svg(title=TITLE, theme=DIMMED_MONOKAI, unique_id="kpictl")
    # Fonts from afar would be neither loaded nor the same tomorrow.
    svg = re.sub(r"\s*@font-face \{.*?\}|\s*<!-- Generated.*?-->", "", svg, flags=re.DOTALL)
    return re.sub(r"font-family: Fira Code, monospace", _FONTS, svg)


def words(svg: str) -> set[str]:
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", svg)
    return set(unescape(" ".join(texts)).replace("\xa0", " ").split())


if __name__ == "__main__":
    sys.exit(main())
