"""What chance chooses from: odd texts, numbers, dates; and a document as YAML."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Sequence
from typing import Any, TypeVar

T = TypeVar("T")


class Plain(str):
    """Text that stands in YAML as it is, without quotes."""

    __slots__ = ()


class Dice(random.Random):
    """Chance with a seed."""

    def one(self, *choices: T) -> T:
        return self.choice(choices)

    def often(self, probability: float) -> bool:
        return self.random() < probability

    def text(self) -> str:
        return self.choice(TEXTS)

    def number(self) -> Plain:
        return Plain(self.choice(NUMBERS))

    def period(self) -> Plain:
        return Plain(self.choice(PERIODS))


TEXTS: Sequence[str] = (
    "", " ", "x" * 300, "я" * 420, "a/" * 300, "=1+1", "+7 999", "-x", "@SUM(A1)", "\t=x", "＝1",
    "--help", "-o", "-c", "--format", "a\nb", "a\r\n=b", "\u200b", "\u202eabc", "An\u00adna",
    "[red]x[/red]", "[/]", "<b>x</b>", "&amp;", "nan", "inf", "null", "true", "no", "2024-05-01",
    "1e400", "'; drop table orders; --", '"', "'", "''", "{period}", "{}", "{0}", "%s", "%(x)s",
    "${NO_SUCH}", "$", "..", "../..", "/", "/dev/zero", ".", "CON", "nul.csv", "😀" * 30, "İ", "ß",
    "é", "é", "*", "[", "]", "~", "#", "&a", "*a", "!x", "|", ">", "?", ":", "- a", "orders",
    "amount", "manager", "webhook", "token", "client_id", "client_secret", "password", "type",
    "path", "index", "company", "none", "rows", "distinct", "select 1", "amount amount", "(((",
    "amount)", "1/0", "amount/0", "amount is", "case when", "\x00", "\x1b[31mred", "\x7f", "\ufeff",
    "\ufffe", "\u2028", "Anna Berg", "0", "-1", "007", "1_000", "1,5", "٣", "²", "½",
)  # fmt: skip
NUMBERS: Sequence[str] = (
    "0", "1", "-1", "-0", "0.0", "5", "100", "101", "0.5", ".5", "5.", "1e3", "1E-3", "1e30", "1e308",
    "1e400", "1e-400", "1e99999", "0.1234567890123456789", "99999999999999999999.99", "1" + "0" * 40,
    "9" * 300, "-99999999", "1_000", "1 000", "1,5", "0x10", "0o7", "0b1", ".nan", ".inf", "-.inf",
    "~", "true", "12:30", "1/3", "2147483648", "9223372036854775808", "007", "+5",
)  # fmt: skip
PERIODS: Sequence[str] = (
    "2024-05", "2024-05", "2024-Q2", "2024-H1", "2024", "2024-W20", "2024-05-14", "2024-06",
    "2024-05-01..2024-05-17", "2023", "2024-W53", "2024-W54", "2024-Q5", "2024-H3", "2024-13",
    "2024-00", "2024-02-30", "2024-06..2024-05", "1899", "1900", "1899-12-31", "1900-01-01", "2199",
    "2199-12-31", "2200", "2200-01-01", "9999-12-31", "0000-01-01", "0001-01-01", "99999", "today",
    "last-month", "mtd", "prev", "last-7d", "last-99999999d", "last-0d", "now", "",
)  # fmt: skip
_BARE = re.compile(r"[a-z_а-я][\w.]*")
_WORDS = frozenset(("true", "false", "null", "yes", "no", "on", "off", "y", "n"))


def scalar(value: Any) -> str:
    """Write a scalar, in quotes unless it can be nothing but a text or a number."""
    if isinstance(value, Plain) or (isinstance(value, int) and not isinstance(value, bool)):
        return str(value)
    if isinstance(value, str) and _BARE.fullmatch(value) and value not in _WORDS:
        return value
    return json.dumps(value, ensure_ascii=False)


def flow(node: Any) -> str:
    """Write a document on one line."""
    if isinstance(node, dict):
        return "{" + ", ".join(f"{scalar(k)}: {flow(v)}" for k, v in node.items()) + "}"
    if isinstance(node, list):
        return "[" + ", ".join(map(flow, node)) + "]"
    return scalar(node)


def document(node: Any, depth: int = 3, indent: str = "") -> str:
    """Write a document as people do: the outer mappings line by line, the inner ones on a line."""
    if not isinstance(node, dict) or not node:
        return f"{indent}{flow(node)}\n"
    lines = []
    for key, value in node.items():
        if isinstance(value, dict) and value and depth > 1:
            lines.append(f"{indent}{scalar(key)}:\n{document(value, depth - 1, indent + '  ')}")
        else:
            lines.append(f"{indent}{scalar(key)}: {flow(value)}\n")
    return "".join(lines)
