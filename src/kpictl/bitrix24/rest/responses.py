"""What an answer of the portal means: a result, or why there is none and whether to ask again.

Pure: status, headers and bytes go in, values come out. What is not stated in the documentation is
taken as a fault that may pass (HTML, half a JSON, 5xx) or one that will not (any other refusal).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from enum import Enum
from typing import Any
from urllib.parse import urljoin, urlsplit

from msgspec import Struct

from kpictl.bitrix24.rest.addresses import is_safe, origin, shown_host
from kpictl.masking import mask

_MOST = 10**15  # what counts more is no count
DETAIL = 300  # characters of a cause that are kept
REDIRECTS = frozenset({301, 302, 303, 307, 308})
# Statuses that say "later" whatever the body says: too slow, too early, too many, server trouble.
_PASSING = frozenset({408, 425, 429, *range(500, 600)})


class Retry(Enum):
    """What can be done about a fault."""

    NEVER = "never"  # asking again changes nothing
    SOON = "soon"  # it may pass by itself: ask again after a pause
    BUCKET = "bucket"  # too many requests: ask again when the bucket has drained
    METHOD = "method"  # this method has used up its time: others may go on
    REFRESH = "refresh"  # the access token is old: get a new one, then ask again


class Fault(Struct, frozen=True):
    """Why there is no result.

    `code` is the portal's own ("insufficient_scope") or, in lower case, ours: timeout, dropped,
    no_connection, tls, not_json, html, http_502, moved, bad_answer. `detail` is one masked line.
    `host` is where a portal has moved to; `after` the seconds that the answer asks to wait.
    """

    code: str
    detail: str
    retry: Retry
    status: int | None = None
    host: str | None = None
    after: float | None = None


class Answer(Struct, frozen=True):
    """A result as delivered: numbers with a fraction are text, whole ones are int.

    `total` and `next` are there only where the portal sent them; `time` may be empty.
    """

    result: Any
    total: int | None = None
    next: int | None = None
    time: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Redirect:
    """The same host wants the request at another address; the body must be sent again."""

    url: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """What came over the wire. `url`, where it was sent, may hold the key: never shown."""

    status: int
    headers: Mapping[str, str]  # names in lower case
    body: bytes = field(repr=False)
    url: str = field(default="", repr=False)


_RETRIES: Mapping[str, Retry] = {
    "QUERY_LIMIT_EXCEEDED": Retry.BUCKET,
    "OPERATION_TIME_LIMIT": Retry.METHOD,
    "EXPIRED_TOKEN": Retry.REFRESH,
    "INTERNAL_SERVER_ERROR": Retry.SOON,
    "ERROR_UNEXPECTED_ANSWER": Retry.SOON,
    "OVERLOAD_LIMIT": Retry.NEVER,
    "PORTAL_DELETED": Retry.NEVER,
}
# Old methods leave the code empty or write a number: only the text tells. In either language.
_NAMELESS = frozenset({"", "0", "100", "400", "403", "404"})
_BY_TEXT = (
    (re.compile(r"access denied|доступ запрещ|нет доступа", re.IGNORECASE), "ACCESS_DENIED"),
    (re.compile(r"not found|не найден", re.IGNORECASE), "NOT_FOUND"),
)

_decoder = json.JSONDecoder(parse_float=str, parse_constant=str)
# Half of a surrogate pair is no text that can be stored; PHP may cut an emoji in two. The first
# pattern is quick, in the small letters of PHP, and sees too much (a written-out backslash before
# it); the second reads escapes.
_HALF = re.compile(r"\\ud(?:[89ab]..(?!\\ud[c-f])|(?<!\\ud[89ab]..\\ud)[c-f])", re.DOTALL)
_PART = re.compile(r"\\u[dD]")  # mostly there is none; a pattern sees that sooner than `in`
_ESCAPE = re.compile(r"\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|(u[dD][89a-fA-F]..)|.)", re.DOTALL)


def read(reply: Reply) -> Answer | Fault | Redirect:
    """Return what a reply of the portal means."""
    if reply.status in REDIRECTS:
        return _redirect(reply)
    data = decoded(reply)
    if isinstance(data, Fault):
        return data
    status, after = reply.status, _after(reply)
    if isinstance(data, dict) and "error" in data:
        return refusal(data, status, after)
    if status in _PASSING:
        return Fault(f"http_{status}", "", Retry.SOON, status, after=after)
    if not isinstance(data, dict) or "result" not in data:
        return Fault("bad_answer", "no result", Retry.SOON, status)
    return _answer(data["result"], data.get("total"), data.get("next"), data.get("time"))


def decoded(reply: Reply) -> Any:
    """Return the JSON of a reply, or a Fault when there is none."""
    text = reply.body.decode("utf-8-sig", errors="replace").strip()
    status, after = reply.status, _after(reply)
    try:
        return _decoder.decode(_without_half_pairs(text))
    except (ValueError, RecursionError) as error:
        cause = one_line(str(error))
    # A page in place of data: maintenance, a proxy, or no portal at all.
    page = text.startswith("<") or "html" in reply.headers.get("content-type", "")
    retry = Retry.SOON if status in _PASSING or status < 400 else Retry.NEVER
    if status >= 400:
        return Fault(f"http_{status}", "HTML" if page else cause, retry, status, after=after)
    return Fault("html" if page else "not_json", "" if page else cause, retry, status)


def refusal(
    data: Mapping[str, Any], status: int | None = None, after: float | None = None
) -> Fault:
    """Return the fault that `{"error": …, "error_description": …}` means; in a batch, no status."""
    error, detail = data["error"], data.get("error_description")
    if isinstance(error, dict):  # the shape of REST 3.0
        error, detail = error.get("code", ""), error.get("message")
    code = "" if error is None else one_line(str(error))
    detail = one_line(str(detail or ""))
    if code in _NAMELESS:
        by_text = (name for pattern, name in _BY_TEXT if pattern.search(detail))
        code = next(by_text, code or "error")
    retry = _RETRIES.get(code.upper())
    if retry is None:
        retry = Retry.SOON if status in _PASSING else Retry.NEVER
    return Fault(code, detail, retry, status, after=after)


def commands(answer: Answer, labels: Sequence[str]) -> dict[str, Answer | Fault] | Fault:
    """Return the answer or fault of each command of a batch, by its label.

    A command that the portal left out is a fault that may pass; an answer that is not that of a
    batch is one fault for the whole.
    """
    if not isinstance(answer.result, dict) or "result" not in answer.result:
        return Fault("bad_answer", "no batch in the answer", Retry.SOON)
    results, errors, totals, nexts, times = (
        _map(answer.result.get(name))
        for name in ("result", "result_error", "result_total", "result_next", "result_time")
    )
    found: dict[str, Answer | Fault] = {}
    for label in labels:
        error = errors.get(label)
        if error is not None:
            found[label] = refusal(error if isinstance(error, dict) else {"error": error})
        elif label in results:
            totalled = totals.get(label), nexts.get(label), times.get(label)
            found[label] = _answer(results[label], *totalled)
        else:
            found[label] = Fault("bad_answer", f"no answer to {label}", Retry.SOON)
    return found


def one_line(text: str) -> str:
    """Return a cause in one line of bearable length, without secrets."""
    line = mask(" ".join(text.split()))
    return line if len(line) <= DETAIL else line[: DETAIL - 1] + "…"


def _answer(result: Any, total: Any, following: Any, time: Any) -> Answer:
    return Answer(result, _whole(total), _whole(following), time if isinstance(time, dict) else {})


def _whole(value: Any) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value if abs(value) < _MOST else None
    counted = isinstance(value, str) and re.fullmatch(r"\d{1,15}", value, re.ASCII)
    return int(value) if counted else None


def _map(value: Any) -> Mapping[str, Any]:
    """Return a map of labels: PHP writes an empty one, and one of 0, 1, 2, as a list."""
    if isinstance(value, dict):
        return value
    return {str(n): one for n, one in enumerate(value)} if isinstance(value, list) else {}


def _redirect(reply: Reply) -> Redirect | Fault:
    """Follow within the same address only: the key goes nowhere else, and never unencrypted."""
    location = reply.headers.get("location", "")
    try:
        target = urljoin(reply.url, location)
        same = origin(target) == origin(reply.url) and is_safe(target)
        host = shown_host(target)
    except ValueError:
        same, host = False, ""
    if not location or not host:
        return Fault("bad_answer", "a redirect to nowhere", Retry.SOON, reply.status)
    if same and urlsplit(target).path:
        return Redirect(target)
    return Fault("moved", host, Retry.NEVER, reply.status, host)


def _after(reply: Reply) -> float | None:
    """Return the seconds of `Retry-After`: not of the portal's documents, but proxies send it."""
    value = reply.headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}", value, re.ASCII):
        return float(value)
    try:
        sent = parsedate_to_datetime(reply.headers.get("date", ""))
        return max((parsedate_to_datetime(value) - sent).total_seconds(), 0.0)
    except (TypeError, ValueError):
        return None


def _without_half_pairs(text: str) -> str:
    if _PART.search(text) and ("\\uD" in text or _HALF.search(text)):
        return _ESCAPE.sub(lambda match: "\\ufffd" if match[1] else match[0], text)
    return text
