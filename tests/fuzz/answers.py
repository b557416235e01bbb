"""Answers of a portal: those of the pretended one, spoilt on their way; then what is in the store.

Requests go out from several threads, so chance is not drawn in their order: what becomes of an
answer depends on the seed, on the request and on how often that was sent.
"""

from __future__ import annotations

import gzip
import json
import shutil
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import chdir, contextmanager
from dataclasses import dataclass, field
from functools import cache, partialmethod
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import httpx

from fuzz.chance import TEXTS, Dice
from fuzz.promises import Outcome, run, said
from kpictl.bitrix24.rest.transport import Wire
from portal import Clock, Portal, World

PLAN = b"""\
kpictl: 1
company: {currency: RUB, timezone: Europe/Moscow, language: en}
sources: {crm: {type: bitrix24, webhook: "${BITRIX24_WEBHOOK_URL}"}}
kpis:
  revenue: {from: deals, sum: amount, where: won, when: closed_at, unit: money}
  n: {from: deals, count: rows, when: created_at}
"""
SHOWN = ("compute", "-p", "2024", "--as-of", "2024-12-31", "-f", "csv", "-q")
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**63, 10**40, 1.5, 1e308, "", "0", "-1", "9" * 40, [], {}, [None],
    [[]], {"": ""}, {"id": 1}, "2024-05-31", "2024-05-31T10:00:00+03:00", "9999-12-31T23:59:59+14:00",
    "0000-00-00T00:00:00+00:00", "2024-02-30T10:00:00+03:00", "x" * 5000, "Y", "N", *TEXTS,
)  # fmt: skip


@dataclass
class Spoiler:
    """A transport that asks the pretended portal, and spoils some of its answers."""

    portal: Portal
    seed: int
    rate: float
    most: int
    """How often the same request is met, at most."""
    sent: Counter[bytes] = field(default_factory=Counter)
    happened: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        asked = request.method.encode() + request.url.raw_path + request.content
        with self._lock:
            self.sent[asked] += 1
            dice = Dice(f"{self.seed} {self.sent[asked]} {asked!r}")
            raw: Raw = self.portal.respond(
                request.method, str(request.url), request.headers, request.content
            )
            if dice.often(self.rate) and self.sent[asked] <= self.most:
                spoil = dice.choice(SPOILERS)
                self.happened[spoil.__name__] += 1
                raw = spoil(dice, self.portal, raw)
        status, headers, body = raw
        return httpx.Response(status, headers=list(headers.items()), stream=httpx.ByteStream(body))


Raw = tuple[int, Mapping[str, str], bytes]


def other_status(dice: Dice, portal: Portal, raw: Raw) -> Raw:
    status = dice.one(100, 200, 204, 206, 301, 302, 304, 307, 400, 401, 403, 404, 418, 423, 429, 451, 500,
                      502, 503, 504, 520, 599, 999)  # fmt: skip
    place = dice.one("", portal.webhook, "/", "//", "https://evil.example/rest/1/x/", "http://[", "\x00",
                     "javascript:alert(1)", str(portal.webhook) + "crm.item.list")  # fmt: skip
    wait = dice.one("0", "1", "-1", "86400", "x", "1e9", "Mon, 03 Jun 2024 10:00:00 GMT", "9" * 400)
    headers = {"Location": place.replace("\x00", ""), "Retry-After": wait} | dict(raw[1])
    return status, headers, dice.one(raw[2], b"", b"<html>down</html>")


def other_body(dice: Dice, portal: Portal, raw: Raw) -> Raw:
    """Put something in the place of the answer that is none."""
    return dice.one(raw[0], 200), raw[1], dice.one(
        b"", b"null", b"0", b"[]", b"{}", b'""', b"true", b"NaN", b'{"result":NaN}', b'{"result":1e999}',
        b'{"result":' + b"9" * 5000 + b"}", b'{"result":' + b"[" * 100_000, b'{"a":' * 5000, b"\xff\xfe{\0}\0",
        b"\xef\xbb\xbf" + raw[2], raw[2][: len(raw[2]) // 2], raw[2] + raw[2], raw[2][1:], b"\0" * 100,
        raw[2].decode().encode("utf-16"), b'{"result":"\\ud800"}', b'{"result":{"\\ud800":1},"x":"\xff"}',
        b"<html>" * 100, b'{"error":"","error_description":""}', b'{"error":0}', b'{"error":{"a":[1]}}',
        b'{"result":[],"total":"x","next":-1}', b'{"result":{"result":5,"result_error":7}}',
    )  # fmt: skip


def an_error(dice: Dice, portal: Portal, raw: Raw) -> Raw:
    """Answer with an error, the key of the portal in its text."""
    code = dice.one("QUERY_LIMIT_EXCEEDED", "OVERLOAD_LIMIT", "ACCESS_DENIED", "NO_AUTH_FOUND", "expired_token",
                    "INVALID_CREDENTIALS", "ERROR_METHOD_NOT_FOUND", "INTERNAL_SERVER_ERROR", "x" * 900, "", 5)  # fmt: skip
    text = dice.one(f"see {portal.webhook}", portal.code, dice.text(), ["a"], None)
    body = json.dumps({"error": code, "error_description": text}).encode()
    return dice.one(200, 400, 401, 403, 404, 500, 503), raw[1], body


def other_packing(dice: Dice, portal: Portal, raw: Raw) -> Raw:
    encoding = dice.one("gzip", "deflate", "br", "gzip, gzip", "x", "")
    packed = gzip.compress(raw[2], mtime=0)
    body = dice.one(raw[2], packed, packed[:-5], packed + b"x", packed + packed, b"")
    return raw[0], dict(raw[1]) | {"Content-Encoding": encoding}, body


def turned_bytes(dice: Dice, portal: Portal, raw: Raw) -> Raw:
    spoilt = bytearray(raw[2])
    for _ in range(dice.randrange(1, 4) if spoilt else 0):
        spoilt[dice.randrange(len(spoilt))] ^= 1 << dice.randrange(8)
    return raw[0], raw[1], bytes(spoilt)


def other_values(dice: Dice, portal: Portal, raw: Raw) -> Raw:
    """Change what stands in the answer: values, keys, the length of lists."""
    try:
        content = json.loads(raw[2])
    except ValueError:
        return raw
    for _ in range(dice.one(1, 1, 3, 20)):
        holders = list(_holders(content))
        if holders:
            _change(dice, dice.choice(holders))
    return raw[0], raw[1], json.dumps(content).encode()


def _holders(node: Any) -> Iterator[Any]:
    if isinstance(node, (dict, list)) and node:
        yield node
        for inner in node.values() if isinstance(node, dict) else node:
            yield from _holders(inner)


def _change(dice: Dice, holder: Any) -> None:
    if isinstance(holder, list):
        at = dice.randrange(len(holder))
        match dice.randrange(4):
            case 0:
                holder[at] = dice.choice(VALUES)
            case 1:
                del holder[at]
            case 2:
                holder.insert(at, holder[at])
            case _:
                holder.append(dice.choice(VALUES))
        return
    key = dice.choice(list(holder))
    match dice.randrange(5):
        case 0 | 1:
            holder[key] = dice.choice(VALUES)
        case 2:
            del holder[key]
        case 3:
            holder[dice.one(dice.text(), key.upper(), key.lower(), "_id", "ID")] = holder[key]
        case _:
            holder[key] = {"0": holder[key]} if dice.often(0.5) else [holder[key]]


SPOILERS: tuple[Callable[[Dice, Portal, Raw], Raw], ...] = (
    other_status, other_body, an_error, other_packing, turned_bytes, other_values, other_values,
)  # fmt: skip


def portal() -> Portal:
    return Portal(World.sample(1, deals=12), Clock())


@contextmanager
def connected(
    asked: Portal, transport: Callable[[httpx.Request], httpx.Response]
) -> Iterator[None]:
    """Put a transport in the place of the network, and a pretended clock."""
    begin = partialmethod(Wire.__init__, transport=httpx.MockTransport(transport))
    with (
        patch.object(Wire, "__init__", begin),
        patch("kpictl.cli.clock.SystemClock", lambda: asked.clock),
        patch.dict("os.environ", {"BITRIX24_WEBHOOK_URL": asked.webhook}),
    ):
        yield


def honest(asked: Portal) -> Spoiler:
    return Spoiler(asked, 0, 0.0, 0)


@cache
def _pulled() -> tuple[dict[str, bytes], bytes]:
    """Return the store of an honest pull, and the figures of it."""
    asked = portal()
    with TemporaryDirectory() as name, chdir(name), connected(asked, honest(asked)):
        Path("kpi.yaml").write_bytes(PLAN)
        assert run("pull", "-q").code == 0
        shown = run(*SHOWN)
        assert shown.code == 0, shown.stderr
        return {path.name: path.read_bytes() for path in Path(".kpictl").iterdir()}, shown.stdout


def broken(seed: int, folder: Path, *, computes: bool) -> tuple[Outcome, list[str], Spoiler]:
    """Pull once from a spoilt portal, into an empty store or on top of an earlier pull; return what
    came of it and which promises it broke. Where it `computes`, the figures are looked at too, and
    now and then an honest pull on top of it."""
    dice = Dice(seed)
    asked, (store, figures) = portal(), _pulled()
    shutil.rmtree(folder / ".kpictl", ignore_errors=True)
    (folder / "kpi.yaml").write_bytes(PLAN)
    before = dice.often(0.5)
    if before:
        (folder / ".kpictl").mkdir(mode=0o700)
        for name, content in store.items():
            (folder / ".kpictl" / name).write_bytes(content)
            (folder / ".kpictl" / name).chmod(0o600)
        asked.clock.sleep(3600)
    words = dice.one((), (), ("--full",), ("--sweep",), ("-f", "json"), ("--all-fields",), ("-v",))
    spoiler = Spoiler(asked, seed, dice.one(0.1, 0.3, 1.0), dice.one(1, 2, 8, 40))
    faults: list[str] = []
    with chdir(folder), connected(asked, spoiler):
        done = run("pull", *words)
        faults += said(done, asked.code)
        if not computes:
            return done, faults, spoiler
        shown = run(*SHOWN)
        faults += [f"afterwards: {fault}" for fault in said(shown, asked.code)]
        spoilt_data = spoiler.happened.keys() & {"other_values", "turned_bytes"}
        if before and done.code == 4 and not spoilt_data and shown.stdout != figures:
            faults.append("the store is neither as it was nor new")
    if dice.often(0.2):
        with chdir(folder), connected(asked, honest(asked)):
            healed = run("pull", "--full", "-q")
            again = run(*SHOWN)
        if (healed.code, again.code, again.stdout) != (0, 0, figures):
            faults.append(f"an honest pull does not heal it: {healed.code}, {healed.stderr[-200:]}")
    return done, faults, spoiler
