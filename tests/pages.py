"""The pages of the documentation: their blocks, where each runs, and what a terminal shows of it.

    python tests/pages.py      rewrites the outputs in README.md and docs/ that are no longer true

A block of ```console holds commands (`$ …`) and their output on a terminal of 100 columns. `…` in an
output stands for anything, on a line of its own for any lines. HTML comments above a block say
more: `<!-- in: examples/sales -->` where it runs (another name is a folder of the page's own, in
which its blocks follow one another), `<!-- file: kpi.yaml -->` that the block is the text of a
file there, `<!-- width: 120 -->` how wide the terminal is, `<!-- part: row -->` which part of the
results a block of JSON is.
"""

from __future__ import annotations

import atexit
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES = (
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md")),
    *sorted((ROOT / "docs").glob("*.md")),
)
WIDTH = 100


# --- the pages -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Block:
    """A fenced block of a page: its language, its text, and what the comments above it say."""

    page: Path
    line: int
    language: str
    text: str
    said: dict[str, str] = field(default_factory=dict, hash=False)

    @property
    def name(self) -> str:
        return f"{self.page.name}:{self.line}"

    @property
    def folder(self) -> str:
        return self.said.get("in", "")


_BLOCK = re.compile(
    r"(?P<said>(?:^<!-- [^\n]*? -->\n+)*)^```(?P<language>\w*)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_SAID = re.compile(r"<!-- (\w+): (.*?) -->")


def blocks(page: Path) -> Iterator[Block]:
    text = page.read_text("utf-8")
    for found in _BLOCK.finditer(text):
        line = text.count("\n", 0, found.start("text"))
        said = dict(_SAID.findall(found["said"]))
        yield Block(page, line, found["language"], found["text"], said)


BLOCKS = [block for page in PAGES if page.exists() for block in blocks(page)]


# --- running ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """A command of a console block and what the page shows of its output."""

    command: str
    shown: str


def steps(text: str) -> list[Step]:
    found: list[Step] = []
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, shown = part.partition("\n")
        while shown.startswith("> "):
            more, _, shown = shown.partition("\n")
            command += "\n" + more.removeprefix("> ")
        found.append(Step(command, shown.rstrip("\n")))
    return found


_COLOURS = re.compile(r"\x1b\[[0-9;]*[mK]")  # of jq, which may not know NO_COLOR


PORTAL = "portal"


@cache
def portal() -> str:
    """Return the webhook of a pretended portal, which is served as long as this process lives."""
    from portal import Portal, World

    found = Portal(World.sample(1, deals=400))
    served = found.serve()
    served.__enter__()
    atexit.register(served.__exit__, None, None, None)
    return found.webhook


def terminal(command: str, folder: Path, width: int = WIDTH) -> str:
    """Return what a terminal of that width shows of a shell command."""
    import pty

    lead, follow = pty.openpty()
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    more = {
        "PATH": path,
        "COLUMNS": str(width),
        "LINES": "1000",
        "NO_COLOR": "1",
        "LC_ALL": "C.UTF-8",
    }
    if folder.name == PORTAL:
        more["BITRIX24_WEBHOOK_URL"] = portal()
    drop = ("KPICTL_CONFIG", "FORCE_COLOR", "CI", "BITRIX24_WEBHOOK_URL")
    env = {k: v for k, v in os.environ.items() if k not in drop} | more
    child = subprocess.Popen(
        ["bash", "-c", command], cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=follow,
        stderr=follow,
    )  # fmt: skip
    os.close(follow)
    said = b""
    while piece := _piece(lead):
        said += piece
    os.close(lead)
    child.wait()
    text = _COLOURS.sub("", said.decode("utf-8").replace("\r\n", "\n")).removeprefix("\ufeff")
    text = text.replace("\xa0", " ").replace("\u202f", " ")  # as people type them
    return "\n".join(line.rstrip() for line in text.splitlines()).strip("\n")


def _piece(lead: int) -> bytes:
    try:
        return os.read(lead, 1 << 16)
    except OSError:  # how a Linux terminal says that the other side is gone
        return b""


_SCRUBBED = (
    (re.compile(r"(\.yaml(?:\.example)? )[0-9a-f]{6}\b"), r"\g<1>000000"),
    (re.compile(r"\b\d+\.\d+\.\d+(?:\.dev\d+)?\b(?!\.)"), "0.0.0"),
    (re.compile(r'("as_of": )"[^"]*"'), r'\1"now"'),
    (re.compile(r'("sha256": )"[^"]*"'), r'\1"sha"'),
)


def scrubbed(text: str) -> str:
    """Replace what may differ from one day, or one plan, to the next."""
    for pattern, instead in _SCRUBBED:
        text = pattern.sub(instead, text)
    return text


def agrees(shown: str, said: str) -> bool:
    """Say whether an output shown, in which … stands for anything, is what was said."""
    lines = [line.rstrip() for line in scrubbed(shown).strip("\n").splitlines()]
    parts = ["(?:.*\n)*?" if line.strip() == "…" else _line(line) for line in lines]
    return re.fullmatch("".join(parts), scrubbed(said).strip("\n") + "\n") is not None


def _line(line: str) -> str:
    return ".*".join(re.escape(part) for part in line.split("…")) + "\n"


class Folders:
    """Where blocks run: copies of the examples, and folders that the pages fill themselves."""

    def __init__(self, root: Path) -> None:
        self.root = root
        ignored = shutil.ignore_patterns("__pycache__", ".kpictl", "*.py", "_make")
        shutil.copytree(ROOT / "examples", root / "examples", ignore=ignored)
        shutil.copy(ROOT / "kpi.yaml.example", root)

    def of(self, block: Block) -> Path:
        if block.folder.startswith("examples") or not block.folder:
            return self.root / block.folder
        folder = self.root / block.page.stem / block.folder
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def write(self, block: Block) -> None:
        path = self.of(block) / block.said["file"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text, "utf-8")


def needs(command: str) -> str:
    """Return the tool that a command needs and this machine lacks, if any."""
    return next((tool for tool in ("jq",) if f"{tool} " in command and not shutil.which(tool)), "")


def wrong(block: Block, folders: Folders) -> Iterator[str]:
    """Yield, for each command of a block whose output differs, both outputs."""
    width = int(block.said.get("width", WIDTH))
    for step in steps(block.text):
        said = terminal(step.command, folders.of(block), width)
        if not agrees(step.shown, said):
            yield f"{block.name}\n$ {step.command}\n--- shown\n{step.shown}\n--- said\n{said}\n"


# --- rewriting -------------------------------------------------------------------------------


def rewrite() -> int:
    """Put the real outputs into the pages; those cut short by … are left to a person."""
    left = 0
    with tempfile.TemporaryDirectory() as name:
        folders = Folders(Path(name))
        for page in PAGES:
            text = page.read_text("utf-8")
            for block in list(blocks(page)):
                if "file" in block.said:
                    folders.write(block)
                elif block.language == "console":
                    new, cut = _rewritten(block, folders)
                    left += cut
                    text = text.replace(f"```console\n{block.text}```", f"```console\n{new}```", 1)
            page.write_text(text, "utf-8")
    return 1 if left else 0


def _rewritten(block: Block, folders: Folders) -> tuple[str, int]:
    width = int(block.said.get("width", WIDTH))
    written, cut = [], 0
    for step in steps(block.text):
        said = terminal(step.command, folders.of(block), width)
        if not agrees(step.shown, said):
            if "…" in step.shown and step.shown.strip() != "…":
                sys.stderr.write(
                    f"{block.name}: cut short, see to it: $ {step.command}\n{said}\n\n"
                )
                said, cut = step.shown, cut + 1
        else:
            said = step.shown
        command = step.command.replace("\n", "\n> ")
        written.append(f"$ {command}\n" + (f"{said}\n" if said else ""))
    return "\n".join(written), cut


if __name__ == "__main__":
    sys.exit(rewrite())
