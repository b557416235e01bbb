"""Where a key may stand: the environment, a `.env` beside the plan, the system's keyring."""

from __future__ import annotations

import importlib
import os
import re
import shlex
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

from kpictl.errors import UsageError
from kpictl.masking import hide

FILE = ".env"
SERVICE = "kpictl"  # under which the keyring keeps our keys
PREFIX = "BITRIX24_"

_SECRET = ("WEBHOOK", "SECRET", "TOKEN", "PASSWORD")
_LINE = re.compile(
    r"""\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*
        (?:'([^']*)' | "((?:[^"\\]|\\.)*)" | (.*?)) \s*(?:(?:^|\s)\#.*)?""",
    re.VERBOSE,
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


def environment(folder: Path, env: Mapping[str, str]) -> Mapping[str, str]:
    """Return the environment, completed by `.env` in `folder`; a name of ours that neither has is
    looked for in the keyring, when it is asked for.

    UsageError where others of this machine may read the `.env`.
    """
    there = {name: value for name, value in env.items() if value}
    found = {**read(folder / FILE), **there}
    for name, value in found.items():
        if any(part in name.upper() for part in _SECRET):
            hide(value)
    return _Environment(found)


def read(path: Path) -> dict[str, str]:
    """Return the values of a `.env` file; none where there is no file. Other lines are skipped:
    the file may serve other programs too."""
    try:
        with path.open(encoding="utf-8-sig", errors="replace") as file:
            refuse_open(file, path)
            lines = file.read().splitlines()
    except (FileNotFoundError, IsADirectoryError):
        return {}
    found: dict[str, str] = {}
    for line in lines:
        match = _LINE.fullmatch(line)
        if match is not None:
            name, single, double, bare = match.groups()
            found[name] = single or _unescaped(double or "") or bare or ""
    return {name: value for name, value in found.items() if value}


def refuse_open(file: IO[str], path: Path) -> None:
    """Refuse a file with secrets that group or others may read; the message says how to mend it."""
    mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
    if os.name == "posix" and mode & 0o077:
        command = f"chmod 600 {shlex.quote(str(path))}"
        raise UsageError("portal.open_file", file=str(path), mode=f"{mode:o}", command=command)


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[1]), text)


class _Environment(Mapping[str, str]):
    """The values at hand, and behind them the keyring for names of ours."""

    def __init__(self, found: Mapping[str, str]) -> None:
        self._found = found
        self._ring: dict[str, str | None] = {}

    def __repr__(self) -> str:
        return f"Environment({len(self._found)} names)"

    def __getitem__(self, name: str) -> str:
        if name in self._found:
            return self._found[name]
        if name.startswith(PREFIX):
            if name not in self._ring:
                self._ring[name] = _from_keyring(name)
            value = self._ring[name]
            if value:
                return value
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


def _from_keyring(name: str) -> str | None:
    try:
        keyring = importlib.import_module("keyring")
        value = keyring.get_password(SERVICE, name)
    except Exception:  # noqa: BLE001  not installed, locked, no desktop: it has no key for us
        return None
    if not isinstance(value, str) or not value:
        return None
    hide(value)
    return value
