"""Foreign text in a plan: whatever a portal calls its departments, the plan loads and means it."""

from __future__ import annotations

import re

_PLAIN = re.compile(r"[^\W\d_](?:[\w «»().№/-]*[\w»).])?")
_NULLS = frozenset({"null"})
_VARIABLE = re.compile(r"\$(?=\{\w+\})")
_ESCAPED = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
# What YAML lets stand as it is, without what nobody would see.
_VISIBLE = re.compile(
    r"[ -~\xa1-\xac\xae-\u200a\u2010-\u2027\u2030-\ud7ff\uf900-\ufdff\ufe30-\ufefe\uff01-\uffef"
    r"\U00010000-\U0003fffd]"
)
LONGEST = 160  # characters of a comment's piece


def scalar(text: str) -> str:
    """Return a text as YAML that reads back as the same text.

    Where it looks like a variable of the environment, which would be filled in, a space is put
    between: a title may be written so, a condition may not; see `equals`.
    """
    text = _VARIABLE.sub("$ ", text)
    if _PLAIN.fullmatch(text) and text.casefold() not in _NULLS:
        return text
    return quoted(text)


def quoted(text: str) -> str:
    """Return a text in double quotes, everything invisible in it written out."""
    return '"' + "".join(_escape(char) for char in text) + '"'


def _escape(char: str) -> str:
    if char in _ESCAPED:
        return _ESCAPED[char]
    if _VISIBLE.fullmatch(char):
        return char
    code = ord(char)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def equals(field: str, text: str) -> str:
    """Return the condition that a field is a text, as YAML."""
    literal = text.replace("'", "''")
    if _VARIABLE.search(text):  # `_` stands for any one character, here for the brace
        pattern = re.sub(r"\$\{(?=\w+\})", "$_", literal)
        return quoted(f"{field} like '{pattern}'")
    return quoted(f"{field} = '{literal}'")


def comment(text: str) -> str:
    """Return a text for a comment: one line, visible, not too long."""
    kept = "".join(c if _VISIBLE.fullmatch(c) else " " for c in text[: LONGEST * 4])
    line = " ".join(kept.split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
