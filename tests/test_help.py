"""The page of `kpictl --help`: the one that typer would draw, without what typer draws it with."""

from __future__ import annotations

import io
import re
import subprocess
import sys

import pytest
import typer
from typer import rich_utils

from kpictl.cli import COMMANDS, app, help_page

ROOT = typer.main.get_command(app)


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def page(monkeypatch: pytest.MonkeyPatch, width: int, *, styled: bool) -> str:
    """Return what `kpictl --help` writes to a window of this width."""
    stream = Terminal() if styled else io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    for name, value in (("COLUMNS", str(width)), ("TERM", "xterm-256color")):
        monkeypatch.setenv(name, value)
    for name in help_page.ASKS_RICH:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "stdout", stream)
    ROOT.main(["--help"], prog_name="kpictl", standalone_mode=False)
    stream.seek(0)
    return stream.read()


def typers_page(monkeypatch: pytest.MonkeyPatch, width: int, *, styled: bool) -> str:
    monkeypatch.setattr(help_page, "NARROWEST", width + 1)
    monkeypatch.setattr(rich_utils, "FORCE_TERMINAL", None)
    return page(monkeypatch, width, styled=styled)


def cells(text: str) -> list[tuple[str, str]]:
    """Return each letter of a page with the style in which a terminal shows it."""
    style, shown = "0", []
    for code, letter in re.findall(r"\x1b\[([0-9;]*)m|(.|\n)", text):
        if code:
            style = code
        else:
            shown.append((letter, style if letter != "\n" else "0"))
    return shown


WIDTHS = [help_page.NARROWEST, 61, 64, 71, 79, 80, 81, 97, 100, 120, 160, 211, 400]


@pytest.mark.parametrize("width", WIDTHS)
def test_the_page_in_a_pipe_is_typers_byte_for_byte(
    monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    """Whoever pipes the page reads the same whether rich has drawn it or we have."""
    ours = page(monkeypatch, width, styled=False)
    assert ours == typers_page(monkeypatch, width, styled=False)
    assert "--version" in ours


@pytest.mark.parametrize("width", WIDTHS)
def test_the_page_on_a_terminal_is_typers_letter_for_letter(
    monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    """Each letter of the page has the colour that typer gives it."""
    ours = page(monkeypatch, width, styled=True)
    theirs = typers_page(monkeypatch, width, styled=True)
    assert cells(ours) == cells(theirs)
    assert "\x1b[1;36m" in ours


@pytest.mark.parametrize(
    "environ",
    [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {"FORCE_COLOR": "1"}, {"TTY_COMPATIBLE": "0"}, {}],
)
def test_what_a_window_is_asked_to_be_rich_knows(environ: dict[str, str]) -> None:
    """Where the surroundings ask for more or fewer colours, or the window is narrow, rich draws."""
    room = {"COLUMNS": "80", "TERM": "xterm"}
    assert help_page.paper(Terminal(), room) == help_page.Paper(80, styled=True)
    narrow = {"COLUMNS": str(help_page.NARROWEST - 1)} if not environ else {}
    assert help_page.paper(Terminal(), room | environ | narrow) is None


def test_a_line_about_each_command_is_what_it_says_of_itself() -> None:
    """The page that loads no command says of each what the command's own page begins with."""
    told = {name: command.help.split("\n\n")[0] for name, command in ROOT.commands.items()}  # type: ignore[attr-defined]
    assert told == dict(COMMANDS)


def test_a_misspelt_command_is_answered_with_the_one_that_was_meant() -> None:
    """Commands that are not loaded yet are known by name."""
    with pytest.raises(Exception, match=r"'comptue'\. Did you mean 'compute'") as told:
        ROOT.main(["comptue"], standalone_mode=False)
    assert hasattr(told.value, "format_message")


@pytest.mark.parametrize(("arguments", "module"), [(["--help"], None), (["init", "-h"], "init")])
def test_only_the_command_that_was_typed_is_loaded(
    arguments: list[str], module: str | None
) -> None:
    """The page of all commands loads none of them, nor what draws in colours; one loads itself."""
    script = (
        "import sys\n"
        f"sys.argv = ['kpictl', *{arguments!r}]\n"
        "from kpictl.cli import main\n"
        "try:\n    main()\nexcept SystemExit as stop:\n    assert not stop.code, stop.code\n"
        "print(*(name for name in sys.modules if name.startswith('kpictl.cli.')))\n"
        "print(*(name for name in sys.modules if name.startswith('rich.')))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, encoding="utf-8", check=True
    )
    ours, rich = done.stdout.splitlines()[-2:]
    loaded = {name.rpartition(".")[2] for name in ours.split()} & set(COMMANDS)
    assert loaded == ({module} if module else set())
    assert module or not rich
