"""Secrets are hidden before anything is shown: keys that we were given, and what looks like one.

Whoever takes a key in says so with `hide`; whoever prints asks `mask`. What looks like a key is
hidden also when nobody has said so: an address of a webhook, a token in a query or in JSON.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

HIDDEN = "•••"
# Hiding anything shorter would eat into words and numbers, and protect nothing.
LEAST = 4

_SLASH = r"(?:\\?/|%2[Ff])"
_WEBHOOK = re.compile(rf"(rest{_SLASH}(?:api{_SLASH})?\d+{_SLASH})[^\s/\\?#&\"'<>%]+")
_TOKEN = re.compile(
    r"(\b(?:access_token|refresh_token|client_secret|auth)"
    r"(?:=|%3[Dd]|\\?[\"']\s*[:=]\s*\\?[\"']))[^\s&\"'<>,;\\%]+"
)

_known: set[str] = set()
_lock = threading.Lock()


def hide(secret: str) -> None:
    """Have a secret hidden from now on, in every form in which it may get into a text."""
    with _lock:
        _known.update(_forms(secret))


def mask(text: str, also: Iterable[str] = ()) -> str:
    """Return a text without secrets: the registered ones, `also`, and what looks like one."""
    with _lock:
        secrets = set(_known)
    for secret in also:
        secrets |= _forms(secret)
    # By its place first: a registered secret may be a part of the very word that shows the place.
    text = _TOKEN.sub(rf"\g<1>{HIDDEN}", _WEBHOOK.sub(rf"\g<1>{HIDDEN}", text))
    # Longer ones first, or the rest of a long one would stay behind a short one within it.
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return text


def _forms(secret: str) -> set[str]:
    """Return a secret as it stands, in an address, in JSON and in a `repr`."""
    if len(secret) < LEAST:
        return set()
    in_json = json.dumps(secret, ensure_ascii=False)[1:-1]
    forms = {secret, quote(secret, safe=""), quote(secret), quote_plus(secret), in_json}
    return forms | {in_json.replace("/", "\\/"), repr(secret)[1:-1]}
