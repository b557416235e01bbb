"""Portals that never come to an end: headers that drip, interim answers, bodies without end."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import httpx
import pytest

from kpictl.bitrix24.rest import unpacking
from kpictl.bitrix24.rest.access import Webhook
from kpictl.bitrix24.rest.client import PortalError
from kpictl.bitrix24.rest.responses import Fault, Retry
from kpictl.bitrix24.rest.transport import Wire
from wires import HOST, KEY, Talk

MB = 1024 * 1024
OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


@dataclass
class Seconds:
    """A pretended clock: it moves when the server sends something."""

    now: float = 0.0


@contextmanager
def serving(start: bytes, more: bytes, seconds: Seconds, pace: float) -> Iterator[str]:
    """Answer each connection with `start`, then with `more` for ever, `pace` seconds for each."""

    def answer(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.recv(65536)
            connection.sendall(start)
            while True:
                seconds.now += pace
                connection.sendall(more)

    def serve() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=answer, args=listening.accept()[:1], daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/rest/7/{KEY}/"
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)


DRIPS = {
    "a header": (OK + b"X-A: ", b"a"),
    "headers": (OK, b"X-A: a\r\n"),
    "a status line": (b"HTTP/1.1 200 ", b"O"),
    "interim answers": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "early hints": (b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"),
    "the size of a chunk": (CHUNKED, b"0"),
    "a trailer": (CHUNKED + b"0\r\nX-A: ", b"a"),
    "a body": (OK + b"Content-Length: 99999999\r\n\r\n", b" "),
    "chunks": (CHUNKED, b"1\r\n \r\n"),
}


@pytest.mark.parametrize("drip", DRIPS)
def test_all_of_an_answer_has_a_deadline(drip: str) -> None:
    """Not only its body: whatever comes byte by byte, after five minutes it is given up, a fault
    that may pass."""
    seconds = Seconds()
    with serving(*DRIPS[drip], seconds, 60.0) as address:
        with Wire(Webhook(address), now=lambda: seconds.now) as wire:
            fault = wire.send("user.get", {})
        assert isinstance(fault, Fault)
        assert (fault.code, fault.retry) == ("timeout", Retry.SOON)


@pytest.mark.parametrize(
    "more", [(b"40\r\n" + b" " * 64 + b"\r\n") * 50, b"fff0\r\n" + b" " * 0xFFF0 + b"\r\n"]
)
def test_chunks_without_end_are_too_large(more: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """A body of which no time passes is bounded by its size."""
    monkeypatch.setattr(unpacking, "MOST", MB)
    seconds = Seconds()
    with (
        serving(CHUNKED, more, seconds, 0.0) as address,
        Wire(Webhook(address), now=lambda: seconds.now) as wire,
    ):
        assert wire.send("user.get", {}) == Fault("too_large", "1 MB", Retry.NEVER)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_without_end_end(status: int) -> None:
    """A portal that leads on and on, each time to another place of its own."""
    places = (f"/rest/7/{KEY}/{n}/user.get" for n in range(10**6))
    talk = Talk(None)
    talk.reply = None  # type: ignore[method-assign,assignment]

    def onward(_: httpx.Request) -> httpx.Response:
        return httpx.Response(status, headers={"location": f"https://{HOST}{next(places)}"})

    talk.client._wire._http._transport = httpx.MockTransport(onward)  # noqa: SLF001
    with pytest.raises(PortalError) as caught:
        talk.client.call("user.get")
    assert caught.value.fault.code == "bad_answer"
    assert talk.client.requests <= 12 * 4


BOMB = """
import resource, zlib
resource.setrlimit(resource.RLIMIT_AS, (2_000_000_000, 2_000_000_000))
import httpx
from kpictl.bitrix24.rest.access import Webhook
from kpictl.bitrix24.rest.transport import Wire
packed = zlib.compressobj(wbits=31)
body = (packed.compress(bytes(1 << 26)) + packed.flush()) * 64
answers = [
    httpx.Response(200, headers={"content-encoding": "gzip"}, stream=httpx.ByteStream(body)),
    httpx.Response(500, headers={"content-encoding": "gzip"}, stream=httpx.ByteStream(body * 9)),
]
wire = Wire(Webhook("https://romashka.bitrix24.ru/rest/7/k3y/"),
            transport=httpx.MockTransport(lambda _: answers.pop()))
print(len(body) // 1_000_000, wire.send("a", {}).code, wire.send("a", {}).code)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="has no limit of memory")
def test_a_bomb_in_an_answer_stays_below_two_gigabytes() -> None:
    """Four megabytes of gzip that hold four gigabytes."""
    done = subprocess.run(
        [sys.executable, "-c", BOMB], capture_output=True, text=True, check=False, timeout=120
    )
    assert (done.stdout.split(), done.stderr) == (["4", "too_large", "too_large"], "")
